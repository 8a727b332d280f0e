/**
 * How a value from outside becomes a value of the domain: read once, checked field by field, all flaws reported.
 */
import { left, mapLeft } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { allFields, type Check, type Validation } from '../validation.js';

/** One thing that is wrong with a value. */
export interface Flaw {
  /** The field, as its key stands in the value; null: the value as a whole. */
  readonly key: string | null;
  /** What is wrong; follows the field's path. */
  readonly message: string;
  /** What stood there; undefined: nothing did. */
  readonly actual: unknown;
}

export type Read<A> = (u: unknown) => Validation<Flaw, A>;

/** The fields that are set, in the order they stand. A field that is undefined is not set. */
export type Given = ReadonlyMap<string, unknown>;

type PlainObject = Readonly<Record<string, unknown>>;

// Maps, dates and boxed values have no fields of their own: read as objects they would pass for `{}`. The tag also
// sees through realms, where `instanceof` does not.
const isPlainObject = (u: unknown): u is PlainObject =>
  typeof u === 'object' && Object.prototype.toString.call(u) === '[object Object]';

const isSet = (object: PlainObject, key: string): boolean => Object.prototype.propertyIsEnumerable.call(object, key);

const whole = (actual: unknown, message: string): Validation<Flaw, never> => left([{ key: null, message, actual }]);

/**
 * Reads an object. `keys` are the fields to read; null means all there are. Only own fields are read, each of them once,
 * and nothing is modified.
 */
export const readObject =
  <A>(keys: ReadonlyArray<string> | null, read: (given: Given) => Validation<Flaw, A>): Read<A> =>
  (u) => {
    try {
      return isPlainObject(u) ? read(fieldsOf(u, keys)) : whole(u, 'must be an object');
    } catch {
      // A getter or a proxy of the caller's threw. Its error is not inspected: that could throw too.
      return whole(u, 'must be an object whose fields can be read');
    }
  };

const fieldsOf = (object: PlainObject, keys: ReadonlyArray<string> | null): Given => {
  const given = new Map<string, unknown>();
  for (const key of keys?.filter((known) => isSet(object, known)) ?? Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) given.set(key, value);
  }
  return given;
};

/** The checked field, or its flaw. */
export const checkField = <A>(given: Given, key: string, check: Check<A>): Validation<Flaw, A> => {
  const actual = given.get(key);
  return mapLeft((message: string): NonEmptyArray<Flaw> => [{ key, message, actual }])(check(actual));
};

/** The checked fields as one value, or the flaws of all, in the order of the fields. */
export const checkedFields = allFields<Flaw>();

type Guards<A> = { readonly [K in keyof A]-?: (u: unknown) => u is A[K] };

/** Whether a value is an object whose fields all pass. A field that is added to the type and not here does not compile. */
export const isObjectOf =
  <A>(guards: Guards<A>) =>
  (u: unknown): u is A => {
    if (typeof u !== 'object' || u === null) return false;
    try {
      for (const key in guards) {
        if (!guards[key]((u as A)[key])) return false;
      }
      return true;
    } catch {
      return false;
    }
  };
