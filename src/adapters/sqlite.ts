/**
 * A durable store in one table of an SQLite database, on whatever driver the host has.
 *
 * No driver is imported: better-sqlite3, libsql and Node's own `node:sqlite` (22.5 and later) all fit
 * {@link SqliteDatabase} as they are. Each write is one statement, and so atomic by itself, also against other
 * connections and processes.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../duration.js';
import * as E from '../either.js';
import { pipe } from '../function.js';
import * as O from '../option.js';
import { checkOptions, type InvalidOptions, optional, wholeNumber } from '../options.js';
import type { History } from '../ports/history.js';
import { type Conflict, conflict, type Revision, type Store, type StoreFailed, storeFailed } from '../ports/store.js';
import { messageOf } from './common/answers.js';
import { column, createRecordReader, encodeRecord } from './common/record-text.js';
import { idProblem } from './common/stored-id.js';
import { aDatabaseFor, aTableName, claim, type SqliteDatabase, type SqliteStatement } from './sqlite/database.js';
import { checkHistoryOptions, historyOn, type SqliteHistoryOptions } from './sqlite/history.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { History, HistoryFault } from '../ports/history.js';
export type { SqliteDatabase, SqliteStatement } from './sqlite/database.js';
export type { SqliteHistoryOptions } from './sqlite/history.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What can be chosen about a store in SQLite.
 *
 * @since 0.1.0
 */
export interface SqliteStoreOptions {
  /**
   * Name of the table: at most 128 letters, digits and underscores, beginning neither with a digit nor with "sqlite_".
   * Default "restart_instances".
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
 * Opens the store in a database, and creates its table where it is missing. Left: `InvalidOptions`, all that is wrong
 * with the options, or with the `database`; `StoreFailed`, the driver failed. Then nothing is open.
 *
 * Sets on the connection `journal_mode=WAL`, so that readers and the writer do not wait for each other;
 * `synchronous=FULL`, because an acknowledged stop must survive a power cut, which costs one sync to disk per write;
 * and `busy_timeout`. Give the store a connection of its own: inside a transaction of the host's a write would be
 * acknowledged before it is durable, and would be undone with it. The host closes the connection.
 *
 * What is stored is the wire form (`restart-policy/codec`) as JSON text, one row per instance. A row that does not
 * decode, or has fields of a later version, is answered as InvalidRecord and left as it is, but for the parts that a save
 * writes over; columns that a later version has added stay. What is loaded is frozen. There is `listRecords` unless the
 * host made the database with another encoding than UTF-8. Revisions come from AUTOINCREMENT, which never gives a number
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
): Either<InvalidOptions | StoreFailed, Store> => pipe(checkSqliteOptions(options, { database }), E.flatMap(open));

interface CompleteOptions extends SqliteStoreOptions {
  readonly database: SqliteDatabase;
  readonly table: string;
  readonly busyTimeout: Millis;
}

/** SQLite holds it in 32 bits. */
const mostBusyTimeout: Millis = 2_147_483_647;

const checkSqliteOptions = checkOptions<CompleteOptions>({
  database: aDatabaseFor('store'),
  table: optional('restart_instances', aTableName),
  busyTimeout: optional(1_000, wholeNumber(0, mostBusyTimeout)),
});

const open = ({ database, table, busyTimeout }: CompleteOptions): Either<StoreFailed, Store> =>
  attempt(() => {
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
    // In the order of bytes, which is that of code points where texts are kept in UTF-8: any other database has no pages.
    const inOrder = column(database.prepare('PRAGMA encoding').all()[0], 'encoding') === 'UTF-8';
    const store = storeOn(prepareStatements(database, table), inOrder);
    claim(database, 'store');
    return store;
  });

/**
 * Calls are synchronous and take no `signal`: nobody can give one up while the thread is in the driver, and `busy_timeout` is
 * what bounds it.
 */
const storeOn = (statements: Statements, inOrder: boolean): Store => {
  const reader = createRecordReader();
  return {
    load: (id) => async () =>
      // Such an id was never stored, and a driver may cut or change it into one that was.
      idProblem(id) === null
        ? pipe(
            attempt(() => statements.load.all(id)),
            E.flatMap((rows) => reader.found(id, rows)),
          )
        : E.right(O.none),
    save: (id, record, expected) => async () => {
      const problem = idProblem(id);
      if (problem !== null) return E.left(storeFailed(problem));
      return pipe(
        encodeRecord(id, record, expected),
        E.flatMap(({ policy, status }) =>
          attempt(() =>
            expected === null
              ? statements.create.all(id, policy ?? '', status ?? '')
              : statements.replace.all(policy ?? '', status ?? '', id, expected),
          ),
        ),
        E.flatMap(revisionOf),
      );
    },
    list: async () => attempt(() => statements.list.all().map((row) => String(column(row, 'id')))),
    remove: (id, expected) => async () =>
      idProblem(id) === null
        ? pipe(
            attempt(() => statements.remove.all(id, expected)),
            E.flatMap(revisionOf),
            E.map(() => undefined),
          )
        : E.left(conflict),
    ...(inOrder && {
      listRecords:
        ({ after, limit }) =>
        async () =>
          pipe(
            attempt(() => statements.listRecords.all(after ?? '', limit)),
            E.map(reader.listed),
          ),
    }),
  };
};

// ---------------------------------------------------------------------------
// history
// ---------------------------------------------------------------------------

/**
 * Keeps a history (`restart-policy/history`) in a table of an SQLite database: the same file as a store's, or one of its own.
 * Left: all that is wrong with the options, or with the `database`.
 *
 * Give it a connection of its own, not the store's: it sets `journal_mode=WAL`, `synchronous=NORMAL` (a power cut may cost it
 * the last entries, and nothing else) and `busy_timeout=0`, for drivers are synchronous, and no decision is to wait in this
 * thread until another connection has written. The host closes the connection, after `close` of the history.
 *
 * The table is made by the first call that can: a disk that is full or read-only when the host comes up keeps it from
 * nothing but its history. Entries are written in batches, a quarter of a second after they were told; what waits when the
 * process is killed is lost.
 *
 * @example
 * import { openSqliteHistory } from 'restart-policy/adapters/sqlite'
 * import Database from 'libsql'
 *
 * const history = openSqliteHistory(new Database(':memory:'), { perInstance: 100 })
 * assert.ok(history._tag === 'Right')
 * assert.deepStrictEqual(await history.right.busiest({ from: 0 })(), { _tag: 'Right', right: [] })
 * await history.right.close()
 *
 * @since 0.2.0
 */
export const openSqliteHistory = (
  database: SqliteDatabase,
  options: SqliteHistoryOptions = {},
): Either<InvalidOptions, History> => pipe(checkHistoryOptions(options, { database }), E.map(historyOn));

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
  readonly listRecords: SqliteStatement;
  readonly remove: SqliteStatement;
}

