/** G2: the limit holds. With `maxAttempts` N > 0 there are at most N actions between two events that end a window. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manuallyStarted, policyUpdated } from '../src/event.js';
import { initialStatus, type RestartStatus } from '../src/status.js';
import { expectQuiet, observe, policyOf, running, stopped } from './support/fixtures.js';
import { actionFits, limitHolds } from './support/guarantees.js';
import { arbLife, firstBreach } from './support/lives.js';
import { runs } from './support/proof.js';
import { decide } from './support/subject.js';

/** Observes an instance that fails again and again, one backoff after the other. */
const keepFailing = (policy: ReturnType<typeof policyOf>, first: RestartStatus, observations: number) => {
  const attempts: Array<number> = [];
  let status = first;
  for (let at = 1; at <= observations; at += 1) {
    const now = at * Math.ceil(policy.backoff);
    const instance = at % 2 === 0 ? stopped({ startedAt: now - 1, stoppedAt: now }) : running({ health: 'unhealthy' });
    const decision = observe(policy, status, instance, now);
    for (const action of decision.actions) attempts.push(action.attempt);
    status = decision.status;
  }
  return { attempts, status };
};

describe('G2: the limit holds', () => {
  test('in any life, no window has more actions than the policy allows', () => {
    fc.assert(
      fc.property(arbLife, (life) => {
        expect(firstBreach(life, limitHolds)).toBeNull();
        expect(firstBreach(life, actionFits)).toBeNull();
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('an instance that keeps failing gets exactly as many attempts as it may have, and is then blocked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.constantFrom('always', 'on_failure'), (maxAttempts, mode) => {
        const policy = policyOf({ mode, maxAttempts, stableAfter: 1_000_000 });
        const { attempts, status } = keepFailing(policy, initialStatus, maxAttempts + 10);
        expect(attempts).toEqual(Array.from({ length: maxAttempts }, (_, i) => i + 1));
        expect(status.blockedReason).toBe('max_attempts_exceeded');
        expect(status.attempts).toBe(maxAttempts);
      }),
    );
  });

  test('an instance without a limit gets attempts without end', () => {
    const policy = policyOf({ maxAttempts: 0, stableAfter: 1_000_000 });
    const { attempts, status } = keepFailing(policy, initialStatus, 500);
    expect(attempts).toHaveLength(500);
    expect(status.blockedReason).toBeNull();
  });

  test.each([
    ['a start by a person', manuallyStarted],
    ['a new policy', policyUpdated],
  ])('%s gives a blocked instance all its attempts again', (_, event) => {
    const policy = policyOf({ stableAfter: 1_000_000 });
    const blocked = keepFailing(policy, initialStatus, 10).status;
    expectQuiet(observe(policy, blocked, stopped(), 1_000), 'max_attempts_exceeded');
    expect(keepFailing(policy, decide(policy, blocked, event, 1_000).status, 10).attempts).toEqual([1, 2, 3]);
  });

  test('a stable run gives a blocked instance all its attempts again, whether it was seen or not', () => {
    const policy = policyOf();
    const blocked = keepFailing(policy, initialStatus, 10).status;
    expect(observe(policy, blocked, running({ startedAt: 50 }), 150).status).toEqual(initialStatus);
    const unseen = stopped({ startedAt: 50, stoppedAt: 150 });
    expect(observe(policy, blocked, unseen, 200).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });
});
