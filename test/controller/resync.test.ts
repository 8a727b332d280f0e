/**
 * What a look at every instance asks of the ports, and what it leaves to others meanwhile.
 */
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { createBreath } from '../../src/controller/breath.js';
import { createPlaces } from '../../src/controller/places.js';
import type { Fault } from '../../src/controller.js';
import { initialStatus } from '../../src/index.js';
import type { InstanceId, Store } from '../../src/ports/store.js';
import { createMemoryStore, createVirtualClock } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { always, createHost, exited, midnight, never } from '../support/host.js';

const minute = 60_000;

/** A host that counts what its ports are asked. */
const createCountingHost = () => {
  const host = createHost('section', createMemoryStore());
  const asked: Array<string> = [];
  const { store, hypervisor } = host;
  const { listRecords } = store;
  const counting: Store = {
    ...store,
    load: (id) => async () => {
      asked.push(`load ${id}`);
      return store.load(id)();
    },
    ...(listRecords !== undefined && {
      listRecords: (page) => async () => {
        asked.push(`page ${page.after}`);
        return listRecords(page)();
      },
    }),
  };
  const inspect: typeof hypervisor.inspect = (id) => async () => {
    asked.push(`inspect ${id}`);
    return hypervisor.inspect(id)();
  };
  const begin = async (of: Store = counting, concurrency = 16) => {
    const controller = controllerOf({
      store: of,
      hypervisor: { ...hypervisor, inspect },
      clock: host.clock,
      concurrency,
      onFault: (fault) => host.faults.push(fault),
    });
    await host.clock.settle();
    return controller;
  };
  return { ...host, store, counting, asked, begin, reset: () => asked.splice(0) };
};

