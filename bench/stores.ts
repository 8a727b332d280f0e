/**
 * Saves per second through the stores, beside the bare driver doing the same statement on a table of the same shape
 * and as durably: what the adapter adds is the codec, its checks and the Either.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { Pool } from 'pg';
import { initialStatus } from 'restart-policy';
import { createPostgresStore, migrate } from 'restart-policy/adapters/postgres';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { RestartPolicyCodec, RestartStatusCodec } from 'restart-policy/codec';
import type { RestartRecord, Revision, Store } from 'restart-policy/controller';
import { findPostgres, startPostgres } from '../scripts/postgres.mjs';
import { policyOf } from './cases.js';
import { median } from './measure.js';

export interface SaveRate {
  readonly store: string;
  readonly savesPerSecond: number;
  readonly bareSavesPerSecond: number;
}

/** One save of the same record over that revision; answers with the new one. */
type Save = (expected: Revision) => Promise<Revision>;

const id = 'instance-1';
const record: RestartRecord = {
  policy: policyOf({ maxAttempts: 3 }),
  status: { ...initialStatus, attempts: 2, lastAttemptAt: 1_735_689_600_250 },
};
const policyText = JSON.stringify(RestartPolicyCodec.encode(record.policy));
const statusText = JSON.stringify(RestartStatusCodec.encode(record.status));

const saved = async (store: Store, expected: Revision | null): Promise<Revision> => {
  const result = await store.save(id, record, expected)();
  if (result._tag === 'Left') throw new Error(`not saved: ${JSON.stringify(result.left)}`);
  return result.right;
};

/** Sides take turns, as everywhere; both go on from one revision, for both write the one record. */
const ratesOf = async (store: Store, bare: Save, rounds: number, saves: number): Promise<Omit<SaveRate, 'store'>> => {
  let revision = await saved(store, null);
  const secondsOf = async (save: Save): Promise<number> => {
    const began = performance.now();
    for (let n = 0; n < saves; n++) revision = await save(revision);
    return (performance.now() - began) / 1_000;
  };
  const ours: Array<number> = [];
  const theirs: Array<number> = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(saves / (await secondsOf((expected) => saved(store, expected))));
    theirs.push(saves / (await secondsOf(bare)));
  }
  return { savesPerSecond: median(ours), bareSavesPerSecond: median(theirs) };
};

const revisionOf = (rows: ReadonlyArray<unknown>): Revision => {
  const [row] = rows;
  if (typeof row !== 'object' || row === null) throw new Error('the bare driver wrote nothing');
  return Number(Reflect.get(row, 'revision'));
};

const measureSqlite = async (rounds: number, saves: number): Promise<SaveRate> => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-bench-'));
  const database = new Libsql(join(directory, 'instances.db'));
  try {
    const opened = openSqliteStore(database);
    if (opened._tag === 'Left') throw new Error(opened.left.message);
    const statement = database.prepare(
      `INSERT OR REPLACE INTO restart_instances (id, policy, status)
       SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM restart_instances WHERE id = ? AND revision = ?) RETURNING revision`,
    );
    const bare: Save = async (expected) => revisionOf(statement.all(id, policyText, statusText, id, expected));
    return { store: 'SQLite (libsql)', ...(await ratesOf(opened.right, bare, rounds, saves)) };
  } finally {
    database.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

const measurePostgres = async (rounds: number, saves: number): Promise<SaveRate> => {
  const server = await startPostgres();
  const { host, port, user, database } = server;
  const pool = new Pool({ host, port, user, database });
  try {
    const migrated = await migrate(pool)();
    if (migrated._tag === 'Left') throw new Error(migrated.left.message);
    const created = createPostgresStore(pool);
    if (created._tag === 'Left') throw new Error(created.left.message);
    const bare: Save = async (expected) => {
      const { rows } = await pool.query(
        `UPDATE restart_instances SET policy = $2::text::jsonb, status = $3::text::jsonb, revision = DEFAULT
         WHERE id = $1 AND revision = $4::bigint RETURNING revision::text`,
        [id, policyText, statusText, expected],
      );
      return revisionOf(rows);
    };
    return { store: 'PostgreSQL (pg)', ...(await ratesOf(created.right, bare, rounds, saves)) };
  } finally {
    await pool.end();
    await server.remove();
  }
};

/** Where PostgreSQL is not installed, `notify` is called with a message, and its row is missing. */
export const measureStores = async (
  rounds: number,
  saves: number,
  notify: (message: string) => void,
): Promise<ReadonlyArray<SaveRate>> => {
  const sqlite = await measureSqlite(rounds, saves);
  if ((await findPostgres()) === null) {
    notify('POSTGRESQL IS NOT INSTALLED, so its store is not measured (Debian: apt-get install postgresql)');
    return [sqlite];
  }
  return [sqlite, await measurePostgres(rounds, saves)];
};
