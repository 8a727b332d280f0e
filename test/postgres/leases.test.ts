/**
 * Leases in the tables of a real PostgreSQL and of PGlite; what owners do over time is in lease-owner.test.ts.
 */
import { describe, expect, test } from 'vitest';
import {
  createPostgresLeases,
  createPostgresStore,
  type Leases,
  type PostgresLeasesOptions,
  type PostgresPool,
} from '../../src/adapters/postgres.js';
import { initialStatus } from '../../src/status.js';
import { createVirtualClock } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { createObserver, describeOnServer, usePglite, useServer } from './server.js';

const record = {
  policy: policyWith({ maxAttempts: 3 }),
  status: initialStatus,
} as const;

/** Its clock stands still unless the test moves it: nothing is renewed meanwhile. */
const leasesOn = (pool: PostgresPool, options: PostgresLeasesOptions = {}): Leases =>
  right(createPostgresLeases(pool, { clock: createVirtualClock(), ...options }));

const held = async (leases: Leases, id: string) => {
  const lease = right(await leases.hold(id)());
  if (lease === null) throw new Error(`${id} is not to be had`);
  return lease;
};

const lapseAll = (pool: PostgresPool) =>
  pool.query(`UPDATE restart_owners SET expires_at = now() - interval '1 millisecond'`);

const behavesOn = (freshPool: () => Promise<PostgresPool>): void => {
  const fresh = async (): Promise<PostgresPool> => {
    const pool = await freshPool();
    const store = right(createPostgresStore(pool));
    for (const id of ['web', 'db']) right(await store.save(id, record, null)());
    return pool;
  };

  test('an instance has one owner, under one epoch through all renewals', async () => {
    const pool = await fresh();
    const clock = createVirtualClock();
    const [one, other] = [leasesOn(pool, { clock }), leasesOn(pool)];
    const lease = await held(one, 'web');
    const expiry = async () => (await pool.query('SELECT min(expires_at)::text AS at FROM restart_owners')).rows[0];
    const before = await expiry();
    await clock.advance(5_000);
    // Behind the renewal on a connection of one, and behind its answer on any.
    while (JSON.stringify(await expiry()) === JSON.stringify(before));
    expect(await held(one, 'web')).toEqual(lease);
    expect(right(await other.hold('web')())).toBe(null);
    expect([right(await one.check(lease)()), right(await other.check(lease)())]).toEqual([true, true]);
    await held(other, 'db');
    expect(right(await one.hold('db')())).toBe(null);
  });

  test('what lapsed is taken over under another epoch, and does not come back by a late renewal', async () => {
    const pool = await fresh();
    const clock = createVirtualClock();
    const [one, other] = [leasesOn(pool, { clock }), leasesOn(pool)];
    const lease = await held(one, 'web');
    await lapseAll(pool);
    expect(right(await one.check(lease)())).toBe(false);
    const taken = await held(other, 'web');
    expect(taken.epoch).toBeGreaterThan(lease.epoch);
    clock.jump(clock.now() + 20_000);
    expect(right(await one.hold('web')())).toBe(null);
    expect([right(await one.check(lease)()), right(await other.check(taken)())]).toEqual([false, true]);
  });

  test('an owner that lapsed, and whom nobody followed, takes its own again under another epoch', async () => {
    const pool = await fresh();
    const clock = createVirtualClock();
    const leases = leasesOn(pool, { clock });
    const lease = await held(leases, 'web');
    await lapseAll(pool);
    clock.jump(clock.now() + 20_000);
    const anew = await held(leases, 'web');
    expect(anew.epoch).toBeGreaterThan(lease.epoch);
    expect([right(await leases.check(lease)()), right(await leases.check(anew)())]).toEqual([false, true]);
    expect((await pool.query('SELECT FROM restart_owners')).rows).toHaveLength(1);
  });

  test('what an owner lets go of is notified, and to be had at once', async () => {
    const pool = await fresh();
    const [one, other] = [leasesOn(pool, { name: 'host-1' }), leasesOn(pool)];
    const { onChange, until } = createObserver<string | null>();
    other.subscribe(onChange);
    await until((seen) => seen.includes(null));
    const [web, db] = [await held(one, 'web'), await held(one, 'db')];
    expect(
      (await pool.query('SELECT DISTINCT name FROM restart_leases JOIN restart_owners USING (owner)')).rows,
    ).toEqual([{ name: 'host-1' }]);
    right(await one.release('web')());
    await until((seen) => seen.includes('web'));
    expect((await held(other, 'web')).epoch).toBeGreaterThan(web.epoch);
    expect(right(await one.hold('web')())).toBe(null);
    await one.close();
    await until((seen) => seen.includes('db'));
    expect(right(await one.check(db)())).toBe(false);
    expect((await held(other, 'db')).epoch).toBeGreaterThan(db.epoch);
    await other.close();
  });

  test('an owner that closes but for some keeps and renews those, and the others are to be had at once', async () => {
    const pool = await fresh();
    const clock = createVirtualClock();
    const [one, other] = [leasesOn(pool, { clock }), leasesOn(pool)];
    const { onChange, until } = createObserver<string | null>();
    other.subscribe(onChange);
    await until((seen) => seen.includes(null));
    const [web, db] = [await held(one, 'web'), await held(one, 'db')];
    await one.close(['web']);
    await until((seen) => seen.includes('db'));
    expect((await held(other, 'db')).epoch).toBeGreaterThan(db.epoch);
    expect(right(await one.hold('db')())).toBe(null);
    const expiries = `SELECT expires_at::text FROM restart_owners JOIN restart_leases USING (owner) WHERE id = 'web'`;
    const { rows: before } = await pool.query(expiries);
    await clock.advance(5_000);
    while (JSON.stringify((await pool.query(expiries)).rows) === JSON.stringify(before));
    expect([right(await one.check(web)()), right(await other.hold('web')())]).toEqual([true, null]);
    expect(await held(one, 'web')).toEqual(web);
    await one.close();
    await until((seen) => seen.includes('') || seen.includes('web'));
    expect(right(await one.check(web)())).toBe(false);
    expect((await held(other, 'web')).epoch).toBeGreaterThan(web.epoch);
    await other.close();
  });

  test('of an id that would be cut or changed on its way there is no lease, nor is it one with another', async () => {
    const pool = await fresh();
    right(await right(createPostgresStore(pool)).save('half \ufffd', record, null)());
    const leases = leasesOn(pool);
    await held(leases, 'half \ufffd');
    for (const id of ['half \ud834', 'web\0', '']) expect(right(await leases.hold(id)())).toBe(null);
    await leases.close();
  });

  test('there is a lease of what has a record, and it goes with the record', async () => {
    const pool = await fresh();
    const leases = leasesOn(pool);
    expect(right(await leases.hold('nowhere')())).toBe(null);
    const lease = await held(leases, 'web');
    const store = right(createPostgresStore(pool));
    const found = right(await store.load('web')());
    right(await store.remove('web', found._tag === 'Some' ? found.value.revision : 0)());
    expect(right(await leases.check(lease)())).toBe(false);
    right(await leases.release('web')());
    expect((await pool.query('SELECT FROM restart_leases')).rows).toEqual([]);
  });
};

