/**
 * A history in one table of an SQLite database.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { byCodePoints } from '../../code-points.js';
import type { Millis } from '../../duration.js';
import { map, right, tryCatch } from '../../either.js';
import { pipe } from '../../function.js';
import { checkOptions, type InvalidOptions, optional } from '../../options.js';
import type { Clock } from '../../ports/clock.js';
import {
  type History,
  type HistoryFailed,
  type HistoryFault,
  type HistoryPage,
  type HistoryTag,
  historyFailed,
  type InstanceActivity,
} from '../../ports/history.js';
import {
  boundChecks,
  checkBusiest,
  checkPage,
  checkSpanPage,
  type HistoryBounds,
  type PageQuery,
  type SpanQuery,
} from '../../ports/history-query.js';
import type { InstanceId } from '../../ports/store.js';
import { messageOf } from '../common/answers.js';
import { createHistoryQueue, type QueueOptions, queueChecks } from '../common/history-queue.js';
import { type HistoryRow, kindOf, pageOfRows } from '../common/history-text.js';
import { nextTurn } from '../common/machine-turn.js';
import { column } from '../common/record-text.js';
import { idProblem } from '../common/stored-id.js';
import { aDatabaseFor, aTableName, claim, type SqliteDatabase, type SqliteStatement } from './database.js';

// ---------------------------------------------------------------------------
// options
// ---------------------------------------------------------------------------

/**
 * What can be chosen about a history in SQLite.
 *
 * @since 0.2.0
 */
export interface SqliteHistoryOptions {
  /** Name of the table, as that of a store. Default "restart_history". */
  readonly table?: string | undefined;
  /** How many entries are kept of each instance: a whole number from 1 to 100,000. Default 200. */
  readonly perInstance?: number | undefined;
  /** How long before the newest entry, and before now, the oldest one may lie, in milliseconds, or Infinity. Default 30 days. */
  readonly maxAge?: Millis | undefined;
  /** How many entries may wait to be written: a whole number from 1 to 1,000,000. Default 10,000; those beyond are lost. */
  readonly queue?: number | undefined;
  /** It times the writes. Default: the machine's, as `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Called with every write that failed, and with what is lost. What it throws is swallowed. */
  readonly onFault?: ((fault: HistoryFault) => void) | undefined;
}

interface CompleteOptions extends HistoryBounds, QueueOptions {
  readonly database: SqliteDatabase;
  readonly table: string;
}

export const checkHistoryOptions = checkOptions<CompleteOptions>({
  database: aDatabaseFor('history'),
  table: optional('restart_history', aTableName),
  ...boundChecks,
  ...queueChecks,
});

// ---------------------------------------------------------------------------
// history
// ---------------------------------------------------------------------------

/** How long the first entry of a batch waits for others. */
const writeAfter: Millis = 250;

