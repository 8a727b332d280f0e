/** The attempt rule, the repair of the clock, and attempts that failed. */
import { describe, expect, test } from 'vitest';
import { attemptFailed } from '../../src/event.js';
import { initialStatus } from '../../src/status.js';
import { expectChanged, expectUnchanged, observe, policyOf, running, statusOf, stopped } from '../support/fixtures.js';
import { decide } from '../support/subject.js';

const always = policyOf();
const never = policyOf({ mode: 'never' });
const unlimited = policyOf({ maxAttempts: 0 });
const health = { lastReason: 'health_check_failed' } as const;
const blocked = { blockedReason: 'max_attempts_exceeded' } as const;
const unhealthy = running({ health: 'unhealthy' });

describe('a window that is blocked [blocked]', () => {
  test('an instance whose attempts are used up stays down, and its counters stay readable', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked });
    expectUnchanged(observe(always, status, stopped(), 1_000), status, 'max_attempts_exceeded');
    expectUnchanged(observe(always, status, unhealthy, 1_000), status, 'max_attempts_exceeded');
  });

  test('it stays blocked where the limit alone would allow more', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 20, ...blocked });
    expectUnchanged(observe(always, status, stopped(), 1_000), status, 'max_attempts_exceeded');
    expectUnchanged(observe(unlimited, status, stopped(), 21), status, 'max_attempts_exceeded');
  });

  test('a blocked window is not rewritten when the cause changes', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 20, nextAttemptAt: 30, ...blocked });
    expectUnchanged(observe(always, status, unhealthy, 1_000), status, 'max_attempts_exceeded');
  });
});

describe('the limit [limit]', () => {
  test('an instance that used all its attempts is blocked, not started', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 20 });
    expectChanged(observe(always, status, stopped(), 1_000), status, blocked, 'max_attempts_exceeded');
  });

  test('an instance that has more attempts than a lower limit allows is blocked', () => {
    const status = statusOf({ attempts: 5, lastAttemptAt: 20 });
    expectChanged(observe(always, status, stopped(), 1_000), status, blocked, 'max_attempts_exceeded');
  });

  test('the limit comes before the wait: no next attempt is promised that never comes', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 20 });
    expectChanged(observe(always, status, stopped(), 21), status, blocked, 'max_attempts_exceeded');
    const waiting = statusOf({ attempts: 3, lastAttemptAt: 20, nextAttemptAt: 30 });
    const after = { nextAttemptAt: null, ...blocked };
    expectChanged(observe(always, waiting, stopped(), 21), waiting, after, 'max_attempts_exceeded');
  });

  test('a block says whether it was bad health or an exit that called for one attempt more', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 20, ...health });
    expect(observe(always, status, unhealthy, 1_000).status.lastReason).toBe('health_check_failed');
    expect(observe(always, status, stopped({ startedAt: 21 }), 1_000).status.lastReason).toBeNull();
  });

  test('a limit of 0 is no limit', () => {
    const status = statusOf({ attempts: 1_000_000, lastAttemptAt: 20 });
    expect(observe(unlimited, status, stopped(), 1_000).actions).toEqual([{ _tag: 'Start', attempt: 1_000_001 }]);
  });

  test('the last attempt that the limit allows is made', () => {
    const status = statusOf({ attempts: 2, lastAttemptAt: 20 });
    expect(observe(always, status, stopped(), 1_000).actions).toEqual([{ _tag: 'Start', attempt: 3 }]);
  });
});

