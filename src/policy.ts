/**
 * The policy: what its owner asked for.
 *
 * The checks of single fields live here, with messages that begin after the field's name, so that the constructor
 * ("backoff must be positive") and the codec ("restart_policy.backoff must be positive") cannot drift apart.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Eq } from 'fp-ts/lib/Eq.js';
import { flow, pipe } from 'fp-ts/lib/function.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { type Millis, maxMillis, minMillis, notPositive, parseDuration, roundToNanos } from './duration.js';
import { eqByFields } from './equal.js';
import type { EndCause } from './event.js';
import { describeValue, quoteKey } from './quote.js';
import {
  allFields,
  type Check,
  checkOneOf,
  isOneOf,
  mustBeOneOf,
  noOthers,
  provided,
  type Validation,
} from './validation.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Every mode there is.
 *
 * @since 0.2.0
 */
export const restartModes = ['never', 'always', 'on_failure'] as const;

/**
 * When an ended run leads to a restart: `never`; `always`; `on_failure`, which is after any exit code but 0, an
 * unknown one included. An unhealthy run counts under both.
 *
 * @since 0.1.0
 */
export type RestartMode = (typeof restartModes)[number];

/**
 * Every place from which a backoff can be counted.
 *
 * @since 0.2.0
 */
export const backoffOrigins = ['attempt', 'exit'] as const;

/**
 * Where a wait begins: at the last attempt, so that a run that lasted longer than the wait is restarted at once; or at the
 * end of the run (`exit`), so that there is always a pause, before the first attempt too.
 *
 * @since 0.2.0
 */
export type BackoffOrigin = (typeof backoffOrigins)[number];

/**
 * Every action of a rule there is.
 *
 * @since 0.2.0
 */
export const ruleActions = ['restart', 'restart_uncounted', 'stop'] as const;

/**
 * What a rule does about an end: `restart`, an attempt whatever the exit code; `restart_uncounted`, the same, but the first
 * attempt after such an end is not counted; `stop`, no attempt.
 *
 * @since 0.2.0
 */
export type RuleAction = (typeof ruleActions)[number];

/**
 * How ends of one kind are answered. Both conditions must match where both stand; with neither it matches every end.
 *
 * @since 0.2.0
 */
export interface RestartRule {
  /** One to six. Absent: whatever the cause. */
  readonly causes?: ReadonlyArray<EndCause>;
  /** 1 to 256 whole numbers or inclusive ranges [low, high]. An unknown exit code is in none. Absent: whatever the code. */
  readonly exitCodes?: ReadonlyArray<number | readonly [number, number]>;
  readonly action: RuleAction;
}

/**
 * A checked policy: build it with {@link restartPolicy} or decode it with `restart-policy/codec`. All spans are
 * milliseconds, above 0, a whole number of nanoseconds.
 *
 * @since 0.1.0
 */
