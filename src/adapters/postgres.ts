/**
 * A durable store in PostgreSQL that controllers on several hosts share, and leases that say which of them acts on an
 * instance.
 *
 * No driver is imported: a `pg.Pool` fits {@link PostgresPool} as it is, and {@link pglitePool} makes one of PGlite,
 * which is PostgreSQL within the process, for tests and laptops. What the pool should be given:
 *
 * - `keepAlive`, `connectionTimeoutMillis` and `query_timeout`: without them a network that goes silent is waited for
 *   until the system gives the connection up, which takes many minutes. A call that timed out answers
 *   `StoreFailed`.
 * - connections to the primary, and sessions of their own: a replica lags behind, and a proxy that hands a connection
 *   to another client after each transaction forgets who listens.
 * - at least two more connections than the host needs for itself: the store's and the leases' subscriptions each keep
 *   one.
 *
 * The host ends the pool, after it has closed the controller.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { map } from '../either.js';
import { pipe } from '../function.js';
import { aFunction, checkOptions, type InvalidOptions, millis, optional, port, text } from '../options.js';
import type { Clock } from '../ports/clock.js';
import type { History } from '../ports/history.js';
import type { Leases } from '../ports/leases.js';
import type { InstanceId, StoreFailed } from '../ports/store.js';
import { machineClock } from './common/machine-clock.js';
import { runScript } from './postgres/ask.js';
import { databaseOn, namedStatementsOption } from './postgres/database.js';
import { checkHistoryOptions, historyOn, type PostgresHistoryOptions } from './postgres/history.js';
import { leaseTableOn } from './postgres/lease-table.js';
import { createLeases } from './postgres/leases.js';
import { type PgliteDatabase, poolOn } from './postgres/pglite.js';
import { outliveLostConnections, type PostgresPool } from './postgres/pool.js';
import { schema } from './postgres/schema.js';
import { type PostgresStore, storeOn } from './postgres/store.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { History, HistoryFault } from '../ports/history.js';
export type { Lease, Leases } from '../ports/leases.js';
export type { PostgresHistoryOptions } from './postgres/history.js';
export type { PgliteDatabase } from './postgres/pglite.js';
export type {
  PostgresClient,
  PostgresNotification,
  PostgresPool,
  PostgresQuery,
  PostgresRows,
} from './postgres/pool.js';
export type { PostgresStore } from './postgres/store.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What can be chosen about a store in PostgreSQL.
 *
 * @since 0.2.0
 */
export interface PostgresStoreOptions {
  /**
   * Whether statements are sent by name, so that a connection has each parsed and planned once. Default: true for a pool of
   * node-postgres (`pg`) and what is built on it, which is told by its `totalCount`; false for any other, which may take texts
   * alone.
   *
   * Behind a proxy that hands connections around after each transaction (PgBouncer in mode `transaction` before 1.21, or with
   * `max_prepared_statements = 0`) names do not work: the first statement that is refused for its name is sent again as a text,
   * for nothing of it was done, and so are all after it. false spares that one. Through such a proxy no notification arrives, so
   * changes by others are found by resync alone; and through any proxy a call that is given up is not ended at the server, for
   * nobody knows which session it is at: it is answered when it has ended by itself.
   */
  readonly namedStatements?: boolean | undefined;
  /** It times the next try after a lost connection. Default: the machine's, as `systemClock`. */
  readonly clock?: Clock | undefined;
}

/**
 * What can be chosen about the leases of a controller.
 *
 * @since 0.2.0
 */
