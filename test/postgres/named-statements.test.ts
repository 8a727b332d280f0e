/**
 * Statements that are sent by name: each is parsed once on a connection, and where names do not work nothing else fails.
 */
import type { Pool } from 'pg';
import { describe, expect, test } from 'vitest';
import { named } from '../../src/adapters/postgres/database.js';
import {
  createPostgresHistory,
  createPostgresLeases,
  createPostgresStore,
  type PostgresStoreOptions,
} from '../../src/adapters/postgres.js';
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import { left, right } from '../support/either.js';
import { midnight } from '../support/host.js';
import { policyWith } from '../support/values.js';
import { describeOnServer, usePglite, useServer } from './server.js';

const policy = policyWith();

const storeOn = (pool: Parameters<typeof createPostgresStore>[0], options?: PostgresStoreOptions) =>
  right(createPostgresStore(pool, options));

interface Prepared {
  readonly name: string;
  readonly statement: string;
  /** How often it was executed. */
  readonly times: number;
}

/** What the one connection of a pool has prepared. */
const preparedOn = async (pool: Pool): Promise<ReadonlyArray<Prepared>> =>
  (
    await pool.query(
      'SELECT name, statement, (generic_plans + custom_plans)::integer AS times FROM pg_prepared_statements ORDER BY name',
    )
  ).rows;

describe('the name of a statement', () => {
  test('is another one for another text, and so in another version of the library', () => {
    const { load } = named({ load: 'SELECT 1' });
    expect(load.name).toBe(named({ load: 'SELECT 1' }).load.name);
    expect(load.name).not.toBe(named({ load: 'SELECT 1 ' }).load.name);
    expect(load.text).toBe('SELECT 1');
  });

  test('is no longer than what the server keeps of it', () => {
    expect(named({ releaseOthers: 'SELECT '.repeat(1_000) }).releaseOthers.name.length).toBeLessThan(64);
  });
});

