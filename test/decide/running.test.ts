/** An instance that runs, begins to, or is in no state that we act on. */
import { describe, expect, test } from 'vitest';
import { initialStatus } from '../../src/status.js';
import { expectChanged, expectUnchanged, observe, policyOf, running, statusOf, stopped } from '../support/fixtures.js';

const always = policyOf();
const health = { lastReason: 'health_check_failed' } as const;
const healthy = running({ health: 'healthy' });
const unhealthy = running({ health: 'unhealthy' });
const once = statusOf({ attempts: 1, lastAttemptAt: 0 });

describe('a stable run [stable]', () => {
  test('a run that has lasted long enough ends the failure window', () => {
    expectChanged(observe(always, once, running(), 100), once, initialStatus, 'stable');
    expectChanged(observe(always, once, healthy, 100), once, initialStatus, 'stable');
  });

  test('a run is not stable a moment too early', () => {
    expectUnchanged(observe(always, once, healthy, 99), once, 'running');
  });

  test('the time counts from the start of the run', () => {
    const late = running({ startedAt: 7 });
    expectUnchanged(observe(always, once, late, 106), once, 'running');
    expectChanged(observe(always, once, late, 107), once, initialStatus, 'stable');
  });

  test('the time counts from the last attempt, where the run seems to be older', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 50 });
    expectUnchanged(observe(always, status, running(), 149), status, 'running');
    expectChanged(observe(always, status, running(), 150), status, initialStatus, 'stable');
  });

  test('it also lifts a limit that was reached', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 0, blockedReason: 'max_attempts_exceeded' });
    expectChanged(observe(always, status, running(), 100), status, initialStatus, 'stable');
  });

  test('a workload that is restarted for its health counts as stable again only with a healthy verdict', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 0, ...health });
    expectUnchanged(observe(always, status, running(), 1_000), status, 'running');
    expectChanged(observe(always, status, healthy, 1_000), status, initialStatus, 'stable');
  });

  test('an unhealthy run is never stable, however long it lasts', () => {
    expect(observe(always, once, unhealthy, 1_000).actions).toEqual([{ _tag: 'Restart', attempt: 2 }]);
  });

  test('a window without attempts has nothing to end', () => {
    const status = statusOf({ lastAttemptAt: 0 });
    expectUnchanged(observe(always, status, healthy, 1_000), status, 'running');
  });

  test('a run whose beginning is not known is not called stable', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 0 });
    expectUnchanged(observe(always, status, running({ startedAt: null, health: 'healthy' }), 1_000), status, 'running');
  });

  test('stable comes before recovered: nothing of the window is left', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10 });
    expectChanged(observe(always, status, healthy, 100), status, initialStatus, 'stable');
  });

  test('an instance that is stuck in initializing is not stable', () => {
    const stuck = running({ state: 'initializing', health: 'healthy' });
    expectUnchanged(observe(always, once, stuck, 1_000), once, 'initializing');
  });
});

describe('an unhealthy run [unhealthy]', () => {
  test('is restarted at once where nothing holds it back', () => {
    expect(observe(always, initialStatus, unhealthy, 50)).toEqual({
      status: statusOf({ attempts: 1, lastAttemptAt: 50, ...health }),
      actions: [{ _tag: 'Restart', attempt: 1 }],
      reason: 'restart_after_unhealthy',
    });
  });

  test('is restarted under on_failure as well', () => {
    const decision = observe(policyOf({ mode: 'on_failure' }), initialStatus, unhealthy, 50);
    expect(decision.actions).toEqual([{ _tag: 'Restart', attempt: 1 }]);
  });

  test('waits for the backoff, and the wait remembers why', () => {
    expectChanged(observe(always, once, unhealthy, 4), once, { nextAttemptAt: 10, ...health }, 'waiting_for_backoff');
  });

  test('is no longer restarted once the attempts are used up, and the status says why', () => {
    const status = statusOf({ attempts: 3, lastAttemptAt: 0 });
    const after = { blockedReason: 'max_attempts_exceeded', ...health } as const;
    expectChanged(observe(always, status, unhealthy, 50), status, after, 'max_attempts_exceeded');
  });
});

