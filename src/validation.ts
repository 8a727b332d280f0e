/**
 * What every check answers, be it of a policy, a record of a store, or what a host passes as options: all that is wrong,
 * at once.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { nearest } from './nearest.js';
import { describeValue } from './quote.js';

/** Right: the value. Left: every error, in the order of the fields. */
export type Validation<E, A> = Either<NonEmptyArray<E>, A>;

/** Whether one field is as it must be. Left: what it must be; a message that follows the field's name. */
export type Check<A> = (u: unknown) => Either<string, A>;

/** A message that follows the name of what is not known. */
export const notKnown = (what: 'field' | 'option', key: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(key, known);
  return `is not a known ${what}; ${meant === null ? `the known ones are ${known.join(', ')}` : `did you mean ${meant}?`}`;
};

/**
 * The same of what is known: what it must be, and what stands there instead. Where it is only wrong beside other fields
 * ("must not be below"), or already of the kind that it must be (an array, but too long), there is nothing to add.
 */
export const withGiven = (message: string, given: unknown): string => {
  if (given === undefined) return `${message}; it is missing`;
  const got = describeValue(given);
  if (!message.startsWith('must be ') || message.startsWith(`must be ${got}`)) return message;
  return `${message}, got ${got === 'an array' && isRange(given as ReadonlyArray<unknown>) ? `[${given}]` : got}`;
};

/** Be it the wrong way round. `every` would pass over what is not there. */
const isRange = (given: ReadonlyArray<unknown>): boolean =>
  given.length === 2 && Number.isSafeInteger(given[0]) && Number.isSafeInteger(given[1]);

/** Of what somebody else's code answered. Throws where a getter or a proxy does. */
export const isEither = (u: unknown): u is Either<unknown, unknown> =>
  typeof u === 'object' && u !== null && isOneOf(['Left', 'Right'], (u as { readonly _tag?: unknown })._tag);

// ---------------------------------------------------------------------------
// closed sets
// ---------------------------------------------------------------------------

export const isOneOf = <A extends string>(set: ReadonlyArray<A>, u: unknown): u is A =>
  (set as ReadonlyArray<unknown>).includes(u);
