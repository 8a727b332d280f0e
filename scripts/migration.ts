/**
 * docs/migration.md and the pages in docs/migration, drawn from the translations and from the data of their tests.
 *
 *   node --import ./scripts/typescript.mjs scripts/migration.ts [--check]
 *
 * `--check` writes nothing, and exits with 1 when a page does not say what would be written.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { overviewOf, systemNames } from './migration/overview.js';
import { pagesOf } from './migration/page.js';

const docs = new URL('../docs/', import.meta.url);

/** Empty where there is none. */
const written = (path: string): string => {
  try {
    return readFileSync(new URL(path, docs), 'utf8');
  } catch {
    return '';
  }
};

const pages = [
  { path: 'migration.md', text: overviewOf(written('migration.md')) },
  ...systemNames.flatMap((system) => pagesOf(system)),
];
const wanted = new Set(pages.map(({ path }) => path));
mkdirSync(new URL('migration/', docs), { recursive: true });
const others = readdirSync(new URL('migration/', docs)).filter((name) => !wanted.has(`migration/${name}`));
const stale = pages.filter(({ path, text }) => written(path) !== text);

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`docs/${path} is not what the translations do: npm run migration`);
  for (const name of others) console.error(`docs/migration/${name} is of no system: npm run migration`);
  process.exitCode = stale.length + others.length > 0 ? 1 : 0;
} else {
  for (const { path, text } of stale) writeFileSync(new URL(path, docs), text);
  for (const name of others) rmSync(new URL(`migration/${name}`, docs));
}
