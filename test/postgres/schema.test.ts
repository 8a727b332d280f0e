/**
 * The tables: how they come to be.
 */
import { expect, test } from 'vitest';
import { createPostgresStore, migrate, postgresSchema } from '../../src/adapters/postgres.js';
import { initialStatus } from '../../src/status.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { describeOnServer, useServer } from './server.js';

const record = {
  policy: policyWith({ maxAttempts: 3 }),
  status: initialStatus,
} as const;

test('the file for psql is what migrate runs', async () => {
  await expect(postgresSchema).toMatchFileSnapshot('../../docs/postgres.sql');
});

describeOnServer('on a server', () => {
  const { fresh } = useServer();

  test('migrating twice changes nothing, and keeps what is stored', async () => {
    const { pool } = await fresh();
    const store = right(createPostgresStore(pool));
    const revision = right(await store.save('web', record, null)());
    right(await migrate(pool)());
    expect(right(await store.load('web')())).toMatchObject({ value: { ...record, revision } });
    expect((await pool.query('SELECT version FROM restart_schema')).rows).toEqual([{ version: 1 }]);
  });

  test('of hosts that migrate at once one makes the tables, and all find them', async () => {
    for (let round = 0; round < 5; round++) {
      const { pool, another } = await fresh({ migrated: false });
      const hosts = [pool, another(), another(), another()];
      const answers = await Promise.all(hosts.flatMap((host) => [migrate(host)(), migrate(host)()]));
      expect(answers.map(({ _tag }) => _tag)).toEqual(answers.map(() => 'Right'));
      for (const host of hosts) expect(right(await right(createPostgresStore(host)).list())).toEqual([]);
    }
  });

  test('a migration that fails leaves nothing behind, and can be made again', async () => {
    const { pool } = await fresh({ migrated: false });
    await pool.query('CREATE TABLE restart_leases (mine text)');
    expect(left(await migrate(pool)())).toMatchObject({
      _tag: 'StoreFailed',
      message: expect.stringContaining('restart_leases'),
    });
    const { rows } = await pool.query(
      'SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace ORDER BY 1',
    );
    expect(rows.map(({ relname }) => relname)).toEqual(['restart_leases']);
    await pool.query('DROP TABLE restart_leases');
    right(await migrate(pool)());
  });

  test('tables of a newer version are left alone, and named as such', async () => {
    const { pool } = await fresh();
    await pool.query('INSERT INTO restart_schema (version) VALUES (2)');
    expect(left(await migrate(pool)())).toMatchObject({ message: expect.stringContaining('of version 2') });
  });

  test('sets of tables in one database see neither each other nor their notifications', async () => {
    const [one, other] = [
      right(createPostgresStore((await fresh()).pool)),
      right(createPostgresStore((await fresh()).pool)),
    ];
    const seen: Array<string | null> = [];
    let onNext: (id: string | null) => void = () => {};
    const next = (): Promise<string | null> => new Promise((resolve) => (onNext = resolve));
    const stands = next();
    one.subscribe((id) => {
      seen.push(id);
      onNext(id);
    });
    await stands;
    const mine = next();
    right(await other.save('theirs', record, null)());
    right(await one.save('mine', record, null)());
    await mine;
    expect(right(await one.list())).toEqual(['mine']);
    expect(seen).toEqual([null, 'mine']);
  });
});
