/**
 * The store port: one record per instance, written by compare-and-set. It is the controller's only memory (G8).
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { RestartPolicy } from '../policy.js';
import type { RestartStatus } from '../status.js';
import type { PortCall } from './call.js';
import type { Cancel } from './clock.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * The host's name for an instance; any text that is not empty.
 *
 * @since 0.1.0
 */
export type InstanceId = string;

/**
 * The number of a write: a whole number from 1 that grows with every write of an instance's record, and never repeats
 * for an id, not across remove and create either.
 *
 * @since 0.1.0
 */
export type Revision = number;

/**
 * What is stored of an instance.
 *
 * @since 0.1.0
 */
export interface RestartRecord {
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
}

/**
 * A record as it was loaded: with the revision that a save must name to replace it.
 *
 * @since 0.1.0
 */
export interface StoredRecord extends RestartRecord {
  readonly revision: Revision;
}

/**
 * Stands for a part of a record that a save leaves as it is in the store, whether or not it can be read.
 *
 * @since 0.2.0
 */
export const asItStands = 'as_it_stands';

/**
 * What a save writes. A part that is {@link asItStands} is not touched: so a person's stop can be recorded beside a policy
 * of a later version, which that version will read again.
 *
 * @since 0.2.0
 */
export interface RecordToSave {
  readonly policy: RestartPolicy | typeof asItStands;
  readonly status: RestartStatus | typeof asItStands;
}

/**
 * Which page of the records: those behind `after`, which need not exist (null: from the first), at most `limit` of them, a
 * whole number from 1.
 *
 * @since 0.2.0
 */
export interface RecordPage {
  readonly after: InstanceId | null;
  readonly limit: number;
}

/**
 * A record in a page. Left: what is stored is no record.
 *
 * @since 0.2.0
 */
export interface ListedRecord {
  readonly id: InstanceId;
  readonly record: Either<InvalidRecord, StoredRecord>;
}

// ---------------------------------------------------------------------------
// errors
// ---------------------------------------------------------------------------

/**
 * The record is not (or no longer) at the expected revision: nothing was written.
 *
 * @since 0.1.0
 */
export interface Conflict {
  readonly _tag: 'Conflict';
}

/**
 * The store did not answer, or not well. After a save or a remove that failed so, the write may have been done or not.
 *
 * @since 0.1.0
 */
export interface StoreFailed {
  readonly _tag: 'StoreFailed';
  readonly message: string;
  readonly cause: unknown;
}

/**
 * What is stored for `id` is not a record, or one of a later version. Nothing automatic happens to its instance; a person's
 * stop, delete and policy are recorded over it all the same. Other instances are not concerned.
 *
 * @since 0.1.0
 */
export interface InvalidRecord extends ReadableParts {
  readonly _tag: 'InvalidRecord';
  readonly id: InstanceId;
  /** One line each, beginning with the path of the field. */
  readonly problems: ReadonlyArray<string>;
}

/**
 * What could be read of a record that is none as a whole.
 *
 * @since 0.2.0
 */
export interface ReadableParts {
  /** What a save or a remove must name to write over it. */
  readonly revision: Revision;
  /** null: it could not be read. */
  readonly policy: RestartPolicy | null;
  /** null: it could not be read. */
  readonly status: RestartStatus | null;
}

/**
 * What a store answers whose record is at another revision than the expected one.
 *
 * @since 0.1.0
 */
export const conflict: Conflict = /* @__PURE__ */ Object.freeze({ _tag: 'Conflict' });

/**
 * What a store answers that could not do it, with a message and the cause.
 *
 * @since 0.1.0
 */
export const storeFailed = (message: string, cause?: unknown): StoreFailed => ({ _tag: 'StoreFailed', message, cause });

/**
 * What a store answers that holds something else than a record, with one line for each thing that is wrong, and what could
 * be read all the same.
 *
 * @since 0.1.0
 */
export const invalidRecord = (
  id: InstanceId,
  problems: ReadonlyArray<string>,
  { revision, policy, status }: ReadableParts,
): InvalidRecord => ({ _tag: 'InvalidRecord', id, problems, revision, policy, status });

// ---------------------------------------------------------------------------
// port
// ---------------------------------------------------------------------------

/**
 * A store of restart records. `restart-policy/testing` has the contract as a suite (`storeContract`).
 *
 * Contract:
 * 1. `save` is one atomic compare-and-set: it writes only if the record is at `expected` (null: only if there is
 *    none) and answers the new revision, else `Conflict`. When it answers, the write is durable: an acknowledged stop
 *    must survive whatever the host is meant to survive.
 * 2. Revisions never repeat for an id, not across `remove` and create either.
 * 3. `load` sees every save that was answered before it began, by whichever process.
 * 4. `remove` is a compare-and-set too, so that it cannot take away a start that was recorded meanwhile. Removing what
 *    is not there, with whatever `expected`, is a `Conflict`.
 * 5. `list` names every id that has a record, invalid ones included, in no particular order.
 * 6. Nothing throws or rejects: faults are `StoreFailed`.
 * 7. `subscribe`, for stores that others write to as well, calls the listener with the id of a record that was written
 *    or removed, by whomever; with null when any may have been. It may be late, repeated, or (for what resync finds)
 *    missing; it never waits for the listener.
 * 8. A record that cannot be read is answered as `InvalidRecord` and kept. A save at its revision writes over it, and leaves
 *    as it is what is `asItStands`, to the last byte that a later version needs. What does not exist does not stand: with
 *    `expected` null that is `StoreFailed`.
 * 9. Two ids never have one record: an id that would be cut or changed on its way is `StoreFailed`, with an error that
 *    names it, and has no record.
 * 10. A save whose caller gave up (`signal`) may still be written, as the compare-and-set that it is. It is never repeated.
 *
 * @since 0.1.0
 */
export interface Store {
  readonly load: (id: InstanceId, call?: PortCall) => TaskEither<StoreFailed | InvalidRecord, Option<StoredRecord>>;
  readonly save: (
    id: InstanceId,
    record: RecordToSave,
    expected: Revision | null,
    call?: PortCall,
  ) => TaskEither<StoreFailed | Conflict, Revision>;
  readonly list: (call?: PortCall) => Promise<Either<StoreFailed, ReadonlyArray<InstanceId>>>;
  readonly remove: (id: InstanceId, expected: Revision, call?: PortCall) => TaskEither<StoreFailed | Conflict, void>;
  /** @since 0.2.0 */
  readonly subscribe?: (listener: (id: InstanceId | null) => void) => Cancel;
  /**
   * A page of the records, in the order of their ids by code points (that of their bytes in UTF-8). Fewer than `limit`: there
   * are no more. A resync reads them in place of one load for each instance.
   *
   * @since 0.2.0
   */
  readonly listRecords?: (page: RecordPage, call?: PortCall) => TaskEither<StoreFailed, ReadonlyArray<ListedRecord>>;
}
