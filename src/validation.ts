/**
 * All that is wrong, at once: the one way in which a value of several fields is checked, be it a policy, a record of a
 * store, or what a host passes as options.
 */
import { sequenceS } from 'fp-ts/lib/Apply.js';
import { type Either, getApplicativeValidation } from 'fp-ts/lib/Either.js';
import { getSemigroup, type NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { nearest } from './nearest.js';

/** Right: the value. Left: every error, in the order of the fields. */
export type Validation<E, A> = Either<NonEmptyArray<E>, A>;

/** Whether one field is as it must be. Left: what it must be, in words that follow the field's name. */
export type Check<A> = (u: unknown) => Either<string, A>;

/** The fields as one value, where each of them is right; else the errors of all. */
export const allFields = <E>() => sequenceS(getApplicativeValidation(getSemigroup<E>()));

/** What is wrong with a field that is not known, in words that follow its name. */
export const unknownField = (key: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(key, known);
  return `is not a known field; ${meant === null ? `the known ones are ${known.join(', ')}` : `did you mean ${meant}?`}`;
};
