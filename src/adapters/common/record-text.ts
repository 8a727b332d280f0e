/**
 * A record as the text that a database keeps: policy and status in their wire form (`restart-policy/codec`), as JSON.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import { isLeft, isRight, left, map, mapLeft, right, tryCatch } from '../../either.js';
import { none, some } from '../../option.js';
import {
  asItStands,
  type InstanceId,
  type InvalidRecord,
  invalidRecord,
  type ListedRecord,
  type RecordToSave,
  type Revision,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';
import { quoteKey } from '../../quote.js';
import type { RestartStatus } from '../../status.js';
import { notKnown } from '../../validation.js';
import {
  type DecodeError,
  decodeRestartPolicy,
  decodeRestartStatus,
  isPolicy,
  isStatus,
  type RestartStatusWire,
  writePolicy,
  writeStatus,
} from '../../wire.js';
import { messageOf } from './answers.js';
import { leavesAPart, nothingStands } from './standing.js';

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

/** null: the part is left as it stands. */
export interface RecordText {
  readonly policy: string | null;
  readonly status: string | null;
}

/** Left: what does not decode, and so could never be read back; or a new record of which a part should stand already. */
export const encodeRecord = (
  id: InstanceId,
  record: RecordToSave,
  expected: Revision | null,
): Either<StoreFailed, RecordText> => {
  if (expected === null && leavesAPart(record)) return left(nothingStands(id));
  const { policy, status } = record;
  if ((policy !== asItStands && !isPolicy(policy)) || (status !== asItStands && !isStatus(status))) {
    return left(storeFailed(`not a record that can be read back: ${shown({ id, policy, status })}`));
  }
  return right({
    policy: policy === asItStands ? null : JSON.stringify(writePolicy(policy)),
    status: status === asItStands ? null : JSON.stringify(writeStatus(status)),
  });
};

/** Not everything that is no record has a JSON text: a bigint has none, nor has what contains itself. */
const shown = (record: RecordToSave & { readonly id: InstanceId }): string => {
  const text = tryCatch(() => JSON.stringify(record), messageOf);
  return isRight(text) ? text.right : `that of ${JSON.stringify(record.id)} (${text.left})`;
};

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

/** Reads rows, which have the columns policy, status and revision, as the records of their ids. */
export interface RecordReader {
  /** The row that was found for an id; none: no row was. Left: all that is wrong with it. */
  readonly found: (id: InstanceId, rows: ReadonlyArray<unknown>) => Either<InvalidRecord, Option<StoredRecord>>;
  /** Rows that have the column id too. */
  readonly listed: (rows: ReadonlyArray<unknown>) => ReadonlyArray<ListedRecord>;
}

/** What it reads is frozen: equal texts are read once, and answered with the same object. */
export const createRecordReader = (): RecordReader => {
  const readPolicy = remembering((text) => readJson('restart_policy', text, inWords(decodeRestartPolicy)));
  const readStatus = remembering((text) => readJson('restart_status', text, readWholeStatus));

  const read = (id: InstanceId, row: unknown): Either<InvalidRecord, StoredRecord> => {
    const revision = Number(column(row, 'revision'));
    const policy = readPolicy(column(row, 'policy'));
    const status = readStatus(column(row, 'status'));
    if (isRight(policy) && isRight(status)) return right({ policy: policy.right, status: status.right, revision });
    const problems = [policy, status].flatMap((part) => (isLeft(part) ? part.left : []));
    return left(invalidRecord(id, problems, { revision, policy: orNull(policy), status: orNull(status) }));
  };

  return {
    found: (id, rows) =>
      rows.length === 0 ? right(none) : map((record: StoredRecord) => some(record))(read(id, rows[0])),
    listed: (rows) =>
      rows.map((row) => {
        const id = String(column(row, 'id'));
        return { id, record: read(id, row) };
      }),
  };
};

/** A column of a row: drivers give objects, some without a prototype, some with fields of their own beside the columns. */
export const column = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;

type Part<A> = Either<ReadonlyArray<string>, A>;

const orNull = <A>(part: Part<A>): A | null => (isRight(part) ? part.right : null);

const readJson = <A>(path: string, text: unknown, read: (value: unknown) => Part<A>): Part<A> => {
  if (typeof text !== 'string') return left([`${path} must be JSON text`]);
  const value = tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => [`${path} must be JSON text: ${cause}`],
  );
  return isLeft(value) ? value : read(value.right);
};

const inWords =
  <A>(decode: (value: unknown) => Either<ReadonlyArray<DecodeError>, A>) =>
  (value: unknown): Part<A> =>
    mapLeft((errors: ReadonlyArray<DecodeError>) => errors.map(({ message }) => message))(decode(value));

/** The fields that this version knows. One that is added to the wire form and not named here does not compile. */
const statusFields: Readonly<Record<keyof RestartStatusWire, true>> = {
  attempts: true,
  last_attempt_at: true,
  next_attempt_at: true,
  blocked_reason: true,
  last_reason: true,
  recent_attempts: true,
};

/**
 * A codec lets fields of a later version pass. A record with one is not understood whole: to act on the rest of it, and to
 * drop that field at the next save, is not ours.
 */
const readWholeStatus = (value: unknown): Part<RestartStatus> => {
  const status = inWords(decodeRestartStatus)(value);
  const unknown = Object.entries(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {})
    .filter(([key, set]) => !Object.hasOwn(statusFields, key) && set !== null)
    .map(([key]) => `restart_status.${quoteKey(key)} ${notKnown('field', key, Object.keys(statusFields))}`);
  return unknown.length === 0 ? status : left([...(isLeft(status) ? status.left : []), ...unknown]);
};

// ---------------------------------------------------------------------------
// memory
// ---------------------------------------------------------------------------

/** How many texts are remembered, and how long one may be: a few megabytes at most. */
const mostTexts = 1_000;
const longestText = 2_000;

/**
 * Reads a text that was read a moment ago without parsing it. In a fleet few policies differ, and most statuses are those of
 * instances to which nothing happens, so a resync finds nearly all of them here.
 */
const remembering = <A>(read: (text: unknown) => Part<A>): ((text: unknown) => Part<A>) => {
  const remembered = new Map<string, Part<A>>();
  return (text) => {
    const known = typeof text === 'string' ? remembered.get(text) : undefined;
    if (known !== undefined) return known;
    const part = read(text);
    if (isRight(part)) freeze(part.right);
    if (isRight(part) && typeof text === 'string' && text.length <= longestText) {
      if (remembered.size >= mostTexts) remembered.clear();
      remembered.set(text, part);
    }
    return part;
  };
};

const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value)) freeze(part);
  Object.freeze(value);
};
