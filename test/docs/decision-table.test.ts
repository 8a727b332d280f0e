/** The table in the header of src/decide.ts, its guards in the code, and their tests: none is there without the others. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { restartReasons } from '../../src/reason.js';

const source = readFileSync(new URL('../../src/decide.ts', import.meta.url), 'utf8');
const [header = '', code = ''] = source.split(/ \*\/\n(?=import)/);

const cells = header
  .split('\n')
  .filter((line) => line.startsWith(' * | ') && !line.startsWith(' * | row '))
  .map((line) => line.split('|').map((cell) => cell.trim()));

const rows = cells.map(([, name]) => name);

const marksIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\[([a-z_]+)\]/g)].map(([, name]) => name ?? '');

const comments = code.split('\n').map((line) => line.split('// ')[1] ?? '');

const tests = new URL('../decide/', import.meta.url);

const titles = readdirSync(tests)
  .flatMap((file) => [...readFileSync(new URL(file, tests), 'utf8').matchAll(/^.*'.*\[[a-z_]+\].*'.*$/gm)])
  .map(([line]) => line);

describe('the table of the decision', () => {
  test('has rows of different names', () => {
    expect(rows).toHaveLength(33);
    expect(new Set(rows).size).toBe(rows.length);
  });

  test('has a guard for each row, and no guard without a row', () => {
    expect(new Set(marksIn(comments.join('\n')))).toEqual(new Set(rows));
  });

  test('has tests for each row, and no tests of a row that is gone', () => {
    expect(new Set(marksIn(titles.join('\n')))).toEqual(new Set(rows));
  });

  test('gives every reason that there is, and no other', () => {
    const given = cells.flatMap((row) => row.at(-2)?.split(', ') ?? []).filter((reason) => reason !== '');
    expect(new Set(given)).toEqual(new Set(restartReasons));
  });
});
