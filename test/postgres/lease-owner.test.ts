/**
 * What owners of leases do over time; no database and no moment of real time.
 */
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { createLeases } from '../../src/adapters/postgres/leases.js';
import type { CallSignal, PortCall } from '../../src/ports/call.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Leases } from '../../src/ports/leases.js';
import { createVirtualClock } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { createMemoryLeases, type Way } from './memory-lease-table.js';

const ttl = 15_000;

const createWorld = () => {
  const clock = createVirtualClock();
  const memory = createMemoryLeases(clock);
  const controller = (options: { clock?: Clock; accepts?: (id: string) => boolean } = {}) => {
    const way = memory.way();
    const leases = createLeases(way.table, options.clock ?? clock, { ttl, accepts: options.accepts ?? (() => true) });
    const notified: Array<{ readonly id: string | null; readonly at: number }> = [];
    leases.subscribe((id) => notified.push({ id, at: clock.now() }));
    return { way, leases, notified };
  };
  return { clock, memory, controller };
};

const held = async (leases: Leases, id: string) => {
  const lease = right(await leases.hold(id)());
  if (lease === null) throw new Error(`${id} is not to be had`);
  return lease;
};

const count = (way: Way, name: Way['calls'][number]): number => way.calls.filter((call) => call === name).length;

test('an instance has one owner, who keeps it under one epoch for as long as it lives', async () => {
  const { clock, controller } = createWorld();
  const [one, other] = [controller(), controller()];
  const lease = await held(one.leases, 'web');
  for (let hour = 0; hour < 3; hour++) {
    expect(right(await other.leases.hold('web')())).toBe(null);
    await clock.advance(3_600_000);
    expect(await held(one.leases, 'web')).toEqual(lease);
    expect(right(await one.leases.check(lease)())).toBe(true);
  }
  expect(other.notified).toEqual([]);
});

test('a thousand leases are renewed by one call, every third of their time', async () => {
  const { clock, controller } = createWorld();
  const { way, leases } = controller();
  for (let n = 0; n < 1_000; n++) await held(leases, `web-${n}`);
  const before = way.calls.length;
  await clock.advance(150_000);
  expect(way.calls.slice(before)).toEqual(Array.from({ length: 30 }, () => 'renew'));
  // What is held is known without asking.
  await held(leases, 'web-500');
  expect(way.calls.length).toBe(before + 30);
});

test('when an owner dies, the others are notified at the moment at which it lapses, and one takes over', async () => {
  const { clock, controller } = createWorld();
  const [one, two, three] = [controller(), controller(), controller()];
  const lease = await held(one.leases, 'web');
  for (const { leases } of [two, three]) expect(right(await leases.hold('web')())).toBe(null);
  await clock.advance(100_000);
  const lastRenewal = clock.now();
  one.way.become('dead');
  await clock.advance(ttl - 1);
  expect([two.notified, three.notified]).toEqual([[], []]);
  await clock.advance(1);
  const expected = [{ id: 'web', at: lastRenewal + ttl }];
  expect([two.notified, three.notified]).toEqual([expected, expected]);
  const taken = await held(two.leases, 'web');
  expect(taken.epoch).not.toBe(lease.epoch);
  expect(right(await three.leases.hold('web')())).toBe(null);
  expect(right(await two.leases.check(lease)())).toBe(false);
});

test('when the owner of a fleet dies, the others are notified of some of it at a time, until they close', async () => {
  const { clock, controller } = createWorld();
  let isHeldUp = false;
  let turn = (): void => {};
  const nextTurn = () =>
    isHeldUp
      ? new Promise<void>((resolve) => {
          turn = resolve;
        })
      : Promise.resolve();
  const [one, two, three] = [controller(), controller({ clock: { ...clock, nextTurn } }), controller()];
  const ids = Array.from({ length: 1_200 }, (_, n) => `web-${n}`);
  for (const id of ids) await held(one.leases, id);
  for (const { leases } of [two, three]) expect(right(await leases.hold('web-0')())).toBe(null);
  one.way.become('dead');
  isHeldUp = true;
  await clock.advance(2 * ttl);
  const notified = () => two.notified.map(({ id }) => id);
  expect(notified()).toEqual(ids.slice(0, 499));
  expect(three.notified.map(({ id }) => id)).toEqual(ids);
  turn();
  await clock.settle();
  expect(notified()).toEqual(ids.slice(0, 999));
  await two.leases.close();
  turn();
  await clock.settle();
  expect(notified()).toEqual(ids.slice(0, 999));
});