describe('a resync', () => {
  test('of quiet instances asks for pages and inspections, and loads nothing', async () => {
    const host = createCountingHost();
    const ids = Array.from({ length: 300 }, (_, i) => `vm-${String(i).padStart(3, '0')}`);
    for (const id of ids) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight - minute });
    }
    await host.begin();
    host.reset();
    await host.clock.advance(minute);
    const asked = host.reset();
    expect(asked.filter((call) => call.startsWith('page'))).toEqual(['page null', 'page vm-127', 'page vm-255']);
    expect(asked.filter((call) => call.startsWith('load'))).toEqual([]);
    expect(asked.filter((call) => call.startsWith('inspect')).sort()).toEqual(ids.map((id) => `inspect ${id}`));
  });

  test('loads each record where the store lists ids only', async () => {
    const host = createCountingHost();
    await host.seed('web', always);
    const { listRecords: _, ...idsOnly } = host.counting;
    await host.begin(idsOnly);
    expect(host.reset()).toEqual(['load web', 'inspect web']);
  });

  test.each(['records', 'ids'])(
    'of a store that lists %s looks at no further 128 while 64 of those before wait',
    async (lists) => {
      const host = createCountingHost();
      for (let i = 0; i < 300; i++) await host.seed(`vm-${String(i).padStart(3, '0')}`, never);
      const { listRecords: _, ...idsOnly } = host.counting;
      // One at a time, and each inspection waits until it is let go on.
      const inspected: Array<() => void> = [];
      const { inspect } = host.hypervisor;
      const controller = controllerOf({
        store: lists === 'ids' ? idsOnly : host.counting,
        hypervisor: {
          ...host.hypervisor,
          inspect: (id) => async () => {
            await new Promise<void>((resolve) => inspected.push(resolve));
            return inspect(id)();
          },
        },
        clock: host.clock,
        concurrency: 1,
      });
      const next = async () => {
        inspected.shift()?.();
        await host.clock.settle();
      };
      await host.clock.settle();
      const queued = [controller.activity().queued];
      for (let i = 1; i < 300; i++) {
        await next();
        queued.push(controller.activity().queued);
      }
      // Of the first page one is under way; the next is listed when 63 wait, and so on.
      const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);
      expect(queued).toEqual([...down(127, 64), ...down(191, 64), ...down(107, 0)]);
    },
  );

  test('of a store that lists the same page again and again ends, and says so', async () => {
    const host = createHost();
    const page = Array.from({ length: 128 }, (_, index) => ({
      id: `vm-${index}`,
      record: rightOf({ policy: always, status: initialStatus, revision: 1 }),
    }));
    const faults: Array<Fault> = [];
    const controller = controllerOf({
      clock: host.clock,
      hypervisor: host.hypervisor,
      store: { ...host.store, listRecords: () => async () => rightOf(page) },
      onFault: (fault) => faults.push(fault),
    });
    await host.clock.settle();
    expect(faults).toMatchObject([
      { id: null, during: 'list', error: { message: 'a page that is listed ends where the page before it ended' } },
    ]);
    right(await controller.close()());
  });

  test('that has not begun when the controller closes asks for nothing', async () => {
    const host = createCountingHost();
    const { listRecords: _, ...idsOnly } = host.counting;
    const list = host.counting.list;
    let lists = 0;
    const store: Store = {
      ...idsOnly,
      list: () => {
        lists++;
        return list();
      },
    };
    await controllerOf({ store, hypervisor: host.hypervisor, clock: host.clock }).close()();
    expect(lists).toBe(0);
    await controllerOf({ store, hypervisor: host.hypervisor, clock: host.clock }).reconcileAll()();
    expect(lists).toBe(2);
  });

  test('starts what has ended unnoticed, whether its record was listed or loaded', async () => {
    const host = createCountingHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - minute });
    await host.begin();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 1);
    await host.clock.advance(minute);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('takes no listed record of an instance that was looked at, or asked for, since it was listed', async () => {
    const host = createCountingHost();
    for (const id of ['a', 'b']) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight - minute });
    }
    // One at a time, and the first look hangs: what was listed of the second waits, and gets old.
    const controller = await host.begin(host.counting, 1);
    const held = host.hypervisor.holdInspect('a');
    await host.clock.advance(minute);
    await held.reached;
    right(await controller.pause('b')());
    host.reset();
    held.release();
    await host.clock.settle();
    expect(host.reset()).toContain('load b');
    expect(await host.status('b')).toMatchObject({ blockedReason: 'paused' });
  });

  test('arms the wake-up by what is stored, not by what was listed before another look', async () => {
    const host = createCountingHost();
    const paused = { ...initialStatus, attempts: 1, lastAttemptAt: midnight, blockedReason: 'paused' } as const;
    await host.seed('web', { ...always, backoff: 5 * minute }, paused);
    host.hypervisor.set('web', exited(1));
    // The page is answered late: meanwhile a person resumes the instance, it is looked at, and waits for its backoff.
    let answer = (): void => {};
    const { listRecords } = host.counting;
    let isFirst = true;
    const slow: Store = {
      ...host.counting,
      ...(listRecords !== undefined && {
        listRecords: (page) => async () => {
          const records = await listRecords(page)();
          if (isFirst) isFirst = false;
          else await new Promise<void>((resolve) => (answer = resolve));
          return records;
        },
      }),
    };
    const controller = await host.begin(slow);
    await host.clock.advance(minute);
    // The resync has its page, as it was before this.
    right(await controller.resume('web')());
    await host.clock.settle();
    const wakesAt = async () => right(await controller.status('web')())?.wakesAt;
    expect(await wakesAt()).toBe(midnight + 5 * minute);
    answer();
    await host.clock.settle();
    expect(await wakesAt()).toBe(midnight + 5 * minute);
  });

  test('that is asked for while one is under way is made after it, once, and loads nothing either', async () => {
    const host = createCountingHost();
    await host.seed('web', never);
    let notify = (_: InstanceId | null): void => {};
    let goOn = (): void => {};
    const { listRecords } = host.counting;
    const store: Store = {
      ...host.counting,
      ...(listRecords !== undefined && {
        listRecords: (page) => async () => {
          await new Promise<void>((resolve) => (goOn = resolve));
          return listRecords(page)();
        },
      }),
      subscribe: (listener) => {
        notify = listener;
        return () => {};
      },
    };
    const controller = await host.begin(store);
    goOn();
    await host.clock.settle();
    host.reset();
    for (let i = 0; i < 5; i++) notify(null);
    await host.clock.settle();
    for (let i = 0; i < 5; i++) notify(null);
    const all = controller.reconcileAll()();
    for (let i = 0; i < 3; i++) {
      goOn();
      await host.clock.settle();
    }
    right(await all);
    expect(host.reset()).toEqual(['page null', 'inspect web', 'page null', 'inspect web', 'page null', 'inspect web']);
  });
});

