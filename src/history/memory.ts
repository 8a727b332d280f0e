/**
 * A history that lives as long as its process: a ring for each instance, and one bound for all.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { byCodePoints } from '../code-points.js';
import type { Millis } from '../duration.js';
import { map, right } from '../either.js';
import { pipe } from '../function.js';
import { checkOptions, type InvalidOptions, optional, wholeNumber } from '../options.js';
import {
  type History,
  type HistoryEntry,
  type HistoryPage,
  type HistoryState,
  historyTags,
  type InstanceActivity,
} from '../ports/history.js';
import {
  boundChecks,
  checkBusiest,
  checkPage,
  checkSpanPage,
  cursorOf,
  type HistoryBounds,
  type PageQuery,
  type SpanQuery,
} from '../ports/history-query.js';
import type { InstanceId } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import { isTimestamp } from '../time.js';
import { isOneOf } from '../validation.js';

/**
 * How much a history in memory keeps. An entry takes some 400 bytes.
 *
 * @since 0.2.0
 */
export interface MemoryHistoryOptions {
  /** How many entries of each instance: a whole number from 1 to 100,000. Default 200. */
  readonly perInstance?: number | undefined;
  /** How long before the last entry told the oldest one may lie, in milliseconds, or Infinity. Default 30 days. */
  readonly maxAge?: Millis | undefined;
  /** How many entries of all instances, the deleted ones too: a whole number from 1 to 10,000,000. Default 100,000. */
  readonly total?: number | undefined;
}

interface CompleteOptions extends HistoryBounds {
  readonly total: number;
}

const checkMemoryOptions = checkOptions<CompleteOptions>({
  ...boundChecks,
  total: optional(100_000, wholeNumber(1, 10_000_000)),
});

interface Kept {
  readonly place: number;
  readonly at: Timestamp;
  /** When the run began that ended; null: it is no end. Beside the entry, for entries of all kinds are searched by it. */
  readonly run: Timestamp | null;
  /** A copy of what was told, and copied again for whoever asks: one that is frozen takes three times the memory. */
  readonly entry: HistoryEntry;
  isGivenUp: boolean;
}

/** What is kept of one instance, the oldest first. */
interface OfInstance {
  readonly kept: Array<Kept>;
  /** Some of it were given up because there were too many of all instances. */
  isCut: boolean;
}

/**
 * An empty history in memory: nothing in it survives the process. It never fails, and never waits. Any text is an id.
 *
 * @example
 * import { createMemoryHistory } from 'restart-policy/history'
 *
 * assert.strictEqual(createMemoryHistory({ perInstance: 50 })._tag, 'Right')
 *
 * @since 0.2.0
 */
export const createMemoryHistory = (options: MemoryHistoryOptions = {}): Either<InvalidOptions, History> =>
  pipe(checkMemoryOptions(options), map(create));