export const historyOn = (options: CompleteOptions): History => {
  const { database, table, perInstance, maxAge, queue: most, clock, onFault } = options;
  claim(database, 'history');
  let statements: Statements | null = null;

  /** Made by the first call that can. */
  const opened = (): Statements => {
    statements ??= open(database, table);
    return statements;
  };

  const write = (rows: ReadonlyArray<HistoryRow>): Either<HistoryFailed, void> =>
    attempt(() => {
      const { add, addEnd, trim, expire } = opened();
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const { id, at, kind, run, entry } of rows) {
          if (run === null) add.all(id, at, kind, entry, at, id, kind, entry);
          else addEnd.all(id, at, kind, run, entry, id, run);
        }
        for (const id of new Set(rows.map((row) => row.id))) trim.all(id, id, perInstance);
        const newest = Math.min(clock.now(), Math.max(...rows.map(({ at }) => at)));
        if (maxAge !== Number.POSITIVE_INFINITY) expire.all(newest - maxAge, mostExpired);
        database.exec('COMMIT');
      } catch (cause) {
        tryCatch(() => database.exec('ROLLBACK'), messageOf);
        throw cause;
      }
    });

  const queue = createHistoryQueue({
    clock,
    most,
    after: writeAfter,
    longestId: Number.POSITIVE_INFINITY,
    write: async (rows) => write(rows),
    onFault,
  });

  /** What waits is written first, so that whoever reads sees what they have just done. */
  const reading =
    <Query, A>(
      checked: Either<InvalidOptions, Query>,
      read: (query: Query) => Promise<Either<HistoryFailed, A>>,
    ): TaskEither<HistoryFailed | InvalidOptions, A> =>
    async () => {
      if (checked._tag === 'Left') return checked;
      if (queue.state().queued > 0) await queue.flush();
      return read(checked.right);
    };

  const ofInstance = (id: InstanceId, { before, limit, tags }: PageQuery): Either<HistoryFailed, HistoryPage> =>
    pipe(
      attempt(() => opened().ofInstance.all(id, before?.place ?? beyondAll, kindsOf(tags), limit + 1)),
      map((rows) => pageOfRows(rows, limit, 'instance')),
    );

  const ofSpan = ({ from, to, before, limit, tags }: SpanQuery & PageQuery): Either<HistoryFailed, HistoryPage> =>
    pipe(
      attempt(() =>
        opened().ofSpan.all(from, to, before?.at ?? beyondAll, before?.place ?? beyondAll, kindsOf(tags), limit + 1),
      ),
      map((rows) => pageOfRows(rows, limit, 'span')),
    );

  return {
    add: queue.add,
    ofInstance: (id, given) =>
      reading(checkPage(given), async (query) =>
        // Such an id has no entries, and a driver may cut or change it into one that has.
        idProblem(id) === null ? ofInstance(id, query) : right({ entries: [], next: null, unreadable: 0 }),
      ),
    ofSpan: (given) => reading(checkSpanPage(given), async (query) => ofSpan(query)),
    busiest: (given) =>
      reading(checkBusiest(given), async ({ limit, ...span }) => {
        const counts = await countAll(opened, span);
        return counts._tag === 'Left' ? counts : topOf(opened, counts.right, span, limit, perInstance);
      }),
    state: queue.state,
    flush: queue.flush,
    close: queue.close,
  };
};

/** Behind every place and time. */
const beyondAll = Number.MAX_SAFE_INTEGER;

const kindsOf = (tags: ReadonlyArray<HistoryTag>): string => JSON.stringify(tags.map(kindOf));

/** The driver throws: busy, read-only, full, closed, corrupt. */
const attempt = <A>(call: () => A): Either<HistoryFailed, A> =>
  tryCatch(call, (cause) => historyFailed(`sqlite: ${messageOf(cause)}`, cause));

// ---------------------------------------------------------------------------
// statements
// ---------------------------------------------------------------------------

/** As those of the store, all are read with `all`. */
interface Statements {
  readonly add: SqliteStatement;
  readonly addEnd: SqliteStatement;
  readonly trim: SqliteStatement;
  readonly expire: SqliteStatement;
  readonly ofInstance: SqliteStatement;
  readonly ofSpan: SqliteStatement;
  readonly count: SqliteStatement;
  readonly reach: SqliteStatement;
}

/** How many entries one write gives up for their age: more wait for the next one. */
const mostExpired = 1_000;

