/**
 * Durations. Those that were read before are read from memory, for hosts send the same few again and again; those that are as
 * we write them in a straight line; others by the strict reader, which takes longer than all else of a policy.
 */

import { type Millis, parseDuration } from '../duration.js';
import { isRight } from '../either.js';

/**
 * Reads a text that was read before from memory. `most` texts of at most `longest` characters are kept, whatever clients send:
 * beyond that all are dropped at once, and who sends so many has them read anew, as without a memory.
 */
export const remembering = <A extends number | null>(
  read: (text: string) => A,
  most: number,
  longest: number,
): ((text: string) => A) => {
  const kept = new Map<string, A>();
  return (text) => {
    // A long text is not even looked up, for that takes time too.
    if (text.length > longest) return read(text);
    const known = kept.get(text);
    if (known !== undefined) return known;
    const value = read(text);
    if (kept.size >= most) kept.clear();
    // A copy: a text that was cut out of a request would hold on to all of it, unless it is so short that V8 copies it anyway.
    kept.set(text.length < 13 ? text : [...text].join(''), value);
    return value;
  };
};

/** A span as a policy has it, as the strict reader reads it; null: it is none that is above zero. */
const readText = (text: string): Millis | null => {
  const plain = readCanonicalDuration(text);
  if (plain !== null) return plain;
  const parsed = parseDuration(text);
  return isRight(parsed) && parsed.right > 0 ? parsed.right : null;
};

const readRemembered = /* @__PURE__ */ remembering(readText, 1_000, 32);

/** The same of a value that may be no text. */
export const readSpan = (u: unknown): Millis | null => (typeof u === 'string' ? readRemembered(u) : null);

// ---------------------------------------------------------------------------
// canonical texts
// ---------------------------------------------------------------------------

const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const;

/**
 * Reads numbers and units as we write them, in whole nanoseconds that a double holds: then each step is exact, and so is not
 * rounded but once, at the end. null: it is not above zero, or this does not know it.
 */
export const readCanonicalDuration = (text: string): Millis | null => {
  let nanos = 0;
  let at = 0;
  while (at < text.length) {
    const begin = at;
    let code = text.charCodeAt(at);
    let whole = 0;
    for (; code >= 48 && code <= 57; code = text.charCodeAt(++at)) whole = whole * 10 + code - 48;
    if (at === begin) return null;
    let fraction = 0;
    let digits = 0;
    if (code === 46) {
      const point = at;
      code = text.charCodeAt(++at);
      for (; code >= 48 && code <= 57; code = text.charCodeAt(++at)) fraction = fraction * 10 + code - 48;
      digits = at - point - 1;
      if (digits === 0) return null;
    }
    // The longer unit first: ms and not m.
    const unit = unitOf(code, text.charCodeAt(at + 1));
    if (unit === null || digits > unit.places) return null;
    nanos += whole * unit.nanos + fraction * (powersOfTen[unit.places - digits] ?? Number.NaN);
    if (!(nanos <= Number.MAX_SAFE_INTEGER)) return null;
    at += unit.length;
  }
  return nanos > 0 ? nanos / 1e6 : null;
};

interface Unit {
  readonly length: number;
  readonly nanos: number;
  /** How many digits of a fraction are whole nanoseconds. Of hours and minutes we write none. */
  readonly places: number;
}

const hour: Unit = { length: 1, nanos: 3.6e12, places: 0 };
const minute: Unit = { length: 1, nanos: 6e10, places: 0 };
const second: Unit = { length: 1, nanos: 1e9, places: 9 };
const milli: Unit = { length: 2, nanos: 1e6, places: 6 };
const micro: Unit = { length: 2, nanos: 1e3, places: 3 };
const nano: Unit = { length: 2, nanos: 1, places: 0 };

const unitOf = (code: number, next: number): Unit | null => {
  const s = 115;
  switch (code) {
    case 104:
      return hour;
    case 109:
      return next === s ? milli : minute;
    case s:
      return second;
    case 0xb5:
      return next === s ? micro : null;
    case 110:
      return next === s ? nano : null;
    default:
      return null;
  }
};
