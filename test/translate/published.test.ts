/**
 * The simulation of a translation waits as the system itself says that it does, start by start; where it differs, a loss says so.
 */
import { describe, expect, test } from 'vitest';
import { right } from '../support/either.js';
import { translationOf } from './cases.js';
import { publishing, type Table, tablesOf, type Wait, waitsOf } from './published.js';

const isWithin = (ours: number | null, theirs: Wait): boolean => {
  if (ours === null || theirs === null) return ours === theirs;
  if (typeof theirs === 'number') return ours === theirs;
  return ours >= theirs[0] && ours <= (theirs[1] ?? Number.POSITIVE_INFINITY);
};

describe.each(publishing)('%s', (system) => {
  test.each(tablesOf(system))('$name', ({ given, options, runs, waits, ours = {}, loss }: Table) => {
    const { policy, losses } = right(translationOf(system)(given, options));
    const simulated = waitsOf(policy, runs);
    for (const [index, wait] of simulated.entries()) {
      const differing = ours[index];
      if (differing === undefined) {
        expect(
          isWithin(wait, waits[index] ?? null),
          `run ${index + 1}: ${wait}, not ${JSON.stringify(waits[index])}`,
        ).toBe(true);
      } else {
        expect(isWithin(wait, differing), `run ${index + 1}: ${wait}, not ${JSON.stringify(differing)}`).toBe(true);
        expect(isWithin(wait, waits[index] ?? null) && index < waits.length, `run ${index + 1} differs`).toBe(false);
      }
    }
    expect(simulated.length).toBeGreaterThanOrEqual(waits.length);
    expect(losses.map(({ field }) => field)).toEqual(
      loss === undefined ? expect.anything() : expect.arrayContaining([loss]),
    );
  });
});

test('a difference is never without its loss', () => {
  for (const system of publishing) {
    for (const { ours, loss } of tablesOf(system)) expect(ours === undefined).toBe(loss === undefined);
  }
});
