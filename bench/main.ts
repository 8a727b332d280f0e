/**
 * Measures everything and prints the document; with `--write` it also writes docs/benchmarks.md and its plot,
 * with `--million` it measures the fleet of a million instances too, which takes many minutes and some GiB.
 *
 * It runs the sources as they are, through the loader of the examples: types are taken away file by file, and what V8
 * compiles is what the package holds.
 */
import { writeFileSync } from 'node:fs';
import { plotOf } from './plot.js';
import { describeMachine, documentOf } from './report.js';
import { fullSizes, measureAll, millionSizes } from './results.js';

const machine = describeMachine();
const sizes = process.argv.includes('--million') ? millionSizes : fullSizes;
const results = await measureAll(sizes, (part) => console.error(`measuring ${part}`));
const text = documentOf(results, machine);
console.log(text);

if (process.argv.includes('--write')) {
  const docs = new URL('../docs/', import.meta.url);
  writeFileSync(new URL('benchmarks.md', docs), text);
  writeFileSync(new URL('benchmarks.svg', docs), plotOf(results.paths));
}
