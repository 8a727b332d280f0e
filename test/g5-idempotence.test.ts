/**
 * G5: idempotence. The same observation again at the same moment, after one without action, changes nothing: notifications
 * may come twice, and a host may observe as often as it likes.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observed } from '../src/event.js';
import { initialStatus } from '../src/status.js';
import { arbLook } from './support/arbitraries.js';
import { observe, policyOf, running, statusOf, stopped } from './support/fixtures.js';
import { isIdempotent, live, noHistory } from './support/guarantees.js';
import { arbLife, firstBreach } from './support/lives.js';
import { runs } from './support/proof.js';

describe('G5: idempotence', () => {
  test('in any life, a second observation at the same moment changes nothing', () => {
    fc.assert(
      fc.property(arbLife, (life) => {
        expect(firstBreach(life, isIdempotent)).toBeNull();
      }),
      { numRuns: runs(500) },
    );
  });

  test('from any status as well, also one that no decision leads to', () => {
    fc.assert(
      fc.property(arbLook, ({ policy, status, instance, now }) => {
        expect(isIdempotent(live(policy, status, noHistory, observed(instance), now))).toBe(true);
      }),
      { numRuns: runs(3_000) },
    );
  });

  test('the first observation does its work: it repairs, ends windows and sets waits, and the second returns the same object', () => {
    const policy = policyOf();
    const observations = [
      [statusOf({ attempts: 1, lastAttemptAt: 900 }), running({ startedAt: 40 }), 'running'],
      [statusOf({ attempts: 1, lastAttemptAt: 45 }), stopped(), 'waiting_for_backoff'],
      [statusOf({ attempts: 3, lastAttemptAt: 20 }), stopped(), 'max_attempts_exceeded'],
      [statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30 }), running(), 'recovered'],
      [statusOf({ attempts: 1, lastAttemptAt: -100 }), running({ startedAt: -60 }), 'stable'],
    ] as const;
    for (const [before, instance, reason] of observations) {
      const first = observe(policy, before, instance, 50);
      expect(first).toMatchObject({ actions: [], reason });
      expect(first.status).not.toEqual(before);
      const second = observe(policy, first.status, instance, 50);
      expect(second.actions).toEqual([]);
      expect(second.status).toBe(first.status);
    }
  });

  test('an observation that starts an instance starts it once: the same at the same moment only waits', () => {
    const policy = policyOf({ maxAttempts: 0 });
    for (const instance of [stopped(), running({ health: 'unhealthy' })]) {
      const first = observe(policy, initialStatus, instance, 50);
      expect(first.actions).toHaveLength(1);
      const second = observe(policy, first.status, instance, 50);
      expect(second).toMatchObject({ actions: [], reason: 'waiting_for_backoff' });
      expect(observe(policy, second.status, instance, 50).status).toBe(second.status);
    }
  });
});
