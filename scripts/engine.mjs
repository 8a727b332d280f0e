/**
 * Builds dist/engine.js, the decision for hosts that are not JavaScript: one script without imports, in ES2015 (and BigInt,
 * which Go's int64 takes). dist/engine.cjs is the same file under the name by which `require` finds it.
 *
 *   node scripts/engine.mjs [DIRECTORY]     after tsup, which empties dist; another directory is for tests
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Of fp-ts no more than is used, in a few lines: its own modules bring its dispatch along, a tenth of the file. */
const fewLines = fileURLToPath(new URL('./engine-fp-ts.mjs', import.meta.url));

/** @type {() => Promise<string>} */
export const engineText = async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/engine.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2015',
    supported: { bigint: true },
    charset: 'utf8',
    legalComments: 'none',
    define: { packageVersion: JSON.stringify(version) },
    // Names of the domain that never leave it.
    mangleProps: /^(?:lastAttemptAt|nextAttemptAt|blockedReason|lastReason|recentAttempts)$/,
    plugins: [
      {
        name: 'fp-ts',
        setup: ({ onResolve }) => onResolve({ filter: /^fp-ts\/lib\// }, () => ({ path: fewLines })),
      },
    ],
  });
  return /** @type {{ text: string }} */ (outputFiles[0]).text;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await engineText();
  const directory = process.argv[2] ?? join(root, 'dist');
  for (const extension of ['js', 'cjs']) writeFileSync(join(directory, `engine.${extension}`), text);
}
