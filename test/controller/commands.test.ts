import { describe, expect, test } from 'vitest';
import { initialStatus, type RestartPolicy, restartPolicy, stoppedByPerson } from '../../src/index.js';
import { exclusions } from '../../src/ports/hypervisor.js';
import type { CallPoint } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight, never, onFailure } from '../support/host.js';

describe('a manual stop', () => {
  test('stops the instance, is durable when it is answered, and holds', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const { revision } = right(await controller.manualStop('web')());
    expect(await host.record('web')).toMatchObject({ status: stoppedByPerson, revision });
    expect(host.hypervisor.running('web')).toBe(0);

    await host.clock.advance(86_400_000);
    expect(host.calls('web')).toEqual(['stop done']);
    expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });
  });

  test('during the backoff calls the wait off', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    expect(controller.activity().armed).toBe(1);
    right(await controller.manualStop('web')());
    await host.clock.settle();
    expect(controller.activity().armed).toBe(0);
    await host.clock.advance(600_000);
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('of an instance without a policy holds against a policy that comes later (D2)', async () => {
    const host = createHost();
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    right(await controller.manualStop('web')());
    right(await controller.updatePolicy('web', always)());
    await host.clock.advance(600_000);
    expect(host.hypervisor.running('web')).toBe(0);
    expect(await host.record('web')).toMatchObject({ policy: always, status: stoppedByPerson });
  });

  test('does not queue behind the start that it is to stop', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_check');
    const controller = await host.begin();
    await start.reached;
    const stopping = controller.manualStop('web')();
    await host.clock.settle();
    expect(await host.status('web')).toEqual(stoppedByPerson); // recorded while the start still hangs
    start.release();
    right(await stopping);
    await host.clock.advance(600_000);
    expect(host.hypervisor.runs.filter(({ startedAt }) => startedAt >= midnight)).toEqual([]);
  });

  test('that the hypervisor refuses leaves the record as it was (D12)', async () => {
    const host = createHost();
    const status = { ...initialStatus, attempts: 2, lastAttemptAt: midnight - 1_000 };
    await host.seed('web', always, status);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 500 });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    expect(await host.status('web')).toEqual(status);
    await host.clock.advance(60_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('is answered also by a fenced hypervisor that refuses to stop what does not run', async () => {
    const host = createHost('fenced');
    await host.seed('web', never);
    host.hypervisor.set('web', exited(0));
    const controller = await host.begin();
    host.hypervisor.nextStop('web', { outcome: 'refused' }, Number.POSITIVE_INFINITY);
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    expect(host.calls('web')).toEqual(['stop Refused', 'retag done', 'stop Refused', 'retag done']);
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('refused on a fenced hypervisor gives the run a tag, once, and asks no more', async () => {
    const host = createHost('fenced');
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    expect(host.calls('web')).toEqual(['stop Refused', 'retag done']);
  });

  test('refused where another person’s stop stands gives the run no tag that would shield it from that stop', async () => {
    const host = createHost('fenced');
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop Refused', 'stop done']);
  });

  test.each(exclusions)('refused while somebody else writes leaves that: %s', async (exclusion) => {
    const host = createHost(exclusion);
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
    const controller = await host.begin();
    const stopping = controller.manualStop('web')();
    await stop.reached;
    await host.overwrite('web', stoppedByPerson, onFailure);
    stop.release();
    expect(left(await stopping)._tag).toBe('Refused');
    expect(host.calls('web')).not.toContain('retag done');
    expect(await host.record('web')).toMatchObject({ policy: onFailure, status: stoppedByPerson });
  });

  test('refused is put back before the next one may enter the section', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const answer = host.hypervisor.hold('stop', 'web', 'after_effect');
    const controller = await host.begin();
    const stopping = controller.manualStop('web')();
    await answer.reached;
    expect(await host.status('web')).toEqual(initialStatus);
    answer.release();
    expect(left(await stopping)._tag).toBe('Refused');
  });

  test('refused on a fenced hypervisor tags the run of an instance that had no record, too', async () => {
    const host = createHost('fenced');
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    expect(host.calls('web')).toEqual(['stop Refused', 'retag done']);
  });

  test('refused for an instance that had no record leaves one that says nothing', async () => {
    const host = createHost();
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    expect(await host.record('web')).toMatchObject({ policy: { mode: 'never' }, status: initialStatus });
  });

  test('that fails half-way stays recorded, and repair finishes it', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'failed' });
    const controller = await host.begin();
    expect(left(await controller.manualStop('web')())._tag).toBe('Failed');
    expect(await host.status('web')).toEqual(stoppedByPerson);
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop Failed', 'stop done']);
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('whose refusal cannot be put back is a failure that says so', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
    const stopping = controller.manualStop('web')();
    await stop.reached;
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    stop.release();
    const answer = left(await stopping);
    expect(answer).toMatchObject({
      _tag: 'Failed',
      message: expect.stringContaining('whether its record was put back is not known'),
    });
    expect(await host.status('web')).toEqual(stoppedByPerson);
  });

  test('that conflicts is written again on what stands there now', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    host.faulty.inject({ operation: 'save', fault: 'conflict', times: 3 });
    right(await controller.manualStop('web')());
    expect(await host.status('web')).toEqual(stoppedByPerson);
  });

  test('is not acknowledged when the store does not answer', async () => {
    for (const fault of ['fail_before', 'fail_after'] as const) {
      const host = createHost();
      await host.seed('web', always);
      host.hypervisor.set('web', { state: 'running' });
      const controller = await host.begin();
      host.faulty.inject({ operation: 'save', fault });
      expect(left(await controller.manualStop('web')())._tag).toBe('StoreFailed');
      // Written without an answer, it is a stop all the same: the next reconciliation carries it out.
      await host.clock.advance(60_000);
      expect(host.hypervisor.running('web')).toBe(fault === 'fail_after' ? 0 : 1);
    }
  });

  test('that a later start overtakes is superseded, and stops nothing', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const marker = host.faulty.hold('save', 'web', 'after');
    const stopping = controller.manualStop('web')();
    await marker.reached;
    right(await controller.manualStart('web')());
    marker.release();
    expect(left(await stopping)._tag).toBe('Superseded');
    expect(host.hypervisor.running('web')).toBe(1);
  });
});

