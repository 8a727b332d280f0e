/**
 * Looks at every instance that has a record, some at a time: a page is listed when few of those before it still wait to be
 * reconciled. So what was notified meanwhile does not wait behind a whole fleet, and a large store is never held whole.
 */
import { type Either, right } from 'fp-ts/lib/Either.js';
import type { InstanceId, StoredRecord, StoreFailed } from '../ports/store.js';
import type { Ports } from './guarded-ports.js';
import type { Listed } from './lanes.js';

export interface Resync {
  /**
   * Calls `look` for every record, and for `others` that have none. Right: all were listed; looks may still be under way.
   * `look` gets the record as it was listed, which is as good as one that is loaded until anything here has touched it.
   */
  readonly run: (
    look: (id: InstanceId, listed?: Listed) => void,
    others: ReadonlyArray<InstanceId>,
  ) => Promise<Either<StoreFailed, void>>;
  /** The instance is being looked at, or its record was written: what was listed before may be old. */
  readonly touch: (id: InstanceId) => void;
}

/** How many records are listed at a time: a page that is decoded at once must not take long. */
const pageSize = 128;

/** A further page is listed when fewer instances than this wait. */
const few = 64;

export const createResync = (
  { list, listRecords }: Pick<Ports, 'list' | 'listRecords'>,
  fewerThan: (count: number) => Promise<void>,
  isClosed: () => boolean,
): Resync => {
  /** Of every run under way: what was touched since its last page was asked for. */
  const runs = new Set<{ touched: Set<InstanceId> }>();

  const all: Resync['run'] = async (look, others) => {
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
    look: (id: InstanceId, listed?: Listed) => void,
    others: ReadonlyArray<InstanceId>,
  ): Promise<Either<StoreFailed, void>> => {
    const unlisted = new Set(others);
    const run = { touched: new Set<InstanceId>() };
    runs.add(run);
    try {
      for (let after: InstanceId | null = null; ; ) {
        await fewerThan(few);
        if (isClosed()) return right(undefined);
        const touched = new Set<InstanceId>();
        run.touched = touched;
        const records = await page({ after, limit: pageSize });
        if (records._tag === 'Left') return records;
        for (const { id, record } of records.right) {
          unlisted.delete(id);
          // What cannot be read is loaded once more, and so told with all that is wrong with it.
          if (record._tag === 'Left') look(id);
          else look(id, unlessTouched(touched, id, record.right));
          after = id;
        }
        if (records.right.length < pageSize) break;
      }
    } finally {
      runs.delete(run);
    }
    for (const id of unlisted) look(id);
    return right(undefined);
  };

  return {
    run: (look, others) => (listRecords === null ? all(look, others) : pages(listRecords, look, others)),
    touch: (id) => {
      for (const { touched } of runs) touched.add(id);
    },
  };
};

const unlessTouched =
  (touched: ReadonlySet<InstanceId>, id: InstanceId, record: StoredRecord): Listed =>
  () =>
    touched.has(id) ? null : record;
