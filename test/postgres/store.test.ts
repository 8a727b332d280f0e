/**
 * The store on a real PostgreSQL and on PGlite.
 */
import { describe, expect, test } from 'vitest';
import { statements } from '../../src/adapters/postgres/store.js';
import { createPostgresStore, type PostgresPool, type PostgresStore } from '../../src/adapters/postgres.js';
import type { RestartRecord, Revision } from '../../src/ports/store.js';
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import { storeContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { createObserver, describeOnServer, usePglite, useServer } from './server.js';

const at = 1_735_689_600_250;

const record: RestartRecord = {
  policy: policyWith({ maxAttempts: 3 }),
  status: { ...initialStatus, attempts: 2, lastAttemptAt: at },
};

const waitingUntil = (nextAttemptAt: number): RestartRecord => ({
  ...record,
  status: { ...record.status, nextAttemptAt },
});

const loaded = async (store: PostgresStore, id: string) => {
  const found = right(await store.load(id)());
  if (found._tag === 'None') throw new Error(`${id} has no record`);
  return found.value;
};

const contractOn = (fresh: () => Promise<{ readonly pool: PostgresPool; readonly other: PostgresPool }>): void => {
  testContract(
    storeContract(async () => {
      const { pool, other } = await fresh();
      return {
        store: right(createPostgresStore(pool)),
        another: async () => right(createPostgresStore(other)),
        corrupt: async (id, part) =>
          void (await pool.query(`UPDATE restart_instances SET ${part} = '{"later":[1.50,{}]}' WHERE id = $1`, [id])),
        stored: async (id, part) =>
          (await pool.query(`SELECT ${part}::text AS part FROM restart_instances WHERE id = $1`, [id])).rows,
        breakDown: async () => void (await pool.query('DROP TABLE restart_instances CASCADE')),
      };
    }),
  );
};

/** What holds on every PostgreSQL. */
const behavesOn = (fresh: () => Promise<PostgresPool>): void => {
  test('a row holds the wire form, and the time of the next attempt as a time', async () => {
    const pool = await fresh();
    const revision = right(await right(createPostgresStore(pool)).save('web', waitingUntil(at + 4_750), null)());
    const { rows } = await pool.query(
      `SELECT id, revision::int, policy, status, next_attempt_at = '2025-01-01T00:00:05Z' AS due FROM restart_instances`,
    );
    expect(rows).toEqual([
      {
        id: 'web',
        revision,
        policy: { policy: 'always', backoff: '5s', max_attempts: 3, stable_after: '10m0s' },
        status: { attempts: 2, last_attempt_at: '2025-01-01T00:00:00.25Z', next_attempt_at: '2025-01-01T00:00:05Z' },
        due: true,
      },
    ]);
  });

  test('what is due is found, the longest due first, and nothing else', async () => {
    const store = right(createPostgresStore(await fresh()));
    for (const [id, nextAttemptAt] of [
      ['late', at + 2],
      ['early', at],
      ['later', at + 3],
      ['between', at + 1],
    ] as const) {
      right(await store.save(id, waitingUntil(nextAttemptAt), null)());
    }
    right(await store.save('idle', record, null)());
    right(await store.save('stopped', { ...record, status: stoppedByPerson }, null)());
    expect(right(await store.due(at - 1, 10)())).toEqual([]);
    expect(right(await store.due(at + 2, 10)())).toEqual(['early', 'between', 'late']);
    expect(right(await store.due(at + 2, 2)())).toEqual(['early', 'between']);
    expect(right(await store.due(Number.POSITIVE_INFINITY, 10)())).toHaveLength(4);
    const { revision } = await loaded(store, 'early');
    right(await store.save('early', record, revision)());
    expect(right(await store.due(at, 10)())).toEqual([]);
  });

  test('the first and the last moment that a status can hold are kept and found', async () => {
    const store = right(createPostgresStore(await fresh()));
    const [first, last] = [-62_167_219_200_000, 253_402_300_799_999];
    right(await store.save('first', waitingUntil(first), null)());
    right(await store.save('last', waitingUntil(last), null)());
    expect((await loaded(store, 'first')).status.nextAttemptAt).toBe(first);
    expect((await loaded(store, 'last')).status.nextAttemptAt).toBe(last);
    expect(right(await store.due(0, 10)())).toEqual(['first']);
    expect(right(await store.due(last, 10)())).toEqual(['first', 'last']);
  });

  test('every write is notified by id, whoever made it, and by hand too', async () => {
    const pool = await fresh();
    const store = right(createPostgresStore(pool));
    const { seen, onChange, until } = createObserver<string | null>();
    const cancel = store.subscribe(onChange);
    await until(({ length }) => length === 1);
    expect(seen).toEqual([null]);
    const longest = `${'x'.repeat(2_598)}ü`;
    for (const id of ['web', 'it\'s "odd" ☃', longest]) {
      const revision = right(await store.save(id, record, null)());
      right(await store.remove(id, right(await store.save(id, record, revision)()))());
    }
    right(await store.save('db', record, null)());
    await pool.query(`UPDATE restart_instances SET status = '{}'`);
    await until(({ length }) => length === 12);
    expect(seen.slice(1)).toEqual(['web', 'it\'s "odd" ☃', longest].flatMap((id) => [id, id, id]).concat(['db', 'db']));
    cancel();
  });

  test('a write that changes nothing is not notified', async () => {
    const store = right(createPostgresStore(await fresh()));
    const { seen, onChange, until } = createObserver<string | null>();
    const cancel = store.subscribe(onChange);
    await until(({ length }) => length === 1);
    const revision = right(await store.save('web', record, null)());
    left(await store.save('web', record, revision + 1)());
    left(await store.save('web', record, null)());
    left(await store.remove('web', revision + 1)());
    right(await store.save('end', record, null)());
    await until((all) => all.includes('end'));
    expect(seen).toEqual([null, 'web', 'end']);
    cancel();
  });

  test('what could not be read back is not written, and the answer says what is wrong', async () => {
    const store = right(createPostgresStore(await fresh()));
    const saved = async (id: string, what = record) => left(await store.save(id, what, null)());
    expect(await saved('')).toMatchObject({ _tag: 'StoreFailed', message: 'an id must not be empty' });
    expect(await saved('a\0b')).toMatchObject({ message: expect.stringContaining('without NUL') });
    expect(await saved('half a pair \ud834')).toMatchObject({ message: expect.stringContaining('surrogates') });
    expect(await saved('ü'.repeat(1_301))).toMatchObject({ message: expect.stringContaining('not 2602') });
    const nonsense = { ...record, policy: { ...record.policy, backoff: Number.NaN } };
    expect(await saved('web', nonsense)).toMatchObject({ message: expect.stringContaining('read back') });
    // What comes from JavaScript may be something that has no JSON text.
    const withoutText = { ...record, policy: { ...record.policy, backoff: 5_000n as never } };
    expect(await saved('web', withoutText)).toMatchObject({
      message: expect.stringContaining('read back: that of "web"'),
    });
    expect(right(await store.list())).toEqual([]);
    // Nor is an id that cannot be stored taken for another one.
    for (const id of ['', 'a\0b', '\ud834', 'ü'.repeat(1_301)]) {
      expect(right(await store.load(id)())._tag).toBe('None');
      expect(left(await store.remove(id, 1)())._tag).toBe('Conflict');
    }
  });

  const good = '{"policy":"always","backoff":"5s","stable_after":"10m0s"}';
  test.each([
    ['policy', 'null', 'restart_policy'],
    ['policy', '[]', 'restart_policy'],
    ['policy', '{"policy":"sometimes"}', 'restart_policy.policy'],
    ['policy', '{"policy":"always","colour":"red"}', 'restart_policy.colour'],
    ['status', '7', 'restart_status'],
    ['status', '{"attempts":-1}', 'restart_status.attempts'],
    ['status', '{"attempts":1,"last_attempt_at":"yesterday"}', 'restart_status.last_attempt_at'],
    ['status', '{"attempts":1,"generation":7}', 'restart_status.generation'],
    ['status', '{"attempts":1,"blocked_reason":"mood"}', 'restart_status.blocked_reason'],
  ])('%s %s is reported by id and path, left as it is, and stops nobody else', async (part, text, path) => {
    const pool = await fresh();
    const store = right(createPostgresStore(pool));
    const fine = right(await store.save('fine', record, null)());
    const row = (policy: string, status: string) =>
      pool.query('INSERT INTO restart_instances (id, policy, status) VALUES ($1, $2::text::jsonb, $3::text::jsonb)', [
        'bad',
        policy,
        status,
      ]);
    await row(part === 'policy' ? text : good, part === 'status' ? text : '{}');
    const found = left(await store.load('bad')());
    expect(found).toMatchObject({ _tag: 'InvalidRecord', id: 'bad' });
    if (found._tag === 'InvalidRecord') expect(found.problems.join('\n')).toMatch(new RegExp(`^${path}\\b`, 'm'));
    expect([...right(await store.list())].sort()).toEqual(['bad', 'fine']);
    expect(left(await store.save('bad', record, null)())._tag).toBe('Conflict');
    expect(left(await store.load('bad')())._tag).toBe('InvalidRecord');
    expect(await loaded(store, 'fine')).toEqual({ ...record, revision: fine });
  });
};

describe('on PGlite', () => {
  const { fresh } = usePglite();
  describe('the contract of a store', () => {
    contractOn(async () => {
      const pool = await fresh();
      return { pool, other: pool };
    });
  });
  behavesOn(fresh);
});

describeOnServer('on a server', () => {
  const { fresh } = useServer();
  describe('the contract of a store', () => {
    contractOn(async () => {
      const { pool, another } = await fresh();
      return { pool, other: another() };
    });
  });
  behavesOn(async () => (await fresh()).pool);

  test('of saves that two hosts race for from one revision exactly one wins, every time', async () => {
    const { pool, another } = await fresh();
    const stores = [right(createPostgresStore(pool)), right(createPostgresStore(another()))];
    let expected: Revision | null = null;
    for (let round = 1; round <= 50; round++) {
      const racing = Array.from({ length: 8 }, (_, n) => {
        const mine = { ...record, status: { ...initialStatus, attempts: round * 10 + n } };
        return (stores[n % 2] ?? right(createPostgresStore(pool))).save('web', mine, expected)();
      });
      const answers = await Promise.all(racing);
      const won = answers.flatMap((answer, n) => (answer._tag === 'Right' ? [{ n, revision: answer.right }] : []));
      expect(won).toHaveLength(1);
      const { n, revision } = won[0] ?? { n: 0, revision: 0 };
      for (const store of stores) {
        const seen = await loaded(store, 'web');
        expect([seen.status.attempts, seen.revision]).toEqual([round * 10 + n, revision]);
      }
      expect(revision).toBeGreaterThan(expected ?? 0);
      expected = revision;
    }
  });

  test('a create that is overtaken by a write and a remove gets no lower number than they had', async () => {
    const { pool, another } = await fresh();
    const [creating, other] = [right(createPostgresStore(pool)), right(createPostgresStore(another()))];
    const first = right(await other.save('web', record, null)());
    // Holds up a create after it drew its number and before it looks whether the id is taken.
    await pool.query(`CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$`);
    await pool.query(
      'CREATE TRIGGER hold_up BEFORE INSERT ON restart_instances FOR EACH ROW EXECUTE FUNCTION hold_up()',
    );
    const gate = await another().connect();
    await gate.query('SELECT pg_advisory_lock(1)');
    const created = creating.save('web', waitingUntil(at), null)();
    const stuck = async () => (await gate.query('SELECT FROM pg_locks WHERE NOT granted')).rows.length;
    while ((await stuck()) < 1);
    const written = right(await other.save('web', record, first)());
    const removed = other.remove('web', written)();
    // Either it waits for the create, or it is done before the create goes on: then the create must not win.
    while ((await stuck()) < 2) if ((await Promise.race([removed, null])) !== null) break;
    await gate.query('SELECT pg_advisory_unlock(1)');
    gate.release();
    const outcome = await created;
    right(await removed);
    if (outcome._tag === 'Right') expect(outcome.right).toBeGreaterThan(written);
    expect(right(await other.save('web', record, null)())).toBeGreaterThan(written);
  });

  test('where transactions are serializable by default, a save that is overtaken is a conflict', async () => {
    const { another } = await fresh();
    const serializable = { options: '-c default_transaction_isolation=serializable' };
    const schema = (await another().query('SELECT current_schema() AS schema')).rows[0].schema;
    const pool = another({ options: `${serializable.options} -c search_path=${schema}` });
    const store = right(createPostgresStore(pool));
    let expected = right(await store.save('web', record, null)());
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => store.save('web', record, expected)()));
      const tags = answers.map((answer) => (answer._tag === 'Left' ? answer.left._tag : 'saved'));
      expect(tags.filter((tag) => tag === 'StoreFailed')).toEqual([]);
      ({ revision: expected } = await loaded(store, 'web'));
    }
  });

  test('what is due is read from the index, and nothing else is looked at', async () => {
    const { pool } = await fresh();
    const policy = '{"policy":"never","backoff":"5s","stable_after":"10m0s"}';
    await pool.query(
      `INSERT INTO restart_instances (id, policy, status)
        SELECT 'instance-' || n, $1::text::jsonb, CASE WHEN n % 100 = 0
          THEN jsonb_build_object('attempts', 1, 'next_attempt_at', '2025-01-01T00:00:00Z') ELSE '{}' END
        FROM generate_series(1, 20000) n`,
      [policy],
    );
    await pool.query('ANALYZE restart_instances');
    const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${statements.due.text}`, [at / 1_000, 10]);
    expect(JSON.stringify(rows)).toContain('"Index Name":"restart_instances_due"');
    expect(JSON.stringify(rows)).not.toContain('"Node Type":"Sort"');
    expect(JSON.stringify(rows)).not.toContain('Seq Scan');
  });

  test('pages are read from the index, in the order of bytes, and nothing is sorted', async () => {
    const { pool } = await fresh();
    await pool.query(
      `INSERT INTO restart_instances (id, policy, status) SELECT 'instance-' || n, '{}', '{}' FROM generate_series(1, 20000) n`,
    );
    await pool.query('ANALYZE restart_instances');
    const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${statements.listRecords.text}`, ['instance-15', 500]);
    expect(JSON.stringify(rows)).toContain('"Index Name":"restart_instances_pkey"');
    expect(JSON.stringify(rows)).not.toContain('"Node Type":"Sort"');
    expect(JSON.stringify(rows)).not.toContain('Seq Scan');
  });

  test('a subscription outlives its connection, and says that anything may have changed', async () => {
    const { pool, another } = await fresh();
    const store = right(createPostgresStore(another()));
    const { seen, onChange, until } = createObserver<string | null>();
    const cancel = store.subscribe(onChange);
    await until(({ length }) => length === 1);
    for (let time = 2; time <= 3; time++) {
      const { rows } = await pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()`,
      );
      expect(rows).toHaveLength(1);
      await until((all) => all.filter((id) => id === null).length === time);
      right(await right(createPostgresStore(pool)).save(`web-${time}`, record, null)());
      await until((all) => all.includes(`web-${time}`));
    }
    expect(seen).toEqual([null, null, 'web-2', null, 'web-3']);
    cancel();
  });

  test('a subscription that is cancelled is notified of nothing more, and gives its connection back', async () => {
    const { pool, another } = await fresh();
    const own = another();
    const store = right(createPostgresStore(own));
    const { seen, onChange, until } = createObserver<string | null>();
    const cancel = store.subscribe(onChange);
    await until(({ length }) => length === 1);
    cancel();
    cancel();
    right(await right(createPostgresStore(pool)).save('web', record, null)());
    // One that is cancelled before it stands is as if it had never been.
    store.subscribe(onChange)();
    await own.end();
    expect(seen).toEqual([null]);
  });
});
