/**
 * A history in one table, which several hosts may share.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../../duration.js';
import { map, mapLeft, right } from '../../either.js';
import { pipe } from '../../function.js';
import { checkOptions, type InvalidOptions, port } from '../../options.js';
import type { Clock } from '../../ports/clock.js';
import {
  type History,
  type HistoryFailed,
  type HistoryFault,
  type HistoryPage,
  historyFailed,
  type InstanceActivity,
} from '../../ports/history.js';
import { boundChecks, checkBusiest, checkPage, checkSpanPage, type HistoryBounds } from '../../ports/history-query.js';
import { createHistoryQueue, type QueueOptions, queueChecks } from '../common/history-queue.js';
import { type HistoryRow, kindOf, pageOfRows } from '../common/history-text.js';
import { column } from '../common/record-text.js';
import { idProblem } from '../common/stored-id.js';
import { ask } from './ask.js';
import { databaseOn, type NamedStatement, named, namedStatementsOption } from './database.js';
import type { PostgresPool, Rows, Values } from './pool.js';
import { longestId } from './schema.js';

// ---------------------------------------------------------------------------
// options
// ---------------------------------------------------------------------------

/**
 * What can be chosen about a history in PostgreSQL. Hosts that share one should choose the same.
 *
 * @since 0.2.0
 */
export interface PostgresHistoryOptions {
  /** How many entries are kept of each instance: a whole number from 1 to 100,000. Default 200. */
  readonly perInstance?: number | undefined;
  /**
   * How long before the newest entry, and before now by the database's clock, the oldest one may lie, in milliseconds, or
   * Infinity. Default 30 days.
   */
  readonly maxAge?: Millis | undefined;
  /** How many entries may wait to be written: a whole number from 1 to 1,000,000. Default 10,000; those beyond are lost. */
  readonly queue?: number | undefined;
  /** As that of {@link PostgresStoreOptions}; it is about the writes. */
  readonly namedStatements?: boolean | undefined;
  /** It times the writes. Default: the machine's, as `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Called with every write that failed, and with what is lost. What it throws is swallowed. */
  readonly onFault?: ((fault: HistoryFault) => void) | undefined;
}

interface CompleteOptions extends HistoryBounds, QueueOptions {
  readonly pool: PostgresPool;
  readonly namedStatements: boolean | null;
}

export const checkHistoryOptions = checkOptions<CompleteOptions>({
  pool: port('a pool', 'query', 'connect', 'on'),
  namedStatements: namedStatementsOption,
  ...boundChecks,
  ...queueChecks,
});

// ---------------------------------------------------------------------------
// history
// ---------------------------------------------------------------------------

/** How long the first entry of a batch waits for others. */
const writeAfter: Millis = 250;

/** Each statement is given up after it: then it holds no connection of the pool any longer. */
const patience: Millis = 10_000;

/** How many queries of people run at once: the pool is the store's too, and a stop must get a connection. */
const mostReaders = 2;

export const historyOn = ({
  pool,
  namedStatements,
  perInstance,
  maxAge,
  queue: most,
  clock,
  onFault,
}: CompleteOptions): History => {
  const database = databaseOn(pool, namedStatements, clock);

  const run = async (statement: NamedStatement | string, values: Values): Promise<Either<HistoryFailed, Rows>> => {
    const controller = new AbortController();
    const cancel = clock.wakeAt(clock.now() + patience, () => controller.abort());
    try {
      return pipe(
        await ask(database, statement, values, { signal: controller.signal }),
        mapLeft(({ message, cause }) => historyFailed(message, cause)),
      );
    } finally {
      cancel();
    }
  };

  const write = async (rows: ReadonlyArray<HistoryRow>): Promise<Either<HistoryFailed, void>> => {
    const added = await run(writes.add, [JSON.stringify(rows.map(inColumns))]);
    if (added._tag === 'Left') return added;
    // Should these fail, the next ones do their work.
    await run(writes.trim, [JSON.stringify([...new Set(rows.map(({ id }) => id))]), perInstance]);
    if (maxAge !== Number.POSITIVE_INFINITY) {
      const newest = Math.max(...rows.map(({ at }) => at));
      await run(writes.expire, [newest, Math.ceil(maxAge)]);
    }
    return right(undefined);
  };

  const queue = createHistoryQueue({ clock, most, after: writeAfter, longestId, write, onFault });
  const inTurn = createPlaces(mostReaders);

  /** What waits is written first, so that whoever reads sees what they have just done; unless that has just failed. */
  const reading =
    <Query, A>(
      checked: Either<InvalidOptions, Query>,
      read: (query: Query) => Promise<Either<HistoryFailed, A>>,
    ): TaskEither<HistoryFailed | InvalidOptions, A> =>
    async () => {
      if (checked._tag === 'Left') return checked;
      const { queued, failing } = queue.state();
      if (queued > 0 && failing === null) await queue.flush();
      return inTurn(() => read(checked.right));
    };

  const page = async (
    of: 'instance' | 'span',
    limit: number,
    values: Values,
  ): Promise<Either<HistoryFailed, HistoryPage>> =>
    pipe(
      await run(of === 'instance' ? queries.ofInstance : queries.ofSpan, [...values, limit + 1]),
      map((rows) => pageOfRows(rows, limit, of)),
    );

  return {
    add: queue.add,
    ofInstance: (id, given) =>
      reading(checkPage(given), async ({ before, limit, tags }) =>
        // Such an id has no entries, and a driver may cut or change it into one that has.
        idProblem(id, longestId) === null
          ? page('instance', limit, [id, before?.place ?? beyondAll, JSON.stringify(tags.map(kindOf))])
          : right({ entries: [], next: null, unreadable: 0 }),
      ),
    ofSpan: (given) =>
      reading(checkSpanPage(given), ({ from, to, before, limit, tags }) => {
        const place = [before?.at ?? beyondAll, before?.place ?? beyondAll];
        return page('span', limit, [Math.ceil(from), Math.ceil(to), ...place, JSON.stringify(tags.map(kindOf))]);
      }),
    busiest: (given) =>
      reading(checkBusiest(given), async ({ from, to, limit }) =>
        pipe(
          await run(queries.busiest, [Math.ceil(from), Math.ceil(to), limit, perInstance]),
          map((rows) => rows.map(activityOf)),
        ),
      ),
    state: queue.state,
    flush: queue.flush,
    close: queue.close,
  };
};

