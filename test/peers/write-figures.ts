/**
 * Writes what is said of the recordings that are kept: test/data/peers-figures.json, and the pages that show them.
 *
 *   node --import ./scripts/typescript.mjs test/peers/write-figures.ts [RECORDINGS]
 *
 * RECORDINGS are those that tests have just made, one line each, and are kept from now on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pagesWithFigures, peersSummary } from '../../scripts/peers-table.mjs';
import { figuresOfKept, readKept, writeKept } from './kept.js';

const [, , recordings] = process.argv;
if (recordings !== undefined) {
  const lines = readFileSync(recordings, 'utf8').split('\n').slice(0, -1);
  writeKept({ measured: new Date().toISOString().slice(0, 10), kept: lines.map((line) => JSON.parse(line)) });
}
const figures = figuresOfKept(readKept());
writeFileSync(new URL('../data/peers-figures.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
for (const { path, with: withThem } of pagesWithFigures) {
  const page = new URL(`../../${path}`, import.meta.url);
  writeFileSync(page, withThem(readFileSync(page, 'utf8'), figures));
}
console.log(`\n${peersSummary(figures)}`);
