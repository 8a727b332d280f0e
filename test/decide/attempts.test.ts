/** The attempt rule, the repair of the clock, and attempts that failed. */
import { describe, expect, test } from 'vitest';
import { attemptFailed } from '../../src/event.js';
import { initialStatus, latestTimestamp } from '../../src/status.js';
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
    const status = statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked });
    expectUnchanged(observe(always, status, unhealthy, 1_000), status, 'max_attempts_exceeded');
  });
});

describe('a cooldown [cooling] [cooled_down]', () => {
  const policy = policyOf({ cooldown: 100 });
  const cooling = statusOf({ attempts: 3, lastAttemptAt: 20, nextAttemptAt: 125, ...blocked });

  test('an instance that used up its attempts waits for the cooldown, rounded up', () => {
    const used = statusOf({ attempts: 3, lastAttemptAt: 20 });
    const after = { nextAttemptAt: 125, ...blocked };
    expectChanged(observe(policy, used, stopped(), 25), used, after, 'cooling_down');
    const fraction = policyOf({ cooldown: 99.25 });
    expectChanged(observe(fraction, used, stopped(), 25), used, after, 'cooling_down');
  });

  test('and stays down, or unhealthy, until it is over', () => {
    expectUnchanged(observe(policy, cooling, stopped(), 124), cooling, 'cooling_down');
    expectUnchanged(observe(policy, cooling, unhealthy, 124), cooling, 'cooling_down');
  });

  test('then it is started in a new window', () => {
    expect(observe(policy, cooling, stopped(), 125)).toEqual({
      status: statusOf({ attempts: 1, lastAttemptAt: 125 }),
      actions: [{ _tag: 'Start', attempt: 1 }],
      reason: 'restart_after_exit',
    });
    expect(observe(policy, cooling, unhealthy, 125).actions).toEqual([{ _tag: 'Restart', attempt: 1 }]);
  });

  test('of which the old attempts are no part, but the spacing is', () => {
    const slow = policyOf({ backoff: 200, cooldown: 100, limitInterval: 50 });
    const status = statusOf({ ...cooling, lastReason: 'start_timeout', recentAttempts: [10, 15, 20] });
    const waiting = observe(slow, status, stopped({ startedAt: 21 }), 125);
    expect(waiting).toEqual({
      status: statusOf({ lastAttemptAt: 20, nextAttemptAt: 220 }),
      actions: [],
      reason: 'waiting_for_backoff',
    });
    expect(observe(slow, waiting.status, stopped({ startedAt: 21 }), 220).status).toEqual(
      statusOf({ attempts: 1, lastAttemptAt: 220, recentAttempts: [220] }),
    );
  });

  test('a cooldown that its policy does not have any more is over', () => {
    expect(observe(always, cooling, stopped(), 30).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });
});

describe('the limit within an interval [limit] [attempt]', () => {
  const policy = policyOf({ maxAttempts: 2, limitInterval: 100 });
  const twice = statusOf({ attempts: 2, lastAttemptAt: 60, recentAttempts: [20, 60] });

  test('blocks where as many attempts were made within it, to the millisecond', () => {
    expectChanged(observe(policy, twice, stopped(), 119), twice, blocked, 'max_attempts_exceeded');
    expect(observe(policy, twice, stopped(), 120).actions).toEqual([{ _tag: 'Start', attempt: 3 }]);
  });

  test('remembers when the attempts within it were made, and forgets the others', () => {
    const first = observe(policy, initialStatus, stopped(), 20).status;
    expect(first).toEqual(statusOf({ attempts: 1, lastAttemptAt: 20, recentAttempts: [20] }));
    expect(observe(policy, first, stopped(), 60).status).toEqual(twice);
    expect(observe(policy, twice, stopped(), 120).status.recentAttempts).toEqual([60, 120]);
    expect(observe(policy, twice, stopped(), 160).status.recentAttempts).toEqual([160]);
  });

  test('does not block what will be outside of it when the next attempt is due', () => {
    const slow = policyOf({ maxAttempts: 2, limitInterval: 100, backoff: 80 });
    expectChanged(observe(slow, twice, stopped(), 61), twice, { nextAttemptAt: 140 }, 'waiting_for_backoff');
    const soon = policyOf({ maxAttempts: 2, limitInterval: 100, backoff: 59 });
    expectChanged(observe(soon, twice, stopped(), 61), twice, blocked, 'max_attempts_exceeded');
  });

  test('is rounded up to whole milliseconds', () => {
    const fraction = policyOf({ maxAttempts: 2, limitInterval: 99.5 });
    expectChanged(observe(fraction, twice, stopped(), 119), twice, blocked, 'max_attempts_exceeded');
    expect(observe(fraction, twice, stopped(), 120).actions).toHaveLength(1);
  });

  test('does not count the window: attempts go on where they are far enough apart', () => {
    const many = statusOf({ attempts: 50, lastAttemptAt: 60, recentAttempts: [60] });
    expect(observe(policy, many, stopped(), 100).actions).toEqual([{ _tag: 'Start', attempt: 51 }]);
  });

  test('leaves the times as they are where an attempt is not counted', () => {
    const uncounted = policyOf({ ...policy, rules: [{ action: 'restart_uncounted' }] });
    const end = stopped({ startedAt: 70, stoppedAt: 75 });
    expect(observe(uncounted, twice, end, 80).status).toEqual({ ...twice, lastAttemptAt: 80 });
    expect(observe(uncounted, initialStatus, end, 80).status).toEqual(statusOf({ lastAttemptAt: 80 }));
  });

  test('leaves no times where the policy has no interval', () => {
    expect(observe(always, twice, stopped(), 120).status).toEqual(statusOf({ attempts: 3, lastAttemptAt: 120 }));
  });

  test('is asked of a failed attempt at the moment at which the next one would be due', () => {
    const near = { ...blocked } as const;
    expectChanged(decide(policy, twice, attemptFailed(2), 109), twice, near, 'max_attempts_exceeded');
    expectChanged(decide(policy, twice, attemptFailed(2), 110), twice, { nextAttemptAt: 120 }, 'attempt_failed');
  });

  test('repairs times that lie ahead, so that a clock that went back holds up nobody for longer than the interval', () => {
    const ahead = statusOf({ attempts: 2, lastAttemptAt: 40, recentAttempts: [40, 900] });
    const { status } = observe(policy, ahead, running(), 50);
    expect(status).toEqual(statusOf({ attempts: 2, lastAttemptAt: 40, recentAttempts: [40, 50] }));
    const sound = statusOf({ attempts: 2, lastAttemptAt: 50, recentAttempts: [40, 50] });
    expectUnchanged(observe(policy, sound, running(), 50), sound, 'running');
    const failed = decide(policy, { ...ahead, recentAttempts: [-60, 900] }, attemptFailed(2), 50);
    expect(failed.status).toEqual({ ...ahead, nextAttemptAt: 60, recentAttempts: [-60, 50] });
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

describe('a wait that grows, and one that is spread [backoff]', () => {
  test('each wait is longer than the one before, up to the longest', () => {
    const policy = policyOf({ maxAttempts: 0, maxBackoff: 35 });
    const waits = [1, 2, 3, 4].map((attempts) => {
      const status = statusOf({ attempts, lastAttemptAt: 20 });
      return observe(policy, status, stopped(), 21).status.nextAttemptAt;
    });
    expect(waits).toEqual([30, 40, 55, 55]);
  });

  test('jitter spreads instances that failed together, each always in the same way', () => {
    const policy = policyOf({ backoff: 100, jitter: 1 });
    const once = statusOf({ attempts: 1, lastAttemptAt: 0 });
    const dueOf = (salt?: number) =>
      observe(policy, once, stopped(salt === undefined ? {} : { salt }), 10).status.nextAttemptAt;
    expect([dueOf(), dueOf(0), dueOf(7), dueOf(7)]).toEqual([199, 199, 188, 188]);
    const failed = (salt?: number) => decide(policy, once, attemptFailed(1, salt), 10).status.nextAttemptAt;
    expect([failed(), failed(0), failed(7)]).toEqual([209, 209, 198]);
  });

  test('no wait is longer than the longest from now, of those after so many attempts', () => {
    const policy = policyOf({ maxBackoff: 35, jitter: 0.5 });
    const ahead = statusOf({ attempts: 2, lastAttemptAt: 50, nextAttemptAt: 900 });
    expect(observe(policy, ahead, running({ state: 'other' }), 50).status.nextAttemptAt).toBe(80);
    const sound = statusOf({ ...ahead, nextAttemptAt: 80 });
    expectUnchanged(observe(policy, sound, running({ state: 'other' }), 50), sound, 'not_actionable');
    const fromExit = policyOf({ ...policy, backoffFrom: 'exit' });
    expect(observe(fromExit, ahead, running({ state: 'other' }), 50).status.nextAttemptAt).toBe(103);
  });
});

describe('a wait from the exit [backoff]', () => {
  const policy = policyOf({ backoffFrom: 'exit' });
  const once = statusOf({ attempts: 1, lastAttemptAt: 20 });

  test('comes before the first attempt too', () => {
    const ended = stopped({ startedAt: 0, stoppedAt: 45 });
    expectChanged(
      observe(policy, initialStatus, ended, 50),
      initialStatus,
      { nextAttemptAt: 55 },
      'waiting_for_backoff',
    );
    expect(observe(policy, initialStatus, ended, 55).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });

  test('comes after a run that lasted longer than it', () => {
    const ended = stopped({ startedAt: 21, stoppedAt: 90 });
    expectChanged(observe(policy, once, ended, 92), once, { nextAttemptAt: 100 }, 'waiting_for_backoff');
  });

  test('does not come where it is said that waits begin at the attempt', () => {
    const ended = stopped({ startedAt: 21, stoppedAt: 90 });
    expect(observe(policyOf({ backoffFrom: 'attempt' }), once, ended, 92).reason).toBe('restart_after_exit');
  });

  test('begins when the end is seen, where nobody knows when it was, or it seems to lie ahead', () => {
    for (const stoppedAt of [null, 95]) {
      const ended = stopped({ startedAt: 21, stoppedAt });
      expectChanged(observe(policy, once, ended, 92), once, { nextAttemptAt: 102 }, 'waiting_for_backoff');
    }
  });

  test('grows by one step more than between attempts', () => {
    const growing = policyOf({ backoffFrom: 'exit', maxBackoff: 100 });
    const ended = stopped({ startedAt: 21, stoppedAt: 30 });
    expect(observe(growing, initialStatus, ended, 30).status.nextAttemptAt).toBe(40);
    expect(observe(growing, once, ended, 30).status.nextAttemptAt).toBe(50);
    expect(observe(growing, { ...once, attempts: 2 }, ended, 30).status.nextAttemptAt).toBe(70);
  });

  test('is not begun again for an end that is waited for already', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 100 });
    const ended = stopped({ startedAt: 21, stoppedAt: null });
    expectUnchanged(observe(policy, waiting, ended, 95), waiting, 'waiting_for_backoff');
    expect(observe(policy, waiting, ended, 100).actions).toHaveLength(1);
  });

  test('is begun for a run that began when an older wait was over, and not ahead of now', () => {
    const older = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 40 });
    const next = (startedAt: number | null) =>
      observe(policy, older, stopped({ startedAt, stoppedAt: 92 }), 95).status.nextAttemptAt;
    expect(next(41)).toBe(102);
    expect(next(95)).toBe(102);
    // Answered at once, for the wait that is over is for this end.
    expect([next(40), next(96), next(null)]).toEqual([null, null, null]);
  });

  test('is none of bad health, nor of a stop of ours', () => {
    expect(observe(policy, once, unhealthy, 92).actions).toEqual([{ _tag: 'Restart', attempt: 2 }]);
    const restarting = statusOf({ ...once, ...health });
    expect(observe(policy, restarting, stopped({ startedAt: 0, stoppedAt: 91 }), 92).actions).toHaveLength(1);
  });

  test('is none of an attempt that failed: that wait is one between attempts, and ends when it should', () => {
    const { status } = decide(policy, once, attemptFailed(1), 25);
    expect(status.nextAttemptAt).toBe(35);
    expect(observe(policy, status, stopped({ startedAt: 0, stoppedAt: 19 }), 35).actions).toHaveLength(1);
  });
});

describe('a moment that no status can hold [backoff] [limit] [failed_attempt]', () => {
  const centuries = policyOf({ backoff: 9_000_000_000_000, cooldown: 9_000_000_000_000 });
  const late = latestTimestamp - 1_000;
  const once = statusOf({ attempts: 1, lastAttemptAt: late });

  test('is cut where it is stored, and what is due is not due before', () => {
    const { status } = observe(centuries, once, stopped(), late);
    expect(status.nextAttemptAt).toBe(latestTimestamp);
    expect(observe(centuries, status, stopped(), latestTimestamp).actions).toEqual([]);
    expect(decide(centuries, once, attemptFailed(1), late).status.nextAttemptAt).toBe(latestTimestamp);
    const used = statusOf({ attempts: 3, lastAttemptAt: late });
    expect(observe(centuries, used, stopped(), late).status.nextAttemptAt).toBe(latestTimestamp);
  });
});

describe('an attempt [attempt]', () => {
  test('its number stays a whole one, however many there were', () => {
    const many = statusOf({ attempts: Number.MAX_SAFE_INTEGER, lastAttemptAt: 0 });
    expect(observe(unlimited, many, stopped(), 50).actions).toEqual([
      { _tag: 'Start', attempt: Number.MAX_SAFE_INTEGER },
    ]);
  });

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

  test('a cooldown is cut to the whole of it from now', () => {
    const policy = policyOf({ cooldown: 100.5 });
    const cooling = statusOf({ attempts: 3, lastAttemptAt: 40, nextAttemptAt: 900, ...blocked });
    expectChanged(observe(policy, cooling, stopped(), 50), cooling, { nextAttemptAt: 151 }, 'cooling_down');
    const sound = statusOf({ ...cooling, nextAttemptAt: 151 });
    expectUnchanged(observe(policy, sound, stopped(), 50), sound, 'cooling_down');
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

  test('the failure of the last attempt begins the cooldown, and another report of it does not begin it again', () => {
    const policy = policyOf({ cooldown: 100 });
    const last = statusOf({ attempts: 3, lastAttemptAt: 20, ...health });
    const { status } = decide(policy, last, attemptFailed(3), 25);
    expect(status).toEqual({ ...last, nextAttemptAt: 125, ...blocked });
    expectUnchanged(decide(policy, status, attemptFailed(3), 30), status, 'cooling_down');
  });

  test('the wait after a failure has grown like any other', () => {
    const policy = policyOf({ maxAttempts: 0, maxBackoff: 100 });
    const third = statusOf({ attempts: 3, lastAttemptAt: 20 });
    expectChanged(decide(policy, third, attemptFailed(3), 25), third, { nextAttemptAt: 65 }, 'attempt_failed');
  });

  test('the failure of an uncounted attempt bears the number 0, which is none where no rule leads to such', () => {
    const uncounted = statusOf({ lastAttemptAt: 20 });
    const ruled = policyOf({ rules: [{ action: 'restart_uncounted' }] });
    expectChanged(decide(ruled, uncounted, attemptFailed(0), 25), uncounted, { nextAttemptAt: 35 }, 'attempt_failed');
    expectUnchanged(decide(always, uncounted, attemptFailed(0), 25), uncounted, 'stale');
    expectUnchanged(decide(ruled, uncounted, attemptFailed(-1), 25), uncounted, 'stale');
    expectUnchanged(decide(ruled, initialStatus, attemptFailed(0), 25), initialStatus, 'stale');
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