/** A person's start of what they had stopped, come as far as this; it goes on, and answers, when it is released. */
const atManualStart = async (at: CallPoint, host: Host = createHost()) => {
  await host.seed('web', always, stoppedByPerson);
  host.hypervisor.set('web', exited(1));
  const controller = await host.begin();
  const start = host.hypervisor.hold('start', 'web', at);
  const starting = controller.manualStart('web')();
  await start.reached;
  return {
    host,
    controller,
    goOn: () => {
      start.release();
      return starting;
    },
  };
};

describe('a manual start', () => {
  test('is not acknowledged when the store does not answer, and starts nothing', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    expect(left(await controller.manualStart('web')())._tag).toBe('StoreFailed');
    expect(host.calls('web')).toEqual([]);
  });

  test('is acknowledged under the revision at which it stands', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    const { revision } = right(await controller.manualStart('web')());
    expect(await host.record('web')).toMatchObject({ revision, status: initialStatus });
  });

  test('that is superseded although nobody wrote is a failure, not an endless try', async () => {
    const host = createHost('fenced');
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    // As if the store had been put back to an earlier day: the fence knows more than it does.
    right(
      await host.hypervisor.stop('web', {
        revision: 1_000,
        check: async () => ({ _tag: 'Right', right: undefined }),
      })(),
    );
    expect(left(await controller.manualStart('web')())).toMatchObject({
      _tag: 'Failed',
      message: 'the hypervisor knows a later revision than the store holds; was the store restored from a backup?',
    });
  });

  test('that is superseded while the store does not answer says so', async () => {
    const { host, controller, goOn } = await atManualStart('before_check');
    right(await controller.updatePolicy('web', onFailure)());
    await host.clock.settle();
    const check = host.faulty.hold('load', 'web', 'after');
    const answer = goOn();
    await check.reached;
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    check.release();
    expect(left(await answer)._tag).toBe('Failed');
  });

  test('begins a new window, and answers when the instance runs', async () => {
    const host = createHost();
    await host.seed('web', onFailure, { ...initialStatus, attempts: 3, blockedReason: 'max_attempts_exceeded' });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    right(await controller.manualStart('web')());
    expect(host.hypervisor.running('web')).toBe(1);
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('of a running instance is answered, and starts no second run', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    right(await controller.manualStart('web')());
    expect([host.hypervisor.running('web'), host.hypervisor.overlaps]).toEqual([1, 0]);
  });

  test('that is refused leaves a stop in force (D12)', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStart('web')())._tag).toBe('Refused');
    await host.clock.advance(600_000);
    expect(await host.status('web')).toEqual(stoppedByPerson);
    expect(host.calls('web')).toEqual(['start Refused']);
  });

  test('whose refusal cannot be put back is a failure that says so', async () => {
    const refusing = createHost();
    refusing.hypervisor.nextStart('web', { outcome: 'refused' });
    const { host, goOn } = await atManualStart('before_effect', refusing);
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await goOn())).toMatchObject({
      _tag: 'Failed',
      message: expect.stringContaining('whether its record was put back is not known'),
    });
  });

  test('that fails leaves supervision on', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    const controller = await host.begin();
    expect(left(await controller.manualStart('web')())._tag).toBe('Failed');
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('that a stop overtakes is superseded, and the instance is down', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(0));
    const controller = await host.begin();
    host.hypervisor.exit('web', 0);
    const start = host.hypervisor.hold('start', 'web', 'before_check');
    const starting = controller.manualStart('web')();
    await start.reached;
    const stopping = controller.manualStop('web')();
    await host.clock.settle();
    start.release();
    expect(left(await starting)._tag).toBe('Superseded');
    right(await stopping);
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('that a stop overtakes where nothing keeps them apart is superseded, and undone', async () => {
    const { host, goOn } = await atManualStart('after_effect', createHost('none'));
    await host.overwrite('web', stoppedByPerson);
    expect(left(await goOn())._tag).toBe('Superseded');
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('that a delete overtakes is superseded', async () => {
    const { host, goOn } = await atManualStart('before_check');
    await host.remove('web');
    expect(left(await goOn())._tag).toBe('Superseded');
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('that runs is acknowledged although nobody can say whether it was stopped since, which is a fault', async () => {
    const { host, goOn } = await atManualStart('after_effect');
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    right(await goOn());
    expect(host.faults).toMatchObject([{ id: 'web', during: 'load' }]);
  });

  test('goes on under the current revision when the record moved but nobody stopped the instance', async () => {
    const { host, controller, goOn } = await atManualStart('before_check');
    right(await controller.updatePolicy('web', onFailure)());
    right(await goOn());
    expect(host.calls('web')).toEqual(['start Superseded', 'start done']);
  });
});

describe('a policy', () => {
  test('that is the same is not an update: it clears neither budget nor block (D10)', async () => {
    const host = createHost();
    const blocked = { ...initialStatus, attempts: 3, blockedReason: 'max_attempts_exceeded' } as const;
    await host.seed('web', onFailure, blocked);
    const controller = await host.begin();
    const before = await host.record('web');
    expect(right(await controller.updatePolicy('web', { ...onFailure })())).toEqual({
      revision: before?.revision,
      changed: false,
    });
    expect(await host.record('web')).toEqual(before);
  });

  test('of an instance that has none yet is its first', async () => {
    const host = createHost();
    const controller = await host.begin();
    expect(right(await controller.updatePolicy('web', always)())).toEqual({ revision: 1, changed: true });
    expect(await host.record('web')).toMatchObject({ policy: always, status: initialStatus });
  });

  test('that is new gives a blocked instance its attempts back', async () => {
    const host = createHost();
    await host.seed('web', onFailure, { ...initialStatus, attempts: 3, blockedReason: 'max_attempts_exceeded' });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    expect(right(await controller.updatePolicy('web', { ...onFailure, maxAttempts: 5 })()).changed).toBe(true);
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('of never ends a wait', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    right(await controller.updatePolicy('web', never)());
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
    expect(controller.activity().armed).toBe(0);
  });

  test('does not bring back an instance that was deleted meanwhile', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const save = host.faulty.hold('save', 'web', 'before');
    const updating = controller.updatePolicy('web', onFailure)();
    await save.reached;
    right(await controller.requestDelete('web')());
    save.release();
    expect(left(await updating)._tag).toBe('Superseded');
    await host.clock.advance(60_000);
    expect([await host.record('web'), host.hypervisor.running('web')]).toEqual([null, 0]);
  });

  test('is written again when it conflicts, and not claimed to be written when the store fails', async () => {
    const host = createHost();
    const controller = await host.begin();
    for (const policy of [onFailure, always]) {
      host.faulty.inject({ operation: 'save', fault: 'conflict' });
      right(await controller.updatePolicy('web', policy)());
    }
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await controller.updatePolicy('web', never)())._tag).toBe('StoreFailed');
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    expect(left(await controller.updatePolicy('web', never)())._tag).toBe('StoreFailed');
    expect(await host.record('web')).toMatchObject({ policy: always });
  });

  test.each<[string, string, unknown]>([
    ['an Either', 'policy is an Either: unwrap the Right of restartPolicy first', restartPolicy({ mode: 'always' })],
    [
      'a Left',
      'policy is a Left: restartPolicy refused it: backoff must be positive',
      restartPolicy({ mode: 'always', backoff: 0 }),
    ],
    [
      'its wire form',
      'policy is in its wire form: decode it with decodeRestartPolicy first',
      { policy: 'always', backoff: '5s' },
    ],
    ['nothing', 'policy is missing', undefined],
    [
      'a part of one',
      'backoff must be a positive number of milliseconds, not the text "5s": restartPolicy reads durations; maxAttempts must be a whole number from 0, but it is missing',
      { mode: 'always', backoff: '5s', stableAfter: 1 },
    ],
  ])('handed in as %s is answered so, and the store is not asked', async (_, message, given) => {
    const host = createHost();
    await host.seed('web', onFailure);
    const controller = await host.begin();
    const { length } = host.faulty.calls;
    const invalid = left(await controller.updatePolicy('web', given as RestartPolicy)());
    if (invalid._tag !== 'InvalidPolicy') throw new Error(invalid._tag);
    expect(invalid.message).toBe(message);
    expect(invalid.errors.map((error) => error.message).join('; ')).toBe(message);
    expect(host.faulty.calls).toHaveLength(length);
  });
});

describe('a reset', () => {
  test('forgets what was counted, and a stop', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    const { revision } = right(await controller.reset('web')()) ?? { revision: null };
    expect(await host.record('web')).toMatchObject({ revision, status: initialStatus });
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]); // restored, it has not run yet
  });

  test('of an instance without a record does nothing', async () => {
    const host = createHost();
    const controller = await host.begin();
    expect(right(await controller.reset('web')())).toBeNull();
    expect(await host.record('web')).toBeNull();
  });

  test('is written again when it conflicts, and not claimed to be written when the store fails', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await controller.reset('web')())._tag).toBe('StoreFailed');
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    expect(left(await controller.reset('web')())._tag).toBe('StoreFailed');
    host.faulty.inject({ operation: 'save', fault: 'conflict' });
    right(await controller.reset('web')());
    expect(await host.status('web')).toEqual(initialStatus);
  });
});