describe('the backoff [backoff]', () => {
  const once = statusOf({ attempts: 1, lastAttemptAt: 20 });

  test('an instance that fails again soon waits until one backoff after its last attempt', () => {
    expectChanged(observe(always, once, stopped(), 25), once, { nextAttemptAt: 30 }, 'waiting_for_backoff');
    expectChanged(observe(always, once, stopped(), 29), once, { nextAttemptAt: 30 }, 'waiting_for_backoff');
  });

  test('a wait that already stands is the same status', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30 });
    expectUnchanged(observe(always, waiting, stopped(), 25), waiting, 'waiting_for_backoff');
    const unwell = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30, ...health });
    expectUnchanged(observe(always, unwell, unhealthy, 25), unwell, 'waiting_for_backoff');
  });

  test('a later moment that was already set is kept', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 33 });
    expectUnchanged(observe(always, waiting, stopped(), 31), waiting, 'waiting_for_backoff');
  });

  test('an earlier moment gives way to one backoff after the last attempt', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 22 });
    expectChanged(observe(always, waiting, stopped(), 25), waiting, { nextAttemptAt: 30 }, 'waiting_for_backoff');
  });

  test('a moment that was set counts without a last attempt too', () => {
    const waiting = statusOf({ nextAttemptAt: 30 });
    expectUnchanged(observe(always, waiting, stopped(), 25), waiting, 'waiting_for_backoff');
    expect(observe(always, waiting, stopped(), 30).actions).toHaveLength(1);
  });

  test('an exit while a restart for bad health is pending is waited for as an exit', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30, ...health });
    const crashed = stopped({ startedAt: 21, stoppedAt: 24 });
    expectChanged(observe(always, waiting, crashed, 25), waiting, { lastReason: null }, 'waiting_for_backoff');
  });

  test('a backoff that is no whole number of milliseconds is rounded up, never down', () => {
    const policy = policyOf({ backoff: 10.25 });
    expectChanged(observe(policy, once, stopped(), 30), once, { nextAttemptAt: 31 }, 'waiting_for_backoff');
    expect(observe(policy, once, stopped(), 31).actions).toHaveLength(1);
  });

  test('a nanosecond of backoff is one whole millisecond, also at a present-day time where a double cannot hold it', () => {
    const today = 1_700_000_000_000;
    const status = statusOf({ attempts: 1, lastAttemptAt: today });
    const tiny = observe(policyOf({ backoff: 0.000_001 }), status, stopped(), today);
    expectChanged(tiny, status, { nextAttemptAt: today + 1 }, 'waiting_for_backoff');
    const fiveSecondsAndOne = observe(policyOf({ backoff: 5_000.000_001 }), status, stopped(), today + 5_000);
    expectChanged(fiveSecondsAndOne, status, { nextAttemptAt: today + 5_001 }, 'waiting_for_backoff');
  });
});

describe('an attempt [attempt]', () => {
  test('the first attempt is made at once, and counted before anything is started', () => {
    expect(observe(always, initialStatus, stopped(), 50)).toEqual({
      status: statusOf({ attempts: 1, lastAttemptAt: 50 }),
      actions: [{ _tag: 'Start', attempt: 1 }],
      reason: 'restart_after_exit',
    });
  });

  test('the next one is made exactly when the backoff has passed, and ends the wait', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30, ...health });
    expect(observe(always, waiting, stopped({ startedAt: 21 }), 30)).toEqual({
      status: statusOf({ attempts: 2, lastAttemptAt: 30 }),
      actions: [{ _tag: 'Start', attempt: 2 }],
      reason: 'restart_after_exit',
    });
  });

  test('a run that is unhealthy is stopped and started, and the status says why', () => {
    const once = statusOf({ attempts: 1, lastAttemptAt: 20 });
    expect(observe(always, once, unhealthy, 30)).toEqual({
      status: statusOf({ attempts: 2, lastAttemptAt: 30, ...health }),
      actions: [{ _tag: 'Restart', attempt: 2 }],
      reason: 'restart_after_unhealthy',
    });
  });
});

describe('a status from the future: the clock went back [clock_repair]', () => {
  test('an attempt that seems to lie ahead is taken to have been made now', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 900 });
    const repaired = { lastAttemptAt: 50, nextAttemptAt: 60 };
    expectChanged(observe(always, status, stopped(), 50), status, repaired, 'waiting_for_backoff');
  });

  test('no wait is longer than one backoff from now', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 40, nextAttemptAt: 900 });
    expectChanged(observe(always, status, stopped(), 50), status, { nextAttemptAt: 60 }, 'waiting_for_backoff');
  });

  test('a wait of exactly one backoff from now needs no repair, nor does an attempt made just now', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 50, nextAttemptAt: 60 });
    expectUnchanged(observe(always, waiting, stopped(), 50), waiting, 'waiting_for_backoff');
  });

  test('a wait is not cut short below a backoff that is no whole number of milliseconds', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 50, nextAttemptAt: 61 });
    expectUnchanged(observe(policyOf({ backoff: 10.25 }), waiting, stopped(), 50), waiting, 'waiting_for_backoff');
  });

  test.each([
    ['runs', running(), 'running'],
    ['is initializing', running({ state: 'initializing' }), 'initializing'],
    ['is in no state that we act on', running({ state: 'other' }), 'not_actionable'],
  ] as const)('the repair is kept when there is nothing to do: it %s', (_, instance, reason) => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 900, nextAttemptAt: 55, ...health });
    expectChanged(observe(always, status, instance, 50), status, { lastAttemptAt: 50 }, reason);
  });

  test('the repair is kept when the window is blocked', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 900, ...blocked });
    expectChanged(observe(always, status, stopped(), 50), status, { lastAttemptAt: 50 }, 'max_attempts_exceeded');
  });

  test('the repair is kept for an instance that never ran, which is still not started', () => {
    const status = statusOf({ nextAttemptAt: 900 });
    const decision = observe(always, status, stopped({ startedAt: null }), 50);
    expectChanged(decision, status, { nextAttemptAt: 60 }, 'never_started');
  });

  test('the repair comes before the judgement of a run: it is stable so long after the repaired attempt', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 900 });
    const first = observe(always, status, running({ startedAt: 40 }), 50);
    expectChanged(first, status, { lastAttemptAt: 50 }, 'running');
    expect(observe(always, first.status, running({ startedAt: 40 }), 150).reason).toBe('stable');
  });

  test('the repair comes before the question whose stop it was', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 900, ...health });
    const ownExit = stopped({ startedAt: 50, stoppedAt: 50, exitCode: 0 });
    const decision = observe(policyOf({ mode: 'on_failure' }), status, ownExit, 50);
    expectChanged(decision, status, { lastAttemptAt: 50 }, 'clean_exit');
  });

  test('restarts go on one backoff later, however far the clock went back', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 1_000_000, nextAttemptAt: 1_000_010 });
    const { status: repaired } = observe(always, status, stopped(), 50);
    expect(observe(always, repaired, stopped(), 60).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  });
});

