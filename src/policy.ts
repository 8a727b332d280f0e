/**
 * The policy: what its owner asked for.
 *
 * What each field must be, and beside which others, stands in one table with messages that begin after the field's name:
 * the constructor ("maxBackoff must not be below backoff"), the codec ("restart_policy.max_backoff must not be below
 * backoff") and what the controller is handed read by the same table.
 *
 * @since 0.1.0
 */
import type { Either, Left } from 'fp-ts/lib/Either.js';
import type { Eq } from 'fp-ts/lib/Eq.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { type Millis, maxMillis, minMillis, notPositive, readDuration, roundToNanos } from './duration.js';
import { left, mapLeft, right } from './either.js';
import { eqByFields } from './equal.js';
import { type EndCause, endCauses } from './event.js';
import { map as mapAll } from './non-empty-array.js';
import { describeValue } from './quote.js';
import {
  beside,
  isCount,
  listOf,
  numberThat,
  objectOf,
  oneOf,
  type Reader,
  type Readers,
  readAll,
  readCount,
} from './reading.js';
import type { Validation } from './validation.js';

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
  /** Not below `backoff`. Absent or a blank text: the wait does not grow. */
  readonly maxBackoff?: Millis | string | undefined;
  /** From above 1 to 100; needs `maxBackoff`. Absent: 2. */
  readonly backoffFactor?: number | undefined;
  /** Absent: at the last attempt. */
  readonly backoffFrom?: BackoffOrigin | undefined;
  /** From 0 to 1. Absent: 0. */
  readonly jitter?: number | undefined;
  /** Needs `maxAttempts` from 1 to 100. Absent or a blank text: `maxAttempts` counts the failure window. */
  readonly limitInterval?: Millis | string | undefined;
  /** Not below `limitInterval`; needs `maxAttempts` above 0. Absent or a blank text: at the limit it is blocked until a person acts. */
  readonly cooldown?: Millis | string | undefined;
  /** Absent or a blank text: initializing may take for ever. */
  readonly startTimeout?: Millis | string | undefined;
  /** 1 to 20. Absent: `mode` alone decides. */
  readonly rules?: ReadonlyArray<RestartRule> | undefined;
}

/**
 * What is wrong with one field, or with all of it: then `field` is "policy". A field within a rule bears its path, such as
 * "rules[2].exitCodes[0]". `message` begins with the field's name.
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
// fields
// ---------------------------------------------------------------------------

/** A span as text. A blank text is as good as absent. */
const spanText: Reader = (u, tell) => {
  // What is no text is an error like the others.
  const read = readDuration(u as string);
  if (typeof read === 'number') return read > 0 ? read : tell(notPositive);
  return read._tag === 'DurationEmpty' ? undefined : tell(read.message);
};

/** The same, or in milliseconds. */
const span: Reader = (u, tell, before) => spanText(typeof u === 'number' ? textOf(u) : u, tell, before);

/** Less than a nanosecond is nothing, as in a text; of more, the text has whole nanoseconds, rounded. */
const textOf = (ms: Millis): string => (ms < minMillis ? '0' : `${ms.toFixed(6)}ms`);

const exitCodes: Reader = (u, tell) => {
  const [low, high] = Array.isArray(u) && u.length === 2 ? u : [u, u];
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low > high) {
    return tell('must be a whole number or a range [low, high]');
  }
  // `+ 0` turns -0 into 0, which equals it everywhere but in Object.is and in some deep equalities.
  return low === u ? low + 0 : [low + 0, high + 0];
};

/** More are not looked into. */
export const mostExitCodes = 256;

/** In the order in which errors come. A function that is called once: what only decides is bundled without it. */
const ruleFields = /* @__PURE__ */ ((): Readers<RestartRule> => ({
  causes: listOf(endCauses.length, 'causes', oneOf(endCauses)),
  exitCodes: listOf(mostExitCodes, 'exit codes', exitCodes),
  action: oneOf(ruleActions),
}))();

