/**
 * G3: spacing. Two actions are at least one wait apart, the wait of the window in which the second is made, unless a person's
 * act or a run that was seen to be stable ended the window between them; and no wait that an observation sets is longer
 * than the longest (cooling: than the cooldown) from that moment, whatever the clock did.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attemptFailed, observed } from '../src/event.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../src/status.js';
import { arbMillis, arbTimestamp } from '../src/testing/arbitraries.js';
import { wait } from './oracle/wait.js';
import { arbLook, arbPolicy, arbSalt } from './support/arbitraries.js';
import { observe, policyOf, statusOf, stopped } from './support/fixtures.js';
import { live, noHistory, spacingHolds } from './support/guarantees.js';
import { arbLife, firstBreach } from './support/lives.js';
import { runs } from './support/proof.js';
import { decide, nextWakeAt } from './support/subject.js';

const today = 1_700_000_000_000;

describe('G3: spacing', () => {
  test('in any life, actions are one wait apart and no wait is longer than the longest', () => {
    fc.assert(
      fc.property(arbLife, (life) => {
        expect(firstBreach(life, spacingHolds)).toBeNull();
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('from any status, a wait that an observation sets ends within the longest', () => {
    fc.assert(
      fc.property(arbLook, ({ policy, status, instance, now }) => {
        expect(spacingHolds(live(policy, status, noHistory, observed(instance), now))).toBe(true);
      }),
      { numRuns: runs(3_000) },
    );
  });

  test('an instance that keeps failing is started one wait after the other, each as long as its number and salt say', () => {
    fc.assert(
      fc.property(arbPolicy, arbSalt, fc.constantFrom(0, today), ({ rules: _, ...spans }, salt, born) => {
        const policy = { ...spans, mode: 'always', maxAttempts: 0, stableAfter: 9_000_000_000_000 } as const;
        const attempts: Array<Timestamp> = [];
        let status: RestartStatus = initialStatus;
        let now: Timestamp = born;
        // It ended before the first attempt, and no start after it succeeds.
        const instance = stopped({ startedAt: born - 1, stoppedAt: born - 1, salt });
        for (let count = 0; count < 20; count += 1) {
          const decision = observe(policy, status, instance, now);
          status = decision.status;
          if (decision.actions.length > 0) attempts.push(now);
          else now = nextWakeAt(policy, status, instance) ?? Number.NaN;
        }
        expect(attempts.length).toBeGreaterThanOrEqual(9);
        for (const [index, at] of attempts.entries()) {
          const next = attempts[index + 1];
          if (next !== undefined && policy.backoffFrom === undefined)
            expect(next - at).toBe(wait(policy, index + 1, salt));
          if (next !== undefined) expect(next - at).toBeGreaterThanOrEqual(wait(policy, index + 1, salt));
        }
      }),
      { numRuns: runs(200) },
    );
  });

  test('with waits from the exit there is always a pause, before the first attempt too, and however long it ran', () => {
    const policy = policyOf({ backoffFrom: 'exit' });
    const first = stopped({ startedAt: 0, stoppedAt: 50 });
    const { status } = observe(policy, initialStatus, first, 52);
    expect(observe(policy, status, first, 59).actions).toEqual([]);
    const started = observe(policy, status, first, 60);
    expect(started.actions).toHaveLength(1);
    const second = stopped({ startedAt: 60, stoppedAt: 150 });
    const waiting = observe(policy, started.status, second, 150);
    expect(waiting.status.nextAttemptAt).toBe(160);
    expect(observe(policy, waiting.status, second, 160).actions).toHaveLength(1);
  });

  test('a cooldown that is over ends the window and keeps the spacing', () => {
    const policy = policyOf({ backoff: 100, maxAttempts: 1, stableAfter: 1_000, cooldown: 20 });
    const once = statusOf({ attempts: 1, lastAttemptAt: 0 });
    const cooling = observe(policy, once, stopped(), 10);
    expect(cooling.reason).toBe('cooling_down');
    const over = observe(policy, cooling.status, stopped(), 30);
    expect(over).toMatchObject({ actions: [], status: { attempts: 0, nextAttemptAt: 100 } });
    expect(observe(policy, over.status, stopped(), 100).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });

  test('a cooldown is not longer than it should be, however far the clock went back', () => {
    const policy = policyOf({ cooldown: 50 });
    const cooling = statusOf({
      attempts: 3,
      lastAttemptAt: 900,
      nextAttemptAt: 950,
      blockedReason: 'max_attempts_exceeded',
    });
    expect(observe(policy, cooling, stopped(), 100).status).toMatchObject({ lastAttemptAt: 100, nextAttemptAt: 150 });
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

  test('so it does after an attempt that was not counted', () => {
    const policy = policyOf({ rules: [{ action: 'restart_uncounted' }] });
    const started = observe(policy, initialStatus, stopped(), 50);
    expect(started.actions).toEqual([{ _tag: 'Start', attempt: 0 }]);
    const { status } = decide(policy, started.status, attemptFailed(0), 57);
    expect(observe(policy, status, stopped(), 66).actions).toEqual([]);
    expect(observe(policy, status, stopped(), 67).actions).toHaveLength(1);
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