describeOnServer('statements on a connection of node-postgres', () => {
  const { fresh } = useServer();

  test('are parsed once, however often they are sent', async () => {
    const { another } = await fresh();
    const pool = another({ max: 1 });
    const store = storeOn(pool);
    let revision = right(await store.save('web', { policy, status: initialStatus }, null)());
    for (let n = 0; n < 10; n++)
      revision = right(await store.save('web', { policy, status: stoppedByPerson }, revision)());
    const leases = right(createPostgresLeases(pool));
    right(await leases.hold('web')());
    await leases.close();

    const prepared = await preparedOn(pool);
    expect(prepared.map(({ name, times }) => [name.replace(/_[^_]+_[^_]+$/, ''), times])).toEqual([
      ['restart_policy_create', 1],
      ['restart_policy_find', 1],
      ['restart_policy_register', 1],
      ['restart_policy_replace', 10],
      ['restart_policy_retire', 1],
      ['restart_policy_takeNew', 1],
    ]);
  });

  test('are sent by name also where the call may be given up', async () => {
    const { another } = await fresh();
    const pool = another({ max: 1 });
    const store = storeOn(pool);
    const call = { signal: new AbortController().signal };
    for (let n = 0; n < 3; n++) right(await store.load('web', call)());
    expect((await preparedOn(pool)).map(({ times }) => times)).toEqual([3]);
  });

  test('of a history are sent by name where they write, and as texts where people ask', async () => {
    const { another } = await fresh();
    const pool = another({ max: 1 });
    const history = right(createPostgresHistory(pool));
    history.add([
      { _tag: 'Attempt', id: 'web', at: midnight, attempt: 1, action: 'Start', why: 'exit', counted: true },
    ]);
    await history.flush();
    right(await history.busiest({ from: 0 })());
    await history.close();
    const names = (await preparedOn(pool)).map(({ name }) => name.replace(/_[^_]+_[^_]+$/, ''));
    expect(names).toEqual(['restart_policy_add', 'restart_policy_expire', 'restart_policy_trim']);
  });

  test('are texts where the host says so', async () => {
    const { another } = await fresh();
    const pool = another({ max: 1 });
    const store = storeOn(pool, { namedStatements: false });
    right(await store.save('web', { policy, status: initialStatus }, null)());
    right(await store.load('web')());
    expect(await preparedOn(pool)).toEqual([]);
  });

  test('are texts on a pool that is none of node-postgres, unless the host says otherwise', async () => {
    const { another } = await fresh();
    const pool = another({ max: 1 });
    const asked: Array<unknown> = [];
    const other = {
      query: (query: never, values?: Array<string | number | null>) => {
        asked.push(query);
        return pool.query(query, values);
      },
      connect: () => pool.connect(),
      on: () => {},
    };
    right(await storeOn(other).load('web')());
    expect(asked).toEqual([expect.any(String)]);
    right(await storeOn(other, { namedStatements: true }).load('web')());
    expect(asked[1]).toMatchObject({ name: expect.stringMatching(/^restart_policy_load_/), values: ['web'] });
  });

  // What a proxy that hands connections around does to names: another connection has not heard of one that the driver has
  // sent, or has heard of one that the driver has not.
  test.each<[string, (pool: Pool, prepared: ReadonlyArray<Prepared>) => Promise<unknown>]>([
    ['has forgotten the name', (pool) => pool.query('DEALLOCATE ALL')],
    [
      'knows the name before it is told',
      async (pool, prepared) => {
        // Another connection, which has all names from somebody else.
        const client = await pool.connect();
        client.release(true);
        for (const { name, statement } of prepared) await pool.query(`PREPARE ${name} AS ${statement}`);
      },
    ],
  ])('are sent as texts from then on where the server %s, and nothing is done twice', async (_, disturb) => {
    const { another } = await fresh();
    const pool = another({ max: 1 });
    const store = storeOn(pool);
    const first = right(await store.save('web', { policy, status: initialStatus }, null)());
    const second = right(await store.save('web', { policy, status: stoppedByPerson }, first)());

    await disturb(pool, await preparedOn(pool));
    const third = right(await store.save('web', { policy, status: initialStatus }, second)());
    expect(third).toBe(second + 1);
    // The one that was saved before conflicts, as ever.
    expect(left(await store.save('web', { policy, status: stoppedByPerson }, second)())).toMatchObject({
      _tag: 'Conflict',
    });
    expect(right(await store.load('web')())).toMatchObject({ value: { revision: third } });

    const times = (prepared: ReadonlyArray<Prepared>) => prepared.map((each) => each.times);
    const before = times(await preparedOn(pool));
    right(await store.load('web')());
    right(await store.save('web', { policy, status: stoppedByPerson }, third)());
    expect(times(await preparedOn(pool))).toEqual(before);
  });

  test('are answered also where a column has got another type since, by name and each connection by itself', async () => {
    const { another, pool } = await fresh();
    const connection = another({ max: 1 });
    const store = storeOn(connection);
    right(await store.save('web', { policy, status: { ...initialStatus, nextAttemptAt: midnight } }, null)());
    expect(right(await store.due(midnight, 10)())).toEqual(['web']);
    await pool.query('ALTER TABLE restart_instances ALTER id TYPE varchar(2600) COLLATE "C"');
    for (let n = 0; n < 3; n++) expect(right(await store.due(midnight, 10)())).toEqual(['web']);
    expect(await preparedOn(connection)).not.toEqual([]);
  });

  test('that fail for another reason fail', async () => {
    const { another, pool } = await fresh();
    const store = storeOn(another({ max: 1 }));
    await pool.query('DROP TABLE restart_instances CASCADE');
    expect(left(await store.load('web')())).toMatchObject({ _tag: 'StoreFailed' });
  });
});

describe('statements on PGlite', () => {
  const { fresh } = usePglite();

  test('have no names, also where the host wants them', async () => {
    const store = storeOn(await fresh(), { namedStatements: true });
    right(await store.save('web', { policy, status: initialStatus }, null)());
    expect(right(await store.load('web')())).toMatchObject({ _tag: 'Some' });
  });
});

describe('a pool that cannot be asked whether it counts its connections', () => {
  test('gets texts', async () => {
    const asked: Array<unknown> = [];
    const methods: Record<string, unknown> = {
      query: async (query: unknown) => {
        asked.push(query);
        return { rows: [] };
      },
      connect: async () => {},
      on: () => {},
    };
    const strict = new Proxy(methods, {
      get: (target, name) => {
        if (Object.hasOwn(target, name)) return Reflect.get(target, name);
        throw new Error(`this pool has no ${String(name)}`);
      },
    }) as never;
    right(createPostgresLeases(strict));
    right(createPostgresHistory(strict));
    right(await storeOn(strict).load('web')());
    expect(asked).toEqual([expect.any(String)]);
  });
});

describe('the option namedStatements', () => {
  test.each<[string, unknown]>([
    ['a text', 'true'],
    ['null', null],
    ['a number', 1],
  ])('is true or false, and not %s', (_, namedStatements) => {
    const pool = { query: () => {}, connect: () => {}, on: () => {} } as never;
    for (const create of [createPostgresStore, createPostgresLeases, createPostgresHistory]) {
      expect(create(pool, { namedStatements } as never)).toMatchObject({
        _tag: 'Left',
        left: { message: expect.stringMatching(/^namedStatements must be true or false, not /) },
      });
    }
  });
});
