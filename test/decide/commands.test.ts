/** What holds an instance whatever it looks like, and the events that a person causes. */
import { describe, expect, test } from 'vitest';
import { deleteRequested, instanceReset, manuallyStarted, manuallyStopped, policyUpdated } from '../../src/event.js';
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
    ['a limit that was reached is lifted', usedUp],
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
