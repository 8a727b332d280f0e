/**
 * Measures everything and prints the document; with `--write` it also writes docs/benchmarks.md and its plot.
 *
 * It runs the sources as they are, through the loader of the examples: types are taken away file by file, and what V8
 * compiles is what the package holds.
 */
import { writeFileSync } from 'node:fs';
import { plotOf } from './plot.js';
import { describeMachine, documentOf } from './report.js';
import { fullSizes, measureAll } from './results.js';

const machine = describeMachine();
const results = await measureAll(fullSizes, (part) => console.error(`measuring ${part}`));
const text = documentOf(results, machine);
console.log(text);

if (process.argv.includes('--write')) {
  const docs = new URL('../docs/', import.meta.url);
  writeFileSync(new URL('benchmarks.md', docs), text);
  writeFileSync(new URL('benchmarks.svg', docs), plotOf(results.paths));
}
