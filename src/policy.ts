/**
 * The policy: what its owner asked for.
 *
 * The checks of single fields live here, in words that begin after the field's name, so that the constructor
 * ("backoff must be positive") and the codec ("restart_policy.backoff must be positive") cannot drift apart.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { type Millis, maxMillis, minMillis, parseDuration, quoteShort, roundToNanos, trimGoSpace } from './duration.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * When an ended run leads to a restart: `never`; `always`; `on_failure`, which is after any exit code but 0, an
 * unknown one included. An unhealthy run counts under both.
 *
 * @since 0.1.0
 */
export type RestartMode = 'never' | 'always' | 'on_failure';

/**
 * A checked policy: build it with {@link restartPolicy} or decode it with `restart-policy/codec`.
 *
 * @since 0.1.0
 */
export interface RestartPolicy {
  readonly mode: RestartMode;
  /** Least time between two automatic attempts: milliseconds, above 0, a whole number of nanoseconds. */
  readonly backoff: Millis;
  /** Consecutive automatic attempts allowed: a whole number from 0; 0 means unlimited. */
  readonly maxAttempts: number;
  /** A run this long ends the failure window: milliseconds, above 0, a whole number of nanoseconds. */
  readonly stableAfter: Millis;
}

/**
 * What `restartPolicy` takes: spans in milliseconds or as Go duration text ("1m30s").
 *
 * @since 0.1.0
 */
export interface RestartPolicyInput {
  readonly mode: RestartMode;
  /** Default 5 s. A blank text takes the default. */
  readonly backoff?: Millis | string | undefined;
  /** Default 0: unlimited. */
  readonly maxAttempts?: number | undefined;
  /** Default 10 min. A blank text takes the default. */
  readonly stableAfter?: Millis | string | undefined;
}

/**
 * What is wrong with one field. `message` begins with the field's name.
 *
 * @since 0.1.0
 */
export interface PolicyError {
  readonly field: keyof RestartPolicyInput;
  readonly message: string;
}

/** What applies where nothing is said. */
export const policyDefaults: RestartPolicy = Object.freeze({
  mode: 'never',
  backoff: 5_000,
  maxAttempts: 0,
  stableAfter: 600_000,
});

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * Builds a policy, or says all that is wrong with it at once. Numbers are rounded to whole nanoseconds; NaN,
 * infinities, less than 1 ns and more than 2^63-1 ns are refused.
 *
 * @example
 * import { restartPolicy } from 'restart-policy'
 *
 * const policy = restartPolicy({ mode: 'on_failure', backoff: '2s', maxAttempts: 3 })
 * assert.deepStrictEqual(policy, {
 *   _tag: 'Right',
 *   right: { mode: 'on_failure', backoff: 2_000, maxAttempts: 3, stableAfter: 600_000 },
 * })
 *
 * @since 0.1.0
 */
export const restartPolicy = (input: RestartPolicyInput): E.Either<NonEmptyArray<PolicyError>, RestartPolicy> => {
  // JavaScript callers exist: whatever comes is looked at, not believed.
  const given: Partial<Record<keyof RestartPolicyInput, unknown>> = input ?? {};
  const errors: Array<PolicyError> = [];
  const checked = <A>(field: keyof RestartPolicyInput, result: E.Either<string, A>, fallback: A): A => {
    if (E.isRight(result)) return result.right;
    errors.push({ field, message: `${field} ${result.left}` });
    return fallback;
  };
  const policy: RestartPolicy = {
    mode: checked('mode', checkMode(given.mode), policyDefaults.mode),
    backoff: checked('backoff', checkSpan(given.backoff, policyDefaults.backoff), policyDefaults.backoff),
    stableAfter: checked(
      'stableAfter',
      checkSpan(given.stableAfter, policyDefaults.stableAfter),
      policyDefaults.stableAfter,
    ),
    maxAttempts: checked('maxAttempts', checkMaxAttempts(given.maxAttempts), policyDefaults.maxAttempts),
  };
  const [first, ...rest] = errors;
  return first === undefined ? E.right(policy) : E.left([first, ...rest]);
};

/**
 * Field by field equality: an update to an equal policy is not an update.
 *
 * @since 0.1.0
 */
export const equalPolicy = (a: RestartPolicy, b: RestartPolicy): boolean =>
  a.mode === b.mode && a.backoff === b.backoff && a.maxAttempts === b.maxAttempts && a.stableAfter === b.stableAfter;

// ---------------------------------------------------------------------------
// fields: each check answers with the words after the field's name
// ---------------------------------------------------------------------------

export const isMode = (u: unknown): u is RestartMode => u === 'never' || u === 'always' || u === 'on_failure';

export const checkMode = (u: unknown): E.Either<string, RestartMode> =>
  isMode(u) ? E.right(u) : E.left('must be one of never, always, on_failure');

/** A span as text, as it stands on the wire. */
export const checkDurationText = (u: unknown, ifAbsent: Millis): E.Either<string, Millis> => {
  if (u === undefined) return E.right(ifAbsent);
  if (typeof u !== 'string') {
    return E.left(`must be a valid duration: expected a text such as "5s", got ${describe(u)}`);
  }
  if (trimGoSpace(u) === '') return E.right(ifAbsent);
  const parsed = parseDuration(u);
  if (E.isRight(parsed)) return parsed.right > 0 ? parsed : E.left('must be positive');
  return E.left(
    parsed.left._tag === 'DurationNegative' ? 'must be positive' : `must be a valid duration: ${parsed.left.message}`,
  );
};

/** Whether a number is a span that a policy may hold: what `parseDuration` gives for some text above zero. */
export const isSpan = (u: unknown): u is Millis =>
  typeof u === 'number' && u >= minMillis && u <= maxMillis && roundToNanos(u) === u;

const checkSpan = (u: unknown, ifAbsent: Millis): E.Either<string, Millis> => {
  if (typeof u !== 'number') return checkDurationText(u, ifAbsent);
  if (!Number.isFinite(u)) return E.left('must be a valid duration: a finite number of milliseconds');
  if (u <= 0) return E.left('must be positive');
  if (u < minMillis) return E.left('must be a valid duration: at least one nanosecond (0.000001)');
  if (u > maxMillis) return E.left('must be a valid duration: at most 2^63-1 nanoseconds (about 292 years)');
  return E.right(roundToNanos(u));
};

export const isCount = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) >= 0;

export const checkCount = (u: unknown): E.Either<string, number> =>
  isCount(u)
    ? // `+ 0` turns -0 into 0, which equals it everywhere but in Object.is and in some deep equalities.
      E.right(u + 0)
    : E.left(`must be >= 0 and a whole number up to ${Number.MAX_SAFE_INTEGER}`);

export const checkMaxAttempts = (u: unknown): E.Either<string, number> =>
  u === undefined ? E.right(policyDefaults.maxAttempts) : checkCount(u);

/** Names what came instead, in a few words. */
export const describe = (u: unknown): string => {
  if (u === null) return 'null';
  if (isArray(u)) return 'an array';
  switch (typeof u) {
    case 'string':
      return `the text ${quoteShort(u)}`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(u);
    case 'object':
      return 'an object';
    default:
      return `a ${typeof u}`;
  }
};

const isArray = (u: unknown): boolean => {
  try {
    return Array.isArray(u);
  } catch {
    // A revoked proxy: even this question makes it throw.
    return false;
  }
};
