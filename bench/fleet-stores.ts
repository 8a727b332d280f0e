/**
 * Stores that hold a fleet of quiet instances, and the bare drivers that read the same rows. They are filled by the
 * drivers too: a save through the store is synced to disk, which a million times would take very long.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialStatus } from 'restart-policy';
import { RestartPolicyCodec, RestartStatusCodec } from 'restart-policy/codec';
import type { RestartRecord, Store } from 'restart-policy/controller';
import { startPostgres } from '../scripts/postgres.mjs';
import { policyOf } from './cases.js';

export const fleetStores = ['memory', 'SQLite (libsql)', 'PostgreSQL (pg)'] as const;

export type FleetStore = (typeof fleetStores)[number];

/** Where a filled store is; null: in the memory of the process that measures. */
export type Place =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string }
  | null;

export interface FilledStore {
  readonly place: Place;
  readonly remove: () => Promise<void>;
}

export interface OpenStore {
  readonly store: Store;
  /** Reads and parses every row by the bare driver, and answers how many there are; null: there is no driver. */
  readonly readBare: (() => Promise<number>) | null;
  readonly close: () => Promise<void>;
}

/** Each second instance is in a failure window, and so has a wake-up. */
const recordOf = (index: number): RestartRecord => {
  const policy = policyOf({ mode: 'on_failure', maxAttempts: 3, stableAfter: '24h' });
  if (index % 2 === 0) return { policy, status: initialStatus };
  return { policy, status: { ...initialStatus, attempts: 1, lastAttemptAt: Date.now() - 60_000 } };
};

const idOf = (index: number): string => `instance-${index}`;

const textsOf = ({ policy, status }: RestartRecord): { readonly policy: string; readonly status: string } => ({
  policy: JSON.stringify(RestartPolicyCodec.encode(policy)),
  status: JSON.stringify(RestartStatusCodec.encode(status)),
});

const rightOf = <A>(result: { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: A }): A => {
  if (result._tag === 'Left') throw new Error(JSON.stringify(result));
  return result.right;
};

// ---------------------------------------------------------------------------
// filling
// ---------------------------------------------------------------------------

export const fillStore = async (kind: FleetStore, instances: number): Promise<FilledStore> => {
  switch (kind) {
    case 'memory':
      return { place: null, remove: async () => {} };
    case 'SQLite (libsql)':
      return fillSqlite(instances);
    case 'PostgreSQL (pg)':
      return fillPostgres(instances);
    default:
      return kind satisfies never;
  }
};

const [even, odd] = [textsOf(recordOf(0)), textsOf(recordOf(1))];

const fillSqlite = async (instances: number): Promise<FilledStore> => {
  const { default: Libsql } = await import('libsql');
  const { openSqliteStore } = await import('restart-policy/adapters/sqlite');
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-bench-'));
  const path = join(directory, 'instances.db');
  const database = new Libsql(path);
  rightOf(openSqliteStore(database));
  const insert = database.prepare('INSERT INTO restart_instances (id, policy, status) VALUES (?, ?, ?)');
  database.exec('BEGIN');
  for (let index = 0; index < instances; index++) {
    const { policy, status } = index % 2 === 0 ? even : odd;
    insert.run(idOf(index), policy, status);
  }
  database.exec('COMMIT');
  database.close();
  return { place: { path }, remove: async () => rmSync(directory, { recursive: true, force: true }) };
};

const fillPostgres = async (instances: number): Promise<FilledStore> => {
  const { Pool } = await import('pg');
  const { migrate } = await import('restart-policy/adapters/postgres');
  const server = await startPostgres();
  const { host, port, user, database } = server;
  const pool = new Pool({ host, port, user, database });
  try {
    rightOf(await migrate(pool)());
    await pool.query(
      `INSERT INTO restart_instances (id, policy, status)
       SELECT 'instance-' || n, $1::text::jsonb, CASE WHEN n % 2 = 0 THEN $2::text::jsonb ELSE $3::text::jsonb END
       FROM generate_series(0, $4::int - 1) n`,
      [even.policy, even.status, odd.status, instances],
    );
    await pool.query('VACUUM ANALYZE restart_instances');
  } finally {
    await pool.end();
  }
  return { place: { host, port, user, database }, remove: () => server.remove() };
};

// ---------------------------------------------------------------------------
// opening
// ---------------------------------------------------------------------------

/** Drivers are loaded here and not above, so that a process holds none that it does not use. */
export const openStore = async (place: Place, instances: number): Promise<OpenStore> => {
  if (place === null) return openMemory(instances);
  return 'path' in place ? openSqlite(place.path) : openPostgres(place);
};

const openMemory = async (instances: number): Promise<OpenStore> => {
  const { createMemoryStore } = await import('restart-policy/adapters/memory');
  const store = createMemoryStore();
  for (let index = 0; index < instances; index++) rightOf(await store.save(idOf(index), recordOf(index), null)());
  return { store, readBare: null, close: async () => {} };
};

const parse = (rows: ReadonlyArray<Record<string, unknown>>): number => {
  for (const { policy, status } of rows) {
    JSON.parse(String(policy));
    JSON.parse(String(status));
  }
  return rows.length;
};

const openSqlite = async (path: string): Promise<OpenStore> => {
  const { default: Libsql } = await import('libsql');
  const { openSqliteStore } = await import('restart-policy/adapters/sqlite');
  const database = new Libsql(path);
  const store = rightOf(openSqliteStore(database));
  const statement = database.prepare('SELECT id, policy, status, revision FROM restart_instances');
  return {
    store,
    readBare: async () => parse(statement.all() as Array<Record<string, unknown>>),
    close: async () => void database.close(),
  };
};

const openPostgres = async (place: Exclude<Place, null | { readonly path: string }>): Promise<OpenStore> => {
  const { Pool } = await import('pg');
  const { createPostgresStore } = await import('restart-policy/adapters/postgres');
  const pool = new Pool(place);
  const store = rightOf(createPostgresStore(pool));
  return {
    store,
    readBare: async () => {
      const { rows } = await pool.query('SELECT id, policy::text, status::text, revision::text FROM restart_instances');
      return parse(rows);
    },
    close: () => pool.end(),
  };
};
