/**
 * The databases of these tests: a real PostgreSQL, started by scripts/postgres.mjs, and PGlite.
 *
 * Where PostgreSQL is not installed, what needs it says so and is skipped; in CI that is a failure.
 */
import { PGlite } from '@electric-sql/pglite';
import { Pool, type PoolConfig } from 'pg';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { findPostgres, type PostgresServer, startPostgres } from '../../scripts/postgres.mjs';
import { migrate, type PostgresPool, pglitePool } from '../../src/adapters/postgres.js';
import { demand } from '../support/demand.js';
import { right } from '../support/either.js';

const installed = demand(
  (await findPostgres()) !== null,
  'POSTGRESQL IS NOT INSTALLED, so what needs it is not run (Debian: apt-get install postgresql)',
);

export const describeOnServer = (name: string, tests: () => void): void => {
  describe.runIf(installed)(name, tests);
};

// ---------------------------------------------------------------------------
// a server
// ---------------------------------------------------------------------------

export interface Server {
  readonly server: () => PostgresServer;
  /** A pool of a new schema of its own, with or without the tables. */
  readonly fresh: (options?: { readonly migrated?: boolean }) => Promise<Home>;
}

/** A set of tables, and how to connect to it. */
export interface Home {
  readonly pool: Pool;
  /** Another pool of the same tables, as another host would have it. */
  readonly another: (config?: PoolConfig) => Pool;
}

/** Starts a server for the tests of a `describe`, and ends it after them. */
export const useServer = (): Server => {
  let running: PostgresServer | null = null;
  let schemas = 0;

  const server = (): PostgresServer => {
    if (running === null) throw new Error('the server is not started yet');
    return running;
  };

  const connect = (schema: string, config: PoolConfig = {}): Pool => {
    const { host, port, user, database } = server();
    const pool = new Pool({ host, port, user, database, options: `-c search_path=${schema}`, ...config });
    pool.on('error', () => {});
    pools.push(pool);
    return pool;
  };

  beforeAll(async () => {
    running = await startPostgres();
  });
  afterAll(() => running?.remove());

  return {
    server,
    fresh: async ({ migrated = true } = {}) => {
      schemas++;
      const schema = `home_${schemas}`;
      const another = (config?: PoolConfig): Pool => connect(schema, config);
      const pool = another();
      await pool.query(`CREATE SCHEMA ${schema}`);
      if (migrated) right(await migrate(pool)());
      return { pool, another };
    },
  };
};

const pools: Array<Pool> = [];

// A pool waits for the connections that are in use, such as a subscription's: those end with the server.
afterEach(() => {
  for (const pool of pools.splice(0)) if (!pool.ending) void pool.end();
});

// ---------------------------------------------------------------------------
// PGlite
// ---------------------------------------------------------------------------

/** PGlite takes seconds to start: one for the tests of a `describe`. `fresh` empties it. */
export const usePglite = (): { readonly fresh: () => Promise<PostgresPool> } => {
  let database: PGlite | null = null;
  beforeAll(async () => {
    database = await PGlite.create();
  });
  afterAll(() => database?.close());
  return {
    fresh: async () => {
      if (database === null) throw new Error('PGlite is not started yet');
      await database.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      const pool = pglitePool(database);
      right(await migrate(pool)());
      return pool;
    },
  };
};

// ---------------------------------------------------------------------------
// waiting
// ---------------------------------------------------------------------------

/** Keeps what it is notified of, and waits for one of it. */
export const createObserver = <A>() => {
  const seen: Array<A> = [];
  const waiting = new Set<() => void>();
  return {
    seen,
    onChange: (thing: A): void => {
      seen.push(thing);
      for (const check of waiting) check();
    },
    /** Answers when `seen` is as it should be. */
    until: (holds: (seen: ReadonlyArray<A>) => boolean): Promise<void> =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!holds(seen)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
};
