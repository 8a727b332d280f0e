/**
 * Records in a table: each write is one statement, and so atomic by itself.
 */
import { type Either, flatMap, isLeft, left, map, mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { none, type Option } from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import {
  type Conflict,
  conflict,
  type InstanceId,
  type InvalidRecord,
  type RestartRecord,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { comesBack, decodeRow, encodeRecord } from '../common/record-text.js';
import { listen } from './listener.js';
import { ask, type PostgresPool, type Row } from './pool.js';

/**
 * A store that can also be asked what is due, and notifies of what others write.
 *
 * @since 0.2.0
 */
export interface PostgresStore extends Store {
  /**
   * Ids of the instances whose next attempt is due at `before` or earlier, the longest due first, at most `limit` (a
   * whole number from 0). Read from an index: what is not due costs nothing. A controller does not need it; it is for
   * hosts that reconcile due instances only, and for people.
   */
  readonly due: (before: Timestamp, limit: number) => TaskEither<StoreFailed, ReadonlyArray<InstanceId>>;
  /**
   * Notifies of every write of any host, this one included. It keeps a connection of the pool until it is cancelled; when
   * the connection is lost, it tries once a second to make a new one.
   */
  readonly subscribe: (listener: (id: InstanceId | null) => void) => Cancel;
}

export const storeOn = (pool: PostgresPool, clock: Clock): PostgresStore => ({
  load: (id) => () => load(pool, id),
  save: (id, record, expected) => () => save(pool, id, record, expected),
  list: async () => idsOf(await ask(pool, 'SELECT id FROM restart_instances')),
  remove: (id, expected) => () => remove(pool, id, expected),
  due: (before, limit) => async () => idsOf(await ask(pool, statements.due, [before / 1_000, limit])),
  subscribe: (listener) => listen(pool, clock, 'restart_instances', listener),
});

// ---------------------------------------------------------------------------
// statements
// ---------------------------------------------------------------------------

/**
 * Creating and removing an id exclude each other. Without that, a create that drew its number could be overtaken by a
 * write and a remove, and the new record would bear a lower number than the one that is gone.
 */
const alone = 'alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(1382380656, hashtext($1)))';

/** Numbers and JSON are cast to text: what else becomes of them is a matter of each driver's and host's own parsers. */
export const statements = {
  load: 'SELECT revision::text, policy::text, status::text FROM restart_instances WHERE id = $1',
  create: `WITH ${alone}
    INSERT INTO restart_instances (id, policy, status) SELECT $1, $2::text::jsonb, $3::text::jsonb FROM alone
    ON CONFLICT (id) DO NOTHING RETURNING revision::text`,
  replace: `UPDATE restart_instances SET policy = $2::text::jsonb, status = $3::text::jsonb, revision = DEFAULT
    WHERE id = $1 AND revision = $4::bigint RETURNING revision::text`,
  remove: `WITH ${alone}
    DELETE FROM restart_instances USING alone WHERE id = $1 AND revision = $2::bigint RETURNING id`,
  due: `SELECT id FROM restart_instances WHERE next_attempt_at <= to_timestamp($1::float8)
    ORDER BY next_attempt_at LIMIT $2::bigint`,
} as const;

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

const load = async (
  pool: PostgresPool,
  id: InstanceId,
): Promise<Either<StoreFailed | InvalidRecord, Option<StoredRecord>>> => {
  // Such an id was never stored, and a driver may cut or change it into one that was.
  if (idProblem(id) !== null) return right(none);
  return pipe(
    await ask(pool, statements.load, [id]),
    flatMap((rows) => decodeRow(id, rows)),
  );
};

const idsOf: (rows: Either<StoreFailed, ReadonlyArray<Row>>) => Either<StoreFailed, ReadonlyArray<InstanceId>> = map(
  (rows) => rows.map(({ id }) => String(id)),
);

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

const save = async (
  pool: PostgresPool,
  id: InstanceId,
  record: RestartRecord,
  expected: Revision | null,
): Promise<Either<StoreFailed | Conflict, Revision>> => {
  const problem = idProblem(id);
  if (problem !== null) return left(storeFailed(problem));
  const encoded = encodeRecord(id, record);
  if (isLeft(encoded)) return encoded;
  const values = [id, encoded.right.policy, encoded.right.status];
  return pipe(
    await (expected === null
      ? write(pool, statements.create, values)
      : write(pool, statements.replace, [...values, expected])),
    map((row) => Number(row['revision'])),
  );
};

const remove = async (
  pool: PostgresPool,
  id: InstanceId,
  expected: Revision,
): Promise<Either<StoreFailed | Conflict, void>> => {
  if (idProblem(id) !== null) return left(conflict);
  return pipe(
    await write(pool, statements.remove, [id, expected]),
    map(() => undefined),
  );
};

/** Runs a compare-and-set, and answers with the row that it wrote or removed. */
const write = async (
  pool: PostgresPool,
  text: string,
  values: Array<string | number>,
): Promise<Either<StoreFailed | Conflict, Row>> =>
  pipe(
    await ask(pool, text, values),
    mapLeft((error) => (isOvertaken(error) ? conflict : error)),
    flatMap(([row]) => (row === undefined ? left(conflict) : right(row))),
  );

/**
 * A serialization failure: where a database's transactions are serializable or repeatable by default, a write that
 * another one overtook fails so, instead of finding no row to write. Nothing was written.
 */
const isOvertaken = ({ cause }: StoreFailed): boolean =>
  cause instanceof Error && Reflect.get(cause, 'code') === '40001';

/** In bytes of UTF-8, as in the table: what fits an index. */
const longestId = 2_600;

/** Why an id cannot be kept; null: it can. A NUL ends a text, and half a surrogate pair is lost in UTF-8. */
const idProblem = (id: InstanceId): string | null => {
  if (id === '') return 'an id must not be empty';
  if (!comesBack(id)) return `an id must be text without NUL and lone surrogates, not ${JSON.stringify(id)}`;
  const bytes = new TextEncoder().encode(id).length;
  return bytes > longestId ? `an id must be at most ${longestId} bytes long in UTF-8, not ${bytes}` : null;
};