export interface RestartPolicy {
  readonly mode: RestartMode;
  /** Least time between two automatic attempts; a run that lasts longer is restarted at once, unless `backoffFrom` is `exit`. */
  readonly backoff: Millis;
  /** Consecutive automatic attempts allowed: a whole number from 0; 0 means unlimited. */
  readonly maxAttempts: number;
  /** A run this long ends the failure window. */
  readonly stableAfter: Millis;
  /** The wait grows with every consecutive attempt up to this, which is not below `backoff`. Absent: it does not grow. */
  readonly maxBackoff?: Millis;
  /** By how much the wait grows: from above 1 to 100; only beside `maxBackoff`. Absent: 2. */
  readonly backoffFactor?: number;
  /** Where a wait begins. Absent: at the last attempt. */
  readonly backoffFrom?: BackoffOrigin;
  /** Each wait is lengthened by up to this share of itself, above 0 to 1, so that instances do not move in lockstep. Absent: 0. */
  readonly jitter?: number;
  /** `maxAttempts` counts the attempts within any span this long; only beside `maxAttempts` from 1 to 100. Absent: in the window. */
  readonly limitInterval?: Millis;
  /** At the limit it is blocked for this long, not below `limitInterval`; only beside `maxAttempts` above 0. Absent: until a person acts. */
  readonly cooldown?: Millis;
  /** What is still initializing this long after its run began is stopped and started again. Absent: it may take for ever. */
  readonly startTimeout?: Millis;
  /** 1 to 20. How a run that ended by itself is answered: the first rule that matches decides. Absent: `mode` alone does. */
  readonly rules?: ReadonlyArray<RestartRule>;
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
 * Builds a policy, or says all that is wrong with it at once: what is wrong with its fields, and which others it has.
 * Numbers are rounded to whole nanoseconds; NaN, infinities, less than 1 ns and more than 2^63-1 ns are refused. Never
 * throws.
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
export const restartPolicy = (input: RestartPolicyInput): E.Either<NonEmptyArray<PolicyError>, RestartPolicy> =>
  readFields('an object', input, (given) => {
    const field = <A>(name: keyof RestartPolicy, check: Check<A>) => E.mapLeft(errorsOf(name))(check(given[name]));
    const keys = Object.keys(given).filter((key) => given[key] !== undefined);
    return pipe(
      // In the order of the wire format, in which the errors come.
      allFields<PolicyError>()({
        mode: field('mode', checkMode),
        backoff: field('backoff', checkSpan(policyDefaults.backoff)),
        stableAfter: field('stableAfter', checkSpan(policyDefaults.stableAfter)),
        maxAttempts: field('maxAttempts', checkMaxAttempts),
      }),
      provided(noOthers(keys, Object.keys(policyGuards), errorOf)),
    );
  });

/**
 * Checks what is handed in as a policy: a value that {@link restartPolicy} or the codec made, and neither the Either
 * that it came in nor its wire form. Fields of the host's own beside ours do no harm. Right: the value itself, the very
 * object. Left: all that is wrong, at once. Never throws.
 */
export const checkPolicy = (u: unknown): Validation<PolicyError, RestartPolicy> => {
  const no = flow(errorsOf('policy'), E.left);
  if (u === undefined) return no('is missing');
  return readFields('a policy', u, (given) => {
    // A host may keep fields of these names beside ours, so they tell nothing where there is a mode.
    if (!('mode' in given)) {
      const refusal = given['_tag'] === 'Left' ? firstMessage(given['left']) : null;
      if (refusal !== null) return no(`is a Left: restartPolicy refused it: ${refusal}`);
      if ('_tag' in given) return no('is an Either: unwrap the Right of restartPolicy first');
      if ('policy' in given) return no('is in its wire form: decode it with decodeRestartPolicy first');
    }
    const field = (name: keyof typeof policyGuards, otherwise: string): Validation<PolicyError, unknown> => {
      const value = given[name];
      if (policyGuards[name](value)) return E.right(value);
      return E.left(errorsOf(name)(`${otherwise}, ${instead(value)}`));
    };
    const fields: Readonly<Record<keyof typeof policyGuards, Validation<PolicyError, unknown>>> = {
      mode: field('mode', mustBeOneOf(restartModes)),
      backoff: field('backoff', 'must be a positive number of milliseconds'),
      stableAfter: field('stableAfter', 'must be a positive number of milliseconds'),
      maxAttempts: field('maxAttempts', 'must be a whole number from 0'),
    };
    return E.map(() => u as RestartPolicy)(allFields<PolicyError>()(fields));
  });
};

/** Of what {@link restartPolicy} answered in a Left; null: these are no errors of its. */
const firstMessage = (errors: unknown): string | null => {
  const first: Partial<PolicyError> | null | undefined = Array.isArray(errors) ? errors[0] : null;
  return typeof first?.field === 'string' && typeof first.message === 'string' ? first.message : null;
};

/** Reads an object of the caller's. It may be no object, and reading it may throw. */
const readFields = <A>(
  what: string,
  u: unknown,
  read: (given: Readonly<Record<string, unknown>>) => Validation<PolicyError, A>,
): Validation<PolicyError, A> => {
  try {
    const isObject = typeof u === 'object' && u !== null && !Array.isArray(u);
    if (isObject) return read(u as Readonly<Record<string, unknown>>);
    return E.left(errorsOf('policy')(`must be ${what}, ${instead(u)}`));
  } catch {
    return E.left(errorsOf('policy')('must be an object whose fields can be read'));
  }
};

const instead = (u: unknown): string => (u === undefined ? 'but it is missing' : `not ${describeValue(u)}`);

const errorOf = (key: string, message: string): PolicyError => {
  const field = quoteKey(key);
  return { field, message: `${field} ${message}` };
};

const errorsOf =
  (field: string) =>
  (message: string): NonEmptyArray<PolicyError> => [errorOf(field, message)];

// ---------------------------------------------------------------------------
// fields: each check answers with a message that follows the field's name
// ---------------------------------------------------------------------------

export const isMode = (u: unknown): u is RestartMode => isOneOf(restartModes, u);

export const checkMode: Check<RestartMode> = (u) => checkOneOf(restartModes, u);

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

const checkSpan =
  (ifAbsent: Millis): Check<Millis> =>
  (u) => {
    if (typeof u !== 'number') return checkDurationText(u, ifAbsent);
    // Less than a nanosecond is nothing, as in a text; of more, the text has whole nanoseconds, rounded.
    return u < minMillis ? E.left(notPositive) : checkDurationText(`${u.toFixed(6)}ms`, ifAbsent);
  };

export const isCount = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) >= 0;

export const checkCount: Check<number> = (u) =>
  isCount(u)
    ? // `+ 0` turns -0 into 0, which equals it everywhere but in Object.is and in some deep equalities.
      E.right(u + 0)
    : E.left('must be >= 0 and a whole number up to 9007199254740991');

export const checkMaxAttempts = (u: unknown = policyDefaults.maxAttempts): E.Either<string, number> => checkCount(u);

/** Every field of a policy, in the order of the wire format. A field that is added to the type and not here does not compile. */
export const policyGuards: {
  readonly [K in keyof Pick<RestartPolicy, 'mode' | 'backoff' | 'maxAttempts' | 'stableAfter'>]-?: (
    u: unknown,
  ) => u is RestartPolicy[K];
} = {
  mode: isMode,
  backoff: isSpan,
  stableAfter: isSpan,
  maxAttempts: isCount,
};

/**
 * Field by field equality; a host's own fields beside ours do not count. An update to an equal policy is not an update.
 *
 * @since 0.2.0
 */
export const eqRestartPolicy: Eq<RestartPolicy> = /* @__PURE__ */ eqByFields<RestartPolicy>(
  {
    ...policyDefaults,
    maxBackoff: 0,
    backoffFactor: 0,
    backoffFrom: 0,
    jitter: 0,
    limitInterval: 0,
    cooldown: 0,
    startTimeout: 0,
    rules: 0,
  },
  ['causes', 'exitCodes', 'action'],
);
