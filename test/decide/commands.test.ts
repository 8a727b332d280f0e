/** What holds an instance whatever it looks like, and the events that a person causes. */
import { describe, expect, test } from 'vitest';
import {
  attemptFailed,
  deleteRequested,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  supervisionPaused,
  supervisionResumed,
} from '../../src/event.js';
import { initialStatus } from '../../src/status.js';
import {
  expectChanged,
  expectUnchanged,
  neverRan,
  observe,
  policyOf,
  running,
  statusOf,
  stopped,
} from '../support/fixtures.js';
import { decide } from '../support/subject.js';

const always = policyOf();
const never = policyOf({ mode: 'never' });
const heldByPerson = statusOf({ blockedReason: 'manual_stop' });
const busyWindow = statusOf({
  attempts: 2,
  lastAttemptAt: 20,
  nextAttemptAt: 30,
  lastReason: 'health_check_failed',
});
const paused = statusOf({ attempts: 2, lastAttemptAt: 20, blockedReason: 'paused' });
const usedUp = statusOf({ attempts: 3, lastAttemptAt: 20, blockedReason: 'max_attempts_exceeded' });

describe('a manual stop [manual_stop]', () => {
  test.each([
    ['failed', stopped()],
    ['exited cleanly', stopped({ exitCode: 0 })],
    ['ended for an unknown reason', stopped({ exitCode: null })],
    ['runs unhealthy', running({ health: 'unhealthy' })],
    ['runs healthy', running({ health: 'healthy' })],
    ['never ran', neverRan()],
    ['is initializing', running({ state: 'initializing' })],
    ['is in no state that we act on', running({ state: 'other' })],
  ])('an instance that a person stopped is not started, whatever it looks like: it %s', (_, instance) => {
    expectUnchanged(observe(always, heldByPerson, instance, 1_000), heldByPerson, 'manual_stop');
  });

  test('a stop by a person outranks what its window would call for', () => {
    const held = statusOf({ ...busyWindow, blockedReason: 'manual_stop' });
    expectUnchanged(observe(always, held, stopped(), 1_000), held, 'manual_stop');
  });

  test('a stop by a person outranks even a policy of never', () => {
    expectUnchanged(observe(never, heldByPerson, stopped(), 1_000), heldByPerson, 'manual_stop');
  });

  test('a stop by a person outranks the repair of a status from the future', () => {
    const held = statusOf({ lastAttemptAt: 900, nextAttemptAt: 910, blockedReason: 'manual_stop' });
    expectUnchanged(observe(always, held, stopped(), 50), held, 'manual_stop');
  });

  test('a stop by a person outlasts a run that turns out stable', () => {
    const held = statusOf({ attempts: 1, blockedReason: 'manual_stop' });
    expectUnchanged(observe(always, held, running({ health: 'healthy' }), 1_000), held, 'manual_stop');
    expectUnchanged(observe(always, held, stopped({ stoppedAt: 900 }), 1_000), held, 'manual_stop');
  });
});

describe('a policy of never [never]', () => {
  test.each([
    ['failed', stopped()],
    ['runs unhealthy', running({ health: 'unhealthy' })],
    ['never ran', neverRan()],
    ['has run for long', running({ health: 'healthy' })],
  ])('an instance whose policy is never is left alone: it %s', (_, instance) => {
    expectUnchanged(observe(never, initialStatus, instance, 1_000), initialStatus, 'policy_never');
    expectUnchanged(observe(never, busyWindow, instance, 1_000), busyWindow, 'policy_never');
  });

  test('never outranks the limit', () => {
    expectUnchanged(observe(never, usedUp, stopped(), 1_000), usedUp, 'policy_never');
  });

  test('never outranks the repair of a status from the future', () => {
    const future = statusOf({ attempts: 1, lastAttemptAt: 900, nextAttemptAt: 910 });
    expectUnchanged(observe(never, future, stopped(), 50), future, 'policy_never');
  });
});

