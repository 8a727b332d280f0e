/** What goes wrong in the middle of a reconciliation, and its fault: each step of the protocol, failed on its own. */
import { describe, expect, test, vi } from 'vitest';
import type { ControllerOptions, Fault } from '../../src/controller.js';
import { initialStatus, stoppedByPerson } from '../../src/index.js';
import type { CallPoint } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight } from '../support/host.js';
import { leasesOfAll } from '../support/leases.js';

const steps = (host: Host): ReadonlyArray<string> => host.faults.map(({ during }) => during);

/** A host whose automatic start of an instance that crashed has come as far as this, and goes on when it is released. */
const atStart = async (
  at: CallPoint,
  host: Host = createHost(),
): Promise<{ readonly host: Host; readonly goOn: () => Promise<void> }> => {
  await host.seed('web', always);
  host.hypervisor.set('web', exited(1));
  const start = host.hypervisor.hold('start', 'web', at);
  await host.begin();
  await start.reached;
  return {
    host,
    goOn: async () => {
      start.release();
      await host.clock.settle();
    },
  };
};

describe('an attempt whose start fails', () => {
  const failing = () => {
    const host = createHost();
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    return atStart('before_effect', host);
  };

  test('is a fault of that start', async () => {
    const { host, goOn } = await failing();
    await goOn();
    expect(host.faults).toEqual([{ _tag: 'Fault', id: 'web', during: 'start', error: expect.anything() }]);
  });

  test('is charged on what stands there now, when the charge conflicts', async () => {
    const { host, goOn } = await failing();
    host.faulty.inject({ operation: 'save', fault: 'conflict' });
    await goOn();
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 5_000 });
    expect(steps(host)).toEqual(['start']);
  });

  test('stays counted when the charge cannot be written, and that is a fault', async () => {
    const { host, goOn } = await failing();
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    await goOn();
    expect(steps(host)).toEqual(['start', 'save']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, lastAttemptAt: midnight });
  });

  test('stays counted when nobody knows what is stored, and each load is a fault', async () => {
    const { host, goOn } = await failing();
    host.faulty.inject({ operation: 'load', fault: 'fail_before', times: 2 });
    await goOn();
    expect(steps(host)).toEqual(['start', 'load', 'load']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, lastAttemptAt: midnight });
  });

  test('charges nobody when the record is gone, which is a stop', async () => {
    const { host, goOn } = await failing();
    await host.remove('web');
    await goOn();
    expect(await host.record('web')).toBeNull();
    expect(host.calls('web')).toEqual(['start Failed', 'stop done']);
    expect(steps(host)).toEqual(['start']);
  });

  test.each([
    ['a later attempt', { attempts: 2, lastAttemptAt: midnight }],
    ['the same number in another window', { attempts: 1, lastAttemptAt: midnight - 1 }],
  ])('is not charged to %s', async (_, other) => {
    const { host, goOn } = await failing();
    await host.overwrite('web', { ...initialStatus, ...other });
    await goOn();
    expect(host.decisions.map(({ reason }) => reason)).not.toContain('attempt_failed');
    expect(host.decisions.map(({ reason }) => reason)).not.toContain('stale');
  });
});

describe('an attempt whose permit', () => {
  test('is of a record that has been written since starts nothing, and charges nobody', async () => {
    const { host, goOn } = await atStart('before_check');
    await host.overwrite('web', { ...initialStatus, attempts: 7, lastAttemptAt: midnight });
    await goOn();
    expect(host.calls('web')).toEqual(['start Superseded']);
    expect(host.faults).toEqual([]);
    expect(await host.status('web')).toMatchObject({ attempts: 7, nextAttemptAt: midnight + 5_000 });
  });

  test('nobody can vouch for starts nothing, and is charged', async () => {
    const { host, goOn } = await atStart('before_check');
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    await goOn();
    expect(host.calls('web')).toEqual(['start StoreFailed']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 5_000 });
  });
});

