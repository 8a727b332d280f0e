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
import { type Millis, maxMillis, minMillis, notPositive, parseDuration, roundToNanos } from './duration.js';
import { describeValue } from './quote.js';
import { equalFields } from './status.js';
import { allFields, type Validation } from './validation.js';

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
 * What is wrong with one field, or with all of it: then `field` is "policy". `message` begins with the field's name.
 *
 * @since 0.1.0
 */
export interface PolicyError {
  readonly field: string;
  readonly message: string;
}

/** What applies where nothing is said. */
export const policyDefaults: RestartPolicy = {
  mode: 'never',
  backoff: 5_000,
  maxAttempts: 0,
  stableAfter: 600_000,
};

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
  const checked = <K extends keyof RestartPolicy>(field: K, check: Check<RestartPolicy[K]>): RestartPolicy[K] => {
    const standIn = policyDefaults[field];
    return E.getOrElse((words) => {
      errors.push({ field, message: `${field} ${words}` });
      // It keeps the types total; beside an error nobody sees it.
      return standIn;
    })(check(given[field], standIn));
  };
  // In the order of the wire format, in which the errors come.
  const policy: RestartPolicy = {
    mode: checked('mode', checkMode),
    backoff: checked('backoff', checkSpan),
    stableAfter: checked('stableAfter', checkSpan),
    maxAttempts: checked('maxAttempts', checkMaxAttempts),
  };
  return errors.length === 0 ? E.right(policy) : E.left(errors as [PolicyError, ...Array<PolicyError>]);
};

/**
 * Checks what is handed in as a policy: a value that {@link restartPolicy} or the codec made, and neither the Either
 * that it came in nor its wire form. Fields of the host's own beside ours do no harm. Right: the value itself, the very
 * object. Left: all that is wrong, at once. Never throws.
 *
 * @example
 * import { checkPolicy, restartPolicy } from 'restart-policy'
 *
 * assert.deepStrictEqual(checkPolicy(restartPolicy({ mode: 'always' })), {
 *   _tag: 'Left',
 *   left: [{ field: 'policy', message: 'policy is an Either: unwrap the Right of restartPolicy first' }],
 * })
 *
 * @since 0.2.0
 */
export const checkPolicy = (u: unknown): Validation<PolicyError, RestartPolicy> => {
  try {
    if (typeof u !== 'object' || u === null || Array.isArray(u)) return wrong('policy', mustBe('a policy')(u));
    if ('_tag' in u) return wrong('policy', 'is an Either: unwrap the Right of restartPolicy first');
    if ('policy' in u) return wrong('policy', 'is in its wire form: decode it first');
    const given = u as Readonly<Record<string, unknown>>;
    const field = (name: keyof RestartPolicy, holds: (value: unknown) => boolean, be: string) => {
      const value = given[name];
      return holds(value) ? E.right(value) : wrong(name, mustBe(be)(value));
    };
    return E.map(() => u as RestartPolicy)(
      allFields<PolicyError>()({
        mode: field('mode', isMode, 'one of never, always, on_failure'),
        backoff: field('backoff', isSpan, 'a positive number of milliseconds'),
        stableAfter: field('stableAfter', isSpan, 'a positive number of milliseconds'),
        maxAttempts: field('maxAttempts', isCount, 'a whole number from 0'),
      }),
    );
  } catch {
    // A getter or a proxy of the caller's threw.
    return wrong('policy', 'must be an object whose fields can be read');
  }
};

const mustBe =
  (what: string) =>
  (u: unknown): string =>
    `must be ${what}, ${u === undefined ? 'but it is missing' : `not ${describeValue(u)}`}`;

const wrong = (field: string, message: string): Validation<PolicyError, never> =>
  E.left([{ field, message: `${field} ${message}` }]);

/**
 * Field by field equality: an update to an equal policy is not an update.
 *
 * @since 0.1.0
 */
export const equalPolicy = (a: RestartPolicy, b: RestartPolicy): boolean => equalFields(policyDefaults, a, b);

// ---------------------------------------------------------------------------
// fields: each check answers with the words after the field's name
// ---------------------------------------------------------------------------

type Check<A> = (u: unknown, ifAbsent: A) => E.Either<string, A>;

export const isMode = (u: unknown): u is RestartMode => u === 'never' || u === 'always' || u === 'on_failure';

export const checkMode = (u: unknown): E.Either<string, RestartMode> =>
  isMode(u) ? E.right(u) : E.left('must be one of never, always, on_failure');

/** A span as text, as it stands on the wire. */
export const checkDurationText = (u: unknown, ifAbsent: Millis): E.Either<string, Millis> => {
  // Not believed to be a text: that it is none is an error like the others.
  const parsed = parseDuration((u === undefined ? '' : u) as string);
  if (E.isRight(parsed)) return parsed.right > 0 ? parsed : E.left(notPositive);
  return parsed.left._tag === 'DurationEmpty' ? E.right(ifAbsent) : E.left(parsed.left.message);
};

/** Whether a number is a span that a policy may hold: what `parseDuration` gives for some text above zero. */
export const isSpan = (u: unknown): u is Millis =>
  typeof u === 'number' && u >= minMillis && u <= maxMillis && roundToNanos(u) === u;

const checkSpan = (u: unknown, ifAbsent: Millis): E.Either<string, Millis> => {
  if (typeof u !== 'number') return checkDurationText(u, ifAbsent);
  // Less than a nanosecond is nothing, as in a text; of more, the text has whole nanoseconds, rounded.
  return u < minMillis ? E.left(notPositive) : checkDurationText(`${u.toFixed(6)}ms`, ifAbsent);
};

export const isCount = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) >= 0;

export const checkCount = (u: unknown): E.Either<string, number> =>
  isCount(u)
    ? // `+ 0` turns -0 into 0, which equals it everywhere but in Object.is and in some deep equalities.
      E.right(u + 0)
    : E.left('must be >= 0 and a whole number up to 9007199254740991');

export const checkMaxAttempts = (u: unknown = policyDefaults.maxAttempts): E.Either<string, number> => checkCount(u);