const create = ({ perInstance, maxAge, total }: CompleteOptions): History => {
  const instances = new Map<InstanceId, OfInstance>();
  /** Of all instances, the oldest first; given up ones among them until it is compacted. */
  let all: Array<Kept> = [];
  let first = 0;
  let living = 0;
  let last = 0;
  let newest = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let lost = 0;

  const add = (entry: HistoryEntry): void => {
    const { id, at } = entry;
    const known = instances.get(id);
    const run = entry._tag === 'RunEnded' ? entry.startedAt : null;
    if (known?.kept.some((kept) => (run === null ? kept.at === at && isSame(kept.entry, entry) : kept.run === run)))
      return;
    const ofInstance = known ?? { kept: [], isCut: false };
    if (known === undefined) instances.set(id, ofInstance);
    const kept = { place: ++last, at, run, entry: { ...entry }, isGivenUp: false };
    ofInstance.kept.push(kept);
    all.push(kept);
    living++;
    // The last one told, and not the latest time: else nothing would be kept after a clock had been ahead for a moment.
    newest = at;
    if (ofInstance.kept.length > perInstance) giveUp(ofInstance.kept.shift());
  };

  const giveUp = (kept: Kept | undefined): void => {
    if (kept === undefined) return;
    kept.isGivenUp = true;
    living--;
  };

  /** The oldest of all, until there are few enough, and none is too old. */
  const trim = (): void => {
    for (; first < all.length; first++) {
      const oldest = all[first];
      if (oldest === undefined || oldest.isGivenUp) continue;
      const isTooOld = oldest.at < newest - maxAge;
      if (!isTooOld && living <= total) break;
      const { id } = oldest.entry;
      const ofInstance = instances.get(id);
      giveUp(ofInstance?.kept.shift());
      if (ofInstance === undefined) continue;
      if (!isTooOld) ofInstance.isCut = true;
      if (ofInstance.kept.length === 0) instances.delete(id);
    }
    // Each entry is moved once for each that was given up, on the average.
    if (all.length > 2 * living + 64) {
      all = all.filter(({ isGivenUp }) => !isGivenUp);
      first = 0;
    }
  };

  const answer =
    <Query, A>(checked: Either<InvalidOptions, Query>, read: (query: Query) => A): TaskEither<InvalidOptions, A> =>
    async () =>
      pipe(checked, map(read));

  return {
    add: (entries) => {
      for (const entry of entries) {
        if (!isClosed && isEntry(entry)) add(entry);
        else lost++;
      }
      trim();
    },
    ofInstance: (id, page) =>
      answer(checkPage(page), (query) => pageOf(newestFirst(instances.get(id)?.kept ?? [], query), query, 'instance')),
    ofSpan: (span) =>
      answer(checkSpanPage(span), (query) =>
        pageOf(newestFirst(all.filter(isKeptWithin(query)), query).sort(byTime), query, 'span'),
      ),
    busiest: (span) =>
      answer(checkBusiest(span), (query) =>
        [...instances]
          .flatMap(([id, ofInstance]) => activityOf(id, ofInstance, perInstance, query) ?? [])
          .sort((a, b) => b.attempts - a.attempts || byCodePoints(a.id, b.id))
          .slice(0, query.limit),
      ),
    state: (): HistoryState => ({ queued: 0, lost, failing: null }),
    flush: async () => right(undefined),
    close: async () => {
      isClosed = true;
    },
  };
};

// ---------------------------------------------------------------------------
// what is the same
// ---------------------------------------------------------------------------

/** From JavaScript anything may be told. What has no moment or no kind would be found by no query. */
const isEntry = ({ _tag, at }: HistoryEntry): boolean => isOneOf(historyTags, _tag) && isTimestamp(at);

const isSame = (a: HistoryEntry, b: HistoryEntry): boolean =>
  Object.keys(a).every((key) => Reflect.get(a, key) === Reflect.get(b, key));

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

const isWithin =
  ({ from, to }: SpanQuery) =>
  ({ at }: { readonly at: Timestamp }): boolean =>
    at >= from && at < to;

const isKeptWithin =
  (span: SpanQuery) =>
  (kept: Kept): boolean =>
    !kept.isGivenUp && isWithin(span)(kept);

const newestFirst = (kept: ReadonlyArray<Kept>, { tags }: PageQuery): Array<Kept> =>
  kept.filter(({ entry }) => tags.includes(entry._tag)).reverse();

/** The latest first; a sort leaves those of one time as they are. */
const byTime = (a: Kept, b: Kept): number => b.at - a.at;

const pageOf = (newest: ReadonlyArray<Kept>, { before, limit }: PageQuery, of: 'instance' | 'span'): HistoryPage => {
  const isBefore = ({ place, at }: Kept): boolean =>
    before === null || (of === 'span' && at !== before.at ? at < before.at : place < before.place);
  const rest = newest.filter(isBefore);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = rest.length > limit && last !== undefined ? cursorOf(of, last) : null;
  return { entries: page.map(({ entry }) => ({ ...entry })), next, unreadable: 0 };
};

const activityOf = (
  id: InstanceId,
  { kept, isCut }: OfInstance,
  perInstance: number,
  span: SpanQuery,
): InstanceActivity | null => {
  const entries = kept.map(({ entry }) => entry);
  const within = entries.filter(isWithin(span));
  const attempts = within.filter(({ _tag }) => _tag === 'Attempt');
  if (attempts.length === 0) return null;
  const count = (tag: HistoryEntry['_tag']): number => within.filter(({ _tag }) => _tag === tag).length;
  const isFull = isCut || kept.length >= perInstance;
  return {
    id,
    attempts: attempts.length,
    failures: count('AttemptFailed'),
    ends: count('RunEnded'),
    blocks: count('Blocked'),
    lastAttemptAt: attempts.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY),
    atLeast: isFull && entries.every(({ at }) => at >= span.from),
  };
};
