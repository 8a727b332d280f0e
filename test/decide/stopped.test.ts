/** An instance that does not run. */
import { describe, expect, test } from 'vitest';
import { initialStatus } from '../../src/status.js';
import {
  expectChanged,
  expectQuiet,
  expectUnchanged,
  neverRan,
  observe,
  policyOf,
  running,
  statusOf,
  stopped,
} from '../support/fixtures.js';

const always = policyOf();
const onFailure = policyOf({ mode: 'on_failure' });
const health = { lastReason: 'health_check_failed' } as const;

describe('an instance that never ran [never_started]', () => {
  test('is not started: its first start is up to a person', () => {
    expectUnchanged(observe(always, initialStatus, neverRan(), 50), initialStatus, 'never_started');
  });

  test('is not started, whatever its exit code and its health seem to be', () => {
    expectUnchanged(observe(onFailure, initialStatus, neverRan({ exitCode: 0 }), 50), initialStatus, 'never_started');
    const odd = neverRan({ exitCode: 1, health: 'unhealthy', stoppedAt: 5 });
    expectUnchanged(observe(always, initialStatus, odd, 50), initialStatus, 'never_started');
  });

  test('is not started, even when the status says that its health failed', () => {
    const status = statusOf(health);
    expectUnchanged(observe(always, status, neverRan(), 50), status, 'never_started');
  });

  test('is started again after an attempt that came to nothing', () => {
    const status = statusOf({ attempts: 1, lastAttemptAt: 0 });
    expect(observe(always, status, neverRan(), 10).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  });
});

describe('a stable run that ended unseen [stable_end]', () => {
  const used = statusOf({ attempts: 3, lastAttemptAt: 0, blockedReason: 'max_attempts_exceeded', ...health });
  const long = stopped({ startedAt: 0, stoppedAt: 100 });

  test('ends the failure window: it is started as attempt 1', () => {
    expect(observe(always, used, long, 120)).toEqual({
      status: statusOf({ attempts: 1, lastAttemptAt: 120 }),
      actions: [{ _tag: 'Start', attempt: 1 }],
      reason: 'restart_after_exit',
    });
  });

  test('ends the failure window after a clean exit too: only the time of the last attempt is left', () => {
    const after = { attempts: 0, blockedReason: null, lastReason: null };
    const clean = stopped({ startedAt: 0, stoppedAt: 100, exitCode: 0 });
    expectChanged(observe(onFailure, used, clean, 120), used, after, 'clean_exit');
  });

  test('does not end the spacing: the next attempt is still one backoff after the last', () => {
    const policy = policyOf({ backoff: 500 });
    const waiting = { attempts: 0, nextAttemptAt: 500, blockedReason: null, lastReason: null };
    expectChanged(observe(policy, used, long, 120), used, waiting, 'waiting_for_backoff');
  });

  test('was stable only if it lasted long enough', () => {
    expectUnchanged(observe(always, used, stopped({ stoppedAt: 99 }), 120), used, 'max_attempts_exceeded');
  });

  test('was stable only if it is known when it ended', () => {
    expectUnchanged(observe(always, used, stopped({ stoppedAt: null }), 1_000), used, 'max_attempts_exceeded');
  });

  test('counts only if it began with the last attempt or after it', () => {
    const later = statusOf({ ...used, lastAttemptAt: 1, lastReason: null });
    expectUnchanged(observe(always, later, long, 120), later, 'max_attempts_exceeded');
  });

  test('needs a known beginning', () => {
    const unknownStart = stopped({ startedAt: null, stoppedAt: 1_000 });
    expectUnchanged(observe(always, used, unknownStart, 1_000), used, 'max_attempts_exceeded');
  });

  test('ends the window of a status without a last attempt as well', () => {
    const odd = statusOf({ attempts: 3, blockedReason: 'max_attempts_exceeded' });
    expect(observe(always, odd, long, 120).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });

  test('in the new window a wait that already stands is the same status', () => {
    const policy = policyOf({ backoff: 500 });
    const waiting = statusOf({ lastAttemptAt: 0, nextAttemptAt: 500 });
    expectUnchanged(observe(policy, waiting, long, 120), waiting, 'waiting_for_backoff');
  });

  test('leaves a window that is new already as it is', () => {
    const fresh = statusOf({ lastAttemptAt: 0 });
    const clean = stopped({ startedAt: 0, stoppedAt: 100, exitCode: 0 });
    expectUnchanged(observe(onFailure, fresh, clean, 120), fresh, 'clean_exit');
  });
});

describe('a stop of ours [own_stop]', () => {
  const restarting = statusOf({ attempts: 1, lastAttemptAt: 20, ...health });
  const byUs = stopped({ startedAt: 0, stoppedAt: 22, exitCode: 0 });

  test('a workload that we stopped for its health comes back, although it exited cleanly', () => {
    expect(observe(onFailure, restarting, byUs, 30)).toEqual({
      status: statusOf({ attempts: 2, lastAttemptAt: 30, ...health }),
      actions: [{ _tag: 'Start', attempt: 2 }],
      reason: 'restart_after_unhealthy',
    });
  });

  test('the wait for its start remembers that it was unhealthy', () => {
    expectChanged(observe(onFailure, restarting, byUs, 25), restarting, { nextAttemptAt: 30 }, 'waiting_for_backoff');
  });

  test('a workload whose start is not known has not started since', () => {
    const decision = observe(onFailure, restarting, { ...byUs, startedAt: null }, 30);
    expect(decision.reason).toBe('restart_after_unhealthy');
  });

  test('a run that began at the very time of the attempt counts as started: its clean exit is its own', () => {
    expectUnchanged(observe(onFailure, restarting, { ...byUs, startedAt: 20 }, 30), restarting, 'clean_exit');
  });

  test('a run that began after the health restart ends for its own reasons', () => {
    expectUnchanged(observe(onFailure, restarting, { ...byUs, startedAt: 21 }, 30), restarting, 'clean_exit');
    const failed = observe(onFailure, restarting, stopped({ startedAt: 21, stoppedAt: 22 }), 30);
    expect(failed.reason).toBe('restart_after_exit');
    expect(failed.status.lastReason).toBeNull();
  });

  test('an exit that no health restart caused is not ours', () => {
    const started = statusOf({ attempts: 1, lastAttemptAt: 20 });
    expectUnchanged(observe(onFailure, started, byUs, 30), started, 'clean_exit');
  });

  test('a known beginning without any attempt before it is a run of its own', () => {
    const status = statusOf(health);
    expectUnchanged(observe(onFailure, status, stopped({ exitCode: 0 }), 30), status, 'clean_exit');
  });
});

describe('a rule that says stop [rule_stop]', () => {
  const policy = policyOf({ rules: [{ exitCodes: [78], action: 'stop' }] });
  const misconfigured = stopped({ exitCode: 78 });

  test('leaves an instance stopped that the policy alone would start', () => {
    expectUnchanged(observe(policy, initialStatus, misconfigured, 50), initialStatus, 'stopped_by_rule');
    expect(observe(policy, initialStatus, stopped({ exitCode: 77 }), 50).actions).toHaveLength(1);
  });

  test('ends a wait that was for an earlier exit, and keeps the count', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10 });
    expectChanged(observe(policy, waiting, misconfigured, 5), waiting, { nextAttemptAt: null }, 'stopped_by_rule');
  });

  test('leaves a block and a cooldown as they are', () => {
    const used = statusOf({ attempts: 3, lastAttemptAt: 0, blockedReason: 'max_attempts_exceeded' });
    expectUnchanged(observe(policy, used, misconfigured, 50), used, 'stopped_by_rule');
    const cooling = statusOf({ ...used, nextAttemptAt: 90 });
    const cooled = policyOf({ ...policy, cooldown: 100 });
    expectUnchanged(observe(cooled, cooling, misconfigured, 50), cooling, 'stopped_by_rule');
  });

  test('is not asked of an instance that never ran, nor of a stop of ours', () => {
    const all = policyOf({ rules: [{ action: 'stop' }] });
    expectUnchanged(observe(all, initialStatus, neverRan(), 50), initialStatus, 'never_started');
    const restarting = statusOf({ attempts: 1, lastAttemptAt: 20, ...health });
    expect(observe(all, restarting, stopped({ startedAt: 0, exitCode: 78 }), 30)).toMatchObject({
      actions: [{ _tag: 'Start', attempt: 2 }],
      reason: 'restart_after_unhealthy',
    });
    expectUnchanged(observe(all, restarting, stopped({ startedAt: 20 }), 30), restarting, 'stopped_by_rule');
  });

  test('ends the window of a run that was stable', () => {
    const twice = statusOf({ attempts: 2, lastAttemptAt: 0, nextAttemptAt: 10 });
    const long = stopped({ startedAt: 0, stoppedAt: 100, exitCode: 78 });
    expect(observe(policy, twice, long, 100)).toEqual({
      status: statusOf({ lastAttemptAt: 0 }),
      actions: [],
      reason: 'stopped_by_rule',
    });
  });
});

