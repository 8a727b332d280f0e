import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstWaits } from '../../src/cli/first-waits.js';
import { crashLoop, simulate } from '../../src/simulate.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { right } from '../support/either.js';

/** How long after the end before it each attempt came, of an instance that ends at once. */
const simulatedWaits = (policy: Parameters<typeof firstWaits>[0], count: number): ReadonlyArray<number> => {
  const longest = (policy.maxBackoff ?? policy.backoff) * 2 * (count + 1);
  const timeline = right(
    simulate({ policy, workload: crashLoop({ runsFor: 0, exitCode: 1 }), for: Math.min(longest + 1, 1e12) }),
  );
  let last = 0;
  return timeline.entries
    .filter(({ action }) => action !== null)
    .slice(0, count)
    .map(({ at }) => {
      const wait = at - last;
      last = at;
      return wait;
    });
};

const plain = arbRestartPolicy.filter(
  ({ mode, rules, jitter, limitInterval, backoff, maxBackoff = backoff, cooldown }) =>
    mode !== 'never' &&
    rules === undefined &&
    jitter === undefined &&
    limitInterval === undefined &&
    cooldown === undefined &&
    backoff >= 1 &&
    maxBackoff < 1e9,
);

test('the waits that are spelled out are those of the decision', () => {
  fc.assert(
    fc.property(plain, (policy) => {
      const { waits, goesOn } = firstWaits(policy);
      expect(simulatedWaits(policy, waits.length)).toEqual(waits);
      if (!goesOn) expect(waits.length).toBe(policy.maxAttempts);
    }),
  );
});

test('waits that do not change any more are spelled out once', () => {
  const policy = { mode: 'always', backoff: 5_000, maxAttempts: 0, stableAfter: 600_000 } as const;
  expect(firstWaits(policy)).toEqual({ waits: [0, 5_000, 5_000], goesOn: true });
  expect(firstWaits({ ...policy, maxBackoff: 10_000 })).toEqual({ waits: [0, 5_000, 10_000, 10_000], goesOn: true });
  expect(firstWaits({ ...policy, maxAttempts: 2 })).toEqual({ waits: [0, 5_000], goesOn: false });
  expect(firstWaits({ ...policy, maxAttempts: 4 })).toEqual({ waits: [0, 5_000, 5_000, 5_000], goesOn: false });
  expect(firstWaits({ ...policy, mode: 'never' })).toEqual({ waits: [], goesOn: false });
});
