/** How long waits are, worked out by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { saltOf } from '../src/salt.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../src/waits.js';
import { arbPolicy, arbSalt } from './support/arbitraries.js';
import { policyOf } from './support/fixtures.js';
import { runs } from './support/proof.js';

const waitsAfter = (part: Parameters<typeof policyOf>[0], attempts: ReadonlyArray<number>, salt?: number) =>
  attempts.map((count) => waitAfterAttempt(policyOf(part), count, salt));

describe('the wait after an attempt', () => {
  test('is the backoff where nothing else is said, rounded up to a whole millisecond', () => {
    const any = [0, 1, 2, 50, Number.MAX_SAFE_INTEGER];
    expect(new Set(waitsAfter({}, any, 7))).toEqual(new Set([10]));
    expect(new Set(waitsAfter({ backoff: 7.25 }, any, 7))).toEqual(new Set([8]));
    expect(new Set(waitsAfter({ backoff: 0.000_001 }, any))).toEqual(new Set([1]));
  });

  test('doubles with every attempt up to the longest; before the first it is the first', () => {
    const growing = { maxBackoff: 55 };
    expect(waitsAfter(growing, [0, 1, 2, 3, 4, 5, 5_000])).toEqual([10, 10, 20, 40, 55, 55, 55]);
    expect(waitsAfter(growing, [Number.MAX_SAFE_INTEGER])).toEqual([55]);
  });

  test('grows by the factor, to the nearest nanosecond and then up: no dust of doubles adds a millisecond', () => {
    expect(1_000 * (1.1 * 1.1)).toBeGreaterThan(1_210);
    expect(waitsAfter({ backoff: 1_000, maxBackoff: 60_000, backoffFactor: 1.1 }, [3])).toEqual([1_210]);
    expect(waitsAfter({ backoff: 0.000_001, maxBackoff: 60_000, backoffFactor: 1.4 }, [2])).toEqual([1]);
    expect(waitsAfter({ maxBackoff: 55.5, backoffFactor: 100 }, [2])).toEqual([56]);
  });

  test('multiplies in one order only, so that it is the same number on every engine', () => {
    // 1.3^6 as 1.3^2 * 1.3^4: in another order the product ends on another double.
    const factor = 1.3 * 1.3 * (1.3 * 1.3 * (1.3 * 1.3));
    const [wait] = waitsAfter({ backoff: 2 ** 40, maxBackoff: 2 ** 43, backoffFactor: 1.3 }, [7]);
    expect(wait).toBe(Math.ceil(Number((2 ** 40 * factor).toFixed(6))));
  });

  test('of centuries is not blurred by the rounding', () => {
    const backoff = 4_611_686_018_427;
    expect(waitsAfter({ backoff, maxBackoff: 2 * backoff }, [2])).toEqual([2 * backoff]);
  });

  test('is lengthened by its share of the jitter, which depends on the attempt and the salt', () => {
    // The shares: 0x2362f9de / 2^32 = 0.138... of 0, 0xe1043177 / 2^32 = 0.878... of 1 with salt 7, 0.252... of 2.
    const jittery = { backoff: 100, jitter: 1 };
    expect(waitsAfter(jittery, [0, 2])).toEqual([114, 126]);
    expect(waitsAfter(jittery, [1], 7)).toEqual([188]);
    expect(waitsAfter({ backoff: 100, jitter: 0.5 }, [1], 7)).toEqual([144]);
    expect(waitsAfter({ backoff: 100, jitter: 0.5, maxBackoff: 150 }, [2])).toEqual([169]);
  });

  test('goes on for what is no number of attempts', () => {
    for (const attempts of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      expect(waitAfterAttempt(policyOf({ maxBackoff: 55 }), attempts, undefined)).toBeLessThanOrEqual(55);
    }
  });
});

describe('the wait after an exit', () => {
  test('is one step of growth further than that after an attempt', () => {
    const policy = policyOf({ maxBackoff: 55 });
    expect([0, 1, 2, 3, 4].map((attempts) => waitAfterExit(policy, attempts, undefined))).toEqual([10, 20, 40, 55, 55]);
  });

  test('has the share of the attempts that were made', () => {
    expect(waitAfterExit(policyOf({ backoff: 100, jitter: 1 }), 0, undefined)).toBe(114);
    // 20 * (1 + 0.984...)
    expect(waitAfterExit(policyOf({ maxBackoff: 55, jitter: 1 }), 1, undefined)).toBe(40);
  });
});

describe('the longest wait', () => {
  test('is one that no share reaches: twice the wait where the jitter is 1', () => {
    expect(longestWait(policyOf({ jitter: 1 }), 1)).toBe(20);
    expect(longestWait(policyOf({ jitter: 1, maxBackoff: 55 }), 3)).toBe(80);
    expect(longestWait(policyOf({ jitter: 1, maxBackoff: 55, backoffFrom: 'exit' }), 3)).toBe(110);
    expect(longestWait(policyOf({ backoff: 7.25 }), 3)).toBe(8);
  });

  test('is not exceeded by any, nor is any shorter than without jitter', () => {
    fc.assert(
      fc.property(arbPolicy, fc.integer({ min: 0, max: 20 }), arbSalt, (policy, attempts, salt) => {
        const { jitter: _, ...without } = policy;
        for (const waitOf of policy.backoffFrom === 'exit' ? [waitAfterAttempt, waitAfterExit] : [waitAfterAttempt]) {
          expect(waitOf(policy, attempts, salt)).toBeGreaterThanOrEqual(waitOf(without, attempts, salt));
          expect(waitOf(policy, attempts, salt)).toBeLessThanOrEqual(longestWait(policy, attempts));
        }
      }),
      { numRuns: runs(500) },
    );
  });
});

test('of 1,000 instances that fail together no second has more than 15 % of the starts', () => {
  const policy = policyOf({ backoff: 10_000, jitter: 1, backoffFrom: 'exit' });
  const startsIn = new Map<number, number>();
  for (let index = 0; index < 1_000; index += 1) {
    const second = Math.floor(waitAfterExit(policy, 0, saltOf(`instance-${index}`)) / 1_000);
    startsIn.set(second, (startsIn.get(second) ?? 0) + 1);
  }
  expect(Math.max(...startsIn.values())).toBeLessThanOrEqual(150);
  expect(Math.min(...startsIn.keys())).toBeGreaterThanOrEqual(10);
});
