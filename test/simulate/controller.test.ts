import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restartReasons } from '../../src/reason.js';
import { simulate } from '../../src/simulate.js';
import { right } from '../support/either.js';
import { runs } from '../support/proof.js';
import { arbGiven } from './given.js';
import { type Decided, decisionsOfController } from './real.js';

/** The controller looks twice after a stop, for the hypervisor and for the person. The second look sees what the first saw. */
const withoutSecondLooks = (decided: ReadonlyArray<Decided>): ReadonlyArray<Decided> =>
  decided.filter((one, index) => one.action !== null || !isDeepStrictEqual(one, decided[index - 1]));

describe('a simulated instance', () => {
  test('is decided on as by the real controller, one decision after another', async () => {
    await fc.assert(
      fc.asyncProperty(arbGiven, async ({ options }) => {
        const { entries } = right(simulate(options));
        const simulated = entries.map(({ state: _, ...decided }) => decided);
        expect(simulated).toEqual(withoutSecondLooks(await decisionsOfController(options)));
      }),
      { numRuns: runs(1_500) },
    );
  }, 120_000);

  test('comes to every reason there is in these simulations, but for those of acts that it does not have', () => {
    const met = new Set(
      fc.sample(arbGiven, 2_000).flatMap(({ options }) => right(simulate(options)).entries.map(({ reason }) => reason)),
    );
    const others = ['delete_requested', 'not_actionable', 'reset', 'stale'];
    expect(restartReasons.filter((reason) => !met.has(reason)).sort()).toEqual(others);
  });
});
