/**
 * How a value from outside becomes a value of the domain: read once, checked field by field, all flaws reported.
 */
import { type Either, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';

/** One thing that is wrong with a value. */
export interface Flaw {
  /** The field, as its key stands in the value; null: the value as a whole. */
  readonly key: string | null;
  /** What is wrong, in words that follow the field's path. */
  readonly words: string;
  /** What stood there; undefined: nothing did. */
  readonly actual: unknown;
}

export type Read<A> = (u: unknown) => Either<NonEmptyArray<Flaw>, A>;

/** An object under inspection. */
export interface Reading {
  /** The fields that are set, in the order they stand. A field that is undefined is not set. */
  readonly given: ReadonlyMap<string, unknown>;
  readonly flaws: Array<Flaw>;
}

type PlainObject = Readonly<Record<string, unknown>>;

// Maps, dates and boxed values have no fields of their own: read as objects they would pass for `{}`. The tag also
// sees through realms, where `instanceof` does not.
const isPlainObject = (u: unknown): u is PlainObject =>
  typeof u === 'object' && Object.prototype.toString.call(u) === '[object Object]';

const isSet = (object: PlainObject, key: string): boolean => Object.prototype.propertyIsEnumerable.call(object, key);

const whole = (u: unknown, words: string): Either<NonEmptyArray<Flaw>, never> =>
  left([{ key: null, words, actual: u }]);

/**
 * Reads an object. `keys` are the fields to look at; null means all there are. What `inspect` answers counts only if it
 * leaves no flaws. Only own fields are looked at, each is read once, and nothing is modified.
 */
export const readObject =
  <A>(keys: ReadonlyArray<string> | null, inspect: (reading: Reading) => A): Read<A> =>
  (u) => {
    try {
      if (!isPlainObject(u)) return whole(u, 'must be an object');
      const reading: Reading = { given: fieldsOf(u, keys), flaws: [] };
      const value = inspect(reading);
      const [first, ...rest] = reading.flaws;
      return first === undefined ? right(value) : left([first, ...rest]);
    } catch {
      // A getter or a proxy of the caller's threw. What it threw may throw too when it is looked at.
      return whole(u, 'must be an object whose fields can be read');
    }
  };

const fieldsOf = (object: PlainObject, keys: ReadonlyArray<string> | null): ReadonlyMap<string, unknown> => {
  const given = new Map<string, unknown>();
  for (const key of keys?.filter((known) => isSet(object, known)) ?? Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) given.set(key, value);
  }
  return given;
};

/** The checked field, or a flaw. The stand-in keeps the types total; beside a flaw nobody sees it. */
export const checkField = <A>(
  { given, flaws }: Reading,
  key: string,
  check: (u: unknown) => Either<string, A>,
  standIn: A,
): A => {
  const actual = given.get(key);
  const checked = check(actual);
  if (isRight(checked)) return checked.right;
  flaws.push({ key, words: checked.left, actual });
  return standIn;
};

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