describe('a start that a person’s stop overtook', () => {
  /** One that has begun its run, and does not know yet of the stop. */
  const overtaken = async () => {
    const started = await atStart('after_effect', createHost('none'));
    return { ...started, revision: await started.host.overwrite('web', stoppedByPerson) };
  };

  test('is stopped at once, under the revision of the stop, and by nobody twice', async () => {
    const { host, revision, goOn } = await overtaken();
    await goOn();
    expect(host.calls('web')).toEqual(['start done', 'stop done']);
    expect(host.hypervisor.calls.at(-1)?.revision).toBe(revision);
    expect(host.hypervisor.running('web')).toBe(0);
    expect(host.faults).toEqual([]);
  });

  test('and cannot be stopped is a fault of that stop', async () => {
    const { host, goOn } = await overtaken();
    host.hypervisor.nextStop('web', { outcome: 'failed' });
    await goOn();
    expect(host.faults).toMatchObject([{ _tag: 'Fault', id: 'web', during: 'stop', error: { _tag: 'Failed' } }]);
    // The reconciliation that goes on finds the marker, and repairs.
    expect(host.calls('web')).toEqual(['start done', 'stop Failed', 'stop done']);
  });

  test('and a later start of a person overtook is left running, and that is no fault', async () => {
    const { host, goOn } = await overtaken();
    const stop = host.hypervisor.hold('stop', 'web', 'before_check');
    await Promise.all([goOn(), stop.reached]);
    await host.overwrite('web', initialStatus);
    stop.release();
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['start done', 'stop Superseded']);
    expect(host.hypervisor.running('web')).toBe(1);
    expect(host.faults).toEqual([]);
  });
});

describe('a repair', () => {
  test('ends what a person stopped while it was still initializing', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', { state: 'initializing', startedAt: midnight - 1_000 });
    await host.begin();
    expect(host.calls('web')).toEqual(['stop done']);
  });

  test('that a person’s start overtook is no fault, and the instance runs on', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const stop = host.hypervisor.hold('stop', 'web', 'before_check');
    await host.begin();
    await stop.reached;
    await host.overwrite('web', initialStatus);
    stop.release();
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop Superseded']);
    expect(host.hypervisor.running('web')).toBe(1);
    expect(host.faults).toEqual([]);
  });

  test('is made once a reconciliation: what runs again after it is left to the next', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    const running = { state: 'running', startedAt: midnight - 1_000 } as const;
    host.hypervisor.set('web', running);
    // Only this reconciliation and the resync: what changes meanwhile is not notified.
    host.hypervisor.deliver({ copies: 0 });
    const stop = host.hypervisor.hold('stop', 'web', 'after_effect');
    await host.begin();
    await stop.reached;
    host.hypervisor.set('web', running);
    stop.release();
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop done']);
    await host.clock.advance(60_000);
    expect(host.calls('web')).toEqual(['stop done', 'stop done']);
  });

  test.each(['stopped', 'other'] as const)('is not made of an instance that is %s', async (state) => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', { state });
    await host.begin();
    expect(host.calls('web')).toEqual([]);
  });
});

describe('a restart', () => {
  const ill = async (): Promise<{ host: Host; report: () => Promise<void> }> => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 60_000 });
    const controller = await host.begin();
    return {
      host,
      report: async () => {
        right(await controller.reportHealth('web', { startedAt: midnight - 60_000, health: 'unhealthy' })());
        await host.clock.settle();
      },
    };
  };

  test('that cannot stop the run is a fault of the stop', async () => {
    const { host, report } = await ill();
    host.hypervisor.nextStop('web', { outcome: 'failed' });
    await report();
    expect(host.faults).toMatchObject([{ id: 'web', during: 'stop', error: { _tag: 'Failed' } }]);
  });

  test('whose stop is superseded is no fault, charges nobody, and is decided anew', async () => {
    const { host, report } = await ill();
    const stop = host.hypervisor.hold('stop', 'web', 'before_check');
    await report();
    await stop.reached;
    await host.overwrite('web', { ...initialStatus, attempts: 3, lastAttemptAt: midnight });
    stop.release();
    await host.clock.settle();
    expect(host.faults).toEqual([]);
    expect(host.calls('web')).toEqual(['stop Superseded']);
    expect(await host.status('web')).toMatchObject({ attempts: 3, nextAttemptAt: midnight + 5_000 });
  });
});