test.each([99, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
  '%d milliseconds are no time for a lease',
  (ttl) => {
    const unused = () => Promise.reject(new Error('nothing is asked'));
    const pool: PostgresPool = { query: unused, connect: unused, on: unused };
    expect(left(createPostgresLeases(pool, { ttl })).message).toContain('ttl must be from 100 to');
  },
);

test('options that are wrong are all named, and so is a pool that is none', () => {
  const wrong = { ttl: '15s', accepts: ['web'], name: 7, clock: Date, tll: 1 } as unknown as PostgresLeasesOptions;
  const leases = left(createPostgresLeases({} as PostgresPool, wrong));
  expect([leases._tag, ...leases.errors.map(({ option }) => option)]).toEqual([
    'InvalidOptions',
    'pool',
    'ttl',
    'accepts',
    'name',
    'clock',
    'tll',
  ]);
  const store = left(createPostgresStore(undefined as unknown as PostgresPool, { clock: null } as never));
  expect(store.message).toBe(
    'pool must be a pool with query, connect, on, but it is missing; clock must be a clock with now, wakeAt, not null',
  );
});

describe('on PGlite', () => {
  behavesOn(usePglite().fresh);
});

describeOnServer('on a server', () => {
  const { fresh } = useServer();
  behavesOn(async () => (await fresh()).pool);

  test('of hosts that reach for what lapsed at once one has it, every time', async () => {
    const { pool, another } = await fresh();
    right(await right(createPostgresStore(pool)).save('web', record, null)());
    const pools = Array.from({ length: 6 }, () => another({ max: 1 }));
    const epochs: Array<number> = [];
    for (let round = 0; round < 10; round++) {
      const hosts = pools.map((each) => leasesOn(each));
      // Each is an owner already, and asks at the same moment.
      await Promise.all(hosts.map((leases) => leases.hold('nowhere')()));
      const answers = await Promise.all(hosts.map((leases) => leases.hold('web')()));
      const leases = answers.map(right).filter((lease) => lease !== null);
      expect(leases).toHaveLength(1);
      epochs.push(leases[0]?.epoch ?? 0);
      await lapseAll(pool);
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  });

  test('when a host loses its database, the others are notified as soon as it lapses', async () => {
    const { pool, another } = await fresh();
    right(await right(createPostgresStore(pool)).save('web', record, null)());
    const cut = another({ max: 1 });
    const one = right(createPostgresLeases(cut, { ttl: 400 }));
    const other = right(createPostgresLeases(pool, { ttl: 400 }));
    const { onChange, seen, until } = createObserver<string | null>();
    other.subscribe(onChange);
    await until(({ length }) => length === 1);
    const lease = await held(one, 'web');
    expect(right(await other.hold('web')())).toBe(null);
    await cut.end();
    await until(({ length }) => length === 2);
    expect(seen).toEqual([null, 'web']);
    expect((await held(other, 'web')).epoch).toBeGreaterThan(lease.epoch);
    await Promise.all([one.close(), other.close()]);
  });
});
