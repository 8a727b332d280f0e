/**
 * The instances of a store, a page at a time.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { byCodePoints } from '../code-points.js';
import { right } from '../either.js';
import { checkOptions, type InvalidOptions, optional, text, wholeNumber } from '../options.js';
import type { InstanceId, InvalidRecord, StoredRecord, StoreFailed } from '../ports/store.js';
import type { Ports } from './guarded-ports.js';
import type { InstanceReport } from './report.js';
import type { Reporting } from './reporting.js';

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
 * A page of the instances that have a record, in the order of their ids by code points (that of their bytes in UTF-8).
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

/** An instance of a page: with its record, or null where that is still to be loaded. */
interface Listed {
  readonly id: InstanceId;
  readonly record: Either<InvalidRecord, StoredRecord> | null;
}

/** Reports at most `limit` instances, `concurrency` of them at a time. */
export const listPage = async (
  ports: Pick<Ports, 'list' | 'listRecords'>,
  reporting: Reporting,
  concurrency: number,
  options: ListOptions = {},
): Promise<Either<StoreFailed | InvalidOptions, InstanceList>> => {
  const checked = checkPage(options);
  if (checked._tag === 'Left') return checked;
  const { after, limit } = checked.right;
  const listed = await listOf(ports, after, limit + 1);
  if (listed._tag === 'Left') return listed;

  const ofPage = listed.right.slice(0, limit);
  const reports: Array<ListedInstance | null> = [];
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    for (;;) {
      const place = next++;
      const one = ofPage[place];
      if (one === undefined) return;
      const answer = await reportOf(reporting, one);
      if (answer._tag === 'Left') reports[place] = { id: one.id, report: answer };
      // Without a record it was deleted since its id was listed.
      else reports[place] = answer.right === null ? null : { id: one.id, report: right(answer.right) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, ofPage.length) }, takeTurns));
  return right({
    reports: reports.filter((each) => each !== null),
    next: listed.right.length > limit ? (ofPage.at(-1)?.id ?? null) : null,
  });
};

const listOf = async (
  { list, listRecords }: Pick<Ports, 'list' | 'listRecords'>,
  after: InstanceId | null,
  limit: number,
): Promise<Either<StoreFailed, ReadonlyArray<Listed>>> => {
  if (listRecords !== null) return listRecords({ after, limit });
  const ids = await list();
  if (ids._tag === 'Left') return ids;
  return right(firstAfter(ids.right, after, limit).map((id) => ({ id, record: null })));
};

const reportOf = async (
  { ofRecord, ofId }: Reporting,
  { id, record }: Listed,
): Promise<Either<InvalidRecord | StoreFailed, InstanceReport | null>> => {
  if (record === null) return ofId(id);
  return record._tag === 'Left' ? record : right(await ofRecord(id, record.right));
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
    if ((after !== null && byCodePoints(id, after) <= 0) || (end !== null && byCodePoints(id, end) >= 0)) continue;
    first.push(id);
    if (first.length < 2 * count) continue;
    first = first.sort(byCodePoints).slice(0, count);
    end = first.at(-1) ?? null;
  }
  return first.sort(byCodePoints).slice(0, count);
};