/** More rules are not looked into. */
export const mostRules = 20;

const isBelow = (n: number, other: unknown): boolean => n < (other as number);

/** The same. A span or a factor is asked whether it fits to the fields before it. */
const fieldsWith = (span: Reader): Readers<RestartPolicy> => ({
  mode: oneOf(restartModes),
  backoff: span,
  stableAfter: span,
  maxAttempts: readCount,
  maxBackoff: beside(span, 'backoff', isBelow, 'must not be below _'),
  backoffFactor: beside(
    numberThat((n) => n > 1 && n <= 100, 'must be a number above 1 and up to 100'),
    'maxBackoff',
    (_, most) => most === undefined,
    'needs _',
  ),
  backoffFrom: oneOf(backoffOrigins, 'attempt'),
  jitter: numberThat((n) => n >= 0 && n <= 1, 'must be a number from 0 to 1'),
  limitInterval: beside(
    span,
    'maxAttempts',
    (_, limit) => isBelow(limit as number, 1) || isBelow(100, limit),
    'needs _ from 1 to 100',
  ),
  cooldown: beside(
    beside(span, 'maxAttempts', (_, limit) => limit === 0, 'needs _ above 0'),
    'limitInterval',
    isBelow,
    'must not be below _',
  ),
  startTimeout: span,
  rules: listOf(mostRules, 'rules', objectOf(ruleFields, 'action')),
});

/** What a field of a policy is called in JSON. */
export const nameInJson = (name: string): string =>
  name === 'mode' ? 'policy' : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const policyFields = /* @__PURE__ */ fieldsWith(span);

/** All of a policy whose spans are texts. */
export const readTexts: Reader = /* @__PURE__ */ objectOf(/* @__PURE__ */ fieldsWith(spanText), 'mode', policyDefaults);

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * Builds a policy, or says all that is wrong with it at once: what is wrong with its fields, each by itself and beside the
 * others, and which others it has. A field beside one that is itself wrong is not compared with it. Numbers are rounded to
 * whole nanoseconds; NaN, infinities, less than 1 ns and more than 2^63-1 ns are refused. What is as good as absent (a blank
 * text, a jitter of 0, `backoffFrom` attempt) is left out. Never throws.
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
export const restartPolicy: (input: RestartPolicyInput) => Either<NonEmptyArray<PolicyError>, RestartPolicy> =
  /* @__PURE__ */ readAll('policy', /* @__PURE__ */ objectOf(policyFields, 'mode', policyDefaults));

/**
 * Field by field equality; a host's own fields beside ours do not count. An update to an equal policy is not an update.
 *
 * @since 0.2.0
 */
export const eqRestartPolicy: Eq<RestartPolicy> = /* @__PURE__ */ eqByFields<RestartPolicy>(
  policyFields,
  /* @__PURE__ */ Object.keys(ruleFields),
);

// ---------------------------------------------------------------------------
// what is handed in as a policy
// ---------------------------------------------------------------------------

/**
 * Checks what is handed in as a policy: a value that {@link restartPolicy} or the codec made, and neither the Either
 * that it came in nor its wire form. Fields of the host's own beside ours do no harm; in a rule they are refused, for a
 * misspelt condition would match every end. Right: the value itself, the very object. Left: all that is wrong, at once.
 * Never throws.
 */
export const checkPolicy = (u: unknown): Validation<PolicyError, RestartPolicy> => {
  const copied = copyPolicy(u);
  return copied._tag === 'Left' ? copied : right(u as RestartPolicy);
};

/**
 * The same. Right: a copy that has nothing in common with the value, for whoever reads it after the caller has it back: the
 * fields of ours, those that a class gives it too.
 */
