/**
 * The policy on the wire. It is user input, so reading it is strict: what is not understood is never ignored.
 */
import { isLeft, mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { formatDuration, type Millis, notPositive } from '../duration.js';
import { nearest } from '../nearest.js';
import {
  checkDurationText,
  checkMaxAttempts,
  checkMode,
  policyDefaults,
  policyGuards,
  type RestartMode,
  type RestartPolicy,
} from '../policy.js';
import { describeValue } from '../quote.js';
import { besides, type Check, noOthers, provided } from '../validation.js';
import { checkedFields, checkField, type Flaw, isObjectOf, type Read, readObject } from './fields.js';

/**
 * A policy as JSON, in its canonical form.
 *
 * @since 0.1.0
 */
export interface RestartPolicyWire {
  readonly policy: RestartMode;
  /** Go duration text, such as "5s". */
  readonly backoff: string;
  /** A whole number from 1; left out where attempts are unlimited. */
  readonly max_attempts?: number;
  /** Go duration text, such as "10m0s". */
  readonly stable_after: string;
}

/** What each field is called on the wire. A field that is added to the policy and not named here does not compile. */
const keyOf: Readonly<Record<keyof RestartPolicy, keyof RestartPolicyWire>> = {
  mode: 'policy',
  backoff: 'backoff',
  maxAttempts: 'max_attempts',
  stableAfter: 'stable_after',
};
const known = Object.values(keyOf);

export const isPolicy = isObjectOf<RestartPolicy>(policyGuards);

export const readPolicy: Read<RestartPolicy> = readObject(null, (given) => {
  const keys = [...given.keys()];
  const others = noOthers(keys, known, (key, message): Flaw => ({ key, message, actual: given.get(key) }));
  // The order of the fields is the order of the flaws.
  const beside = {
    backoff: checkField(given, keyOf.backoff, checkSpan(policyDefaults.backoff)),
    stableAfter: checkField(given, keyOf.stableAfter, checkSpan(policyDefaults.stableAfter)),
    maxAttempts: checkField(given, keyOf.maxAttempts, checkMaxAttempts),
  };
  const isMisspelt = !given.has(keyOf.mode) && keys.some((key) => nearest(key, known) === keyOf.mode);
  // Then the field that is not known says it all.
  if (isLeft(others) && isMisspelt) return pipe(checkedFields(beside), besides(others));
  // `{}` says nothing, and that means never. Whoever sets anything wants restarts: never would silently be none.
  const mode = given.size === 0 ? right(policyDefaults.mode) : checkField(given, keyOf.mode, checkGivenMode);
  return pipe(checkedFields({ mode, ...beside }), provided(others));
});

const checkGivenMode: Check<RestartMode> = (u) =>
  mapLeft((message: string) => (u === undefined ? `${message}; it is missing` : message))(checkMode(u));

// What is no valid duration is quoted; the reference's message for what is not positive stands as it is.
const checkSpan =
  (ifAbsent: Millis): Check<Millis> =>
  (u) =>
    mapLeft((message: string) => (message === notPositive ? message : `${message}, got ${describeValue(u)}`))(
      checkDurationText(u, ifAbsent),
    );

export const writePolicy = ({ mode, backoff, maxAttempts, stableAfter }: RestartPolicy): RestartPolicyWire => ({
  policy: mode,
  backoff: formatDuration(backoff),
  ...(maxAttempts === 0 ? {} : { max_attempts: maxAttempts }),
  stable_after: formatDuration(stableAfter),
});