describe('a recovery [moot]', () => {
  test('a restart for bad health is called off when the workload is healthy again', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10, ...health });
    expectChanged(
      observe(always, waiting, healthy, 5),
      waiting,
      { nextAttemptAt: null, lastReason: null },
      'recovered',
    );
  });

  test('an unknown verdict is no recovery: the restart stays pending', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10, ...health });
    expectUnchanged(observe(always, waiting, running(), 5), waiting, 'running');
  });

  test.each(['healthy', 'unknown'] as const)(
    'a wait after an exit is over when it runs again (health %s)',
    (verdict) => {
      const waiting = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10 });
      const decision = observe(always, waiting, running({ health: verdict }), 5);
      expectChanged(decision, waiting, { nextAttemptAt: null }, 'recovered');
    },
  );

  test('a healthy run keeps the reason of the restart that made it until the window ends', () => {
    const restarted = statusOf({ attempts: 1, lastAttemptAt: 0, ...health });
    expectUnchanged(observe(always, restarted, healthy, 5), restarted, 'running');
  });

  test('a stop of ours that a policy update kept is forgotten once the workload is healthy', () => {
    const kept = statusOf({ lastAttemptAt: 0, ...health });
    expectChanged(observe(always, kept, healthy, 5), kept, { lastReason: null }, 'recovered');
    expectUnchanged(observe(always, kept, running(), 5), kept, 'running');
  });

  test('the attempts stay counted: a recovery does not end the window', () => {
    const waiting = statusOf({ attempts: 2, lastAttemptAt: 0, nextAttemptAt: 10, ...health });
    expect(observe(always, waiting, healthy, 5).status.attempts).toBe(2);
  });
});