/** Behind every place and time. */
const beyondAll = Number.MAX_SAFE_INTEGER;

const inColumns = ({ entry, ...columns }: HistoryRow): object => ({ ...columns, entry: JSON.parse(entry) });

/** At most so many at a time; the others wait, the first first. */
const createPlaces = (most: number) => {
  let taken = 0;
  const waiting: Array<() => void> = [];
  return async <A>(work: () => Promise<A>): Promise<A> => {
    if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken++;
    try {
      return await work();
    } finally {
      // A place is handed on, so that nobody who comes now is faster than who waits.
      const next = waiting.shift();
      if (next === undefined) taken--;
      else next();
    }
  };
};

const activityOf = (row: unknown): InstanceActivity => {
  const count = (name: string): number => Number(column(row, name));
  return {
    id: String(column(row, 'id')),
    attempts: count('attempts'),
    failures: count('failures'),
    ends: count('ends'),
    blocks: count('blocks'),
    lastAttemptAt: count('last_attempt_at'),
    atLeast: column(row, 'at_least') === 'true',
  };
};

// ---------------------------------------------------------------------------
// statements
// ---------------------------------------------------------------------------

const counted = (kind: string): string => `count(*) FILTER (WHERE kind = '${kind}')`;

// In an ORDER BY a name is that of the answer, where it has one, and so of a text: hence the names of tables there.
const writes = /* @__PURE__ */ named({
  // One writer after the other: so places become visible in their order, and none appears behind a page that was read. What is
  // there already is not added again: the end of the same run, or an entry that is equal in all. So a write of which nobody
  // knows whether it was done is made again. That is the index's to say: whoever waited for another writer does not see what
  // that one wrote, for a statement sees what was there when it began.
  add: `WITH alone AS MATERIALIZED (
      SELECT pg_advisory_xact_lock(1382380657, hashtext('restart_history'::regclass::oid::text)))
    INSERT INTO restart_history (id, at, kind, run, entry)
    SELECT n.id, n.at, n.kind, n.run, n.entry
    FROM alone, ROWS FROM (jsonb_to_recordset($1::text::jsonb)
      AS (id text, at bigint, kind text, run bigint, entry jsonb)) WITH ORDINALITY AS n (id, at, kind, run, entry, nth)
    ORDER BY nth
    ON CONFLICT DO NOTHING`,
  trim: `DELETE FROM restart_history h
    USING jsonb_array_elements_text($1::text::jsonb) AS told (id)
    WHERE h.id = told.id COLLATE "C" AND h.place <= (
      SELECT o.place FROM restart_history o WHERE o.id = told.id COLLATE "C"
      ORDER BY o.place DESC LIMIT 1 OFFSET $2::bigint)`,
  // A host whose clock is ahead must not make all others' entries old.
  expire: `DELETE FROM restart_history WHERE place IN (
      SELECT place FROM restart_history
      WHERE at < least($1::bigint, (extract(epoch FROM now()) * 1000)::bigint) - $2::bigint
      ORDER BY at LIMIT 1000)`,
});

// Without names: which plan is a good one depends on what is asked for, and they are people's, who are few.
const queries = {
  ofInstance: `SELECT place::text, id, at::text, kind, entry::text FROM restart_history
    WHERE id = $1 AND place < $2::bigint AND kind IN (SELECT jsonb_array_elements_text($3::text::jsonb))
    ORDER BY restart_history.place DESC LIMIT $4::bigint`,
  ofSpan: `SELECT place::text, id, at::text, kind, entry::text FROM restart_history
    WHERE at >= $1::bigint AND at < $2::bigint AND (at, place) < ($3::bigint, $4::bigint)
      AND kind IN (SELECT jsonb_array_elements_text($5::text::jsonb))
    ORDER BY restart_history.at DESC, restart_history.place DESC LIMIT $6::bigint`,
  busiest: `WITH busiest AS (
      SELECT id, ${counted('attempt')} AS attempts, ${counted('attempt_failed')} AS failures,
        ${counted('run_ended')} AS ends, ${counted('blocked')} AS blocks,
        max(at) FILTER (WHERE kind = 'attempt') AS last_attempt_at
      FROM restart_history WHERE at >= $1::bigint AND at < $2::bigint
      GROUP BY id HAVING ${counted('attempt')} > 0
      ORDER BY attempts DESC, id LIMIT $3::bigint)
    SELECT id, attempts::text, failures::text, ends::text, blocks::text, last_attempt_at::text,
      (SELECT count(*) >= $4::bigint AND min(at) >= $1::bigint FROM restart_history h WHERE h.id = busiest.id)::text AS at_least
    FROM busiest ORDER BY busiest.attempts DESC, id`,
} as const;
