/**
 * How a value of several fields is read: each field once, in the order of a table, and all that is wrong told at once.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { quoteKey } from './quote.js';

/** What is wrong with one field, or with all of the value. `message` begins with the field's path, as in "rules[2].action". */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Tells what is wrong, with a message that follows the path; answers with NaN, which stands for the value from then on. */
export type Tell = (message: string, path?: string) => number;

/**
 * Reads one value. Answers with undefined where it is as good as absent. `before` is what was read of the fields before it:
 * one that is wrong is NaN there, so that no comparison with it holds.
 */
export type Reader = (u: unknown, tell: Tell, before: Readonly<Record<string, unknown>>) => unknown;

/** A reader for each field, in the order in which errors come. A field that is added to the type and not read does not compile. */
export type Readers<A> = { readonly [K in keyof A]-?: Reader };

// ---------------------------------------------------------------------------
// single values
// ---------------------------------------------------------------------------

/** One of a set. What is as good as absent is `blank`. */
export const oneOf =
  (set: ReadonlyArray<unknown>, blank?: unknown): Reader =>
  (u, tell) => {
    if (!set.includes(u)) return tell(`must be one of ${set.join(', ')}`);
    return u === blank ? undefined : u;
  };

/** 0, and -0 too, is as good as absent. */
export const numberThat =
  (holds: (n: number) => boolean, message: string): Reader =>
  (u, tell) =>
    typeof u === 'number' && holds(u) ? u || undefined : tell(message);

/** What may be counted: attempts, or how many of them are allowed. */
export const readCount: Reader = /* @__PURE__ */ numberThat(
  (n) => Number.isSafeInteger(n) && n >= 0,
  'must be >= 0 and a whole number up to 9007199254740991',
);

/** A number above 0 that must go together with an earlier field, for whose name `_` stands in the message. */
export const beside =
  (read: Reader, other: string, isMisfit: (n: number, other: unknown) => boolean, message: string): Reader =>
  (u, tell, before) => {
    const n = read(u, tell, before) as number;
    return n && isMisfit(n, before[other]) ? tell(message.replace('_', other)) : n;
  };

// ---------------------------------------------------------------------------
// several values
// ---------------------------------------------------------------------------

/** An array that is not empty. One that is too long is not looked into. */
export const listOf =
  (most: number, what: string, read: Reader): Reader =>
  (u, tell, before) => {
    const length = Array.isArray(u) ? u.length : 0;
    return length > 0 && length <= most
      ? // Not by its own methods: they could be anything.
        Array.from({ length }, (_, at) => read((u as ReadonlyArray<unknown>)[at], within(`[${at}]`, tell), before))
      : tell(`must be an array of 1 to ${most} ${what}`);
  };

/** An object of these fields and no others. A field that is undefined is absent, and then as it is in `ifAbsent`. */
export const objectOf =
  (fields: Readonly<Record<string, Reader>>, required?: string, ifAbsent: object = {}): Reader =>
  (u, tell) => {
    if (typeof u !== 'object' || u === null || Array.isArray(u)) return tell('must be an object');
    const known = Object.keys(fields);
    // Not spread into a literal: V8 would give every object that gets more fields a shape of its own.
    const read: Record<string, unknown> = Object.assign<Record<string, unknown>, object>({}, ifAbsent);
    for (const key of new Set([...known, ...Object.keys(u)])) {
      const given = (u as Record<string, unknown>)[key];
      if (given === undefined && key !== required) continue;
      const reader = (known.includes(key) && fields[key]) || notKnown(known);
      const value = reader(given, within(`.${quoteKey(key)}`, tell), read);
      if (value !== undefined) read[key] = value;
    }
    return read;
  };

const notKnown =
  (known: ReadonlyArray<string>): Reader =>
  (_, tell) =>
    tell(`is not a known field; the known ones are ${known.join(', ')}`);

const within =
  (outer: string, tell: Tell): Tell =>
  (message, path = '') =>
    tell(message, outer + path);

/** All of a value. Left: all that is wrong; what is wrong with the whole is told of a field of the name `whole`. Never throws. */
export const readAll =
  <A>(whole: string, read: Reader) =>
  (u: unknown): Either<NonEmptyArray<FieldError>, A> => {
    const errors: Array<FieldError> = [];
    const tell: Tell = (message, path = `.${whole}`) => {
      const field = path.slice(1);
      errors.push({ field, message: `${field} ${message}` });
      return Number.NaN;
    };
    let value: unknown;
    try {
      value = read(u, tell, {});
    } catch {
      // A getter or a proxy of the caller's threw. Its error is not inspected: that could throw too.
      errors.length = 0;
      tell('must be an object whose fields can be read');
    }
    const [first, ...more] = errors;
    return first === undefined ? right(value as A) : left([first, ...more]);
  };
