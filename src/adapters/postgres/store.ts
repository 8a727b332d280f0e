/**
 * Records in a table: each write is one statement, and so atomic by itself.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { flatMap, isLeft, left, map, mapLeft, right } from '../../either.js';
import { pipe } from '../../function.js';
import { none } from '../../option.js';
import type { PortCall } from '../../ports/call.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import {
  type Conflict,
  conflict,
  type InstanceId,
  type InvalidRecord,
  type ListedRecord,
  type RecordPage,
  type RecordToSave,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { column, createRecordReader, encodeRecord, type RecordReader } from '../common/record-text.js';
import { idProblem } from '../common/stored-id.js';
import { ask } from './ask.js';
import { type Database, type NamedStatement, named } from './database.js';
import { listen } from './listener.js';
import type { Rows, Values } from './pool.js';
import { longestId } from './schema.js';

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
  readonly due: (
    before: Timestamp,
    limit: number,
    call?: PortCall,
  ) => TaskEither<StoreFailed, ReadonlyArray<InstanceId>>;
  /**
   * Notifies of every write of any host, this one included. It keeps a connection of the pool until it is cancelled; when
   * the connection is lost, it tries once a second to make a new one.
   */
  readonly subscribe: (listener: (id: InstanceId | null) => void) => Cancel;
  readonly listRecords: (page: RecordPage, call?: PortCall) => TaskEither<StoreFailed, ReadonlyArray<ListedRecord>>;
}

export const storeOn = (database: Database, clock: Clock): PostgresStore => {
  const reader = createRecordReader();
  return {
    load: (id, call) => () => load(database, reader, id, call),
    save: (id, record, expected, call) => () => save(database, id, record, expected, call),
    list: async (call) => idsOf(await ask(database, 'SELECT id FROM restart_instances', [], call)),
    remove: (id, expected, call) => () => remove(database, id, expected, call),
    due: (before, limit, call) => async () => idsOf(await ask(database, statements.due, [before / 1_000, limit], call)),
    subscribe: (listener) => listen(database.pool, clock, 'restart_instances', listener),
    listRecords: (page, call) => () => listRecords(database, reader, page, call),
  };
};

// ---------------------------------------------------------------------------
// statements
// ---------------------------------------------------------------------------

/**
 * Creating and removing an id exclude each other. Without that, a create that drew its number could be overtaken by a
 * write and a remove, and the new record would bear a lower number than the one that is gone.
 */
const alone = 'alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(1382380656, hashtext($1)))';

/** Numbers and JSON are cast to text: what else becomes of them is a matter of each driver's and host's own parsers. */
export const statements = /* @__PURE__ */ named({
  load: 'SELECT revision::text, policy::text, status::text FROM restart_instances WHERE id = $1',
  create: `WITH ${alone}
    INSERT INTO restart_instances (id, policy, status) SELECT $1, $2::text::jsonb, $3::text::jsonb FROM alone
    ON CONFLICT (id) DO NOTHING RETURNING revision::text`,
  // null stands for a part that stays as it stands.
  replace: `UPDATE restart_instances
    SET policy = coalesce($2::text::jsonb, policy), status = coalesce($3::text::jsonb, status), revision = DEFAULT
    WHERE id = $1 AND revision = $4::bigint RETURNING revision::text`,
  remove: `WITH ${alone}
    DELETE FROM restart_instances USING alone WHERE id = $1 AND revision = $2::bigint RETURNING id`,
  // The column's own order is that of bytes, and its primary key serves it.
  listRecords: `SELECT id, revision::text, policy::text, status::text FROM restart_instances
    WHERE id > $1 ORDER BY id LIMIT $2::bigint`,
  due: `SELECT id FROM restart_instances WHERE next_attempt_at <= to_timestamp($1::float8)
    ORDER BY next_attempt_at LIMIT $2::bigint`,
});

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

const load = async (
  database: Database,
  reader: RecordReader,
  id: InstanceId,
  call: PortCall | undefined,
): Promise<Either<StoreFailed | InvalidRecord, Option<StoredRecord>>> => {
  // Such an id was never stored, and a driver may cut or change it into one that was.
  if (idProblem(id, longestId) !== null) return right(none);
  const rows = await ask(database, statements.load, [id], call);
  return isLeft(rows) ? rows : reader.found(id, rows.right);
};

const listRecords = async (
  database: Database,
  reader: RecordReader,
  { after, limit }: RecordPage,
  call: PortCall | undefined,
): Promise<Either<StoreFailed, ReadonlyArray<ListedRecord>>> =>
  pipe(await ask(database, statements.listRecords, [after ?? '', limit], call), map(reader.listed));

const idsOf: (rows: Either<StoreFailed, Rows>) => Either<StoreFailed, ReadonlyArray<InstanceId>> = map((rows) =>
  rows.map((row) => String(column(row, 'id'))),
);

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

const save = async (
  database: Database,
  id: InstanceId,
  record: RecordToSave,
  expected: Revision | null,
  call: PortCall | undefined,
): Promise<Either<StoreFailed | Conflict, Revision>> => {
  const problem = idProblem(id, longestId);
  if (problem !== null) return left(storeFailed(problem));
  const encoded = encodeRecord(id, record, expected);
  if (isLeft(encoded)) return encoded;
  const values = [id, encoded.right.policy, encoded.right.status];
  return pipe(
    await (expected === null
      ? write(database, statements.create, values, call)
      : write(database, statements.replace, [...values, expected], call)),
    map((row) => Number(column(row, 'revision'))),
  );
};

const remove = async (
  database: Database,
  id: InstanceId,
  expected: Revision,
  call: PortCall | undefined,
): Promise<Either<StoreFailed | Conflict, void>> => {
  if (idProblem(id, longestId) !== null) return left(conflict);
  return pipe(
    await write(database, statements.remove, [id, expected], call),
    map(() => undefined),
  );
};

/** Runs a compare-and-set, and answers with the row that it wrote or removed. */
const write = async (
  database: Database,
  statement: NamedStatement,
  values: Values,
  call: PortCall | undefined,
): Promise<Either<StoreFailed | Conflict, unknown>> =>
  pipe(
    await ask(database, statement, values, call),
    mapLeft((error) => (isOvertaken(error) ? conflict : error)),
    flatMap((rows) => (rows.length === 0 ? left(conflict) : right(rows[0]))),
  );

/**
 * A serialization failure: where a database's transactions are serializable or repeatable by default, a write that
 * another one overtook fails so, instead of finding no row to write. Nothing was written.
 */
const isOvertaken = ({ cause }: StoreFailed): boolean =>
  cause instanceof Error && Reflect.get(cause, 'code') === '40001';
