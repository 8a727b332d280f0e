/**
 * Durations: Go's text form on the wire, milliseconds in the domain.
 *
 * Law: for every text `s` that `parseDuration` accepts up to 2^33 ms (99 days), `formatDuration(parseDuration(s))`
 * is what Go prints for it. Above that a double no longer holds every nanosecond, and the text is that of the
 * nearest double.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js';
import * as E from './either.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A span of time in milliseconds; fractions are allowed down to the nanosecond.
 *
 * @since 0.1.0
 */
export type Millis = number;

/**
 * Why a text is not a duration. `DurationEmpty`: nothing but white space. `DurationInvalid`: not in the grammar.
 * `DurationNegative`: below zero. `DurationTooLong`: above 2^63-1 ns (about 292 years), which Go cannot hold.
 * `message` is for people, and begins so that it can follow the name of a field: "must be positive".
 *
 * @since 0.1.0
 */
export type DurationError =
  | { readonly _tag: 'DurationEmpty'; readonly message: string }
  | { readonly _tag: 'DurationInvalid'; readonly message: string }
  | { readonly _tag: 'DurationNegative'; readonly message: string }
  | { readonly _tag: 'DurationTooLong'; readonly message: string };

/** The longest span that Go's int64 nanoseconds hold, as the nearest double: about 292 years. */
export const maxMillis: Millis = 9_223_372_036_854.775;

/** The shortest span above zero: one nanosecond. */
export const minMillis: Millis = 0.000_001;

/** 2^63 nanoseconds: the size of Go's lowest int64, and one more than its highest. */
const overflow = 9_223_372_036_854_775_808n;

// ---------------------------------------------------------------------------
// parsing
// ---------------------------------------------------------------------------

const unitNanos: Readonly<Record<string, number | undefined>> = {
  // `constructor` must not be a unit.
  __proto__: null as never,
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, the micro sign
  μs: 1e3, // U+03BC, the Greek letter
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/**
 * Reads a duration in the grammar of Go's `time.ParseDuration` ("1m30s", "1.5h", "250ms", "0"), after trimming the
 * white space that Go trims. Zero parses; whether it makes sense is the caller's business. Never throws, and takes
 * time linear in the length of the text.
 *
 * @example
 * import { parseDuration } from 'restart-policy'
 *
 * assert.deepStrictEqual(parseDuration('1m30s'), { _tag: 'Right', right: 90_000 })
 *
 * @since 0.1.0
 */
export const parseDuration = (raw: string): Either<DurationError, Millis> => {
  const read = readDuration(raw);
  return typeof read === 'number' ? E.right(read) : E.left(read);
};

/** The same without an Either around it. */
export const readDuration = (raw: string): DurationError | Millis => {
  // JavaScript callers exist.
  if (typeof raw !== 'string') return invalid();
  const text = trimGoSpace(raw);
  if (text === '') return fail('DurationEmpty', 'is empty');

  const unsigned = text.replace(/^[+-]/, '');
  // Zero needs no term. A sign alone has none either, and is refused like a term without its number.
  const terms = (unsigned === '0' ? '' : unsigned || '.').matchAll(term);
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of terms) {
    const size = unitNanos[unit];
    if (size === undefined || whole + fraction === '') return invalid();
    nanos += wholeNumber(whole) * BigInt(size) + fractionOf(fraction, size);
  }
  if (nanos > 0n && text[0] === '-') return fail('DurationNegative', notPositive);
  // Only now: what is not in the grammar is not too long.
  if (nanos >= overflow) return fail('DurationTooLong', `${notDuration}up to 2^63-1 ns`);
  // By its decimal text and not by a division: above 2^53 ns a quotient would be rounded twice.
  return Number(`${nanos}e-6`);
};

/**
 * What Go's strings.TrimSpace holds for white space is trimmed. JavaScript's differs in two: it lacks U+0085 and has
 * U+FEFF. Within a duration neither is allowed, so it does no harm to replace them everywhere.
 */
const trimGoSpace = (raw: string): string =>
  raw
    .replace(/\x85/g, ' ')
    .replace(/\ufeff/g, '?')
    .trim();

/** The reference's message for a span of zero or less. */
export const notPositive = 'must be positive';

/** With which it begins where a text is no duration at all. */
const notDuration = 'must be a valid duration: ';

const fail = (_tag: DurationError['_tag'], message: string): DurationError => ({ _tag, message });

const invalid = () => fail('DurationInvalid', `${notDuration}a text such as "1m30s", in ns, us, ms, s, m, h`);

/** A number and its unit. No character fits into two of its parts, so the time that it takes is linear. */
const term = /(?!$)(\d*)\.?(\d*)([^.\d]*)/g;

/** As many digits as show that it is too much: by how much does not matter. */
const wholeNumber = (digits: string): bigint => BigInt(digits.replace(/^0+/, '').slice(0, 20));

/**
 * Go ignores the digits that no longer fit into an int64, computes in floating point, and cuts: the same operations in
 * the same order give the same nanoseconds, which an exact computation would not.
 */
const fractionOf = (digits: string, size: number): bigint => {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > overflow) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (size / scale)));
};

// ---------------------------------------------------------------------------
// printing
// ---------------------------------------------------------------------------

/**
 * Prints a span in Go's canonical form ("10m0s", "1m30s", "250ms", "1µs"): the exact value of the double, rounded to
 * whole nanoseconds, up to 2^63-1 ns either way. NaN, which no policy holds, prints as "NaN".
 *
 * @example
 * import { formatDuration } from 'restart-policy'
 *
 * assert.strictEqual(formatDuration(600_000), '10m0s')
 *
 * @since 0.1.0
 */
export const formatDuration = (ms: Millis): string => {
  if (typeof ms !== 'number' || Number.isNaN(ms)) return 'NaN';
  const nanos = nanosOf(Math.abs(ms));
  const text = formatNanos(nanos);
  return ms < 0 && nanos > 0n ? `-${text}` : text;
};

// toFixed rounds the exact binary value, halves up: no arithmetic of ours could lose a digit first.
const nanosOf = (ms: Millis): bigint => (ms > maxMillis ? overflow - 1n : BigInt(ms.toFixed(6).replace('.', '')));

const formatNanos = (nanos: bigint): string => {
  if (nanos === 0n) return '0s';
  if (nanos < 1e3) return `${nanos}ns`;
  if (nanos < 1e6) return `${decimal(nanos, 1e3)}µs`;
  if (nanos < 1e9) return `${decimal(nanos, 1e6)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const hours = minutes / 60n;
  return `${hours ? `${hours}h` : ''}${minutes ? `${minutes % 60n}m` : ''}${decimal(nanos % 60_000_000_000n, 1e9)}s`;
};

/** A quotient of fewer than 15 digits, all of which a double holds, without trailing zeros. */
const decimal = (nanos: bigint, size: number): string => (Number(nanos) / size).toFixed(9).replace(/\.?0+$/, '');

// ---------------------------------------------------------------------------
// what policies need besides
// ---------------------------------------------------------------------------

/** The nearest whole number of nanoseconds, as `parseDuration` would give it. */
export const roundToNanos = (ms: Millis): Millis => Number(ms.toFixed(6));
