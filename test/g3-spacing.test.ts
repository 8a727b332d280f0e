/**
 * G3: spacing. Two actions are at least one backoff apart unless a window ended between them, and no wait that an observation
 * sets is longer than one backoff from that moment, whatever the clock did.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attemptFailed } from '../src/event.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../src/status.js';
import {
  arbInstanceObservation,
  arbMillis,
  arbRestartPolicy,
  arbRestartStatus,
  arbTimestamp,
} from '../src/testing/arbitraries.js';
import { observe, policyOf, statusOf, stopped } from './support/fixtures.js';
import { spacingHolds } from './support/guarantees.js';
import { arbLife, firstBreach } from './support/lives.js';
import { runs } from './support/proof.js';
import { decide } from './support/subject.js';

const today = 1_700_000_000_000;

describe('G3: spacing', () => {
  test('in any life, actions are one backoff apart and no wait is longer than one backoff', () => {
    fc.assert(
      fc.property(arbLife, (life) => {
        expect(firstBreach(life, spacingHolds)).toBeNull();
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('from any status, a wait that an observation sets ends within one backoff', () => {
    fc.assert(
      fc.property(
        arbRestartPolicy,
        arbRestartStatus,
        arbInstanceObservation,
        arbTimestamp,
        (policy, status, seen, now) => {
          const after = observe(policy, status, seen, now).status;
          if (after === status || after.nextAttemptAt === null) return;
          expect(after.nextAttemptAt - now).toBeLessThanOrEqual(Math.ceil(policy.backoff));
        },
      ),
      { numRuns: runs(1_000) },
    );
  });

  test('an instance that keeps failing is started as soon as the backoff allows, and not a millisecond sooner', () => {
    fc.assert(
      fc.property(arbMillis, fc.constantFrom(0, today), (backoff, born) => {
        const policy = policyOf({ backoff, maxAttempts: 0, stableAfter: 9_000_000_000_000 });
        let status: RestartStatus = initialStatus;
        for (let attempt = 1; attempt <= 5; attempt += 1) {
          const due: Timestamp = born + (attempt - 1) * Math.ceil(backoff);
          const failed = stopped({ startedAt: born, stoppedAt: born });
          if (attempt > 1) {
            const early = observe(policy, status, failed, due - 1);
            expect(early.actions).toEqual([]);
            expect(early.status.nextAttemptAt).toBe(due);
            status = early.status;
          }
          const decision = observe(policy, status, failed, due);
          expect(decision.actions).toEqual([{ _tag: 'Start', attempt }]);
          status = decision.status;
        }
      }),
    );
  });

  test('the backoff after a failed attempt counts from the failure', () => {
    const policy = policyOf();
    const started = observe(policy, initialStatus, stopped(), 50).status;
    const { status } = decide(policy, started, attemptFailed(1), 57);
    expect(observe(policy, status, stopped(), 66).actions).toEqual([]);
    expect(observe(policy, status, stopped(), 67).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  });

  test('however far the clock went back, the next attempt is made one backoff after the first observation', () => {
    fc.assert(
      fc.property(arbTimestamp, fc.integer({ min: 1 }), (now, back) => {
        const policy = policyOf();
        const future = statusOf({ attempts: 1, lastAttemptAt: now + back, nextAttemptAt: now + back + 10 });
        const { status, actions } = observe(policy, future, stopped(), now);
        expect(actions).toEqual([]);
        expect(observe(policy, status, stopped(), now + 9).actions).toEqual([]);
        expect(observe(policy, status, stopped(), now + 10).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
      }),
    );
  });

  test('a stable run that ended unseen begins a new window and keeps the spacing', () => {
    const policy = policyOf({ backoff: 500 });
    const once = statusOf({ attempts: 1, lastAttemptAt: 0 });
    const long = stopped({ startedAt: 0, stoppedAt: 100 });
    const { status, actions } = observe(policy, once, long, 100);
    expect(actions).toEqual([]);
    expect(observe(policy, status, long, 500).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });
});
