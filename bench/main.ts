/**
 * Measures everything and prints the document; with `--write` it also writes docs/benchmarks.md and its plot,
 * with `--million` it measures the fleet of a million instances too, which takes many minutes and some GiB. With
 * `--restarts` it measures and writes nothing but that part.
 *
 * It runs the sources as they are, through the loader of the examples: types are taken away file by file, and what V8
 * compiles is what the package holds.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { plotOf } from './plot.js';
import { describeMachine, documentOf } from './report.js';
import { restartsText, withRestarts } from './report-restarts.js';
import { measureSupervisors } from './restarts.js';
import { fullSizes, measureAll, millionSizes } from './results.js';

const has = (flag: string): boolean => process.argv.includes(flag);
const report = (part: string): void => console.error(`measuring ${part}`);
const document = new URL('../docs/benchmarks.md', import.meta.url);

const measureOnlyRestarts = async (): Promise<void> => {
  const text = restartsText(await measureSupervisors(fullSizes.restarts, report));
  console.log(text);
  if (has('--write')) writeFileSync(document, withRestarts(readFileSync(document, 'utf8'), text));
};

const measureThemAll = async (): Promise<void> => {
  const machine = describeMachine();
  const results = await measureAll(has('--million') ? millionSizes : fullSizes, report);
  const text = documentOf(results, machine);
  console.log(text);
  if (!has('--write')) return;
  writeFileSync(document, text);
  writeFileSync(new URL('../docs/benchmarks.svg', import.meta.url), plotOf(results.paths));
};

await (has('--restarts') ? measureOnlyRestarts() : measureThemAll());