describe('an exit that is answered at once', () => {
  test('costs three loads and two inspections until the instance runs again, its own notification included', async () => {
    const host = createCountingHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - minute });
    await host.begin();
    host.reset();
    host.hypervisor.exit('web', 1);
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
    expect(host.reset()).toEqual(['load web', 'inspect web', 'load web', 'load web', 'inspect web']);
  });

  test('swallows no notification that comes while the look that follows is under way', async () => {
    const host = createCountingHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.deliver({ copies: 0 });
    await host.begin();
    expect(host.hypervisor.running('web')).toBe(1);
    host.hypervisor.deliver({});
    // It ends again after it was inspected: the notification is answered by one more look.
    const held = host.hypervisor.holdInspect('web');
    host.hypervisor.notify('web');
    await held.reached;
    host.reset();
    host.hypervisor.notify('web');
    held.release();
    await host.clock.settle();
    expect(host.reset()).toEqual(['load web', 'inspect web']);
  });
});

describe('places', () => {
  const create = (limit: number) => {
    const clock = createVirtualClock();
    let freed = 0;
    const places = createPlaces(limit, clock, () => freed++);
    return { clock, places, freed: () => freed };
  };

  test('are given up after a second, in the order in which they were taken, when somebody waits', async () => {
    const { clock, places, freed } = create(2);
    places.take();
    await clock.advance(400);
    places.take();
    expect(places.isFull()).toBe(true);
    places.wait();
    await clock.advance(599);
    expect([places.isFull(), freed()]).toEqual([true, 0]);
    await clock.advance(1);
    expect([places.isFull(), freed()]).toEqual([false, 1]);
    places.take();
    expect(places.isFull()).toBe(true);
    places.wait();
    await clock.advance(400);
    expect([places.isFull(), freed()]).toEqual([false, 2]);
  });

  test('are kept for as long as it takes when nobody waits, and no timer is set', async () => {
    const { clock, places } = create(1);
    places.take();
    await clock.advance(minute);
    expect([places.isFull(), clock.pending]).toEqual([true, 0]);
  });

  test('are free when they are left, and one that was given up before is not left twice', async () => {
    const { clock, places } = create(2);
    const first = places.take();
    const second = places.take();
    places.wait();
    await clock.advance(1_000);
    places.take();
    places.take();
    expect(places.isFull()).toBe(true);
    places.leave(first);
    places.leave(second);
    expect(places.isFull()).toBe(true);
  });

  test('set no timer any more once they are closed', () => {
    const { clock, places } = create(1);
    places.take();
    places.wait();
    places.close();
    expect(clock.pending).toBe(0);
  });
});

describe('a breath', () => {
  const create = () => {
    let now = midnight;
    const turns: Array<() => void> = [];
    const clock = {
      now: () => now,
      wakeAt: () => () => {},
      nextTurn: () => new Promise<void>((resolve) => turns.push(resolve)),
    };
    let woken = 0;
    const breath = createBreath(clock, () => woken++);
    const turn = async () => {
      for (const resolve of turns.splice(0)) resolve();
      await Promise.resolve();
    };
    return { breath, turn, turns, woken: () => woken, pass: (ms: number) => (now += ms) };
  };

  test('is due after five milliseconds of work, until the next turn', async () => {
    const { breath, turn, turns, woken, pass } = create();
    for (let i = 0; i < 1_000; i++) expect(breath.isDue()).toBe(false);
    pass(4);
    expect(breath.isDue()).toBe(false);
    pass(1);
    expect([breath.isDue(), breath.isDue(), turns.length]).toEqual([true, true, 1]);
    await turn();
    expect([woken(), breath.isDue()]).toEqual([1, false]);
  });

  test('is due also where the clock was set back meanwhile', () => {
    const { breath, pass } = create();
    for (let i = 0; i < 5; i++) breath.isDue();
    pass(-minute);
    expect(breath.isDue()).toBe(true);
  });

  test('is not taken for one or two pieces of work, however long they last', () => {
    const { breath, pass } = create();
    for (let i = 0; i < 4; i++) {
      expect(breath.isDue()).toBe(false);
      pass(100);
    }
    expect(breath.isDue()).toBe(true);
  });

  test('is never taken on a clock that knows no turns', () => {
    let now = 0;
    const breath = createBreath({ now: () => (now += 100), wakeAt: () => () => {} }, () => expect.fail());
    for (let i = 0; i < 100; i++) expect(breath.isDue()).toBe(false);
  });
});