describe('a reconciliation', () => {
  test('whose save conflicts begins again at once, and that is no fault', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.faulty.inject({ operation: 'save', fault: 'conflict' });
    await host.begin();
    expect(host.hypervisor.running('web')).toBe(1);
    expect(host.faults).toEqual([]);
  });

  test('that was asked for answers with the fault that ended it', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    expect(left(await controller.reconcile('web')())).toMatchObject({ _tag: 'Fault', id: 'web', during: 'load' });
  });

  test('of all instances finds what nobody notified of', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.begin();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 1);
    right(await controller.reconcileAll()());
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('at all of them is repeated as often as was said', async () => {
    const host = createHost();
    await host.begin({ resyncEvery: 1_000 });
    await host.clock.advance(10_000);
    expect(host.faulty.calls.filter(({ operation }) => operation === 'list')).toHaveLength(11);
  });

  test('under way when the controller is closed begins no attempt any more', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.begin();
    const save = host.faulty.hold('save', 'web', 'before');
    host.faulty.inject({ operation: 'save', fault: 'conflict' });
    host.hypervisor.exit('web', 1);
    await save.reached;
    const closing = controller.close()();
    save.release();
    await closing;
    expect(host.calls('web')).toEqual([]);
    expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });
  });
});

describe('a port that throws when the controller subscribes to it', () => {
  const broken = (): never => {
    throw new Error('no watches left');
  };

  const parts: ReadonlyArray<[string, string, (host: Host) => Partial<ControllerOptions>]> = [
    ['hypervisor', 'Failed', ({ hypervisor }) => ({ hypervisor: { ...hypervisor, subscribe: broken } })],
    ['store', 'StoreFailed', ({ store }) => ({ store: { ...store, subscribe: broken } })],
    ['leases', 'StoreFailed', () => ({ leases: { ...leasesOfAll, subscribe: broken } })],
  ];

  test.each(parts)('the %s: is a fault, and resyncs do what its notifications would', async (name, tag, partsOf) => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    host.hypervisor.deliver({ copies: 0 });
    const faults: Array<Fault> = [];
    const { store, hypervisor, clock } = host;
    const onFault = (fault: Fault): void => void faults.push(fault);
    const controller = controllerOf({ store, hypervisor, clock, onFault, ...partsOf(host) });
    // A listener may use the controller, so none is called before there is one.
    expect(faults).toEqual([]);
    await clock.settle();
    const message = `the ${name} threw: Error: no watches left`;
    expect(faults).toMatchObject([{ id: null, during: 'subscribe', error: { _tag: tag, message } }]);
    hypervisor.exit('web', 1);
    await clock.advance(60_000);
    expect(hypervisor.running('web')).toBe(1);
    await controller.close()();
    expect(faults).toHaveLength(1);
  });

  test('keeps no other port from notifying, nor from being left at the close', async () => {
    const host = createHost();
    const cancel = vi.fn();
    const listeners: Array<(id: string | null) => void> = [];
    const subscribe = (listener: (id: string | null) => void) => {
      listeners.push(listener);
      return cancel;
    };
    const controller = controllerOf({
      store: { ...host.store, subscribe },
      hypervisor: { ...host.hypervisor, subscribe: broken },
      clock: host.clock,
      onDecision: (decision) => host.decisions.push(decision),
    });
    await host.clock.settle();
    await host.seed('web', always);
    for (const listener of listeners) listener('web');
    await host.clock.settle();
    expect(host.decisions.map(({ id }) => id)).toEqual(['web']);
    await controller.close()();
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});
