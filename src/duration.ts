/**
 * Durations: Go's text form on the wire, milliseconds in the domain.
 *
 * Law: for every text `s` that `parseDuration` accepts up to 2^33 ms (99 days), `formatDuration(parseDuration(s))`
 * is what Go prints for it. Above that a double no longer holds every nanosecond, and the text is that of the
 * nearest double.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js';

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
 * `message` is for people and quotes the text, shortened.
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

const maxNanos = 9_223_372_036_854_775_807n;

/** 2^63: the size of the lowest int64, so Go reads digits up to here before it looks at the sign. */
const overflow = 9_223_372_036_854_775_808n;

// ---------------------------------------------------------------------------
// parsing
// ---------------------------------------------------------------------------

// A Map and not an object: `constructor` must not be a unit.
const unitNanos: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n], // U+00B5, the micro sign
  ['μs', 1_000n], // U+03BC, the Greek letter
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

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
export const parseDuration = (raw: string): E.Either<DurationError, Millis> => {
  // JavaScript callers exist.
  if (typeof raw !== 'string') {
    return E.left({ _tag: 'DurationInvalid', message: `a duration is a text such as "5s", not a ${typeof raw}` });
  }
  const text = trimGoSpace(raw);
  if (text === '') return E.left({ _tag: 'DurationEmpty', message: 'the duration is empty' });

  const sign = text[0] === '-' || text[0] === '+' ? text[0] : '';
  const body = text.slice(sign.length);
  const nanos = body === '0' ? 0n : parseUnsigned(body, text);
  if (typeof nanos !== 'bigint') return E.left(nanos);
  if (sign === '-' && nanos > 0n) {
    return E.left({ _tag: 'DurationNegative', message: `negative duration ${quoteShort(text)}` });
  }
  return nanos > maxNanos ? E.left(tooLong(text)) : E.right(millisOf(nanos));
};

/** One or more of number-unit, in any order; the sum in nanoseconds, or the error. */
const parseUnsigned = (body: string, text: string): bigint | DurationError => {
  if (body === '') return invalid(text);
  let total = 0n;
  let at = 0;
  while (at < body.length) {
    const whole = readDigits(body, at, false);
    at = whole.end;
    let fraction: Digits | null = null;
    if (body[at] === '.') {
      fraction = readDigits(body, at + 1, true);
      at = fraction.end;
    }
    if (whole.count === 0 && (fraction === null || fraction.count === 0)) return invalid(text);

    const unitStart = at;
    while (at < body.length && body[at] !== '.' && !isDigit(body, at)) at++;
    const name = body.slice(unitStart, at);
    if (name === '') {
      return { _tag: 'DurationInvalid', message: `missing unit in duration ${quoteShort(text)}` };
    }
    const unit = unitNanos.get(name);
    if (unit === undefined) {
      return {
        _tag: 'DurationInvalid',
        message: `unknown unit ${quoteShort(name)} in duration ${quoteShort(text)} (units: ns, us, ms, s, m, h)`,
      };
    }

    total += whole.value * unit;
    if (fraction?.value) {
      // Go computes the fraction in floating point and cuts it: the same operations in the same order give the
      // same nanoseconds, which an exact computation would not.
      total += BigInt(Math.trunc(Number(fraction.value) * (Number(unit) / fraction.scale)));
    }
  }
  // Only now: what is not in the grammar is not too long.
  return total > overflow ? tooLong(text) : total;
};

interface Digits {
  /** A whole part above 2^63 is 2^63+1: so much too long that it does not matter by how much. */
  readonly value: bigint;
  /** The power of ten that a fraction is to be divided by. */
  readonly scale: number;
  readonly count: number;
  readonly end: number;
}

/** A fraction ignores the digits that no longer fit; a whole part that does not fit is an overflow. Both are as in Go. */
const readDigits = (body: string, start: number, isFraction: boolean): Digits => {
  let value = 0n;
  let scale = 1;
  let full = false;
  let at = start;
  for (; at < body.length && isDigit(body, at); at++) {
    if (full) continue;
    const next = value * 10n + BigInt(body.charCodeAt(at) - 48);
    full = next > overflow;
    if (full) continue;
    value = next;
    scale *= 10;
  }
  return { value: full && !isFraction ? overflow + 1n : value, scale, count: at - start, end: at };
};

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

const invalid = (text: string): DurationError => ({
  _tag: 'DurationInvalid',
  message: `${quoteShort(text)} is not a duration such as "5s", "1m30s" or "250ms"`,
});

const tooLong = (text: string): DurationError => ({
  _tag: 'DurationTooLong',
  message: `${quoteShort(text)} is longer than 2562047h47m16.854775807s`,
});

// The decimal text and not a division: above 2^53 ns a quotient would be rounded twice.
const millisOf = (nanos: bigint): Millis =>
  Number(`${nanos / 1_000_000n}.${String(nanos % 1_000_000n).padStart(6, '0')}`);

// ---------------------------------------------------------------------------
// printing
// ---------------------------------------------------------------------------

/**
 * Prints a span in Go's canonical form ("10m0s", "1m30s", "250ms", "1µs"): the exact value of the double, rounded to
 * whole nanoseconds, at most 2^63-1 ns either way. NaN, which no policy holds, prints as "NaN".
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
const nanosOf = (ms: Millis): bigint => (ms > maxMillis ? maxNanos : BigInt(ms.toFixed(6).replace('.', '')));

const formatNanos = (nanos: bigint): string => {
  if (nanos === 0n) return '0s';
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${decimal(nanos, 3)}µs`;
  if (nanos < 1_000_000_000n) return `${decimal(nanos, 6)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = `${decimal(nanos % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
};

/** value / 10^digits as a decimal without trailing zeros. */
const decimal = (value: bigint, digits: number): string => {
  const padded = String(value).padStart(digits + 1, '0');
  const fraction = padded.slice(-digits).replace(/0+$/, '');
  const whole = padded.slice(0, -digits);
  return fraction === '' ? whole : `${whole}.${fraction}`;
};

// ---------------------------------------------------------------------------
// what policies and codecs need besides
// ---------------------------------------------------------------------------

/** The nearest whole number of nanoseconds, as `parseDuration` would give it. */
export const roundToNanos = (ms: Millis): Millis => Number(ms.toFixed(6));

/** Trims what Go's strings.TrimSpace trims: U+0085 and U+00A0 included, U+FEFF not. */
export const trimGoSpace = (raw: string): string => {
  let start = 0;
  let end = raw.length;
  while (start < end && isGoSpace(raw.charCodeAt(start))) start++;
  while (end > start && isGoSpace(raw.charCodeAt(end - 1))) end--;
  return raw.slice(start, end);
};

const isGoSpace = (code: number): boolean =>
  (code >= 0x09 && code <= 0x0d) ||
  code === 0x20 ||
  code === 0x85 ||
  code === 0xa0 ||
  code === 0x1680 ||
  (code >= 0x2000 && code <= 0x200a) ||
  code === 0x2028 ||
  code === 0x2029 ||
  code === 0x202f ||
  code === 0x205f ||
  code === 0x3000;

/** Quotes user input for a message; what is longer than a line is cut, so that a 10 MB text makes no 10 MB error. */
export const quoteShort = (text: string): string => JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
