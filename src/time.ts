/**
 * Times: RFC 3339 on the wire, as Go reads and writes it; whole milliseconds since the epoch in the domain.
 *
 * `Date` knows the calendar here, and is never asked for the present moment.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from './either.js';
import { describeValue } from './quote.js';
import { latestTimestamp as latest, type Timestamp } from './status.js';

/** Where a time falls between two milliseconds. */
export type Rounding = 'down' | 'up';

/** 0000-01-01T00:00:00.000Z: RFC 3339 knows no earlier year. */
const earliest: Timestamp = -62_167_219_200_000;

/** Whether a number is a moment that can be written. */
export const isTimestamp = (u: unknown): u is Timestamp =>
  typeof u === 'number' && Number.isInteger(u) && u >= earliest && u <= latest;

/** What is said of what is none; follows the field's name. */
export const notTime = 'must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z"';

/** A moment on the wire, rounded to the millisecond; null: it is none. */
export const readMoment = (u: unknown, rounding: Rounding): Timestamp | null =>
  typeof u === 'string' ? parseTime(u, rounding) : null;

/** The same; left: why it is none. */
export const checkTime = (u: unknown, rounding: Rounding): Either<string, Timestamp> => {
  const at = readMoment(u, rounding);
  return at === null ? left(`${notTime}, got ${describeValue(u)}`) : right(at);
};

/** Prints a moment in UTC without trailing zeros. What is no moment prints as the number it is, which never decodes. */
export const formatTime = (at: Timestamp, rounding: Rounding): string => {
  const rounded = round(at, rounding);
  return isTimestamp(rounded) ? textOf(rounded) : String(at);
};

/** Prints a moment that can be written. */
export const textOf = (at: Timestamp): string => new Date(at).toISOString().replace(/\.?0+Z$/, 'Z');

const round = (at: number, rounding: Rounding): number => Math[rounding === 'down' ? 'floor' : 'ceil'](at);

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const parseTime = (text: string, rounding: Rounding): Timestamp | null => {
  const [, local = '', fraction = '', zone = ''] = rfc3339.exec(text) ?? [];
  // `Date` turns February 30th into March 2nd and hour 24 into the next day: a real time comes back as it went in.
  const date = new Date(`${local}Z`);
  if (local === '' || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(local)) return null;
  const second = Date.parse(local + zone);
  if (second < earliest || second > latest) return null;
  // The fraction leads away from the second towards later, also before the epoch. Rounded up, the last millisecond of the
  // year 9999 would be out of reach.
  return Math.min(second + round(Number(fraction.padEnd(9, '0')) / 1e6, rounding), latest);
};