export interface PostgresLeasesOptions {
  /** As that of {@link PostgresStoreOptions}. */
  readonly namedStatements?: boolean | undefined;
  /**
   * How long what this controller holds stays with it after its last sign of life: milliseconds from 100 to 2^31-1,
   * default 15,000. A crash is answered about this late when the controller died with it; a renewal is sent every third
   * of it, and one that failed again after a tenth.
   */
  readonly ttl?: Millis | undefined;
  /**
   * Whether this controller may act on an instance; asked at each reconciliation. Where instances are pinned to hosts, each host
   * accepts its own. Default: all.
   */
  readonly accepts?: ((id: InstanceId) => boolean) | undefined;
  /** For people who read the table of owners, such as a host's name. It need not be unique. Default empty. */
  readonly name?: string | undefined;
  /** It times renewals; whether a lease is good, the database's clock says. Default: the machine's, as `systemClock`. */
  readonly clock?: Clock | undefined;
}

// ---------------------------------------------------------------------------
// constructors
// ---------------------------------------------------------------------------

/**
 * The SQL that `migrate` runs, for those who apply it by other means: one statement that may be run again, and by
 * several at once. The repository has it as docs/postgres.sql, to read and for `psql -f`.
 *
 * @since 0.2.0
 */
export const postgresSchema: string = schema;

/**
 * Makes the tables where they are missing, and changes nothing where they are there; several hosts may call it at once.
 * They go into the first schema of the connection's search_path, unless a later one has them: then those are meant. A set
 * of its own beside that of `public` needs a search_path without `public`. It needs the right to create tables and functions
 * there; what comes after needs to read and write the tables only.
 *
 * Left: the database did not answer, or not well; or the tables were made by a newer version of this library. Nothing
 * was done, unless the connection was lost on the way: then call it again.
 *
 * @since 0.2.0
 */
export const migrate =
  (pool: PostgresPool): TaskEither<StoreFailed, void> =>
  () =>
    runScript(pool, schema);

/**
 * The store in a database that `migrate` has been run on.
 *
 * What is stored is the wire form (`restart-policy/codec`) as JSON, one row per instance. A row that does not decode, or
 * has fields of a later version, is answered as InvalidRecord and left as it is, but for the parts that a save writes over.
 * What is loaded is frozen. A write is answered when it is on the server's disk, also where
 * `synchronous_commit` is off by default. Ids are text of at most 2,600 bytes in UTF-8, without NUL.
 *
 * No call is repeated. When the connection is lost in the middle of a save, the answer is StoreFailed, the save was
 * done or not, and the next load shows which. A call that is given up (`signal`) is ended at the server, its connection is
 * closed, and the answer is StoreFailed as soon as nothing more can come of it; one that still waits for a connection of the
 * pool is answered at once.
 *
 * Left: all that is wrong with the options, or with the `pool`.
 *
 * @example
 * import { PGlite } from '@electric-sql/pglite'
 * import { createPostgresStore, migrate, pglitePool } from 'restart-policy/adapters/postgres'
 *
 * const database = new PGlite()
 * const pool = pglitePool(database)
 * assert.deepStrictEqual(await migrate(pool)(), { _tag: 'Right', right: undefined })
 * const store = createPostgresStore(pool)
 * assert.ok(store._tag === 'Right')
 * assert.deepStrictEqual(await store.right.list(), { _tag: 'Right', right: [] })
 * await database.close()
 *
 * @since 0.2.0
 */
export const createPostgresStore = (
  pool: PostgresPool,
  options: PostgresStoreOptions = {},
): Either<InvalidOptions, PostgresStore> =>
  pipe(
    checkStoreOptions(options, { pool }),
    map(({ pool, namedStatements, clock }) => {
      outliveLostConnections(pool);
      return storeOn(databaseOn(pool, namedStatements, clock), clock);
    }),
  );

