/**
 * The history in PostgreSQL: on a real server, and on PGlite.
 */
import { describe, expect, test } from 'vitest';
import {
  createPostgresHistory,
  createPostgresStore,
  type HistoryFault,
  migrate,
  type PostgresHistoryOptions,
  type PostgresPool,
} from '../../src/adapters/postgres.js';
import type { History, HistoryEntry } from '../../src/history.js';
import { initialStatus } from '../../src/status.js';
import { createVirtualClock, historyContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { until } from '../linux/support.js';
import {
  createPostgresStore as createFormerStore,
  migrate as migrateAsFormerly,
} from '../rollback/former/restart-policy-9f8ee2e.mjs';
import { left, right } from '../support/either.js';
import { midnight } from '../support/host.js';
import { policyWith } from '../support/values.js';
import { createProxy } from './proxy.js';
import { setReadOnly } from './read-only.js';
import { describeOnServer, usePglite, useServer } from './server.js';

const attempt = (n: number, id = 'web'): HistoryEntry => ({
  _tag: 'Attempt',
  id,
  at: midnight + n,
  attempt: n,
  action: 'Start',
  why: 'exit',
  counted: true,
});

const ended = (n: number): HistoryEntry => ({
  _tag: 'RunEnded',
  id: 'web',
  at: midnight + n,
  startedAt: midnight - 1_000 + n,
  stoppedAt: null,
  lasted: null,
  exitCode: null,
  cause: 'unknown',
  by: 'itself',
  reason: null,
});

const historyOf = (pool: PostgresPool, options?: PostgresHistoryOptions): History =>
  right(createPostgresHistory(pool, options));

const underTest = (pool: PostgresPool, another: () => PostgresPool, options: PostgresHistoryOptions) => {
  const history = historyOf(pool, options);
  return {
    history,
    another: async () => historyOf(another(), options),
    corrupt: async (id: string) =>
      void (await pool.query("UPDATE restart_history SET entry = '[]' WHERE id = $1", [id])),
    breakDown: async () => void (await pool.query('ALTER TABLE restart_history RENAME TO away')),
    mend: async () => void (await pool.query('ALTER TABLE away RENAME TO restart_history')),
    close: history.close,
  };
};

describe('on PGlite, the contract of a history', () => {
  const { fresh } = usePglite();
  testContract(
    historyContract(async (bounds) => {
      const pool = await fresh();
      return underTest(pool, () => pool, bounds);
    }),
  );
});

describeOnServer('on a PostgreSQL server', () => {
  const { server, fresh } = useServer();

  describe('the contract of a history', () => {
    testContract(
      historyContract(async (bounds) => {
        const { pool, another } = await fresh();
        return underTest(pool, another, bounds);
      }),
    );
  });

  const numbersOf = async (pool: PostgresPool) =>
    right(await historyOf(pool).ofSpan({ limit: 1_000 })()).entries.map(({ at }) => at - midnight);

  test('a server that is killed costs nothing that waits, nor what was written', async () => {
    const { pool, another } = await fresh();
    const store = right(createPostgresStore(pool));
    const faults: Array<HistoryFault> = [];
    const history = historyOf(another(), { onFault: (fault) => faults.push(fault) });
    history.add([attempt(1)]);
    right(await history.flush());
    await server().kill();
    history.add([attempt(2)]);
    expect(left(await history.flush())._tag).toBe('HistoryFailed');
    expect(left(await history.ofInstance('web')())._tag).toBe('HistoryFailed');
    expect(history.state()).toMatchObject({ queued: 1, lost: 0 });
    expect(faults.length).toBeGreaterThan(0);
    await server().start();
    // By itself: it asks again after a second.
    await until(async () => history.state().queued === 0);
    expect(await numbersOf(pool)).toEqual([2, 1]);
    right(await store.list());
  });

  test.each(['before', 'after'] as const)(
    'a connection that is cut off %s a batch was committed leaves each of its entries there once',
    async (at) => {
      const { pool, another } = await fresh();
      const proxy = await createProxy(() => server().port);
      const history = historyOf(another({ port: proxy.port }));
      history.add([attempt(1), ended(1)]);
      right(await history.flush());
      proxy.cutAt(at);
      history.add([attempt(2), attempt(3), ended(2)]);
      expect(left(await history.flush())._tag).toBe('HistoryFailed');
      proxy.cutAt(null);
      right(await history.flush());
      proxy.close();
      expect(await numbersOf(pool)).toEqual([3, 2, 2, 1, 1]);
      expect(history.state()).toEqual({ queued: 0, lost: 0, failing: null });
    },
  );

  test('a message that no text can hold as it is is kept without what cannot be', async () => {
    const { pool } = await fresh();
    const history = historyOf(pool);
    const failed = {
      _tag: 'AttemptFailed',
      id: 'web',
      at: midnight,
      attempt: 1,
      during: null,
      nextAttemptAt: null,
    } as const;
    history.add([{ ...failed, message: 'a\0b \ud834 𝄞' }]);
    expect(right(await history.ofInstance('web')()).entries).toEqual([{ ...failed, message: 'a\ufffdb \ufffd 𝄞' }]);
  });

  test('a database that is read-only is read, and written when it can be again', async () => {
    const { pool, another } = await fresh();
    const history = historyOf(another());
    history.add([attempt(1)]);
    right(await history.flush());
    await setReadOnly(pool, 'on');
    history.add([attempt(2)]);
    expect(left(await history.flush()).message).toMatch(/read-only/);
    expect(right(await history.ofInstance('web')()).entries).toEqual([attempt(1)]);
    await setReadOnly(pool, 'off');
    await until(async () => history.state().queued === 0);
    expect(await numbersOf(pool)).toEqual([2, 1]);
  });

  test('a table that somebody locks is waited for by the history alone, and for no longer than ten seconds', async () => {
    const { pool, another } = await fresh();
    const clock = createVirtualClock(midnight);
    // All connections that there are: were more than three taken, the store would get none.
    const shared = another({ max: 4 });
    const store = right(createPostgresStore(shared));
    const history = historyOf(shared, { clock });
    const lock = await pool.connect();
    await lock.query('BEGIN; LOCK TABLE restart_history IN ACCESS EXCLUSIVE MODE');
    history.add([attempt(1)]);
    const writing = history.flush();
    const answers: Array<string> = [];
    const asked = Array.from({ length: 8 }, async () => answers.push(left(await history.ofInstance('web')())._tag));
    await until(async () => {
      const { rows } = await pool.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      return rows.length >= 1;
    });
    const record = { policy: policyWith(), status: initialStatus };
    right(await store.save('web', record, null)());
    await clock.advance(10_000);
    expect(left(await writing)._tag).toBe('HistoryFailed');
    // Those who waited for their turn are asked for only now.
    await until(async () => {
      await clock.advance(10_000);
      return answers.length === asked.length;
    });
    expect(new Set(answers)).toEqual(new Set(['HistoryFailed']));
    await lock.query('ROLLBACK');
    lock.release();
    right(await history.flush());
    expect(await numbersOf(pool)).toEqual([1]);
  });

  test('hosts that write at once share one history: each entry is there once, and pages miss none', async () => {
    const { pool, another } = await fresh();
    const hosts = Array.from({ length: 4 }, () => historyOf(another(), { perInstance: 10_000 }));
    const reader = historyOf(another(), { perInstance: 10_000 });
    const seen = new Set<string>();
    let highest = 0;
    const write = hosts.map(async (history, host) => {
      for (let round = 0; round < 25; round++) {
        history.add([attempt(100 * round + host, `web-${host}`), ended(round)]);
        right(await history.flush());
      }
    });
    let isDone = false;
    const read = (async () => {
      while (!isDone) {
        // Whoever has read up to a place finds nothing new before it later.
        const { rows } = await pool.query('SELECT place::text FROM restart_history ORDER BY place');
        for (const { place } of rows) {
          if (!seen.has(place)) expect(Number(place)).toBeGreaterThan(highest);
          seen.add(place);
        }
        highest = Math.max(highest, ...rows.map(({ place }) => Number(place)));
      }
    })();
    await Promise.all(write);
    isDone = true;
    await read;
    const { entries } = right(await reader.ofSpan({ limit: 1_000 })());
    expect(entries.filter(({ _tag }) => _tag === 'Attempt')).toHaveLength(100);
    const ofRuns = entries.flatMap((entry) => (entry._tag === 'RunEnded' ? [entry.startedAt] : []));
    expect(ofRuns).toHaveLength(25);
    expect(new Set(ofRuns).size).toBe(25);
  });

  test('what two hosts tell while both wait to write is there once', async () => {
    const { pool, another } = await fresh();
    const hosts = [historyOf(another()), historyOf(another())];
    await pool.query(`CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$`);
    await pool.query('CREATE TRIGGER hold BEFORE INSERT ON restart_history FOR EACH ROW EXECUTE FUNCTION hold()');
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT pg_advisory_xact_lock(1)');
    const flushed = hosts.map((history) => {
      history.add([attempt(1), ended(2), { ...attempt(1), _tag: 'Recovered' } as HistoryEntry]);
      return history.flush();
    });
    await until(async () => {
      const { rows } = await pool.query("SELECT FROM pg_stat_activity WHERE wait_event = 'advisory'");
      return rows.length === hosts.length;
    });
    await holder.query('COMMIT');
    holder.release();
    for (const written of await Promise.all(flushed)) right(written);
    expect(await numbersOf(pool)).toEqual([2, 1, 1]);
  });

  test('tables that an earlier library made get a history, and that library goes on', async () => {
    const { pool } = await fresh({ migrated: false });
    right(await migrateAsFormerly(pool)());
    const history = historyOf(pool);
    history.add([attempt(1)]);
    expect(left(await history.flush()).message).toMatch(/restart_history/);
    right(await migrate(pool)());
    right(await history.flush());
    right(await migrateAsFormerly(pool)());
    const former = right(createFormerStore(pool));
    const revision = right(await former.save('web', { policy: policyWith(), status: initialStatus }, null)());
    right(await former.remove('web', revision)());
    right(await migrate(pool)());
    expect(await numbersOf(pool)).toEqual([1]);
  });
});

test('options of a history in PostgreSQL are checked, all at once', () => {
  const options = { perInstance: -1, maxAge: 0, queue: 0, clock: 1, onFault: 2, table: 'x' };
  expect(left(createPostgresHistory({} as never, options as never)).errors.map(({ option }) => option)).toEqual([
    'pool',
    'perInstance',
    'maxAge',
    'queue',
    'clock',
    'onFault',
    'table',
  ]);
});
