/**
 * Looks at every instance that has a record, some at a time: a page is listed when few of those before it still wait to be
 * reconciled. So what was notified meanwhile does not wait behind a whole fleet, and a large store is never held whole.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../either.js';
import { type InstanceId, type StoredRecord, type StoreFailed, storeFailed } from '../ports/store.js';
import type { Ports } from './guarded-ports.js';

export interface AllRecords {
  /**
   * Calls `look` for every record, and for `others` that have none. Right: all were listed; looks may still be under way.
   * `look` gets the record as it was listed, unless it was looked at afresh meanwhile.
   */
  readonly forEach: (
    look: (id: InstanceId, listed?: StoredRecord) => void,
    others: ReadonlyArray<InstanceId>,
  ) => Promise<Either<StoreFailed, void>>;
  /** The instance is looked at afresh: what is being listed of it may be older than what that sees. */
  readonly touch: (id: InstanceId) => void;
}

/** How many records are listed at a time: a page that is decoded at once must not take long. */
const pageSize = 128;

const endless = 'a page that is listed ends where the page before it ended';

/** A further page is listed when fewer instances than this wait. */
const few = 64;

export const createAllRecords = (
  { list, listRecords }: Pick<Ports, 'list' | 'listRecords'>,
  fewerThan: (count: number) => Promise<void>,
  isClosed: () => boolean,
): AllRecords => {
  /**
   * Who was looked at afresh while a page is read; null: none is. Nobody else is missed: whose look is under way when the page
   * has been read, or is asked for, is loaded by its lane; and what a look had decided before is in conflict with the page.
   */
  let seen: Set<InstanceId> | null = null;

  const all: AllRecords['forEach'] = async (look, others) => {
    const ids = await list();
    if (ids._tag === 'Left') return ids;
    const unlisted = new Set(others);
    for (const [place, id] of ids.right.entries()) {
      if (place % pageSize === 0) await fewerThan(few);
      unlisted.delete(id);
      look(id);
    }
    for (const id of unlisted) look(id);
    return right(undefined);
  };

  const pages = async (
    page: NonNullable<Ports['listRecords']>,
    look: (id: InstanceId, listed?: StoredRecord) => void,
    others: ReadonlyArray<InstanceId>,
  ): Promise<Either<StoreFailed, void>> => {
    const unlisted = new Set(others);
    for (let after: InstanceId | null = null; ; ) {
      await fewerThan(few);
      if (isClosed()) return right(undefined);
      const meanwhile = new Set<InstanceId>();
      seen = meanwhile;
      const records = await page({ after, limit: pageSize });
      seen = null;
      if (records._tag === 'Left') return records;
      // It would never end: and where looks answer at once, nothing else would be done.
      if (after !== null && records.right.at(-1)?.id === after) return left(storeFailed(endless));
      for (const { id, record } of records.right) {
        unlisted.delete(id);
        // What cannot be read is loaded once more, and so told with all that is wrong with it.
        if (record._tag === 'Left' || meanwhile.has(id)) look(id);
        else look(id, record.right);
        after = id;
      }
      if (records.right.length < pageSize) break;
    }
    for (const id of unlisted) look(id);
    return right(undefined);
  };

  return {
    forEach: (look, others) => (listRecords === null ? all(look, others) : pages(listRecords, look, others)),
    touch: (id) => {
      seen?.add(id);
    },
  };
};
