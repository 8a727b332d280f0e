/**
 * A library that was updated and rolled back, on one SQLite file.
 */
import { describe, expect, test } from 'vitest';
import { openSqliteHistory, openSqliteStore } from '../../src/adapters/sqlite.js';
import { initialStatus } from '../../src/status.js';
import { behavesOnBoth, type Row, type Tables } from '../rollback/cases.js';
import { openSqliteStore as openFormerStore } from '../rollback/former/restart-policy-9f8ee2e.mjs';
import { right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { type Connection, connect, type Driver, drivers, freshFile } from './drivers.js';

const columns = ['CAST(revision AS TEXT) AS revision', 'policy', 'status'];

const tablesOn = (driver: Driver) => async (): Promise<Tables> => {
  const file = freshFile();
  // Made by the former version, as every file that it leaves.
  const former = right(openFormerStore(connect(driver, file)));
  const present = right(openSqliteStore(connect(driver, file)));
  // Which the former version knows nothing of.
  const history = right(openSqliteHistory(connect(driver, file)));
  history.add([recovered]);
  right(await history.flush());
  const connection = connect(driver, file);
  let isLater = false;
  return {
    former,
    present,
    row: async (id) => rowOf(connection, isLater ? [...columns, 'placement'] : columns, id),
    writeLater: async (id, policy, status) => {
      if (!isLater) connection.exec('ALTER TABLE restart_instances ADD COLUMN placement TEXT');
      isLater = true;
      connection
        .prepare(
          `INSERT OR REPLACE INTO restart_instances (id, policy, status, placement) VALUES (?, ?, ?, 'rack-7') RETURNING id`,
        )
        .all(id, policy, status);
    },
  };
};

const recovered = { _tag: 'Recovered', id: 'web', at: 1_735_689_600_000 } as const;

const rowOf = (connection: Connection, names: ReadonlyArray<string>, id: string): Row | undefined => {
  const [row] = connection.prepare(`SELECT ${names.join(', ')} FROM restart_instances WHERE id = ?`).all(id);
  if (row === undefined) return undefined;
  // Without a prototype or a driver's own fields, where it has some.
  const { _metadata, ...plain } = Object.assign({ _metadata: null }, row as Row);
  return plain;
};

describe.each(drivers)('with $name', (driver) => {
  behavesOnBoth(tablesOn(driver));

  test('a history beside the records is there after the former version had the file', async () => {
    const file = freshFile();
    const record = { policy: policyWith(), status: initialStatus };
    const first = right(openSqliteHistory(connect(driver, file)));
    first.add([recovered]);
    right(await first.flush());
    const former = right(openFormerStore(connect(driver, file)));
    const revision = right(await former.save('web', record, null)());
    right(await former.remove('web', revision)());
    const again = right(openSqliteHistory(connect(driver, file)));
    expect(right(await again.ofInstance('web')()).entries).toEqual([recovered]);
  });

  test('the former version took a column of a later one away, and this one keeps it', async () => {
    for (const [version, kept] of [
      ['former', null],
      ['present', 'rack-7'],
    ] as const) {
      const tables = await tablesOn(driver)();
      await tables.writeLater('web', '{"policy":"always"}', '{}');
      const loaded = right(await tables[version].load('web')());
      if (loaded._tag === 'None') throw new Error('web has no record');
      right(await tables[version].save('web', { ...loaded.value, policy: policyWith() }, loaded.value.revision)());
      expect((await tables.row('web'))?.placement).toBe(kept);
    }
  });
});
