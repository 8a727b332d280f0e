/**
 * Calls whose caller gave up, on a real PostgreSQL: they are ended at the server, nothing of them comes later, and the pool
 * has all its connections.
 */
import { getEventListeners } from 'node:events';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { createPostgresLeases, createPostgresStore } from '../../src/adapters/postgres.js';
import type { RestartRecord, Store } from '../../src/ports/store.js';
import { initialStatus } from '../../src/status.js';
import { createVirtualClock } from '../../src/testing.js';
import { until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { describeOnServer, usePglite, useServer } from './server.js';

const record = (attempts: number): RestartRecord => ({
  policy: policyWith({ maxAttempts: 3 }),
  status: { ...initialStatus, attempts },
});

const attemptsOf = async (store: Store, id: string): Promise<number> => {
  const found = right(await store.load(id)());
  return found._tag === 'None' ? -1 : found.value.status.attempts;
};

/** All connections that a pool may have, at once: one that is lost to it is waited for in vain. */
const takesAll = async (pool: Pool): Promise<void> => {
  const clients = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  for (const client of clients) client.release();
};

/** Answers when so many sessions wait for a lock. */
const untilWaiting = async (admin: Pool, count: number): Promise<void> => {
  const waiting = async (): Promise<number> => {
    const { rows } = await admin.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'given-up'`,
    );
    return rows.length;
  };
  while ((await waiting()) !== count);
};

describeOnServer('on a server', () => {
  const { fresh } = useServer();

  const world = async (max: number) => {
    const { pool: admin, another } = await fresh();
    const { schema } = (await admin.query('SELECT current_schema() AS schema')).rows[0];
    const pool = another({ max, application_name: 'given-up', options: `-c search_path=${schema}` });
    const store = right(createPostgresStore(pool));
    const revision = right(await store.save('web', record(1), null)());
    const holder = await admin.connect();
    await holder.query('BEGIN');
    return {
      admin,
      pool,
      store,
      revision,
      lock: (sql: string) => holder.query(sql),
      /** Those who wait for the lock go on, where there are any. */
      unlock: async () => {
        await holder.query('COMMIT');
        holder.release();
      },
    };
  };

  const lockRow = `SELECT FROM restart_instances WHERE id = 'web' FOR UPDATE`;

  test('a save that waits for a lock and is given up is answered, and is not written later', async () => {
    const { admin, pool, store, revision, lock, unlock } = await world(2);
    await lock(lockRow);
    const controller = new AbortController();
    const saving = store.save('web', record(2), revision, { signal: controller.signal })();
    await untilWaiting(admin, 1);
    controller.abort();
    expect(left(await saving)).toMatchObject({ _tag: 'StoreFailed', message: expect.stringContaining('given up') });
    await untilWaiting(admin, 0);
    await unlock();
    expect(right(await store.load('web')())).toMatchObject({ value: { ...record(1), revision } });
    await takesAll(pool);
    right(await store.save('web', record(3), revision)());
  });

  test('a save through a proxy, whose session may be at somebody else by then, is answered when it has ended by itself', async () => {
    const { admin, pool, store, lock, unlock, revision } = await world(1);
    // As PgBouncer does it: the driver is told of another session than the one that the server tells of.
    const client = await pool.connect();
    Reflect.set(client, 'processID', -1);
    client.release();
    const ended: Array<unknown> = [];
    pool.on('remove', () => ended.push(null));
    await lock(lockRow);
    const controller = new AbortController();
    const saving = store.save('web', record(2), revision, { signal: controller.signal })();
    await untilWaiting(admin, 1);
    controller.abort();
    // It still waits, and nothing was done to any session.
    await untilWaiting(admin, 1);
    expect(ended).toEqual([]);
    await unlock();
    expect(right(await saving)).toBeGreaterThan(revision);
    expect(await attemptsOf(store, 'web')).toBe(2);
  });

  test('calls of which all connections of the pool are full are all given up, and none comes later', async () => {
    const { admin, pool, store, revision, lock, unlock } = await world(3);
    await lock(lockRow);
    const controller = new AbortController();
    const { signal } = controller;
    const saving = Array.from({ length: 8 }, (_, n) => store.save('web', record(10 + n), revision, { signal })());
    await untilWaiting(admin, 3);
    controller.abort();
    for (const answer of await Promise.all(saving)) {
      expect(left(answer)).toMatchObject({ _tag: 'StoreFailed', message: expect.stringContaining('given up') });
    }
    await untilWaiting(admin, 0);
    await unlock();
    expect(await attemptsOf(store, 'web')).toBe(1);
    await takesAll(pool);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('where the server has no room for one connection more, a call that is given up is answered when it has', async () => {
    const { admin, pool, revision, lock, unlock } = await world(1);
    const { schema } = (await admin.query('SELECT current_schema() AS schema')).rows[0];
    await admin.query(`CREATE ROLE limited LOGIN CONNECTION LIMIT 1; GRANT USAGE ON SCHEMA ${schema} TO limited;
      GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO limited`);
    const limited = new Pool({ ...pool.options, user: 'limited' });
    const clock = createVirtualClock();
    const store = right(createPostgresStore(limited, { clock }));
    await lock(lockRow);
    const controller = new AbortController();
    let isAnswered = false;
    const saving = store.save('web', record(2), revision, { signal: controller.signal })();
    void saving.then(() => {
      isAnswered = true;
    });
    await untilWaiting(admin, 1);
    controller.abort();
    await until(() => clock.pending > 0 || isAnswered);
    expect(isAnswered).toBe(false);
    await admin.query('ALTER ROLE limited CONNECTION LIMIT 2');
    await clock.advance(1_000);
    expect(left(await saving)).toMatchObject({ _tag: 'StoreFailed', message: expect.stringContaining('given up') });
    await untilWaiting(admin, 0);
    await unlock();
    expect(await attemptsOf(store, 'web')).toBe(1);
    await limited.end();
  });

  test('a call that waits for a connection is given up at once, and the connection is there for others', async () => {
    const { pool, store, unlock } = await world(1);
    await unlock();
    const mine = await pool.connect();
    const controller = new AbortController();
    const loading = store.load('web', { signal: controller.signal })();
    const next = store.load('web')();
    controller.abort();
    expect(left(await loading)).toMatchObject({ _tag: 'StoreFailed', message: expect.stringContaining('given up') });
    mine.release();
    expect(right(await next)._tag).toBe('Some');
    await takesAll(pool);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
  });

  test('every call of the store and of the leases can be given up while it runs', async () => {
    const { admin, pool, store, revision, lock, unlock } = await world(4);
    const leases = right(createPostgresLeases(pool, { clock: createVirtualClock() }));
    right(await store.save('db', record(1), null)());
    const lease = right(await leases.hold('web')());
    if (lease === null) throw new Error('the lease is not to be had');
    await lock('LOCK TABLE restart_instances, restart_leases IN ACCESS EXCLUSIVE MODE');
    type Call = (signal: AbortSignal) => Task<Either<unknown, unknown>>;
    const calls: ReadonlyArray<Call> = [
      (signal) => store.load('web', { signal }),
      (signal) => store.save('web', record(2), revision, { signal }),
      (signal) => store.save('new', record(2), null, { signal }),
      (signal) => store.remove('web', revision, { signal }),
      (signal) => () => store.list({ signal }),
      (signal) => store.due(0, 10, { signal }),
      (signal) => store.listRecords({ after: null, limit: 10 }, { signal }),
      (signal) => leases.check(lease, { signal }),
      (signal) => leases.hold('db', { signal }),
      (signal) => leases.release('web', { signal }),
    ];
    for (const call of calls) {
      const controller = new AbortController();
      const answering = call(controller.signal)();
      await untilWaiting(admin, 1);
      controller.abort();
      expect(await answering).toMatchObject({ _tag: 'Left', left: { _tag: 'StoreFailed' } });
      await untilWaiting(admin, 0);
    }
    await unlock();
    expect([...right(await store.list())].sort()).toEqual(['db', 'web']);
    expect(right(await leases.check(lease)())).toBe(true);
    expect((await admin.query('SELECT id FROM restart_leases')).rows).toEqual([{ id: 'web' }]);
    await takesAll(pool);
    await leases.close();
  });

  test('a call that is given up before it is made asks nothing, and one that is never given up leaves no trace', async () => {
    const { pool, store, revision, unlock } = await world(1);
    await unlock();
    const { signal } = new AbortController();
    for (let n = 0; n < 40; n++) right(await store.load('web', { signal })());
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const client = await pool.connect();
    expect(client.listenerCount('error')).toBeLessThan(4);
    // With the only connection in use, whatever asks would wait.
    const gone = AbortSignal.abort();
    expect(left(await store.save('web', record(2), revision, { signal: gone })())._tag).toBe('StoreFailed');
    client.release();
    expect(await attemptsOf(store, 'web')).toBe(1);
  });

  test('a connection that is lost in the middle of a call fails that call alone', async () => {
    const { admin, pool, store, revision, lock, unlock } = await world(2);
    await lock(lockRow);
    const { signal } = new AbortController();
    const saving = store.save('web', record(2), revision, { signal })();
    await untilWaiting(admin, 1);
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'given-up'`,
    );
    expect(left(await saving)).toMatchObject({ _tag: 'StoreFailed', message: expect.not.stringContaining('given up') });
    await unlock();
    expect(await attemptsOf(store, 'web')).toBe(1);
    await takesAll(pool);
  });

  test('what is given up when it is done all the same is answered as it is, or as not known', async () => {
    const { pool, store, unlock } = await world(2);
    await unlock();
    let expected = 1;
    let revision = right(await store.load('web')());
    for (let round = 0; round < 30; round++) {
      if (revision._tag === 'None') throw new Error('the record is gone');
      const controller = new AbortController();
      const saving = store.save('web', record(100 + round), revision.value.revision, { signal: controller.signal })();
      for (let turn = 0; turn < round % 10; turn++) await new Promise(setImmediate);
      controller.abort();
      const answer = await saving;
      const attempts = await attemptsOf(store, 'web');
      if (answer._tag === 'Right') expect(attempts).toBe(100 + round);
      else expect([expected, 100 + round]).toContain(attempts);
      expected = attempts;
      // Nothing comes after the answer.
      revision = right(await store.load('web')());
      expect(await attemptsOf(store, 'web')).toBe(attempts);
    }
    await takesAll(pool);
  });
});

const { fresh: freshPglite } = usePglite();

test('on PGlite, whose one connection is never cut, a call that is given up is answered, and the next ones work', async () => {
  const store = right(createPostgresStore(await freshPglite()));
  const revision = right(await store.save('web', record(1), null)());
  const controller = new AbortController();
  const saving = store.save('web', record(2), revision, { signal: controller.signal })();
  await Promise.resolve();
  controller.abort();
  const answer = await saving;
  const attempts = await attemptsOf(store, 'web');
  expect(attempts).toBe(answer._tag === 'Right' ? 2 : 1);
  const { signal } = new AbortController();
  right(await store.load('web', { signal })());
});