const open = (database: SqliteDatabase, table: string): Statements => {
  database.exec('PRAGMA busy_timeout = 0');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = NORMAL');
  // Not each time: that takes the write lock, and whoever only reads may have no right to it.
  if (
    database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?").all(`${table}_at`).length === 0
  ) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS "${table}" (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        run INTEGER,
        entry TEXT NOT NULL
      )`,
    );
    database.exec(`CREATE INDEX IF NOT EXISTS "${table}_id" ON "${table}" (id)`);
    database.exec(`CREATE INDEX IF NOT EXISTS "${table}_run" ON "${table}" (id, run) WHERE run IS NOT NULL`);
    database.exec(`CREATE INDEX IF NOT EXISTS "${table}_at" ON "${table}" (at)`);
  }
  return {
    // Not what is there already: an entry that is equal in all, found by its time, for an instance has many; or the end of the
    // same run.
    add: database.prepare(
      `INSERT INTO "${table}" (id, at, kind, entry) SELECT ?, ?, ?, ? WHERE NOT EXISTS (
        SELECT 1 FROM "${table}" WHERE at = ? AND +id = ? AND kind = ? AND entry = ?)`,
    ),
    addEnd: database.prepare(
      `INSERT INTO "${table}" (id, at, kind, run, entry) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (
        SELECT 1 FROM "${table}" WHERE id = ? AND run = ?)`,
    ),
    trim: database.prepare(
      `DELETE FROM "${table}" WHERE id = ? AND place <= (
        SELECT place FROM "${table}" WHERE id = ? ORDER BY place DESC LIMIT 1 OFFSET ?)`,
    ),
    expire: database.prepare(
      `DELETE FROM "${table}" WHERE place IN (SELECT place FROM "${table}" WHERE at < ? ORDER BY at LIMIT ?)`,
    ),
    ofInstance: database.prepare(
      `SELECT place, id, at, kind, entry FROM "${table}" WHERE id = ? AND place < ?
       AND kind IN (SELECT value FROM json_each(?)) ORDER BY place DESC LIMIT ?`,
    ),
    ofSpan: database.prepare(
      `SELECT place, id, at, kind, entry FROM "${table}" WHERE at >= ? AND at < ? AND (at, place) < (?, ?)
       AND kind IN (SELECT value FROM json_each(?)) ORDER BY at DESC, place DESC LIMIT ?`,
    ),
    count: database.prepare(
      `SELECT place, id, at, kind FROM "${table}" WHERE (at, place) > (?, ?) AND at < ? ORDER BY at, place LIMIT ?`,
    ),
    reach: database.prepare(`SELECT count(*) AS kept, min(at) AS oldest FROM "${table}" WHERE id = ?`),
  };
};

// ---------------------------------------------------------------------------
// counting
// ---------------------------------------------------------------------------

type Counts = Omit<InstanceActivity, 'atLeast'>;

const countedAs: ReadonlyMap<unknown, 'attempts' | 'failures' | 'ends' | 'blocks'> = new Map([
  [kindOf('Attempt'), 'attempts'] as const,
  [kindOf('AttemptFailed'), 'failures'] as const,
  [kindOf('RunEnded'), 'ends'] as const,
  [kindOf('Blocked'), 'blocks'] as const,
]);

/** How many rows are read before others have their turn: drivers are synchronous. */
const rowsInTurn = 2_000;

const countAll = async (
  opened: () => Statements,
  { from, to }: SpanQuery,
): Promise<Either<HistoryFailed, ReadonlyArray<Counts>>> => {
  const counts = new Map<InstanceId, { -readonly [K in keyof Counts]: Counts[K] }>();
  for (let [at, place] = [from, 0]; ; ) {
    const read = attempt(() => opened().count.all(at, place, to, rowsInTurn));
    if (read._tag === 'Left') return read;
    for (const row of read.right) {
      at = Number(column(row, 'at'));
      place = Number(column(row, 'place'));
      const field = countedAs.get(column(row, 'kind'));
      if (field === undefined) continue;
      const id = String(column(row, 'id'));
      const known = counts.get(id) ?? { id, attempts: 0, failures: 0, ends: 0, blocks: 0, lastAttemptAt: at };
      counts.set(id, known);
      known[field]++;
      if (field === 'attempts') known.lastAttemptAt = at;
    }
    if (read.right.length < rowsInTurn) return right([...counts.values()].filter(({ attempts }) => attempts > 0));
    await nextTurn();
  }
};

const topOf = (
  opened: () => Statements,
  counts: ReadonlyArray<Counts>,
  { from }: SpanQuery,
  limit: number,
  perInstance: number,
): Either<HistoryFailed, ReadonlyArray<InstanceActivity>> =>
  attempt(() =>
    [...counts]
      .sort((a, b) => b.attempts - a.attempts || byCodePoints(a.id, b.id))
      .slice(0, limit)
      .map((count) => {
        const [row] = opened().reach.all(count.id);
        const atLeast = Number(column(row, 'kept')) >= perInstance && Number(column(row, 'oldest')) >= from;
        return { ...count, atLeast };
      }),
  );
