/**
 * G2: the limit holds. With `maxAttempts` N > 0 there are at most N counted attempts between two events that end a window (with
 * `limitInterval`: in any span that long between them), and at most one uncounted one for each run that ended.
 *
 * The part about uncounted attempts holds by a clock that is not set back. What tells one run from the next is that it began
 * after the last attempt; where the clock is set back in between, the two moments are by different clocks, and a run whose
 * end is already answered may seem to be a later one. Then it may be answered uncounted once more.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manuallyStarted, policyUpdated, supervisionPaused, supervisionResumed } from '../src/event.js';
import { initialStatus, type RestartStatus } from '../src/status.js';
import { expectQuiet, observe, policyOf, running, statusOf, stopped } from './support/fixtures.js';
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
  test('in any life, no window has more counted attempts than the policy allows, and no end a second uncounted one', () => {
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

  const intervalPolicy = policyOf({ maxAttempts: 2, stableAfter: 1_000_000, limitInterval: 100 });
  const attemptsAt = (policy: typeof intervalPolicy, times: ReadonlyArray<number>): ReadonlyArray<number> => {
    let status: RestartStatus = initialStatus;
    return times.filter((now) => {
      const decision = observe(policy, status, stopped({ startedAt: now - 1, stoppedAt: now }), now);
      status = decision.status;
      return decision.actions.length > 0;
    });
  };

  test('with an interval the limit is one of any span that long, to the millisecond', () => {
    expect(attemptsAt(intervalPolicy, [50, 100, 149])).toEqual([50, 100]);
    expect(attemptsAt(intervalPolicy, [50, 100, 150])).toEqual([50, 100, 150]);
    expect(attemptsAt(intervalPolicy, [50, 149, 159, 248])).toEqual([50, 149, 159]);
  });

  test('with an interval nothing is blocked that will be outside of it when the attempt is due', () => {
    const slow = { ...intervalPolicy, backoff: 60 };
    const { status } = observe(
      slow,
      statusOf({ attempts: 2, lastAttemptAt: 90, recentAttempts: [50, 90] }),
      stopped(),
      91,
    );
    expect(status).toMatchObject({ blockedReason: null, nextAttemptAt: 150 });
    expect(observe(slow, status, stopped(), 150).actions).toEqual([{ _tag: 'Start', attempt: 3 }]);
  });

  test('however far the clock went back, attempts that seem to lie ahead count for one interval, and no longer', () => {
    const future = statusOf({ attempts: 2, lastAttemptAt: 9_000, recentAttempts: [8_000, 9_000] });
    const repaired = observe(intervalPolicy, future, running(), 500).status;
    expect(observe(intervalPolicy, repaired, stopped(), 589).reason).toBe('max_attempts_exceeded');
    expect(observe(intervalPolicy, repaired, stopped(), 600).actions).toHaveLength(1);
  });

  test('with an interval a block is as final as without, however old the attempts become', () => {
    expect(attemptsAt(intervalPolicy, [50, 100, 149, 1_000])).toEqual([50, 100]);
    expect(attemptsAt({ ...intervalPolicy, cooldown: 100 }, [50, 100, 149, 248, 249])).toEqual([50, 100, 249]);
  });

  test('a resume is not the end of a window', () => {
    const policy = policyOf({ stableAfter: 1_000_000 });
    const blocked = keepFailing(policy, initialStatus, 10).status;
    const paused = decide(policy, blocked, supervisionPaused, 1_000).status;
    const { status } = decide(policy, paused, supervisionResumed, 1_001);
    expect(keepFailing(policy, status, 10).attempts).toEqual([]);
  });

  test('a cooldown gives all the attempts again when it is over, and not before', () => {
    const policy = policyOf({ stableAfter: 1_000_000, cooldown: 500 });
    const { attempts, status } = keepFailing(policy, initialStatus, 100);
    // Attempts at 10, 20 and 30, and blocked at 40 until 540.
    expect(attempts).toEqual([1, 2, 3, 1, 2, 3]);
    expect(status).toMatchObject({ attempts: 3, lastAttemptAt: 560, nextAttemptAt: 1_070 });
  });

  describe('an end that is not counted', () => {
    const policy = policyOf({ maxAttempts: 1, stableAfter: 1_000_000, rules: [{ action: 'restart_uncounted' }] });

    test('has one uncounted attempt: what keeps ending before it began anew is counted', () => {
      const instance = stopped({ startedAt: 40, stoppedAt: 45 });
      const first = observe(policy, initialStatus, instance, 50);
      expect(first).toMatchObject({ actions: [{ _tag: 'Start', attempt: 0 }], status: { attempts: 0 } });
      const second = observe(policy, first.status, instance, 60);
      expect(second).toMatchObject({ actions: [{ _tag: 'Start', attempt: 1 }], status: { attempts: 1 } });
      expectQuiet(observe(policy, second.status, instance, 70), 'max_attempts_exceeded');
    });

    test('is answered as often as it comes, and never blocked, although on_failure would take it for a clean exit', () => {
      let status: RestartStatus = initialStatus;
      for (let now = 50; now < 1_000; now += 10) {
        const instance = stopped({ startedAt: now - 5, stoppedAt: now, exitCode: 0 });
        const decision = observe({ ...policy, mode: 'on_failure' }, status, instance, now);
        expect(decision.actions).toEqual([{ _tag: 'Start', attempt: 0 }]);
        status = decision.status;
      }
    });

    test('may be answered uncounted once more where the clock was set back in between, and not more', () => {
      const instance = stopped({ startedAt: 100, stoppedAt: 101 });
      const answered = observe(policy, initialStatus, instance, 105).status;
      // Set back to 51: the run seems to begin in the future, and its attempt is taken to have been made now.
      const repaired = observe(policy, answered, instance, 51).status;
      const counted = observe(policy, repaired, instance, 61);
      expect(counted.actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
      const again = observe(policy, counted.status, instance, 106);
      expect(again.actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
      expectQuiet(observe(policy, again.status, instance, 116), 'max_attempts_exceeded');
    });
  });

  test('a stable run gives a blocked instance all its attempts again, whether it was seen or not', () => {
    const policy = policyOf();
    const blocked = keepFailing(policy, initialStatus, 10).status;
    expect(observe(policy, blocked, running({ startedAt: 50 }), 150).status).toEqual(initialStatus);
    const unseen = stopped({ startedAt: 50, stoppedAt: 150 });
    expect(observe(policy, blocked, unseen, 200).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });
});
