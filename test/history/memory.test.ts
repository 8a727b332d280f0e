/**
 * The history in memory.
 */
import { describe, expect, test } from 'vitest';
import { createMemoryHistory, type HistoryEntry } from '../../src/history.js';
import { historyContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { left, right } from '../support/either.js';
import { midnight } from '../support/host.js';

describe('the contract of a history', () => {
  testContract(
    historyContract(async (bounds) => {
      const history = right(createMemoryHistory(bounds));
      return { history, another: async () => history };
    }),
    ['7 what cannot be read', '7 without its medium', '7 with its medium back'],
  );
});

const attempt = (id: string, n: number): HistoryEntry => ({
  _tag: 'Attempt',
  id,
  at: midnight + n,
  attempt: n,
  action: 'Start',
  why: 'exit',
  counted: true,
});

describe('all that is kept', () => {
  test('is bounded: beyond that the oldest entries go, of whichever instance', async () => {
    const history = right(createMemoryHistory({ total: 1_000 }));
    for (let n = 0; n < 5_000; n++) history.add([attempt(`web-${n % 700}`, n)]);
    const { entries } = right(await history.ofSpan({ limit: 1_000 })());
    expect(entries).toHaveLength(1_000);
    expect(entries.at(-1)).toEqual(attempt(`web-${4_000 % 700}`, 4_000));
    const busiest = right(await history.busiest({ limit: 1_000 })());
    expect(busiest.every(({ atLeast }) => atLeast)).toBe(true);
    expect(busiest).toHaveLength(700);
  });

  test('is not too old because the clock was ahead for a moment', async () => {
    const history = right(createMemoryHistory({ maxAge: 1_000, perInstance: 2 }));
    for (const n of [1, 1_000_000, 2, 3, 4]) history.add([attempt('web', n)]);
    const { entries } = right(await history.ofInstance('web')());
    expect(entries).toEqual([attempt('web', 4), attempt('web', 3)]);
  });

  test('is what was told, whatever becomes of the objects afterwards', async () => {
    const history = right(createMemoryHistory());
    const entry = { ...attempt('web', 1) };
    history.add([entry]);
    Object.assign(entry, { attempt: 99 });
    const [kept] = right(await history.ofInstance('web')()).entries;
    expect(kept).toEqual(attempt('web', 1));
    Object.assign(kept ?? {}, { attempt: 100 });
    expect(right(await history.ofInstance('web')()).entries).toEqual([attempt('web', 1)]);
  });

  test('is bounded by options that are checked, all at once', () => {
    const options = { perInstance: 0, maxAge: -1, total: 1.5, totl: 1 };
    expect(left(createMemoryHistory(options)).errors.map(({ message }) => message)).toEqual([
      'perInstance must be a whole number from 1 to 100000, not 0',
      'maxAge must be a positive number of milliseconds, or Infinity, not -1',
      'total must be a whole number from 1 to 10000000, not 1.5',
      'totl is not a known option; did you mean total?',
    ]);
  });
});
