/**
 * Moments as we and Go write them: in UTC, with up to nine digits of a second. Other zones are for the strict reader.
 */
import { latestTimestamp as latest, type Timestamp } from '../status.js';
import type { Rounding } from '../time.js';

/** null: it is no such text. */
export const readCanonicalTime = (u: unknown, rounding: Rounding): Timestamp | null => {
  if (typeof u !== 'string' || u.length < 20 || u.length > 30 || !hasMarks(u)) return null;
  const year = twoDigits(u, 0) * 100 + twoDigits(u, 2);
  const month = twoDigits(u, 5);
  const day = twoDigits(u, 8);
  const hour = twoDigits(u, 11);
  const minute = twoDigits(u, 14);
  const second = twoDigits(u, 17);
  const millis = u.length === 20 ? 0 : millisOf(u, rounding);
  // What are no digits is NaN, and in no range.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return null;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && millis >= 0)) return null;
  const at = (((daysBefore(year, month) + day - 1) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millis;
  // Rounded up, the last millisecond of the year 9999 would be out of reach.
  return Math.min(at, latest);
};

const hasMarks = (text: string): boolean =>
  text[4] === '-' &&
  text[7] === '-' &&
  text[10] === 'T' &&
  text[13] === ':' &&
  text[16] === ':' &&
  text[text.length - 1] === 'Z' &&
  (text.length === 20 || (text[19] === '.' && text.length > 21));

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
};

const twoDigits = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

const millisOf = (text: string, rounding: Rounding): number => {
  let nanos = 0;
  for (let at = 20; at < text.length - 1; at++) nanos = nanos * 10 + digit(text, at);
  for (let digits = text.length - 21; digits < 9; digits++) nanos *= 10;
  return rounding === 'down' ? Math.floor(nanos / 1_000_000) : Math.ceil(nanos / 1_000_000);
};

// ---------------------------------------------------------------------------
// the calendar
// ---------------------------------------------------------------------------

const monthStarts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const daysIn = (year: number, month: number): number => {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

/** From the beginning of the year 0 to that of 1970. */
const daysToEpoch = 719_528;

/** From the epoch to the first of a month. */
const daysBefore = (year: number, month: number): number => {
  const leapYears = Math.floor((year + 3) / 4) - Math.floor((year + 99) / 100) + Math.floor((year + 399) / 400);
  const leapDay = month > 2 && isLeap(year) ? 1 : 0;
  return year * 365 + leapYears + (monthStarts[month - 1] ?? 0) + leapDay - daysToEpoch;
};
