/**
 * What the systems did when `npm run test:peers` last ran, held against what the translations make of their words today.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pagesWithFigures } from '../../scripts/peers-table.mjs';
import { figuresOfKept, readKept, recordedOf } from './kept.js';
import { kinds } from './system.js';
import { everySystem } from './systems/every.js';
import { judge } from './verdict.js';

const kept = readKept();
const figures = figuresOfKept(kept);

describe.each(everySystem.map((system) => [system.name, system] as const))('what is kept of %s', (_, system) => {
  test.each(system.scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s: starts as its translation does',
    (_name, scenario) => {
      expect(judge(system, scenario, recordedOf(system, kept)).faults).toEqual([]);
    },
  );
});

describe('what is held against the systems', () => {
  test('each system crashes, becomes stable, ends well and by a code, and is stopped by a person', () => {
    const titles = [...new Set(everySystem.map(({ title }) => title))];
    expect(titles).toHaveLength(8);
    for (const title of titles) {
      const seen = everySystem
        .filter((system) => system.title === title)
        .flatMap(({ scenarios }) => scenarios.map(({ kind }) => kind));
      expect([title, kinds.filter((kind) => kind !== 'no wait' && !seen.includes(kind))]).toEqual([title, []]);
    }
  });

  test('most starts have been compared, and not explained away', () => {
    for (const { peer, scenarios } of figures.peers) {
      const unexplained = scenarios.filter(({ lost }) => lost.length === 0);
      const starts = scenarios.reduce((sum, { compared }) => sum + compared, 0);
      expect([peer, unexplained.length >= 2, starts >= 20]).toEqual([peer, true, true]);
    }
  });
});

describe('what is said of it', () => {
  const hint = 'node --import ./scripts/typescript.mjs test/peers/write-figures.ts';

  test('the figures are those of what is kept', () => {
    const written = JSON.parse(readFileSync(new URL('../data/peers-figures.json', import.meta.url), 'utf8'));
    expect(written, hint).toEqual(JSON.parse(JSON.stringify(figures)));
  });

  test.each(pagesWithFigures.map((page) => [page.path, page] as const))('%s shows the figures', (path, page) => {
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(page.with(text, figures), hint).toBe(text);
  });
});