describe('an attempt that failed [failed_attempt] [stale]', () => {
  const once = statusOf({ attempts: 1, lastAttemptAt: 20, ...health });

  test('the backoff counts from the failure, not from the decision', () => {
    expectChanged(decide(always, once, attemptFailed(1), 25), once, { nextAttemptAt: 35 }, 'attempt_failed');
  });

  test('an instance whose start failed is started again when that backoff has passed', () => {
    const { status } = decide(always, once, attemptFailed(1), 25);
    expect(observe(always, status, stopped(), 34).actions).toEqual([]);
    expect(observe(always, status, stopped(), 35).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  });

  test('a later failure of the same attempt moves the wait on', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30 });
    expectChanged(decide(always, waiting, attemptFailed(1), 25), waiting, { nextAttemptAt: 35 }, 'attempt_failed');
  });

  test('the same failure at the same moment is recorded once', () => {
    const { status } = decide(always, once, attemptFailed(1), 25);
    expectUnchanged(decide(always, status, attemptFailed(1), 25), status, 'attempt_failed');
  });

  test('a failure after a clock step repairs the status first', () => {
    const future = statusOf({ attempts: 1, lastAttemptAt: 900, nextAttemptAt: 910 });
    const repaired = { lastAttemptAt: 50, nextAttemptAt: 60 };
    expectChanged(decide(always, future, attemptFailed(1), 50), future, repaired, 'attempt_failed');
  });

  test('the failure of the last attempt blocks the window, without a wait that leads nowhere', () => {
    const last = statusOf({ attempts: 3, lastAttemptAt: 20, nextAttemptAt: 30, ...health });
    const after = { nextAttemptAt: null, ...blocked };
    expectChanged(decide(always, last, attemptFailed(3), 25), last, after, 'max_attempts_exceeded');
  });

  test('the failure of the last attempt blocks as the status stands, without a repair', () => {
    const future = statusOf({ attempts: 3, lastAttemptAt: 900 });
    expectChanged(decide(always, future, attemptFailed(3), 25), future, blocked, 'max_attempts_exceeded');
  });

  test('a block that already stands is the same status', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked });
    expectUnchanged(decide(always, status, attemptFailed(3), 25), status, 'max_attempts_exceeded');
  });

  test('a failure is not held against a limit of 0', () => {
    const many = statusOf({ attempts: 9, lastAttemptAt: 20 });
    expectChanged(decide(unlimited, many, attemptFailed(9), 25), many, { nextAttemptAt: 35 }, 'attempt_failed');
  });

  test.each([0, 2, -1, Number.NaN])('a report of attempt %s is stale when attempt 1 is the current one', (attempt) => {
    expectUnchanged(decide(always, once, attemptFailed(attempt), 25), once, 'stale');
  });

  test('a report without any attempt in the window is stale', () => {
    expectUnchanged(decide(always, initialStatus, attemptFailed(0), 25), initialStatus, 'stale');
    expectUnchanged(decide(always, initialStatus, attemptFailed(1), 25), initialStatus, 'stale');
  });

  test('a stale report does not block a window at its limit', () => {
    const last = statusOf({ attempts: 3, lastAttemptAt: 20 });
    expectUnchanged(decide(always, last, attemptFailed(2), 25), last, 'stale');
  });

  test('a report after a stop by a person changes nothing, whatever the policy is', () => {
    const held = statusOf({ blockedReason: 'manual_stop' });
    expectUnchanged(decide(always, held, attemptFailed(1), 25), held, 'manual_stop');
    expectUnchanged(decide(never, held, attemptFailed(1), 25), held, 'manual_stop');
    const odd = statusOf({ attempts: 1, blockedReason: 'manual_stop' });
    expectUnchanged(decide(always, odd, attemptFailed(1), 25), odd, 'manual_stop');
  });

  test('a report under a policy of never changes nothing', () => {
    expectUnchanged(decide(never, once, attemptFailed(1), 25), once, 'policy_never');
    expectUnchanged(decide(never, once, attemptFailed(2), 25), once, 'policy_never');
  });
});
