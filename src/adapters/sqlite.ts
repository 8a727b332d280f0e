/**
 * A durable store in one table of an SQLite database, on whatever driver the host has.
 *
 * No driver is imported: better-sqlite3, libsql and Node's own `node:sqlite` (22.5 and later) all fit
 * {@link SqliteDatabase} as they are. Each write is one statement, and so atomic by itself, also against other
 * connections and processes.
 *
 * @packageDocumentation
 */
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import type { Millis } from '../duration.js';
import {
  conflict,
  type InstanceId,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../ports/store.js';
import { comesBack, decodeRecord, encodeRecord, notReadable } from './common/record-text.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What the store needs of a database connection; the drivers' own objects fit.
 *
 * @since 0.1.0
 */
export interface SqliteDatabase {
  readonly exec: (sql: string) => unknown;
  readonly prepare: (sql: string) => SqliteStatement;
}

/**
 * A prepared statement, of which the store needs no more than to run it to its end.
 *
 * @since 0.1.0
 */
export interface SqliteStatement {
  // A method and not a property: some drivers are generic in the parameters, which only a method's looser check lets in.
  all(...parameters: Array<string | number>): Array<unknown>;
}

/**
 * What can be chosen about a store in SQLite.
 *
 * @since 0.1.0
 */
export interface SqliteStoreOptions {
  /**
   * Name of the table: letters, digits and underscores, not beginning with a digit or with "sqlite_". Default
   * "restart_instances".
   */
  readonly table?: string | undefined;
  /**
   * How long a call waits for another connection's write before it answers StoreFailed: whole milliseconds from 0,
   * default 1,000. Drivers are synchronous, so the whole thread waits.
   */
  readonly busyTimeout?: Millis | undefined;
}

// ---------------------------------------------------------------------------
// store
// ---------------------------------------------------------------------------

/**
 * Opens the store in a database, and creates its table where it is missing. Left: the driver or the name of the table
 * was at fault, and nothing is open.
 *
 * Sets on the connection `journal_mode=WAL`, so that readers and the writer do not wait for each other;
 * `synchronous=FULL`, because an acknowledged stop must survive a power cut, which costs one sync to disk per write;
 * and `busy_timeout`. Give the store a connection of its own: inside a transaction of the host's a write would be
 * acknowledged before it is durable, and would be undone with it. The host closes the connection.
 *
 * What is stored is the wire form (`restart-policy/codec`) as JSON text, one row per instance. A row that does not
 * decode is answered as InvalidRecord and left as it is. Revisions come from AUTOINCREMENT, which never gives a number
 * twice in the life of the table.
 *
 * @example
 * import { openSqliteStore } from 'restart-policy/adapters/sqlite'
 * import Database from 'libsql'
 *
 * const store = openSqliteStore(new Database(':memory:'))
 * assert.strictEqual(store._tag, 'Right')
 *
 * @since 0.1.0
 */
export const openSqliteStore = (
  database: SqliteDatabase,
  options: SqliteStoreOptions = {},
): E.Either<StoreFailed, Store> => {
  const { table = 'restart_instances', busyTimeout = 1_000 } = options;
  // Names and pragmas take no parameters, so nothing gets into them that is not checked here.
  if (!isTableName(table)) return E.left(storeFailed(`not a name for a table: ${JSON.stringify(table)}`));
  if (!Number.isInteger(busyTimeout) || busyTimeout < 0 || busyTimeout > mostBusyTimeout) {
    return E.left(storeFailed(`busyTimeout must be a whole number of milliseconds from 0, not ${busyTimeout}`));
  }
  return attempt(() => {
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec(
      `CREATE TABLE IF NOT EXISTS "${table}" (
        revision INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        policy TEXT NOT NULL,
        status TEXT NOT NULL
      )`,
    );
    return storeOn(prepareStatements(database, table));
  });
};

const storeOn = (statements: Statements): Store => ({
  load: (id) => async () => {
    const rows = attempt(() => statements.load.all(id));
    if (E.isLeft(rows)) return rows;
    const row = rows.right[0];
    if (row === undefined) return E.right(O.none);
    const kept = { policy: column(row, 'policy'), status: column(row, 'status') };
    return E.map((record: StoredRecord) => O.some(record))(decodeRecord(id, kept, Number(column(row, 'revision'))));
  },
  save: (id, record, expected) => async () => {
    if (!isKeepable(id)) return E.left(notReadable(id, record));
    const encoded = encodeRecord(id, record);
    if (E.isLeft(encoded)) return encoded;
    const { policy, status } = encoded.right;
    const rows = attempt(() =>
      expected === null
        ? statements.create.all(id, policy, status)
        : statements.replace.all(id, policy, status, id, expected),
    );
    return E.isLeft(rows) ? rows : revisionOf(rows.right);
  },
  list: async () => attempt(() => statements.list.all().map((row) => String(column(row, 'id')))),
  remove: (id, expected) => async () => {
    const rows = attempt(() => statements.remove.all(id, expected));
    if (E.isLeft(rows)) return rows;
    return rows.right.length === 0 ? E.left(conflict) : E.right(undefined);
  },
});

// ---------------------------------------------------------------------------
// statements
// ---------------------------------------------------------------------------

/**
 * Every one of them is read with `all`, which runs a statement to its end: a driver's `get` may leave it half-way,
 * and the write lock with it.
 */
interface Statements {
  readonly load: SqliteStatement;
  readonly create: SqliteStatement;
  readonly replace: SqliteStatement;
  readonly list: SqliteStatement;
  readonly remove: SqliteStatement;
}

const prepareStatements = (database: SqliteDatabase, table: string): Statements => ({
  load: database.prepare(`SELECT revision, policy, status FROM "${table}" WHERE id = ?`),
  create: database.prepare(
    `INSERT INTO "${table}" (id, policy, status) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING revision`,
  ),
  // Not an UPDATE: a new row is what AUTOINCREMENT gives a new number to.
  replace: database.prepare(
    `INSERT OR REPLACE INTO "${table}" (id, policy, status)
     SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM "${table}" WHERE id = ? AND revision = ?) RETURNING revision`,
  ),
  list: database.prepare(`SELECT id FROM "${table}"`),
  remove: database.prepare(`DELETE FROM "${table}" WHERE id = ? AND revision = ? RETURNING revision`),
});

const isTableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) && !/^sqlite_/i.test(name);

const isKeepable = (id: InstanceId): boolean => id !== '' && comesBack(id);

/** SQLite holds it in 32 bits. */
const mostBusyTimeout: Millis = 2_147_483_647;

/** Runs the driver, which throws: busy, read-only, full, closed, corrupt. */
const attempt = <A>(call: () => A): E.Either<StoreFailed, A> =>
  E.tryCatch(call, (cause) => storeFailed(`sqlite: ${cause instanceof Error ? cause.message : String(cause)}`, cause));

// ---------------------------------------------------------------------------
// rows
// ---------------------------------------------------------------------------

/** Rows come as objects, some without a prototype, some with the driver's own fields beside the columns. */
const column = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;

/** The revision that a write answered with; no row: it did not apply. */
const revisionOf = (rows: ReadonlyArray<unknown>): E.Either<typeof conflict, number> =>
  rows.length === 0 ? E.left(conflict) : E.right(Number(column(rows[0], 'revision')));
