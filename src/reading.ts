/**
 * How a value of several fields is read: each field once, in the order of a table, and all that is wrong told at once.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { left, right } from './either.js';
import { quoteKey } from './quote.js';

/** What is wrong with one field, or with all of the value. `message` begins with the field's path, as in "rules[2].action". */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Where in an object something is wrong. */
export interface Place {
  readonly key: string;
  /** The keys that may be there, those with a default first. */
  readonly known: ReadonlyArray<string>;
}

/**
 * Tells what is wrong, with a message that follows the path; answers with NaN, which stands for the value from then on. `place`
 * is in the innermost object around it.
 */
export type Tell = (message: string, path?: string, place?: Place) => number;

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
export const isCount = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) >= 0;

export const readCount: Reader = /* @__PURE__ */ numberThat(
  isCount,
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
        Array.from({ length }, (_, at) =>
          read(
            (u as ReadonlyArray<unknown>)[at],
            (message, path = '', place) => tell(message, `[${at}]${path}`, place),
            before,
          ),
        )
      : tell(`must be an array of 1 to ${most} ${what}`);
  };

/**
 * An object of these fields and no others. A field that is undefined is absent, and then as it is in `ifAbsent`; the reader of
 * one that is required (true: all are) is asked about it all the same.
 */
export const objectOf = (
  fields: Readonly<Record<string, Reader>>,
  required?: string | true,
  ifAbsent: object = {},
): Reader => {
  const inOrder = Object.keys(fields);
  const known = Object.keys({ ...ifAbsent, ...fields });
  return (u, tell) => {
    if (typeof u !== 'object' || u === null || Array.isArray(u)) return tell('must be an object');
    // Not spread into a literal: V8 would give every object that gets more fields a shape of its own.
    const read: Record<string, unknown> = Object.assign<Record<string, unknown>, object>({}, ifAbsent);
    for (const key of new Set([...inOrder, ...Object.keys(u)])) {
      const given = (u as Record<string, unknown>)[key];
      if (given === undefined && required !== true && key !== required) continue;
      const reader = (known.includes(key) && fields[key]) || notKnown;
      const value = reader(
        given,
        (message, path = '', place = { key, known }) => tell(message, `.${quoteKey(key)}${path}`, place),
        read,
      );
      if (value !== undefined) read[key] = value;
    }
    return read;
  };
};

/** What is said after this is up to {@link readAll}: which fields are known, or which one was meant. */
const notKnown: Reader = (_, tell) => tell('is not a known field');

// ---------------------------------------------------------------------------
// all of a value
// ---------------------------------------------------------------------------

/** All that was read of a value, where there are no errors. */
export interface Collected<A, E> {
  readonly value: A;
  readonly errors: ReadonlyArray<E>;
}

/** Reads all of a value; `errorOf` words what is wrong, the path being left out for the whole. Throws where a getter or a proxy does. */
export const collect = <A, E>(
  read: Reader,
  u: unknown,
  errorOf: (message: string, path?: string, place?: Place) => E,
): Collected<A, E> => {
  const errors: Array<E> = [];
  const tell: Tell = (...told) => {
    errors.push(errorOf(...told));
    return Number.NaN;
  };
  return { value: read(u, tell, {}) as A, errors };
};

/** Left: all that is wrong; what is wrong with the whole is told of a field of the name `whole`. Never throws. */
export const readAll = <A>(whole: string, read: Reader): ((u: unknown) => Either<NonEmptyArray<FieldError>, A>) => {
  const errorOf = (message: string, path = `.${whole}`, place?: Place): FieldError => {
    const field = path.slice(1);
    const isKnown = place === undefined || place.known.includes(place.key);
    return { field, message: `${field} ${message}${isKnown ? '' : `; the known ones are ${place.known.join(', ')}`}` };
  };
  return (u) => {
    try {
      const { value, errors } = collect<A, FieldError>(read, u, errorOf);
      const [first, ...more] = errors;
      return first === undefined ? right(value) : left([first, ...more]);
    } catch {
      // A getter or a proxy of the caller's threw. Its error is not inspected: that could throw too.
      return left([errorOf('must be an object whose fields can be read')]);
    }
  };
};
