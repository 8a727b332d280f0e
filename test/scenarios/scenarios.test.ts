/**
 * Every scenario in this folder is played, and what is decided is what its text says.
 *
 * `REWRITE=1 npx vitest run test/scenarios` writes what is decided into the texts instead. Then a person has to read the
 * difference: a scenario that was rewritten agrees with the decision, right or wrong.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { restartReasons } from '../../src/reason.js';
import { playScenario } from './play.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

const files = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.txt'))
  .sort();

const isRewriting = (process.env['REWRITE'] ?? '') !== '';
const rewritten: Array<string> = [];

afterAll(() => {
  if (rewritten.length === 0) return;
  console.warn(
    [
      '',
      '!'.repeat(100),
      `!! REWRITTEN: ${rewritten.join(', ')}`,
      '!! These scenarios now say what is decided, whether it is right or wrong. Read the difference (git diff',
      '!! test/scenarios), line by line, before you commit it.',
      '!'.repeat(100),
    ].join('\n'),
  );
});

/** However the columns are aligned. */
const linesOf = (text: string): ReadonlyArray<string> =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim());

test('nothing is rewritten where nobody reads the difference', () => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
});

describe('a scenario', () => {
  test.each(files)('%s', (file) => {
    const text = read(file);
    const played = playScenario(`test/scenarios/${file}`, text);
    if (isRewriting && process.env['CI'] === undefined && played.text !== text) {
      writeFileSync(new URL(file, import.meta.url), played.text);
      rewritten.push(file);
      return;
    }
    expect(linesOf(played.text), `${played.why} (REWRITE=1 writes what is decided)`).toEqual(linesOf(text));
  });
});

describe('the scenarios together', () => {
  const all = files.map((file) => playScenario(`test/scenarios/${file}`, read(file)));

  test('show every reason that a decision can have', () => {
    const shown = new Set<string>(all.flatMap(({ reasons }) => [...reasons]));
    expect(restartReasons.filter((reason) => !shown.has(reason))).toEqual([]);
  });

  /** The rows of the decision's tables, and the reasons that they give; none: the next rows decide. */
  const rows = new Map(
    [...read('../../src/decide.ts').matchAll(/^ \* \| ([a-z_]+) \| .*\|([a-z_, ]*)\|$/gm)]
      .map(([, row = '', given = '']) => [row, given.trim().split(/, ?/).filter(Boolean)] as const)
      .filter(([row]) => row !== 'row'),
  );

  test('show every row of the tables in src/decide.ts', () => {
    expect(rows.size).toBeGreaterThan(0);
    expect([...new Set(all.flatMap((scenario) => scenario.rows))].sort()).toEqual([...rows.keys()].sort());
  });

  test('come to a reason of each row that they say they show', () => {
    const missed = all.flatMap(({ file, rows: shown, reasons }) =>
      shown
        .filter((row) => {
          const given = rows.get(row) ?? [];
          return given.length > 0 && !given.some((reason) => new Set<string>(reasons).has(reason));
        })
        .map((row) => `${file}: ${row}`),
    );
    expect(missed).toEqual([]);
  });

  const page = read('../../docs/operating.md').replace(/\s+/g, ' ');

  test('tell stories of docs/operating.md', () => {
    for (const { file, stories } of all) for (const story of stories) expect(page, file).toContain(story);
  });

  test('tell each thing that is to be known beforehand', () => {
    const [, section = ''] = page.split('## What to know beforehand');
    const things = [...section.matchAll(/- \*\*(.+?)\*\*/g)].map(([, thing = '']) => thing.replace(/\.$/, ''));
    expect(things.length).toBeGreaterThan(0);
    const told = new Set(all.flatMap(({ stories }) => stories));
    expect(things.filter((thing) => !told.has(thing))).toEqual([]);
  });
});