test('who waits for another to lapse asks about once in the time of a lease, and no more', async () => {
  const { clock, controller } = createWorld();
  const [one, other] = [controller(), controller()];
  await held(one.leases, 'web');
  expect(right(await other.leases.hold('web')())).toBe(null);
  await clock.advance(100 * ttl);
  expect(count(other.way, 'survey')).toBeLessThanOrEqual(150);
  expect(count(other.way, 'survey')).toBeGreaterThanOrEqual(100);
});

test('an owner that closes hands everything over at once', async () => {
  const { clock, controller } = createWorld();
  const [one, other] = [controller(), controller()];
  const leases = [await held(one.leases, 'web'), await held(one.leases, 'db')];
  expect(right(await other.leases.hold('web')())).toBe(null);
  await one.leases.close();
  await one.leases.close();
  await clock.settle();
  expect(other.notified.map(({ id }) => id)).toEqual(['web', 'db']);
  for (const lease of leases) {
    expect(right(await one.leases.check(lease)())).toBe(false);
    expect((await held(other.leases, lease.id)).epoch).not.toBe(lease.epoch);
  }
  expect(right(await one.leases.hold('mail')())).toBe(null);
  await other.leases.close();
  expect(clock.pending).toBe(0);
});

test('an owner that closes but for some hands the others over at once, and renews those until it closes again', async () => {
  const { clock, memory, controller } = createWorld();
  const [one, other] = [controller(), controller()];
  const [web, db, mail] = [await held(one.leases, 'web'), await held(one.leases, 'db'), await held(one.leases, 'mail')];
  for (const id of ['web', 'db', 'mail']) expect(right(await other.leases.hold(id)())).toBe(null);
  await one.leases.close(['web', 'mail', 'nowhere']);
  await clock.settle();
  expect(other.notified.map(({ id }) => id)).toEqual(['db']);
  expect((await held(other.leases, 'db')).epoch).not.toBe(db.epoch);
  // Nothing new, and nothing again.
  for (const id of ['db', 'cache']) expect(right(await one.leases.hold(id)())).toBe(null);
  await clock.advance(20 * ttl);
  expect(await held(one.leases, 'web')).toEqual(web);
  for (const lease of [web, mail]) expect(right(await one.leases.check(lease)())).toBe(true);
  expect([right(await other.leases.hold('web')()), one.notified]).toEqual([null, []]);
  await one.leases.close(['mail']);
  await clock.advance(2 * ttl);
  expect([...memory.leases().keys()].sort()).toEqual(['db', 'mail']);
  expect(right(await one.leases.check(mail)())).toBe(true);
  await one.leases.close();
  await one.leases.close();
  await clock.settle();
  expect([...memory.leases().keys()].filter((id) => id === 'web')).toEqual([]);
  expect((await held(other.leases, 'mail')).epoch).not.toBe(mail.epoch);
  await other.leases.close();
  expect(clock.pending).toBe(0);
});

test('who closes but for what it does not hold closes for good', async () => {
  const { clock, controller } = createWorld();
  const { way, leases } = controller();
  await held(leases, 'web');
  right(await leases.release('web')());
  await leases.close(['web', 'db']);
  expect(way.calls.at(-1)).toBe('retire');
  expect(clock.pending).toBe(0);
});

test.each(['down', 'deaf'] as const)(
  'what could not be let go of at the close because the way was %s is let go of at the next renewal',
  async (state) => {
    const { clock, memory, controller } = createWorld();
    const { way, leases } = controller();
    const web = await held(leases, 'web');
    await held(leases, 'db');
    way.become(state);
    await leases.close(['web']);
    way.become('up');
    await clock.advance(ttl / 3);
    expect([...memory.leases().keys()]).toEqual(['web']);
    expect(right(await leases.check(web)())).toBe(true);
    await leases.close();
    expect(clock.pending).toBe(0);
  },
);

test('what is taken while an owner closes is neither held nor renewed beside what it keeps', async () => {
  const { clock, memory, controller } = createWorld();
  const { way, leases } = controller();
  await held(leases, 'web');
  const { take } = way.table;
  let go = (): void => {};
  Object.assign(way.table, {
    take: async (...call: Parameters<typeof take>) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return take(...call);
    },
  });
  const holding = leases.hold('db')();
  await clock.settle();
  await leases.close(['web']);
  go();
  expect(right(await holding)).toBe(null);
  await clock.advance(ttl / 3);
  expect([...memory.leases().keys()]).toEqual(['web']);
  await leases.close();
});

test('an owner that lapses after it closed is not made anew', async () => {
  const { clock, controller } = createWorld();
  const { way, leases } = controller();
  await held(leases, 'web');
  await leases.close(['web']);
  way.become('down');
  await clock.advance(2 * ttl);
  way.become('up');
  await clock.advance(2 * ttl);
  expect(count(way, 'register')).toBe(1);
  expect(right(await leases.hold('web')())).toBe(null);
  expect(clock.pending).toBe(0);
});

