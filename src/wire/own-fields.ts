/**
 * The fields of a value from outside, for two readers: one that knows the canonical form alone, and is quick, and the strict
 * one, which is asked where the first does not know better.
 *
 * Whatever has getters, or is a proxy, may answer differently each time, and what one reader let pass could be another value
 * than the one that is used. So each field is read once, in the order in which the strict reader does it, and what it held is
 * handed on.
 */
import { left } from '../either.js';
import { of } from '../non-empty-array.js';
import type { Validation } from '../validation.js';
import type { Flaw, Given, PlainObject } from './fields.js';

/** Names and what they hold, side by side. */
export interface OwnFields {
  readonly keys: ReadonlyArray<string>;
  readonly values: Array<unknown>;
}

/** Throws where a getter or a proxy does. */
export const ownFieldsOf = (object: PlainObject): OwnFields => {
  const keys = Object.keys(object);
  const values = new Array<unknown>(keys.length);
  for (let at = 0; at < keys.length; at++) values[at] = object[keys[at] as string];
  return { keys, values };
};

/** For the strict reader, to which a field that is undefined is not there. */
export const givenOf = (keys: ReadonlyArray<string>, values: PlainObject): Given => {
  const given = new Map<string, unknown>();
  for (const key of keys) {
    const value = values[key];
    if (value !== undefined) given.set(key, value);
  }
  return given;
};

/** Of what is no object. */
export const refuseOther = (): Validation<Flaw, never> => refuse('must be an object');

/** Of an object that cannot be read. The error is not inspected: that could throw too. */
export const refuseUnreadable = (): Validation<Flaw, never> => refuse('must be an object whose fields can be read');

const refuse = (message: string): Validation<Flaw, never> => left(of({ places: [], message }));
