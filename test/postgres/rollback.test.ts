/**
 * A library that was updated and rolled back, on one set of tables in PostgreSQL.
 */
import { expect, test } from 'vitest';
import { createPostgresStore, migrate } from '../../src/adapters/postgres.js';
import { behavesOnBoth, type Tables } from '../rollback/cases.js';
import {
  createPostgresStore as createFormerStore,
  migrate as migrateAsFormerly,
} from '../rollback/former/restart-policy-9f8ee2e.mjs';
import { right } from '../support/either.js';
import { describeOnServer, useServer } from './server.js';

const columns = 'revision::text, policy::text, status::text';

describeOnServer('on a PostgreSQL server', () => {
  const { fresh } = useServer();

  const tables = async (): Promise<Tables> => {
    const { pool } = await fresh({ migrated: false });
    // Made by the former version; the present one finds its tables, and whoever is rolled back does too.
    right(await migrateAsFormerly(pool)());
    right(await migrate(pool)());
    right(await migrateAsFormerly(pool)());
    let isLater = false;
    return {
      former: right(createFormerStore(pool)),
      present: right(createPostgresStore(pool)),
      row: async (id) => {
        const names = isLater ? `${columns}, placement` : columns;
        const { rows } = await pool.query(`SELECT ${names} FROM restart_instances WHERE id = $1`, [id]);
        return rows[0];
      },
      writeLater: async (id, policy, status) => {
        if (!isLater) await pool.query('ALTER TABLE restart_instances ADD COLUMN placement text');
        isLater = true;
        await pool.query(
          `INSERT INTO restart_instances (id, policy, status, placement) VALUES ($1, $2, $3, 'rack-7')
           ON CONFLICT (id) DO UPDATE
           SET policy = $2, status = $3, placement = 'rack-7', revision = DEFAULT`,
          [id, policy, status],
        );
      },
    };
  };

  behavesOnBoth(tables);

  test('the tables of the present version are those of the former one', async () => {
    const { pool } = await fresh({ migrated: false });
    right(await migrate(pool)());
    right(await migrateAsFormerly(pool)());
    const { rows } = await pool.query('SELECT version FROM restart_schema');
    expect(rows).toEqual([{ version: 1 }]);
  });
});
