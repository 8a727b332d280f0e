/**
 * Several controllers on one store and one host: what they are notified of, and which of them acts.
 */
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { createLeases } from '../../src/adapters/postgres/leases.js';
import type { Controller, Fault } from '../../src/controller.js';
import { type InstanceObservation, initialStatus, type RestartStatus, stoppedByPerson } from '../../src/index.js';
import type { Leases } from '../../src/ports/leases.js';
import { conflict, type Store, storeFailed } from '../../src/ports/store.js';
import { withFaults } from '../../src/testing.js';
import { createMemoryLeases } from '../postgres/memory-lease-table.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight } from '../support/host.js';
import { leasesOfAll } from '../support/leases.js';

const ttl = 15_000;

/** A memory store that notifies of what is written, so that nobody waits for a resync. */
const notifying = (store: Store) => {
  const listeners = new Set<(id: string | null) => void>();
  const notify = (id: string | null): void => {
    for (const listener of listeners) listener(id);
  };
  const observed: Store = {
    ...store,
    save: (id, record, expected) => async () => {
      const saved = await store.save(id, record, expected)();
      if (saved._tag === 'Right') notify(id);
      return saved;
    },
    remove: (id, expected) => async () => {
      const removed = await store.remove(id, expected)();
      if (removed._tag === 'Right') notify(id);
      return removed;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { store: observed, notify, listeners };
};

/** Controllers that share a host: its store, its hypervisor and the leases. */
const createFleet = (host: Host = createHost()) => {
  const shared = notifying(host.store);
  const memory = createMemoryLeases(host.clock);
  const begin = async (accepts: (id: string) => boolean = () => true) => {
    const faulty = withFaults(shared.store);
    const hypervisor = host.hypervisor.connect();
    const way = memory.way();
    const faults: Array<Fault> = [];
    const controller = controllerOf({
      store: { ...faulty.store, subscribe: shared.store.subscribe ?? (() => () => {}) },
      hypervisor,
      clock: host.clock,
      leases: createLeases(way.table, host.clock, { ttl, accepts }),
      onFault: (fault) => faults.push(fault),
    });
    await host.clock.settle();
    const kill = (): void => {
      faulty.crash();
      hypervisor.crash();
      way.become('dead');
    };
    return { controller, way, faults, kill };
  };
  return { ...host, memory, begin, notify: shared.notify, listeners: shared.listeners };
};

const loadsOf = (calls: ReadonlyArray<{ operation: string; id: string | null }>, id: string): number =>
  calls.filter((call) => call.operation === 'load' && call.id === id).length;

describe('a store that notifies of what others write', () => {
  test('leads to a reconciliation of what was written, without a resync', async () => {
    const host = createHost();
    const { store, notify } = notifying(host.store);
    controllerOf({ store, hypervisor: host.hypervisor, clock: host.clock });
    await host.clock.settle();
    host.hypervisor.set('web', exited(1));
    await host.clock.settle();
    // Another process writes: this controller has neither seen the record nor listed it.
    await host.seed('web', always);
    await host.clock.settle();
    expect(host.calls('web')).toEqual([]);
    notify('web');
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['start done']);
  });

  test('leads to a reconciliation of everything when it says that any may have changed', async () => {
    const host = createHost();
    const { store, notify } = notifying(host.store);
    controllerOf({ store, hypervisor: host.hypervisor, clock: host.clock });
    await host.clock.settle();
    for (const id of ['web', 'db']) host.hypervisor.set(id, exited(1));
    await host.clock.settle();
    for (const id of ['web', 'db']) await host.seed(id, always);
    await host.clock.settle();
    expect([host.calls('web'), host.calls('db')]).toEqual([[], []]);
    notify(null);
    await host.clock.settle();
    expect([host.calls('web'), host.calls('db')]).toEqual([['start done'], ['start done']]);
  });

  test('notifies a controller that is closed of nothing more', async () => {
    const host = createHost();
    const { store, notify, listeners } = notifying(host.store);
    const faulty = withFaults(store);
    const controller = controllerOf({
      store: { ...faulty.store, subscribe: store.subscribe ?? never },
      hypervisor: host.hypervisor,
      clock: host.clock,
    });
    await host.clock.settle();
    expect(listeners.size).toBe(1);
    await controller.close()();
    expect(listeners.size).toBe(0);
    notify('web');
    notify(null);
    await host.clock.settle();
    expect(loadsOf(faulty.calls, 'web')).toBe(0);
  });
});

const never = (): never => {
  throw new Error('it has a subscribe');
};

describe('controllers that share a store', () => {
  test('answer each crash with one start, by the one that holds the instance', async () => {
    const fleet = createFleet();
    const ids = Array.from({ length: 40 }, (_, n) => `web-${n}`);
    for (const id of ids) await fleet.seed(id, always);
    await Promise.all([fleet.begin(), fleet.begin(), fleet.begin()]);
    for (let round = 1; round <= 5; round++) {
      for (const id of ids) {
        if (round === 1) fleet.hypervisor.set(id, exited(1));
        else fleet.hypervisor.exit(id, 1);
      }
      await fleet.clock.advance(60_000);
      for (const id of ids) expect(fleet.calls(id)).toEqual(Array.from({ length: round }, () => 'start done'));
    }
  });

  test('hand over what a killed one held, within the time of a lease', async () => {
    const fleet = createFleet();
    await fleet.seed('web', always);
    const first = await fleet.begin();
    await fleet.begin();
    await fleet.clock.advance(40_000);
    first.kill();
    fleet.hypervisor.set('web', exited(1));
    const killedAt = fleet.clock.now();
    await fleet.clock.advance(ttl - 1);
    while (fleet.hypervisor.running('web') === 0) await fleet.clock.advance(1);
    expect(fleet.clock.now() - killedAt).toBeLessThanOrEqual(ttl);
    expect(fleet.calls('web')).toEqual(['start done']);
  });

  test('hand over at once what a closed one held, and not before its last start is over', async () => {
    const fleet = createFleet();
    await fleet.seed('web', always);
    const first = await fleet.begin();
    const second = await fleet.begin();
    const starting = fleet.hypervisor.hold('start', 'web', 'before_effect');
    fleet.hypervisor.set('web', exited(1));
    await starting.reached;
    const closing = first.controller.close()();
    await fleet.clock.settle();
    expect(first.way.calls).not.toContain('retire');
    starting.release();
    await closing;
    await fleet.clock.settle();
    expect(fleet.calls('web')).toEqual(['start done']);
    fleet.hypervisor.exit('web', 1);
    await fleet.clock.advance(5_000);
    expect(fleet.calls('web')).toEqual(['start done', 'start done']);
    expect(second.way.calls).toContain('take');
  });

  test('leave to its holder what is not theirs: no decision, no repair, no wake-up', async () => {
    const fleet = createFleet();
    await fleet.seed('web', always);
    const first = await fleet.begin();
    const second = await fleet.begin();
    fleet.hypervisor.set('web', exited(1));
    await fleet.clock.settle();
    fleet.hypervisor.exit('web', 1);
    await fleet.clock.settle();
    expect(first.controller.activity().armed).toBe(1);
    expect(second.controller.activity().armed).toBe(0);
    // It runs although a person stopped it: one repairs, not both.
    await fleet.clock.advance(5_000);
    const before = fleet.calls('web').length;
    const { revision } = (await fleet.record('web')) ?? { revision: 0 };
    right(await fleet.store.save('web', { policy: always, status: stoppedByPerson }, revision)());
    fleet.notify('web');
    await fleet.clock.settle();
    expect(fleet.calls('web').slice(before)).toEqual(['stop done']);
  });

  test('carry out a person’s command themselves, whoever holds the instance', async () => {
    const fleet = createFleet();
    await fleet.seed('web', always);
    await fleet.begin();
    const { controller } = await fleet.begin();
    right(await controller.manualStart('web')());
    expect(fleet.hypervisor.running('web')).toBe(1);
    right(await controller.manualStop('web')());
    expect(fleet.hypervisor.running('web')).toBe(0);
    right(await controller.manualStart('web')());
    right(await controller.requestDelete('web')());
    expect(fleet.hypervisor.running('web')).toBe(0);
    expect(await fleet.record('web')).toBe(null);
    await fleet.clock.settle();
    expect([...fleet.memory.leases().keys()]).toEqual([]);
  });

  test('reconcile only what they accept, where instances are pinned to hosts', async () => {
    const fleet = createFleet();
    for (const id of ['a/web', 'b/web', 'c/web']) await fleet.seed(id, always);
    const [a, b] = [await fleet.begin((id) => id.startsWith('a/')), await fleet.begin((id) => id.startsWith('b/'))];
    for (const id of ['a/web', 'b/web', 'c/web']) fleet.hypervisor.set(id, exited(1));
    await fleet.clock.settle();
    expect(['a/web', 'b/web', 'c/web'].map((id) => fleet.hypervisor.running(id))).toEqual([1, 1, 0]);
    await a.controller.close()();
    fleet.hypervisor.exit('a/web', 1);
    await fleet.clock.advance(120_000);
    expect(fleet.hypervisor.running('a/web')).toBe(0);
    expect(b.faults).toEqual([]);
  });
});

describe('a controller that lost its lease', () => {
  test('does not make the attempt that it decided on, and charges nobody for it', async () => {
    const fleet = createFleet();
    await fleet.seed('web', always);
    const { controller, faults } = await fleet.begin();
    const check = fleet.hypervisor.hold('start', 'web', 'before_check');
    fleet.hypervisor.set('web', exited(1));
    await check.reached;
    // Another has it by now, as when this process was stopped for longer than its lease.
    fleet.memory.seize('web');
    check.release();
    await fleet.clock.settle();
    expect(fleet.calls('web')).toEqual(['start Superseded']);
    expect(faults).toEqual([]);
    // Its lost attempt is spent, and spaced like any other: no failure is counted on top.
    expect(await fleet.status('web')).toMatchObject({ attempts: 1 });
    await controller.close()();
  });

  test('waits for nothing any more', async () => {
    const fleet = createFleet();
    await fleet.seed('web', { ...always, backoff: 600_000 });
    const { controller, way } = await fleet.begin();
    fleet.hypervisor.set('web', exited(1));
    await fleet.clock.settle();
    fleet.hypervisor.exit('web', 1);
    await fleet.clock.settle();
    expect(controller.activity().armed).toBe(1);
    way.become('down');
    await fleet.clock.advance(2 * ttl);
    fleet.memory.seize('web');
    way.become('up');
    await fleet.clock.advance(ttl);
    expect(controller.activity().armed).toBe(0);
    await fleet.clock.advance(1_200_000);
    expect(fleet.calls('web')).toEqual(['start done']);
  });

  test('does not make the stop of a restart either', async () => {
    const fleet = createFleet();
    await fleet.seed('web', always);
    const { controller } = await fleet.begin();
    right(await controller.manualStart('web')());
    await fleet.clock.settle();
    const check = fleet.hypervisor.hold('stop', 'web', 'before_check');
    fleet.hypervisor.set('web', { health: 'unhealthy' });
    await check.reached;
    fleet.memory.seize('web');
    check.release();
    await fleet.clock.settle();
    expect(fleet.calls('web')).toEqual(['start done', 'stop Superseded']);
  });
});

describe('leases that notify', () => {
  test('notify a controller that is closed of nothing more', async () => {
    const host = createHost();
    const listeners = new Set<(id: string) => void>();
    const leases: Leases = {
      ...createLeases(createMemoryLeases(host.clock).way().table, host.clock, { ttl, accepts: () => true }),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const controller = controllerOf({ store: host.store, hypervisor: host.hypervisor, clock: host.clock, leases });
    expect(listeners.size).toBe(1);
    await controller.close()();
    expect(listeners.size).toBe(0);
  });
});

describe('the lease of an instance that was deleted', () => {
  const seeded = async (status: RestartStatus, observation: Partial<InstanceObservation>) => {
    const host = createHost('fenced');
    const released: Array<string> = [];
    await host.seed('web', always, status);
    host.hypervisor.set('web', observation);
    const release: Leases['release'] = (id) => async () => {
      released.push(id);
      return rightOf(undefined);
    };
    const begin = (store: Store = host.store) => host.begin({ store, leases: { ...leasesOfAll, release } });
    return { host, released, begin };
  };

  /** Deletes it, and looks at it once more. */
  const remove = async (controller: Controller, host: Host) => {
    right(await controller.requestDelete('web')());
    right(await controller.reconcile('web')());
    expect(await host.record('web')).toBeNull();
  };

  test('stays as long as an automatic start may still take effect', async () => {
    const { host, released, begin } = await seeded(initialStatus, exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await begin();
    await start.reached;
    await host.clock.advance(120_000);
    await remove(controller, host);
    await host.clock.advance(600_000);
    expect(released).toEqual([]);
    start.release();
    await host.clock.settle();
    expect(released).toEqual(['web']);
    expect(host.hypervisor.running('web')).toBe(0); // fenced off
  });

  test('is let go by the delete itself, under a store that tells of nothing', async () => {
    const { host, released, begin } = await seeded(initialStatus, { state: 'running' });
    const controller = await begin();
    right(await controller.requestDelete('web')());
    await host.clock.settle();
    expect(released).toEqual(['web']);
  });

  test.each([
    ['another delete was quicker', conflict, 'Right'],
    ['the answer was lost', storeFailed('no connection'), 'Left'],
  ] as const)(
    'is let go by a delete whose removal is answered otherwise though the record is gone: %s',
    async (_, error, answered) => {
      const { host, released, begin } = await seeded(initialStatus, { state: 'running' });
      const remove: Store['remove'] = (id, expected) => async () => {
        right(await host.store.remove(id, expected)());
        return leftOf(error);
      };
      const controller = await begin({ ...host.store, remove });
      expect((await controller.requestDelete('web')())._tag).toBe(answered);
      await host.clock.settle();
      expect(released).toEqual(['web']);
    },
  );

  test('is let go beside a person’s start without an answer, which needed none', async () => {
    const { host, released, begin } = await seeded(stoppedByPerson, exited(1));
    const controller = await begin();
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const started = controller.manualStart('web')();
    await host.clock.advance(120_000);
    expect(left(await started)._tag).toBe('Failed');
    await remove(controller, host);
    expect(host.calls('web')[0]).toBe('start pending');
    expect(released).toContain('web');
    start.release();
  });

  test('is let go beside the stop of a restart without an answer, for no start follows it', async () => {
    const startedAt = midnight - 60_000;
    const { host, released, begin } = await seeded(initialStatus, { state: 'running', startedAt, health: 'unhealthy' });
    const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
    const controller = await begin();
    await host.clock.advance(60_000);
    await remove(controller, host);
    expect(host.calls('web')).toEqual(['stop pending', 'stop done']);
    expect(released).toContain('web');
    stop.release();
  });
});

describe('leases that do not work', () => {
  const beginWith = async (
    host: Host,
    leases: Partial<Leases>,
  ): Promise<{ controller: Controller; faults: Array<Fault> }> => {
    const faults: Array<Fault> = [];
    const controller = controllerOf({
      store: host.store,
      hypervisor: host.hypervisor,
      clock: host.clock,
      leases: { ...leasesOfAll, ...leases },
      onFault: (fault) => faults.push(fault),
    });
    await host.clock.settle();
    return { controller, faults };
  };

  test('are a fault, and nothing is done; the next resync makes up for it', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    let broken = true;
    const { faults } = await beginWith(host, {
      hold: (id) => {
        if (broken) throw new Error('no database');
        return async () => rightOf({ id, epoch: 1 });
      },
    });
    const error = { _tag: 'StoreFailed', message: 'the leases threw: Error: no database' };
    expect(faults).toMatchObject([{ id: 'web', during: 'hold', error }]);
    expect(host.calls('web')).toEqual([]);
    broken = false;
    await host.clock.advance(60_000);
    expect(host.calls('web')).toEqual(['start done']);
  });

  test('fail an attempt whose permit they cannot vouch for, and never let it pass', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    await beginWith(host, { check: () => () => Promise.reject(new Error('no database')) });
    expect(host.calls('web')).toEqual(['start StoreFailed']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: host.clock.now() + 5_000 });
  });

  test('do not keep a controller from closing', async () => {
    const { controller } = await beginWith(createHost(), { close: () => Promise.reject(new Error('no database')) });
    await controller.close()();
    expect(left(await controller.reconcile('web')())._tag).toBe('Closed');
  });
});
