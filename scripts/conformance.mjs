/**
 * Writes vectors/conformance anew, from what is decided now: `npm run conformance`. What is asked stands in test/conformance:
 * scenes by hand, and lives drawn from a seed that stands there too, so that the same sources always give the same files.
 */
import './typescript.mjs';

/** @type {typeof import('../test/conformance/files.js')} */
const { rewriteVectors, warningOf } = await import(new URL('../test/conformance/files.ts', import.meta.url).href);

const rewritten = rewriteVectors();
if (rewritten.length === 0) console.log('vectors/conformance says what is decided');
else console.warn(warningOf(rewritten));