describe('a pause [paused]', () => {
  test.each([
    ['failed', stopped()],
    ['exited cleanly', stopped({ exitCode: 0 })],
    ['was ended by its host', stopped({ exitCode: null, cause: 'host' })],
    ['runs unhealthy', running({ health: 'unhealthy' })],
    ['has run for long', running({ health: 'healthy' })],
    ['never ran', neverRan()],
    ['does not get going', running({ state: 'initializing' })],
    ['is in no state that we act on', running({ state: 'other' })],
  ])('an instance whose supervision is paused is left as it is: it %s', (_, instance) => {
    const policy = policyOf({ startTimeout: 1, rules: [{ action: 'restart_uncounted' }] });
    expectUnchanged(observe(policy, paused, instance, 1_000), paused, 'paused');
  });

  test('never outranks a pause, of an observation and only of it', () => {
    expectUnchanged(observe(never, paused, stopped(), 1_000), paused, 'policy_never');
    expectUnchanged(decide(never, paused, attemptFailed(2), 1_000), paused, 'paused');
    expectUnchanged(decide(always, paused, attemptFailed(2), 1_000), paused, 'paused');
    expectUnchanged(decide(always, paused, attemptFailed(7), 1_000), paused, 'paused');
  });

  test('a pause outranks the repair of a status from the future', () => {
    const future = statusOf({ lastAttemptAt: 900, blockedReason: 'paused' });
    expectUnchanged(observe(always, future, stopped(), 50), future, 'paused');
  });
});

describe('a person pauses supervision [pause]', () => {
  test.each(['never', 'always', 'on_failure'] as const)('under the policy %s', (mode) => {
    const decision = decide(policyOf({ mode }), initialStatus, supervisionPaused, 50);
    expectChanged(decision, initialStatus, { blockedReason: 'paused' }, 'pause_recorded');
  });

  test('and nothing is pending any more, but what was counted stays', () => {
    const after = { nextAttemptAt: null, blockedReason: 'paused' } as const;
    expectChanged(decide(always, busyWindow, supervisionPaused, 50), busyWindow, after, 'pause_recorded');
    const counted = statusOf({ attempts: 1, lastAttemptAt: 20, recentAttempts: [20] });
    expectChanged(
      decide(always, counted, supervisionPaused, 50),
      counted,
      { blockedReason: 'paused' },
      'pause_recorded',
    );
  });

  test('and a limit that was reached gives way to it, with its cooldown', () => {
    expectChanged(decide(always, usedUp, supervisionPaused, 50), usedUp, { blockedReason: 'paused' }, 'pause_recorded');
    const cooling = statusOf({ ...usedUp, nextAttemptAt: 90 });
    const after = { nextAttemptAt: null, blockedReason: 'paused' } as const;
    expectChanged(decide(always, cooling, supervisionPaused, 50), cooling, after, 'pause_recorded');
  });

  test('and a stop by a person stays, for it is the stronger word', () => {
    expectUnchanged(decide(always, heldByPerson, supervisionPaused, 50), heldByPerson, 'manual_stop');
  });

  test('and changes nothing when it is paused already', () => {
    expectUnchanged(decide(always, paused, supervisionPaused, 50), paused, 'paused');
  });
});

describe('a person resumes supervision [resume]', () => {
  test('and it goes on where it was', () => {
    expectChanged(decide(always, paused, supervisionResumed, 50), paused, { blockedReason: null }, 'resumed');
    expect(observe(always, { ...paused, blockedReason: null }, stopped(), 50).actions).toEqual([
      { _tag: 'Start', attempt: 3 },
    ]);
  });

  test.each(['health_check_failed', 'start_timeout'] as const)(
    'and what we stopped (%s) is due now, so that a policy update in between does not leave it down',
    (lastReason) => {
      const stopping = statusOf({ attempts: 1, lastAttemptAt: 20, blockedReason: 'paused', lastReason });
      const after = { nextAttemptAt: 50, blockedReason: null };
      expectChanged(decide(always, stopping, supervisionResumed, 50), stopping, after, 'resumed');
      const resumed = decide(always, stopping, supervisionResumed, 50).status;
      const { status } = decide(always, resumed, policyUpdated, 51);
      expect(status).toEqual(statusOf({ lastAttemptAt: 20, lastReason }));
    },
  );

  test('and a limit that was reached is found again, and its cooldown begins anew', () => {
    const used = statusOf({ ...usedUp, blockedReason: 'paused' });
    const resumed = decide(always, used, supervisionResumed, 50).status;
    expect(observe(always, resumed, stopped(), 51)).toEqual({
      status: usedUp,
      actions: [],
      reason: 'max_attempts_exceeded',
    });
    const cooling = policyOf({ cooldown: 100 });
    expect(observe(cooling, resumed, stopped(), 51).status).toEqual({ ...usedUp, nextAttemptAt: 151 });
  });

  test.each([
    ['runs', statusOf()],
    ['waits', statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30, lastReason: 'start_timeout' })],
    ['was stopped by a person', heldByPerson],
    ['has used up its attempts', usedUp],
  ])('and changes nothing when it is not paused: it %s', (_, status) => {
    expectUnchanged(decide(always, status, supervisionResumed, 50), status, 'not_paused');
  });
});