describe('a rule that says restart [rule_restart]', () => {
  const hostLost = { causes: ['host'], action: 'restart_uncounted' } as const;
  const policy = policyOf({ mode: 'on_failure', rules: [{ causes: ['panic'], action: 'restart' }, hostLost] });
  const byHost = stopped({ exitCode: 0, cause: 'host' });

  test('starts what ended, although on_failure alone would take the exit for a clean one', () => {
    expect(observe(policy, initialStatus, stopped({ exitCode: 0, cause: 'panic' }), 50)).toEqual({
      status: statusOf({ attempts: 1, lastAttemptAt: 50 }),
      actions: [{ _tag: 'Start', attempt: 1 }],
      reason: 'restart_after_exit',
    });
    expectUnchanged(observe(policy, initialStatus, stopped({ exitCode: 0 }), 50), initialStatus, 'clean_exit');
  });

  test('an end that does not count is answered with the number of the last counted attempt, which may be 0', () => {
    expect(observe(policy, initialStatus, byHost, 50)).toEqual({
      status: statusOf({ lastAttemptAt: 50 }),
      actions: [{ _tag: 'Start', attempt: 0 }],
      reason: 'restart_after_exit',
    });
    const twice = statusOf({ attempts: 2, lastAttemptAt: -20 });
    expect(observe(policy, twice, byHost, 50)).toMatchObject({
      status: { attempts: 2, lastAttemptAt: 50 },
      actions: [{ _tag: 'Start', attempt: 2 }],
    });
  });

  test('an end that does not count is answered when all counted attempts are used up, after the same wait', () => {
    const used = statusOf({ attempts: 3, lastAttemptAt: 0 });
    const late = stopped({ startedAt: 1, stoppedAt: 2, cause: 'host' });
    expectChanged(observe(policy, used, late, 5), used, { nextAttemptAt: 10 }, 'waiting_for_backoff');
    expect(observe(policy, used, late, 10).actions).toEqual([{ _tag: 'Start', attempt: 3 }]);
  });

  test('but it is blocked with all the others', () => {
    const blocked = statusOf({ attempts: 3, lastAttemptAt: -10, blockedReason: 'max_attempts_exceeded' });
    expectUnchanged(observe(policy, blocked, byHost, 50), blocked, 'max_attempts_exceeded');
  });

  test('only the first attempt after an end is uncounted: a run that did not begin after the last attempt counts', () => {
    for (const [startedAt, attempts] of [
      [19, 2],
      [20, 2],
      [21, 1],
      [50, 1],
      [51, 2],
      [null, 2],
    ] as const) {
      const once = statusOf({ attempts: 1, lastAttemptAt: 20 });
      expect(observe(policy, once, { ...byHost, startedAt }, 50).status.attempts, `${startedAt}`).toBe(attempts);
    }
  });

  test('an attempt for its health counts, whatever a rule says of the end that it makes', () => {
    const all = policyOf({ rules: [{ action: 'restart_uncounted' }] });
    expect(observe(all, initialStatus, running({ health: 'unhealthy' }), 50).actions).toEqual([
      { _tag: 'Restart', attempt: 1 },
    ]);
    const restarting = statusOf({ attempts: 1, lastAttemptAt: 20, ...health });
    expect(observe(all, restarting, stopped({ startedAt: 0 }), 30).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  });
});

describe('a clean exit [clean_exit]', () => {
  test('is not restarted under on_failure', () => {
    expectUnchanged(observe(onFailure, initialStatus, stopped({ exitCode: 0 }), 50), initialStatus, 'clean_exit');
  });

  test('ends a wait that was for an earlier exit, and keeps the count', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 10 });
    const decision = observe(onFailure, waiting, stopped({ exitCode: 0 }), 50);
    expectChanged(decision, waiting, { nextAttemptAt: null }, 'clean_exit');
  });

  test('is a clean exit, also when the attempts are used up', () => {
    const used = statusOf({ attempts: 3, lastAttemptAt: 0, blockedReason: 'max_attempts_exceeded' });
    expectUnchanged(observe(onFailure, used, stopped({ exitCode: 0 }), 50), used, 'clean_exit');
    const atLimit = statusOf({ attempts: 3, lastAttemptAt: 0 });
    expectUnchanged(observe(onFailure, atLimit, stopped({ exitCode: 0 }), 50), atLimit, 'clean_exit');
  });

  test('is restarted under always, after a power-off from inside the guest too', () => {
    const decision = observe(always, initialStatus, stopped({ exitCode: 0 }), 50);
    expect(decision.actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });
});

describe('an exit [exit]', () => {
  test.each([
    ['always', 1],
    ['always', 0],
    ['always', null],
    ['on_failure', 1],
    ['on_failure', 137],
    ['on_failure', -1],
    ['on_failure', null],
  ] as const)('under %s an instance that ended with exit code %s is started', (mode, exitCode) => {
    expect(observe(policyOf({ mode }), initialStatus, stopped({ exitCode }), 50)).toEqual({
      status: statusOf({ attempts: 1, lastAttemptAt: 50 }),
      actions: [{ _tag: 'Start', attempt: 1 }],
      reason: 'restart_after_exit',
    });
  });

  test('an instance that ended long ago is started when it gets a policy', () => {
    expect(observe(always, initialStatus, stopped(), 1_000_000).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });

  test('a bad verdict on a run that has ended does not matter: it is started, not restarted', () => {
    const decision = observe(always, initialStatus, stopped({ health: 'unhealthy' }), 50);
    expect(decision.actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
    expectQuiet(observe(onFailure, initialStatus, stopped({ exitCode: 0, health: 'unhealthy' }), 50), 'clean_exit');
  });
});