export const copyPolicy = (u: unknown): Validation<PolicyError, RestartPolicy> => {
  if (u === undefined) return left([errorOf('policy', 'is missing')]);
  try {
    const confused = whatElse(u);
    if (confused !== null) return left([errorOf('policy', confused)]);
    const given = u as Readonly<Record<string, unknown>>;
    // What the constructor would put right is wrong here: null is wrong in every field.
    const input: Record<string, unknown> = {};
    const heldOf = (field: string): Held | undefined => heldAs[field as keyof RestartPolicy];
    for (const field of Object.keys(policyFields)) {
      const value = given[field];
      input[field] = heldOf(field)?.holds(value) === false ? null : value;
    }
    const told = ({ field, message }: PolicyError): PolicyError => {
      const words = input[field] === null ? heldOf(field)?.words : undefined;
      const said = words === undefined ? message : `${field} ${words}`;
      if (!said.startsWith(`${field} must be `)) return { field, message: said };
      const value = valueAt(given, field);
      const hint = words === milliseconds && typeof value === 'string' ? ': restartPolicy reads durations' : '';
      return { field, message: said + instead(value) + hint };
    };
    return mapLeft(mapAll(told))(restartPolicy(input as unknown as RestartPolicyInput));
  } catch {
    return left([errorOf('policy', 'must be an object whose fields can be read')]);
  }
};

/** Why it is taken for no policy at all; null: it may be one. */
const whatElse = (u: unknown): string | null => {
  if (typeof u !== 'object' || u === null || Array.isArray(u)) return `must be a policy${instead(u)}`;
  // A host may keep fields of these names beside ours, so they tell nothing where there is a mode.
  if ('mode' in u) return null;
  const { _tag, left: errors } = u as Partial<Left<unknown>>;
  const refusal = _tag === 'Left' ? firstMessage(errors) : null;
  if (refusal !== null) return `is a Left: restartPolicy refused it: ${refusal}`;
  if ('_tag' in u) return 'is an Either: unwrap the Right of restartPolicy first';
  return 'policy' in u ? 'is in its wire form: decode it with decodeRestartPolicy first' : null;
};

/** Of what {@link restartPolicy} answered in a Left; null: these are no errors of its. */
const firstMessage = (errors: unknown): string | null => {
  const first: Partial<PolicyError> | null | undefined = Array.isArray(errors) ? errors[0] : null;
  return typeof first?.field === 'string' && typeof first.message === 'string' ? first.message : null;
};

/** Whether a number is a span that a policy may hold: what `parseDuration` gives for some text above zero. */
export const isSpan = (u: unknown): u is Millis =>
  typeof u === 'number' && u >= minMillis && u <= maxMillis && roundToNanos(u) === u;

interface Held {
  readonly holds: (u: unknown) => boolean;
  readonly words: string;
}

const milliseconds = 'must be a positive number of milliseconds';
const heldSpan: Held = { holds: isSpan, words: milliseconds };
const heldSpanOrNone: Held = { holds: (u) => u === undefined || isSpan(u), words: milliseconds };

/** The fields in which a policy is narrower than what the constructor takes. */
const heldAs: Readonly<Partial<Record<keyof RestartPolicy, Held>>> = {
  backoff: heldSpan,
  stableAfter: heldSpan,
  maxAttempts: {
    holds: isCount,
    words: 'must be a whole number from 0',
  },
  maxBackoff: heldSpanOrNone,
  backoffFrom: { holds: (u) => u !== 'attempt', words: 'must be exit, or left out' },
  jitter: { holds: (u) => u !== 0, words: 'must be a number above 0 and up to 1, or left out' },
  limitInterval: heldSpanOrNone,
  cooldown: heldSpanOrNone,
  startTimeout: heldSpanOrNone,
};

/** What stands at the path of an error. */
export const valueAt = (given: unknown, path: string): unknown =>
  [...path.matchAll(/[^.[\]]+/g)].reduce<unknown>((value, [key]) => (value as Record<string, unknown>)[key], given);

const instead = (u: unknown): string => {
  if (u === undefined) return ', but it is missing';
  return `, not ${describeValue(u)}`;
};

const errorOf = (field: string, message: string): PolicyError => ({ field, message: `${field} ${message}` });
