/**
 * Moments as logs and people write them.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { describeValue } from '../../quote.js';
import type { Timestamp } from '../../status.js';
import { checkTime, isTimestamp } from '../../time.js';

/** A date, a time, and where it is known its distance from UTC: with a T or a blank between them, as databases print it. */
const written = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?\d*\s*(?:([Zz]|UTC)|([+-]\d\d):?(\d\d)?)?$/;

/** Milliseconds since the epoch, or a time that is taken for one in UTC where it does not say. Left follows a name. */
export const momentOf = (given: unknown): Either<string, Timestamp> => {
  const text = typeof given === 'string' ? given.trim() : given;
  const number = typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : text;
  if (isTimestamp(number)) return right(number);
  const [matched, date, time, fraction = '', , hours, minutes = '00'] = written.exec(String(text)) ?? [];
  const checked =
    matched === undefined
      ? null
      : checkTime(`${date}T${time}${fraction}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`, 'down');
  return checked?._tag === 'Right'
    ? checked
    : left(`must be a time such as 2026-01-31T09:30:00Z, or milliseconds since the epoch, got ${describeValue(given)}`);
};
