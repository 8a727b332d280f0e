/**
 * The policy on the wire. It is user input, so reading it is strict: what is not understood is never ignored.
 */
import { type Either, mapLeft, right } from 'fp-ts/lib/Either.js';
import { formatDuration, type Millis, notPositive } from '../duration.js';
import { nearest } from '../nearest.js';
import {
  checkDurationText,
  checkMaxAttempts,
  checkMode,
  isCount,
  isMode,
  isSpan,
  policyDefaults,
  type RestartMode,
  type RestartPolicy,
} from '../policy.js';
import { describeValue } from '../quote.js';
import { checkField, isObjectOf, type Read, readObject } from './reading.js';

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

// A record and not a list: a field that is added to the wire form and not named here does not compile.
const knownKeys: Readonly<Record<keyof RestartPolicyWire, true>> = {
  policy: true,
  backoff: true,
  max_attempts: true,
  stable_after: true,
};
const known = Object.keys(knownKeys) as ReadonlyArray<keyof RestartPolicyWire>;

export const isPolicy = isObjectOf<RestartPolicy>({
  mode: isMode,
  backoff: isSpan,
  maxAttempts: isCount,
  stableAfter: isSpan,
});

export const readPolicy: Read<RestartPolicy> = readObject(null, (reading) => {
  const { given, flaws } = reading;
  const unknowns = [...given.keys()]
    .filter((key) => !Object.hasOwn(knownKeys, key))
    .map((key) => ({ key, meant: nearest(key, known) }));

  const checkGivenMode = (u: unknown): Either<string, RestartMode> => {
    if (u !== undefined) return checkMode(u);
    // `{}` says nothing, and that means never. Whoever sets anything wants restarts: never would silently be none.
    if (given.size === 0) return right(policyDefaults.mode);
    // Misspelt: the unknown key says it all.
    if (unknowns.some(({ meant }) => meant === 'policy')) return right(policyDefaults.mode);
    return mapLeft((words: string) => `${words}; it is missing`)(checkMode(u));
  };

  // What is no duration at all is repeated; the reference's own words on the others end where they end.
  const checkSpan = (ifAbsent: Millis) => (u: unknown) =>
    mapLeft((words: string) => (words === notPositive ? words : `${words}, got ${describeValue(u)}`))(
      checkDurationText(u, ifAbsent),
    );

  // The order of the fields is the order of the flaws.
  const policy: RestartPolicy = {
    mode: checkField(reading, 'policy', checkGivenMode, policyDefaults.mode),
    backoff: checkField(reading, 'backoff', checkSpan(policyDefaults.backoff), policyDefaults.backoff),
    stableAfter: checkField(reading, 'stable_after', checkSpan(policyDefaults.stableAfter), policyDefaults.stableAfter),
    maxAttempts: checkField(reading, 'max_attempts', checkMaxAttempts, policyDefaults.maxAttempts),
  };
  for (const { key, meant } of unknowns) {
    const hint = meant === null ? `the known ones are ${known.join(', ')}` : `did you mean ${meant}?`;
    flaws.push({ key, words: `is not a known field; ${hint}`, actual: given.get(key) });
  }
  return policy;
});

export const writePolicy = ({ mode, backoff, maxAttempts, stableAfter }: RestartPolicy): RestartPolicyWire => ({
  policy: mode,
  backoff: formatDuration(backoff),
  ...(maxAttempts === 0 ? {} : { max_attempts: maxAttempts }),
  stable_after: formatDuration(stableAfter),
});
