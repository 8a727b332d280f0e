/**
 * The instances of a store, a page at a time.
 */
import { type Either, right } from 'fp-ts/lib/Either.js';
import { checkOptions, type InvalidOptions, optional, text, wholeNumber } from '../options.js';
import type { InstanceId, InvalidRecord, StoreFailed } from '../ports/store.js';
import type { InstanceReport } from './report.js';

/**
 * Which page of the instances.
 *
 * @since 0.2.0
 */
export interface ListOptions {
  /** It begins with the first id behind this one, which need not have a record. null or absent: with the first of all. */
  readonly after?: InstanceId | null | undefined;
  /** How many instances it has at most: a whole number from 1. Default 100. */
  readonly limit?: number | undefined;
}

/**
 * One instance of a page. `report` is a Left where its record could not be read, or the store did not answer for it.
 *
 * @since 0.2.0
 */
export interface ListedInstance {
  readonly id: InstanceId;
  readonly report: Either<InvalidRecord | StoreFailed, InstanceReport>;
}

/**
 * A page of the instances that have a record, in the order of their ids (that of JavaScript's `<`, by UTF-16 code units).
 *
 * @since 0.2.0
 */
export interface InstanceList {
  readonly reports: ReadonlyArray<ListedInstance>;
  /** What the next page comes `after`; null: there was no further id when this page was made. */
  readonly next: InstanceId | null;
}

/** The options with their defaults. */
interface Page extends ListOptions {
  readonly after: InstanceId | null;
  readonly limit: number;
}

const checkPage = checkOptions<Page>({
  after: (u) => (u === null ? right(null) : optional(null, text('an id, or null'))(u)),
  limit: optional(100, wholeNumber(1)),
});

/**
 * Asks `report` for at most `limit` instances, `concurrency` of them at a time. A store names all its ids for every page:
 * the page is cut here until stores can be asked for one.
 */
export const listPage = async (
  list: () => Promise<Either<StoreFailed, ReadonlyArray<InstanceId>>>,
  report: (id: InstanceId) => Promise<Either<InvalidRecord | StoreFailed, InstanceReport | null>>,
  concurrency: number,
  options: ListOptions = {},
): Promise<Either<StoreFailed | InvalidOptions, InstanceList>> => {
  const checked = checkPage(options);
  if (checked._tag === 'Left') return checked;
  const { after, limit } = checked.right;
  const listed = await list();
  if (listed._tag === 'Left') return listed;

  const ids = firstAfter(listed.right, after, limit + 1);
  const ofPage = ids.slice(0, limit);
  const reports: Array<ListedInstance | null> = [];
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    for (;;) {
      const place = next++;
      const id = ofPage[place];
      if (id === undefined) return;
      const answer = await report(id);
      if (answer._tag === 'Left') reports[place] = { id, report: answer };
      // Without a record it was deleted since its id was listed.
      else reports[place] = answer.right === null ? null : { id, report: right(answer.right) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, ofPage.length) }, takeTurns));
  return right({
    reports: reports.filter((each) => each !== null),
    next: ids.length > limit ? (ofPage.at(-1) ?? null) : null,
  });
};

/** The first `count` of the ids behind `after`, in order. Sorts no more than twice as many at a time. */
const firstAfter = (
  ids: ReadonlyArray<InstanceId>,
  after: InstanceId | null,
  count: number,
): ReadonlyArray<InstanceId> => {
  let first: Array<InstanceId> = [];
  /** No id from here on is of the page. null: not known yet. */
  let end: InstanceId | null = null;
  for (const id of ids) {
    if ((after !== null && id <= after) || (end !== null && id >= end)) continue;
    first.push(id);
    if (first.length < 2 * count) continue;
    first = first.sort().slice(0, count);
    end = first.at(-1) ?? null;
  }
  return first.sort().slice(0, count);
};