test('a renewal that is never answered is given up, and made again before the leases lapse', async () => {
  const { clock, controller } = createWorld();
  const { way, leases } = controller();
  const lease = await held(leases, 'web');
  const { renew } = way.table;
  const signals: Array<CallSignal | undefined> = [];
  Object.assign(way.table, {
    renew: (...[owner, span, call]: Parameters<typeof renew>) => {
      signals.push(call?.signal);
      return signals.length === 1 ? new Promise(() => {}) : renew(owner, span, call);
    },
  });
  await clock.advance(0.99 * ttl);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  expect(right(await leases.check(lease)())).toBe(true);
  await clock.advance(10 * ttl);
  expect(await held(leases, 'web')).toEqual(lease);
  await leases.close();
  expect(clock.pending).toBe(0);
});

test('a database that answers nothing does not keep an owner from closing', async () => {
  const { clock, controller } = createWorld();
  const { way, leases } = controller();
  await held(leases, 'web');
  way.become('dead');
  const closing = leases.close();
  await clock.advance(ttl);
  await closing;
  expect(clock.pending).toBe(0);
});

test('the signal of a call goes with all that the call asks for, and with nothing that others wait for', async () => {
  const { controller } = createWorld();
  const { way, leases } = controller();
  const given = new Map<string, CallSignal | undefined>();
  for (const name of ['register', 'find', 'take', 'isGood', 'release'] as const) {
    const asked = way.table[name] as (...call: ReadonlyArray<unknown>) => unknown;
    Object.assign(way.table, {
      [name]: (...call: ReadonlyArray<unknown>) => {
        given.set(name, (call.at(-1) as PortCall | undefined)?.signal);
        return asked(...call);
      },
    });
  }
  const { signal } = new AbortController();
  const lease = right(await leases.hold('web', { signal })());
  if (lease === null) throw new Error('web is not to be had');
  right(await leases.check(lease, { signal })());
  right(await leases.release('web', { signal })());
  expect(['find', 'take', 'isGood', 'release'].map((name) => given.get(name) === signal)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(given.get('register') === signal).toBe(false);
  await leases.close();
});

test('an owner that could not renew for less than the time of a lease has lost nothing', async () => {
  const { clock, controller } = createWorld();
  const { way, leases, notified } = controller();
  const lease = await held(leases, 'web');
  way.become('down');
  await clock.advance(0.85 * ttl);
  way.become('up');
  await clock.advance(0.1 * ttl);
  expect(await held(leases, 'web')).toEqual(lease);
  expect(right(await leases.check(lease)())).toBe(true);
  await clock.advance(10 * ttl);
  expect(await held(leases, 'web')).toEqual(lease);
  expect(notified).toEqual([]);
});

test('an owner that lapsed is notified that any may be had, and begins anew under other epochs', async () => {
  const { clock, controller } = createWorld();
  const { way, leases, notified } = controller();
  const lease = await held(leases, 'web');
  way.become('down');
  await clock.advance(4.05 * ttl);
  expect(left(await leases.hold('web')())._tag).toBe('StoreFailed');
  expect(left(await leases.check(lease)())._tag).toBe('StoreFailed');
  way.become('up');
  await clock.advance(ttl / 10);
  expect(notified.map(({ id }) => id)).toEqual([null]);
  const anew = await held(leases, 'web');
  expect(anew.epoch).not.toBe(lease.epoch);
  expect([right(await leases.check(lease)()), right(await leases.check(anew)())]).toEqual([false, true]);
});

test.each(['down', 'deaf'] as const)(
  'who was answered by nobody because the way was %s is notified when it works again',
  async (state) => {
    const { clock, controller } = createWorld();
    const { way, leases, notified } = controller();
    way.become(state);
    expect(left(await leases.hold('web')())._tag).toBe('StoreFailed');
    way.become('up');
    await clock.advance(ttl / 3);
    expect(notified.map(({ id }) => id)).toEqual([null]);
    await held(leases, 'web');
    await clock.advance(10 * ttl);
    expect(notified).toHaveLength(1);
  },
);

test('a lease that was taken just before its owner lapsed is not kept', async () => {
  const { clock, controller } = createWorld();
  const { way, leases } = controller();
  await held(leases, 'first');
  const { take } = way.table;
  let answer = (): void => {};
  Object.assign(way.table, {
    take: async (...call: Parameters<typeof take>) => {
      const taken = await take(...call);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return taken;
    },
  });
  const holding = leases.hold('web')();
  await clock.settle();
  way.become('down');
  await clock.advance(2 * ttl);
  way.become('up');
  await clock.advance(ttl);
  answer();
  expect(right(await holding)).toBe(null);
});

test('an owner that slept past its time believes nothing that it remembers', async () => {
  const { clock, controller } = createWorld();
  // A process that is stopped: its timers do not fire, and its clock goes on.
  const woken: Array<() => void> = [];
  let asleep = false;
  const own: Clock = {
    now: clock.now,
    wakeAt: (at, callback) => clock.wakeAt(at, () => (asleep ? woken.push(callback) : callback())),
  };
  const [sleeper, other] = [controller({ clock: own }), controller()];
  const lease = await held(sleeper.leases, 'web');
  expect(right(await other.leases.hold('web')())).toBe(null);
  asleep = true;
  await clock.advance(ttl);
  const taken = await held(other.leases, 'web');
  asleep = false;
  expect(right(await sleeper.leases.check(lease)())).toBe(false);
  expect(right(await sleeper.leases.hold('web')())).toBe(null);
  for (const callback of woken) callback();
  await clock.advance(10 * ttl);
  expect(right(await sleeper.leases.hold('web')())).toBe(null);
  expect(await held(other.leases, 'web')).toEqual(taken);
});

test.each([-86_400_000, 86_400_000])(
  'a controller whose clock is wrong by %d ms neither keeps nor takes more',
  async (by) => {
    const { clock, controller } = createWorld();
    const wrong: Clock = { now: () => clock.now() + by, wakeAt: (at, callback) => clock.wakeAt(at - by, callback) };
    const [one, other] = [controller({ clock: wrong }), controller()];
    const [web, db] = [await held(one.leases, 'web'), await held(other.leases, 'db')];
    for (let n = 0; n < 10; n++) {
      await clock.advance(ttl);
      expect(right(await other.leases.hold('web')())).toBe(null);
      expect(right(await one.leases.hold('db')())).toBe(null);
      expect([await held(one.leases, 'web'), await held(other.leases, 'db')]).toEqual([web, db]);
    }
  },
);

test('a lease whose taking was not answered is known at the next hold', async () => {
  const { memory, controller } = createWorld();
  const [one, other] = [controller(), controller()];
  await held(one.leases, 'first');
  one.way.become('up');
  const { take } = one.way.table;
  Object.assign(one.way.table, {
    take: (...call: Parameters<typeof take>) => {
      one.way.become('deaf');
      return take(...call);
    },
  });
  expect(left(await one.leases.hold('web')())._tag).toBe('StoreFailed');
  expect(right(await other.leases.hold('web')())).toBe(null);
  expect((await held(one.leases, 'web')).epoch).toBe(memory.leases().get('web')?.epoch);
});

test('a lease that was found to be over is not answered from memory again', async () => {
  const { memory, controller } = createWorld();
  const { leases } = controller();
  const lease = await held(leases, 'web');
  // As when a renewal comes in just after a take-over.
  memory.seize('web');
  expect(await held(leases, 'web')).toEqual(lease);
  expect(right(await leases.check(lease)())).toBe(false);
  expect(right(await leases.hold('web')())).toBe(null);
});

test('an instance is for those who accept it, also when that changes', async () => {
  const { clock, controller } = createWorld();
  let here = true;
  const one = controller({ accepts: (id) => id === 'web' && here });
  const other = controller({ accepts: (id) => id === 'web' && !here });
  const lease = await held(one.leases, 'web');
  expect(right(await one.leases.hold('db')())).toBe(null);
  expect(right(await other.leases.hold('web')())).toBe(null);
  here = false;
  expect(right(await other.leases.hold('web')())).toBe(null);
  expect(right(await one.leases.hold('web')())).toBe(null);
  await clock.settle();
  expect(other.notified.map(({ id }) => id)).toEqual(['web']);
  expect((await held(other.leases, 'web')).epoch).not.toBe(lease.epoch);
  // What nobody accepts is notified to nobody.
  const before = one.notified.length;
  await other.leases.close();
  await clock.settle();
  expect(one.way.calls.at(-1)).toBe('survey');
  expect(one.notified.length).toBe(before);
});

test('of owners that reach for a free instance at once one has it, and when that one dies the others are notified', async () => {
  const { clock, controller } = createWorld();
  const all = Array.from({ length: 5 }, () => controller());
  const answers = await Promise.all(all.map(({ leases }) => leases.hold('web')()));
  const winners = all.filter((_, n) => right(answers[n] ?? rightOf(null)) !== null);
  expect(winners).toHaveLength(1);
  for (const { way } of winners) way.become('dead');
  await clock.advance(ttl);
  for (const each of all) expect(each.notified.map(({ id }) => id)).toEqual(winners.includes(each) ? [] : ['web']);
});