describe.each([
  ['a stop by a person [stop]', manuallyStopped, 'manual_stop_recorded'],
  ['a request to delete [delete]', deleteRequested, 'delete_requested'],
] as const)('%s is recorded', (_, event, reason) => {
  test.each(['never', 'always', 'on_failure'] as const)('under the policy %s', (mode) => {
    const decision = decide(policyOf({ mode }), initialStatus, event, 50);
    expectChanged(decision, initialStatus, { blockedReason: 'manual_stop' }, reason);
  });

  test('and leaves nothing of the window before it', () => {
    expectChanged(decide(always, busyWindow, event, 50), busyWindow, heldByPerson, reason);
  });

  test('and outranks a pause', () => {
    expectChanged(decide(always, paused, event, 50), paused, heldByPerson, reason);
  });

  test('and forgets when attempts were made', () => {
    const counted = statusOf({ attempts: 1, lastAttemptAt: 20, recentAttempts: [20] });
    expect(decide(always, counted, event, 50).status).toEqual(heldByPerson);
  });

  test('and outranks a limit that was reached', () => {
    expectChanged(decide(always, usedUp, event, 50), usedUp, heldByPerson, reason);
  });

  test('and changes nothing when it is already recorded', () => {
    expectUnchanged(decide(always, heldByPerson, event, 50), heldByPerson, reason);
  });
});

describe.each([
  ['a start by a person [start]', manuallyStarted, 'manual_start'],
  ['a fork or a restore [reset]', instanceReset, 'reset'],
] as const)('%s starts the failure window afresh', (_, event, reason) => {
  test.each([
    ['a stop by a person is lifted', heldByPerson],
    ['a pause is lifted', paused],
    ['a limit that was reached is lifted', usedUp],
    ['a cooldown is lifted', statusOf({ ...usedUp, nextAttemptAt: 90 })],
    ['attempts and a wait are forgotten', busyWindow],
  ])('%s', (_what, before) => {
    expectChanged(decide(always, before, event, 50), before, initialStatus, reason);
    expectChanged(decide(never, before, event, 50), before, initialStatus, reason);
  });

  test('and changes nothing when the window is already empty', () => {
    const empty = statusOf();
    expectUnchanged(decide(always, empty, event, 50), empty, reason);
  });
});