const prepareStatements = (database: SqliteDatabase, table: string): Statements => ({
  load: database.prepare(`SELECT revision, policy, status FROM "${table}" WHERE id = ?`),
  create: database.prepare(
    `INSERT INTO "${table}" (id, policy, status) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING revision`,
  ),
  // An insert, because only that draws a new number of AUTOINCREMENT, which then becomes an update of the row that is there:
  // what a later version keeps in columns of its own stays. An empty text, which is no JSON, stands for what stays too.
  replace: database.prepare(
    `INSERT INTO "${table}" (id, policy, status)
     SELECT id, coalesce(nullif(?, ''), policy), coalesce(nullif(?, ''), status) FROM "${table}" WHERE id = ? AND revision = ?
     ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, policy = excluded.policy, status = excluded.status
     RETURNING revision`,
  ),
  list: database.prepare(`SELECT id FROM "${table}" WHERE ${isText}`),
  listRecords: database.prepare(
    `SELECT id, revision, policy, status FROM "${table}" WHERE id > ? AND ${isText} ORDER BY id LIMIT ?`,
  ),
  remove: database.prepare(`DELETE FROM "${table}" WHERE id = ? AND revision = ? RETURNING revision`),
});

/** Bytes, which no id of ours is and which could not be asked for, come after all texts. */
const isText = "id < x''";

/** Runs the driver, which throws: busy, read-only, full, closed, corrupt. */
const attempt = <A>(call: () => A): Either<StoreFailed, A> =>
  E.tryCatch(call, (cause) => storeFailed(`sqlite: ${messageOf(cause)}`, cause));

/** The revision of the row that a statement wrote or removed; no row: the record was not as expected. */
const revisionOf = (rows: ReadonlyArray<unknown>): Either<Conflict, Revision> =>
  rows.length === 0 ? E.left(conflict) : E.right(Number(column(rows[0], 'revision')));