describe('a start that takes too long [start_timeout]', () => {
  const policy = policyOf({ startTimeout: 15 });
  const starting = running({ state: 'initializing', startedAt: 40 });
  const restarted = { attempts: 1, lastAttemptAt: 55, lastReason: 'start_timeout' } as const;

  test('what is still initializing when its time is up is stopped and started, and the status says why', () => {
    expect(observe(policy, initialStatus, starting, 55)).toEqual({
      status: statusOf(restarted),
      actions: [{ _tag: 'Restart', attempt: 1 }],
      reason: 'restart_after_start_timeout',
    });
  });

  test('not a millisecond sooner, and never where the policy has no such time', () => {
    expectUnchanged(observe(policy, initialStatus, starting, 54), initialStatus, 'initializing');
    expectUnchanged(
      observe(policyOf({ startTimeout: 14.5 }), initialStatus, starting, 54),
      initialStatus,
      'initializing',
    );
    expectUnchanged(observe(always, initialStatus, starting, 1_000_000), initialStatus, 'initializing');
  });

  test('the time counts from the last attempt, where the run seems to be older: the former one may still be seen', () => {
    const once = statusOf({ attempts: 1, lastAttemptAt: 60 });
    expectUnchanged(observe(policy, once, starting, 74), once, 'initializing');
    expect(observe(policy, once, starting, 75).actions).toEqual([{ _tag: 'Restart', attempt: 2 }]);
    const unknown = { ...starting, startedAt: null };
    expect(observe(policy, once, unknown, 74).actions).toEqual([]);
    expect(observe(policy, once, unknown, 75).actions).toEqual([{ _tag: 'Restart', attempt: 2 }]);
  });

  test('it is not given up where nothing says since when it starts', () => {
    const unknown = { ...starting, startedAt: null };
    expectUnchanged(observe(policy, initialStatus, unknown, 1_000_000), initialStatus, 'initializing');
  });

  test('it waits for the backoff like any attempt, and is blocked at the limit', () => {
    const slow = policyOf({ startTimeout: 5 });
    const once = statusOf({ attempts: 1, lastAttemptAt: 40 });
    const pending = { nextAttemptAt: 50, lastReason: 'start_timeout' } as const;
    expectChanged(observe(slow, once, starting, 45), once, pending, 'waiting_for_backoff');
    const used = statusOf({ attempts: 3, lastAttemptAt: 40 });
    const after = { blockedReason: 'max_attempts_exceeded', lastReason: 'start_timeout' } as const;
    expectChanged(observe(slow, used, starting, 45), used, after, 'max_attempts_exceeded');
  });

  test('its exit belongs to the restart that we made: it is started whatever its code', () => {
    const onFailure = policyOf({ mode: 'on_failure', startTimeout: 15 });
    const byUs = stopped({ startedAt: 40, stoppedAt: 56, exitCode: 0 });
    expect(observe(onFailure, statusOf(restarted), byUs, 65)).toMatchObject({
      actions: [{ _tag: 'Start', attempt: 2 }],
      reason: 'restart_after_start_timeout',
    });
  });

  test('it is stable without a healthy verdict, for it was not restarted for its health', () => {
    const run = running({ startedAt: 60 });
    const status = statusOf(restarted);
    expectUnchanged(observe(policy, status, run, 159), status, 'running');
    expect(observe(policy, status, run, 160)).toEqual({
      status: initialStatus,
      actions: [],
      reason: 'stable',
    });
  });

  test.each(['unknown', 'healthy'] as const)('what got going in the end (health %s) is not restarted', (health) => {
    const waiting = statusOf({ ...restarted, nextAttemptAt: 65 });
    const after = { nextAttemptAt: null, lastReason: null };
    expectChanged(observe(policy, waiting, running({ startedAt: 40, health }), 60), waiting, after, 'recovered');
  });

  test('a start time-out that a policy update kept is forgotten when it runs; of one that was made the status tells on', () => {
    const kept = statusOf({ lastAttemptAt: 55, lastReason: 'start_timeout' });
    expectChanged(observe(policy, kept, running({ startedAt: 40 }), 60), kept, { lastReason: null }, 'recovered');
    const made = statusOf(restarted);
    expectUnchanged(observe(policy, made, running({ startedAt: 56 }), 60), made, 'running');
  });

  test('what got going and is unhealthy is restarted for its health', () => {
    const waiting = statusOf({ ...restarted, nextAttemptAt: 65 });
    const decision = observe(policy, waiting, running({ startedAt: 40, health: 'unhealthy' }), 60);
    expectChanged(decision, waiting, { lastReason: 'health_check_failed' }, 'waiting_for_backoff');
  });
});

describe('nothing to do [running] [initializing] [other_state]', () => {
  const pending = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10, ...health });

  test('an instance that runs is left alone', () => {
    expectUnchanged(observe(always, initialStatus, running(), 50), initialStatus, 'running');
    expectUnchanged(observe(always, initialStatus, healthy, 50), initialStatus, 'running');
  });

  test('an instance that is initializing is left alone, whatever its health and however long it takes', () => {
    for (const verdict of ['unknown', 'healthy', 'unhealthy'] as const) {
      const instance = running({ state: 'initializing', health: verdict });
      expectUnchanged(observe(always, initialStatus, instance, 1_000), initialStatus, 'initializing');
      expectUnchanged(observe(always, pending, instance, 1_000), pending, 'initializing');
    }
  });

  test('an instance that is paused or in standby is left alone, whatever else is known of it', () => {
    for (const verdict of ['unknown', 'healthy', 'unhealthy'] as const) {
      const instance = running({ state: 'other', health: verdict, stoppedAt: 5, exitCode: 1 });
      expectUnchanged(observe(always, initialStatus, instance, 1_000), initialStatus, 'not_actionable');
      expectUnchanged(observe(always, pending, instance, 1_000), pending, 'not_actionable');
    }
  });
});