describe('a new policy [new_policy]', () => {
  test('does not lift a stop by a person', () => {
    expectUnchanged(decide(always, heldByPerson, policyUpdated, 50), heldByPerson, 'policy_updated');
  });

  test('leaves of a window that a person closed nothing but the stop', () => {
    const held = statusOf({ ...busyWindow, blockedReason: 'manual_stop' });
    expectChanged(decide(always, held, policyUpdated, 50), held, heldByPerson, 'policy_updated');
  });

  test('lifts a limit that was reached under the old one', () => {
    expectChanged(decide(always, usedUp, policyUpdated, 50), usedUp, initialStatus, 'policy_updated');
  });

  test('forgets the attempts and the wait after an exit', () => {
    const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30 });
    expectChanged(decide(always, waiting, policyUpdated, 50), waiting, initialStatus, 'policy_updated');
  });

  test('forgets a health restart that was made: nothing is pending', () => {
    const restarted = statusOf({ attempts: 1, lastAttemptAt: 20, lastReason: 'health_check_failed' });
    expectChanged(decide(always, restarted, policyUpdated, 50), restarted, initialStatus, 'policy_updated');
  });

  test('keeps a pending start after a stop of ours, in a new window', () => {
    const kept = { attempts: 0, nextAttemptAt: null, lastAttemptAt: 20, lastReason: 'health_check_failed' } as const;
    expectChanged(decide(always, busyWindow, policyUpdated, 50), busyWindow, kept, 'policy_updated');
  });

  test('that comes while the start after our own stop is pending brings the workload back, even under on_failure', () => {
    const policy = policyOf({ mode: 'on_failure' });
    const { status } = decide(policy, busyWindow, policyUpdated, 25);
    const stoppedByUs = stopped({ startedAt: 0, stoppedAt: 22, exitCode: 0 });
    expect(observe(policy, status, stoppedByUs, 30).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });

  const underWay = { _tag: 'PolicyUpdated', attemptUnderWay: true } as const;

  test('that comes between the stop and the start of a restart keeps it, where it is told so', () => {
    const restarting = statusOf({ attempts: 2, lastAttemptAt: 20, lastReason: 'start_timeout' });
    const kept = statusOf({ lastAttemptAt: 20, lastReason: 'start_timeout' });
    expect(decide(always, restarting, underWay, 25).status).toEqual(kept);
    expect(decide(always, restarting, policyUpdated, 25).status).toEqual(initialStatus);
    const onFailure = policyOf({ mode: 'on_failure' });
    const byUs = stopped({ startedAt: 0, stoppedAt: 22, exitCode: 0 });
    expect(observe(onFailure, kept, byUs, 30).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });

  test('keeps nothing of an attempt after an exit, under way or not', () => {
    const started = statusOf({ attempts: 2, lastAttemptAt: 20 });
    expectChanged(decide(always, started, underWay, 25), started, initialStatus, 'policy_updated');
  });

  test('does not lift a stop by a person while an attempt is under way', () => {
    const held = statusOf({ ...busyWindow, blockedReason: 'manual_stop' });
    expectChanged(decide(always, held, underWay, 50), held, heldByPerson, 'policy_updated');
  });

  test('does not lift a pause, and keeps of its window what we stopped', () => {
    const emptied = { attempts: 0, lastAttemptAt: null };
    expectChanged(decide(always, paused, policyUpdated, 50), paused, emptied, 'policy_updated');
    const stopping = statusOf({ ...paused, lastReason: 'health_check_failed', recentAttempts: [10, 20] });
    expect(decide(always, stopping, policyUpdated, 50).status).toEqual(
      statusOf({ lastAttemptAt: 20, blockedReason: 'paused', lastReason: 'health_check_failed' }),
    );
    const empty = statusOf({ blockedReason: 'paused' });
    expectUnchanged(decide(always, empty, policyUpdated, 50), empty, 'policy_updated');
  });

  test('keeps a stop of ours that the update before it kept', () => {
    const kept = statusOf({ lastAttemptAt: 20, lastReason: 'health_check_failed' });
    expectUnchanged(decide(always, kept, policyUpdated, 50), kept, 'policy_updated');
  });

  test('keeps what was stopped for a restart of a window that is blocked now, no more than the rest of it', () => {
    const blocked = statusOf({ ...usedUp, lastReason: 'health_check_failed' });
    expectChanged(decide(always, blocked, policyUpdated, 50), blocked, initialStatus, 'policy_updated');
    const cooling = statusOf({ ...blocked, nextAttemptAt: 90 });
    const kept = statusOf({ lastAttemptAt: 20, lastReason: 'health_check_failed' });
    expect(decide(always, cooling, policyUpdated, 50).status).toEqual(kept);
  });

  test('changes nothing when the window is already empty', () => {
    const empty = statusOf();
    expectUnchanged(decide(always, empty, policyUpdated, 50), empty, 'policy_updated');
  });

  test('changes nothing when only the stop of ours is left', () => {
    const kept = statusOf({ lastAttemptAt: 20, nextAttemptAt: 30, lastReason: 'health_check_failed' });
    const once = decide(always, kept, policyUpdated, 25).status;
    const waiting = observe(always, once, stopped({ startedAt: 0, exitCode: 0 }), 25).status;
    expect(waiting).toEqual(kept);
    expect(decide(always, waiting, policyUpdated, 26).status).toEqual(once);
  });
});