/**
 * The leases of one controller, on instances of the store in the same database. Made for one controller, which closes
 * them. Left: all that is wrong with the options, or with the `pool`.
 *
 * Time is the database's: an owner that has not renewed for `ttl` by its clock has lapsed, and cannot renew any more.
 * When an owner closes, the others are notified and take over at once; when it dies, at the moment at which it lapses.
 *
 * @example
 * import { PGlite } from '@electric-sql/pglite'
 * import { createPostgresLeases, migrate, pglitePool } from 'restart-policy/adapters/postgres'
 *
 * const database = new PGlite()
 * const pool = pglitePool(database)
 * await migrate(pool)()
 * const leases = createPostgresLeases(pool, { name: 'host-1', accepts: (id) => id.startsWith('host-1/') })
 * assert.strictEqual(leases._tag, 'Right')
 * // createController({ store, hypervisor, clock, leases: leases.right })
 * if (leases._tag === 'Right') await leases.right.close()
 * await database.close()
 *
 * @since 0.2.0
 */
export const createPostgresLeases = (
  pool: PostgresPool,
  options: PostgresLeasesOptions = {},
): Either<InvalidOptions, Leases> =>
  pipe(
    checkLeasesOptions(options, { pool }),
    map(({ pool, namedStatements, ttl, accepts, name, clock }) => {
      outliveLostConnections(pool);
      const table = leaseTableOn(databaseOn(pool, namedStatements, clock), clock, name);
      return createLeases(table, clock, { ttl, accepts });
    }),
  );

/**
 * Keeps a history (`restart-policy/history`) in a database that `migrate` has been run on; several hosts may share it. Left: all
 * that is wrong with the options, or with the `pool`.
 *
 * Entries are written in batches, a quarter of a second after they were told, on one connection of the pool; people's queries
 * take two at most. Each is given up at the server after ten seconds. What waits when the process is killed is lost. Ids are
 * text of at most 2,600 bytes in UTF-8, without NUL.
 *
 * @example
 * import { PGlite } from '@electric-sql/pglite'
 * import { createPostgresHistory, migrate, pglitePool } from 'restart-policy/adapters/postgres'
 *
 * const database = new PGlite()
 * const pool = pglitePool(database)
 * await migrate(pool)()
 * const history = createPostgresHistory(pool, { perInstance: 100 })
 * assert.ok(history._tag === 'Right')
 * assert.deepStrictEqual(await history.right.busiest({ from: 0 })(), { _tag: 'Right', right: [] })
 * await history.right.close()
 * await database.close()
 *
 * @since 0.2.0
 */
export const createPostgresHistory = (
  pool: PostgresPool,
  options: PostgresHistoryOptions = {},
): Either<InvalidOptions, History> =>
  pipe(
    checkHistoryOptions(options, { pool }),
    map((complete) => {
      outliveLostConnections(complete.pool);
      return historyOn(complete);
    }),
  );

/**
 * A PGlite database in the shape of a pool. It has one connection, which it uses for one statement at a time.
 *
 * @since 0.2.0
 */
export const pglitePool = (database: PgliteDatabase): PostgresPool => poolOn(database);

// ---------------------------------------------------------------------------
// options
// ---------------------------------------------------------------------------

interface CompleteStoreOptions {
  readonly pool: PostgresPool;
  readonly namedStatements: boolean | null;
  readonly clock: Clock;
}

interface CompleteLeasesOptions {
  readonly pool: PostgresPool;
  readonly namedStatements: boolean | null;
  readonly ttl: Millis;
  readonly accepts: (id: InstanceId) => boolean;
  readonly name: string;
  readonly clock: Clock;
}

const aPool = port<PostgresPool>('a pool', 'query', 'connect', 'on');

const aClock = optional(machineClock, port<Clock>('a clock', 'now', 'wakeAt'));

const longestTtl: Millis = 2_147_483_647;

const checkStoreOptions = checkOptions<CompleteStoreOptions>({
  pool: aPool,
  namedStatements: namedStatementsOption,
  clock: aClock,
});

const checkLeasesOptions = checkOptions<CompleteLeasesOptions>({
  pool: aPool,
  namedStatements: namedStatementsOption,
  ttl: optional(15_000, millis(100, longestTtl)),
  accepts: optional(() => true, aFunction()),
  name: optional(
    '',
    text('text', () => true),
  ),
  clock: aClock,
});
