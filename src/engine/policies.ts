/**
 * Policies that were read before, by their text: a host sends the same few again and again, and to read one takes longer than to
 * decide.
 */
import { type Either, isRight } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import type { RestartPolicy } from '../policy.js';
import { type DecodeError, decodeRestartPolicy } from '../wire.js';

/** The most that are kept, and how long a text may be that is: half a megabyte at most. */
const mostPolicies = 256;
const longestText = 2_048;

const known = new Map<string, Either<NonEmptyArray<DecodeError>, RestartPolicy>>();

/** As `decodeRestartPolicy`. `u` comes from JSON. */
export const readPolicyOnce = (u: unknown): Either<NonEmptyArray<DecodeError>, RestartPolicy> => {
  const text = JSON.stringify(u);
  const kept = known.get(text);
  if (kept !== undefined) return kept;
  const read = decodeRestartPolicy(u);
  if (isRight(read) && text.length <= longestText) {
    // All at once, for it is rare: who has so many policies reads them anew from time to time.
    if (known.size >= mostPolicies) known.clear();
    known.set(text, read);
  }
  return read;
};