/** A person's delete of what runs, come as far as the removal of the record; it goes on, and answers, when it is released. */
const atRemoval = async () => {
  const host = createHost();
  await host.seed('web', always);
  host.hypervisor.set('web', { state: 'running' });
  const controller = await host.begin({ deadlines: { stop: 5_000 } });
  const removal = host.faulty.hold('remove', 'web', 'before');
  const deleting = controller.requestDelete('web')();
  await removal.reached;
  return {
    host,
    controller,
    goOn: () => {
      removal.release();
      return deleting;
    },
  };
};

describe('a delete', () => {
  test('stops the instance, removes its record, and calls its wake-up off', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin();
    expect(controller.activity().armed).toBe(1);
    right(await controller.requestDelete('web')());
    await host.clock.settle();
    expect([await host.record('web'), host.hypervisor.running('web')]).toEqual([null, 0]);
    expect(controller.activity().armed).toBe(0);
  });

  test('that is refused leaves everything as it was', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.requestDelete('web')())._tag).toBe('Refused');
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('does not take away a start that was recorded before the removal', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const removal = host.faulty.hold('remove', 'web', 'before');
    const deleting = controller.requestDelete('web')();
    await removal.reached;
    right(await controller.manualStart('web')());
    removal.release();
    expect(left(await deleting)._tag).toBe('Superseded');
    expect([await host.status('web'), host.hypervisor.running('web')]).toEqual([initialStatus, 1]);
    // Nor is the hypervisor asked to stop what that start owns.
    expect(host.calls('web').filter((call) => call.startsWith('stop'))).toHaveLength(1);
  });

  test('beside a stop of another person removes the record all the same', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const removal = host.faulty.hold('remove', 'web', 'before');
    const deleting = controller.requestDelete('web')();
    await removal.reached;
    const stopped = right(await controller.manualStop('web')());
    removal.release();
    expect(right(await deleting)).toEqual(stopped);
    expect(await host.record('web')).toBeNull();
  });

  test.each(['section', 'fenced', 'none'] as const)('beside other deletes ends, as they do: %s', async (exclusion) => {
    const host = createHost(exclusion);
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    // Nothing here yields to the event loop, so deletes that void each other would hang this process.
    const deletes = await Promise.all([1, 2, 3].map(() => controller.requestDelete('web')()));
    for (const answer of deletes) right(answer);
    expect(host.hypervisor.running('web')).toBe(0);
    if (exclusion !== 'none') expect(await host.record('web')).toBeNull();
  });

  test('that is stopped again by another, whose stop the hypervisor fails to make, says so', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const removal = host.faulty.hold('remove', 'web', 'before');
    const deleting = controller.requestDelete('web')();
    await removal.reached;
    right(await controller.manualStop('web')());
    host.hypervisor.nextStop('web', { outcome: 'failed' });
    removal.release();
    expect(left(await deleting)._tag).toBe('Failed');
    expect(await host.status('web')).toEqual(stoppedByPerson);
  });

  test('that is stopped again by another, whose stop the hypervisor refuses to make once more, says so', async () => {
    const { host, controller, goOn } = await atRemoval();
    right(await controller.manualStop('web')());
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    expect(left(await goOn())._tag).toBe('Refused');
    expect(host.calls('web')).toEqual(['stop done', 'stop done', 'stop Refused']);
    expect(await host.status('web')).toEqual(stoppedByPerson);
  });

  test('that is stopped again by another, and started before that stop is made once more, is superseded', async () => {
    const { host, controller, goOn } = await atRemoval();
    right(await controller.manualStop('web')());
    const stop = host.hypervisor.hold('stop', 'web', 'before_check');
    const deleting = goOn();
    await stop.reached;
    const starting = controller.manualStart('web')();
    await host.clock.settle();
    stop.release();
    expect(left(await deleting)._tag).toBe('Superseded');
    right(await starting);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('that is stopped again by another, while the store does not answer, is said to be recorded', async () => {
    const { host, controller, goOn } = await atRemoval();
    right(await controller.manualStop('web')());
    const stop = host.hypervisor.hold('stop', 'web', 'before_check');
    const deleting = goOn();
    await stop.reached;
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    stop.release();
    expect(left(await deleting)).toMatchObject({
      _tag: 'Failed',
      message: expect.stringContaining('recorded, but the store failed: '),
    });
  });

  test('that is stopped again by another, whose stop has no answer, does not wait behind it', async () => {
    const { host, controller, goOn } = await atRemoval();
    host.hypervisor.hold('stop', 'web', 'before_effect');
    const stopping = controller.manualStop('web')();
    await host.clock.advance(5_000);
    expect(left(await stopping)._tag).toBe('Failed');
    expect(left(await goOn())).toMatchObject({
      _tag: 'Failed',
      message: 'recorded, but an earlier stop has not answered: the stop is made when that has',
    });
    expect(host.calls('web')).toEqual(['stop done', 'stop pending']);
    expect(await host.status('web')).toEqual(stoppedByPerson);
  });

  test('of a record that somebody else removed is done', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    const removal = host.faulty.hold('remove', 'web', 'before');
    const deleting = controller.requestDelete('web')();
    await removal.reached;
    const revision = (await host.record('web'))?.revision ?? 0;
    right(await host.store.remove('web', revision)());
    removal.release();
    expect(right(await deleting)).toEqual({ revision });
    expect(host.calls('web')).toEqual(['stop done']);
    expect(await host.record('web')).toBeNull();
  });

  test('whose removal conflicts and whose record nobody can read says so', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    const removal = host.faulty.hold('remove', 'web', 'before');
    host.faulty.inject({ operation: 'remove', fault: 'conflict' });
    const deleting = controller.requestDelete('web')();
    await removal.reached;
    host.faulty.inject({ operation: 'load', fault: 'fail_before', times: Number.POSITIVE_INFINITY });
    removal.release();
    expect(left(await deleting)._tag).toBe('Failed');
  });

  test('whose removal fails answers so; the instance is stopped, and stays so', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    host.faulty.inject({ operation: 'remove', fault: 'fail_before' });
    expect(left(await controller.requestDelete('web')())._tag).toBe('Failed');
    expect([await host.status('web'), host.hypervisor.running('web')]).toEqual([stoppedByPerson, 0]);
  });

  test('on a hypervisor without exclusion leaves a tombstone that stops a start in flight', async () => {
    const host = createHost('none');
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await host.begin();
    await start.reached;
    right(await controller.requestDelete('web')());
    expect(await host.status('web')).toEqual(stoppedByPerson);
    start.release();
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(0);
  });
});
