/**
 * A record as the text that a database keeps: policy and status in their wire form (`restart-policy/codec`), as JSON.
 */
import { bimap, type Either, flatMap, fromPredicate, left, map, mapLeft, right, tryCatch } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { map as mapAll, type NonEmptyArray, of } from 'fp-ts/lib/NonEmptyArray.js';
import { none, type Option, some } from 'fp-ts/lib/Option.js';
import {
  type DecodeError,
  decodeRestartPolicy,
  decodeRestartStatus,
  RestartPolicyCodec,
  RestartStatusCodec,
} from '../../codec.js';
import {
  type InstanceId,
  type InvalidRecord,
  invalidRecord,
  type RestartRecord,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';
import { allFields, type Validation } from '../../validation.js';

/** Whether a text is read back as it was written: a NUL ends a text in some drivers, half a surrogate pair is lost in UTF-8. */
export const comesBack = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

export interface RecordText {
  readonly policy: string;
  readonly status: string;
}

/** Left: what does not decode, and so could never be read back. */
export const encodeRecord = (id: InstanceId, record: RestartRecord): Either<StoreFailed, RecordText> => {
  const { policy, status } = record;
  if (!RestartPolicyCodec.is(policy) || !RestartStatusCodec.is(status)) return left(notReadable(id, record));
  return right({
    policy: JSON.stringify(RestartPolicyCodec.encode(policy)),
    status: JSON.stringify(RestartStatusCodec.encode(status)),
  });
};

export const notReadable = (id: InstanceId, { policy, status }: RestartRecord): StoreFailed =>
  storeFailed(`not a record that can be read back: ${JSON.stringify({ id, policy, status })}`);

/**
 * The record in the row that was found, which has the columns policy, status and revision; none: no row was found. Left:
 * all that is wrong with the row.
 */
export const decodeRow = (id: InstanceId, rows: ReadonlyArray<unknown>): Either<InvalidRecord, Option<StoredRecord>> =>
  rows.length === 0 ? right(none) : map((record: StoredRecord) => some(record))(decodeRecord(id, rows[0]));

const decodeRecord = (id: InstanceId, row: unknown): Either<InvalidRecord, StoredRecord> =>
  pipe(
    {
      policy: decodeJson('restart_policy', column(row, 'policy'), decodeRestartPolicy),
      status: decodeJson('restart_status', column(row, 'status'), decodeRestartStatus),
    },
    allFields<string>(),
    bimap(
      (problems) => invalidRecord(id, problems),
      (record) => ({ ...record, revision: Number(column(row, 'revision')) }),
    ),
  );

/** A column of a row: drivers give objects, some without a prototype, some with fields of their own beside the columns. */
export const column = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;

const decodeJson = <A>(
  path: string,
  text: unknown,
  decode: (value: unknown) => Either<NonEmptyArray<DecodeError>, A>,
): Validation<string, A> =>
  pipe(
    text,
    fromPredicate(
      (u) => typeof u === 'string',
      () => `${path} must be JSON text`,
    ),
    flatMap((json) =>
      tryCatch(
        (): unknown => JSON.parse(json),
        (cause) => `${path} must be JSON text: ${cause}`,
      ),
    ),
    mapLeft(of),
    flatMap((value) => mapLeft(mapAll(({ message }: DecodeError) => message))(decode(value))),
  );
