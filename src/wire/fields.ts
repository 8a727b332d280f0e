/**
 * How a value from outside is read: its own fields, each of them once, are handed to the readers of the domain under the
 * names that they have there; and what those find wrong is told under the names on the wire.
 */
import type { FieldError } from '../reading.js';
import { notKnown, type Validation, withGiven } from '../validation.js';

/** One step on the way to a value: the key as it stands in what is around it, and what stands there; undefined: nothing does. */
export interface Place {
  readonly key: string | number;
  readonly actual: unknown;
}

/** One thing that is wrong with a value. */
export interface Flaw {
  /** The way to it, from the outside in; none: it is the value as a whole. */
  readonly places: ReadonlyArray<Place>;
  /** What is wrong; follows the path. */
  readonly message: string;
}

export type Read<A> = (u: unknown) => Validation<Flaw, A>;

/** The fields that are set, in the order they stand. A field that is undefined is not set. */
export type Given = ReadonlyMap<string, unknown>;

// ---------------------------------------------------------------------------
// objects
// ---------------------------------------------------------------------------

export type PlainObject = Readonly<Record<string, unknown>>;

// Maps, dates and boxed values have no fields of their own: read as objects they would pass for `{}`. The tag also
// sees through realms, where `instanceof` does not.
export const isPlainObject = (u: unknown): u is PlainObject =>
  typeof u === 'object' && Object.prototype.toString.call(u) === '[object Object]';

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

/** What each field is called on the wire, in the order of the wire format. */
export type Names = Readonly<Record<string, string>>;

/** The fields of one object, and what they are called. */
export interface Scope {
  readonly names: Names;
  readonly given: Given;
  readonly keys: ReadonlyArray<string>;
}

export const scopeOf = (names: Names, given: Given): Scope => ({ names, given, keys: [...given.keys()] });

/**
 * The fields under their names in the domain. One that is not known bears the number of its place instead: what it is called
 * may be the name of a field in the domain.
 */
export const inDomain = ({ names, given, keys }: Scope): Record<string, unknown> => {
  const fields = new Map(Object.entries(names).map(([field, key]) => [key, field]));
  return Object.fromEntries(keys.map((key, at) => [fields.get(key) ?? `${at}?`, given.get(key)]));
};

/**
 * What the readers of the domain found wrong, under the names on the wire. What is wrong with the value as a whole they tell
 * of a field that is called `whole`. `scopes` are the objects within the value by their paths in the domain; the value itself
 * is at "".
 */
export const onWire =
  (whole: string, scopes: ReadonlyMap<string, Scope>) =>
  ({ field, message }: FieldError): Flaw => {
    let said = message.slice(field.length + 1).replace(camelCase, (name) => scopes.get('')?.names[name] ?? name);
    const places: Array<Place> = [];
    let path = '';
    for (const [step, name = ''] of field === whole ? [] : field.matchAll(steps)) {
      const scope = scopes.get(path);
      path += step;
      const place =
        scope === undefined ? placeInArray(places.at(-1)?.actual, Number(name)) : placeInObject(scope, name);
      places.push(place);
      if (name.endsWith('?')) said = notKnown('field', String(place.key), Object.values(scope?.names ?? {}));
    }
    const place = places.at(-1);
    return { places, message: place === undefined ? said : withGiven(said, place.actual) };
  };

const placeInArray = (array: unknown, at: number): Place => ({
  key: at,
  actual: (array as ReadonlyArray<unknown>)[at],
});

const placeInObject = ({ names, given, keys }: Scope, field: string): Place => {
  const key = names[field] ?? keys[Number.parseInt(field, 10)] ?? field;
  return { key, actual: given.get(key) };
};

const camelCase = /\b[a-z]+[A-Z][A-Za-z]*/g;

/** The steps of a path such as "rules[2].action". */
const steps = /[.[]?([^.[\]]+)\]?/g;
