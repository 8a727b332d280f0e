/**
 * What is asked of a history, checked: the same in each.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../duration.js';
import { left, right } from '../either.js';
import { checkOptions, type InvalidOptions, millisOrInfinity, optional, wholeNumber } from '../options.js';
import { describeValue } from '../quote.js';
import type { Timestamp } from '../status.js';
import { type Check, isOneOf } from '../validation.js';
import { type HistoryCursor, type HistoryTag, historyTags } from './history.js';

/** The most entries of a page, and instances of a list. */
const mostAtOnce = 1_000;

const someTags: Check<ReadonlyArray<HistoryTag>> = (u) => {
  const wrong = Array.isArray(u) ? u.find((tag: unknown) => typeof tag !== 'string' || !isOneOf(historyTags, tag)) : u;
  return Array.isArray(u) && wrong === undefined && u.length > 0
    ? right(u)
    : left(
        `must be an array of some of ${historyTags.join(', ')}, not ${Array.isArray(u) && u.length === 0 ? 'an empty one' : describeValue(wrong)}`,
      );
};

const aMoment: Check<Timestamp> = (u) =>
  typeof u === 'number' && Number.isFinite(u)
    ? right(u)
    : left(`must be a time in milliseconds since the epoch, not ${describeValue(u)}`);

/** Where a page ended: the number of its last entry, and in a span its time before that. */
export interface PagePlace {
  readonly at: Timestamp;
  readonly place: number;
}

export const cursorOf = (of: 'instance' | 'span', { at, place }: PagePlace): HistoryCursor =>
  of === 'instance' ? String(place) : `${at}_${place}`;

const placeIn =
  (of: 'instance' | 'span'): Check<PagePlace | null> =>
  (u) => {
    if (u === null) return right(null);
    const [, at = '0', place] =
      (of === 'instance' ? /^()(\d{1,16})$/ : /^(-?\d{1,16})_(\d{1,16})$/).exec(typeof u === 'string' ? u : '') ?? [];
    return place === undefined
      ? left(`must be the next of a page of this query, or null, not ${describeValue(u)}`)
      : right({ at: Number(at), place: Number(place) });
  };

/** Which page, with its defaults. */
export interface PageQuery {
  readonly before: PagePlace | null;
  readonly limit: number;
  readonly tags: ReadonlyArray<HistoryTag>;
}

/** Which span, with its defaults. */
export interface SpanQuery {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

const pageChecks = (of: 'instance' | 'span') => ({
  before: optional(null, placeIn(of)),
  limit: optional(100, wholeNumber(1, mostAtOnce)),
  tags: optional(historyTags, someTags),
});

/** Beyond every time, and still what every database takes for a number. */
const spanChecks = {
  from: optional(Number.MIN_SAFE_INTEGER, aMoment),
  to: optional(Number.MAX_SAFE_INTEGER, aMoment),
};

export const checkPage: (given?: unknown) => Either<InvalidOptions, PageQuery> = (given = {}) =>
  checkOptions<PageQuery>(pageChecks('instance'))(given);

export const checkSpanPage: (given: unknown) => Either<InvalidOptions, SpanQuery & PageQuery> = checkOptions<
  SpanQuery & PageQuery
>({ ...spanChecks, ...pageChecks('span') });

export const checkBusiest: (given: unknown) => Either<InvalidOptions, SpanQuery & { readonly limit: number }> =
  checkOptions<SpanQuery & { readonly limit: number }>({
    ...spanChecks,
    limit: optional(20, wholeNumber(1, mostAtOnce)),
  });

/** How much a history keeps: the checks of the options that all have. */
export interface HistoryBounds {
  readonly perInstance: number;
  readonly maxAge: Millis;
}

export const boundChecks = {
  perInstance: optional(200, wholeNumber(1, 100_000)),
  maxAge: optional(30 * 24 * 60 * 60_000, millisOrInfinity()),
};
