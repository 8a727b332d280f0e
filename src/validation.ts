/**
 * All that is wrong, at once: the one way in which a value of several fields is checked, be it a policy, a record of a
 * store, or what a host passes as options.
 */
import { apFirst, sequenceS } from 'fp-ts/lib/Apply.js';
import { type Either, getApplicativeValidation } from 'fp-ts/lib/Either.js';
import { getSemigroup, type NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { nearest } from './nearest.js';

/** Right: the value. Left: every error, in the order of the fields. */
export type Validation<E, A> = Either<NonEmptyArray<E>, A>;

/** Whether one field is as it must be. Left: what it must be; a message that follows the field's name. */
export type Check<A> = (u: unknown) => Either<string, A>;

// ---------------------------------------------------------------------------
// several checks
// ---------------------------------------------------------------------------

const applicative = <E>() => getApplicativeValidation(getSemigroup<E>());

/** The fields as one value, where each of them is right; else the errors of all. */
export const allFields = <E>() => sequenceS(applicative<E>());

/** The value, where the other check holds too; else the errors of both. */
export const provided = <E>(other: Validation<E, unknown>) => apFirst(applicative<E>())(other);

/** A message that follows the name of what is not known. */
export const notKnown = (what: 'field' | 'option', key: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(key, known);
  return `is not a known ${what}; ${meant === null ? `the known ones are ${known.join(', ')}` : `did you mean ${meant}?`}`;
};

// ---------------------------------------------------------------------------
// closed sets
// ---------------------------------------------------------------------------

export const isOneOf = <A extends string>(set: ReadonlyArray<A>, u: unknown): u is A =>
  (set as ReadonlyArray<unknown>).includes(u);
