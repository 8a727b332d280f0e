/**
 * The policy on the wire. It is user input, so reading it is strict: what is not understood is never ignored. What each
 * field must be is the constructor's to say: it is handed the fields under its own names.
 */
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { formatDuration, type Millis } from '../duration.js';
import { isRight, mapLeft, right } from '../either.js';
import type { EndCause } from '../event.js';
import { pipe } from '../function.js';
import { nearest } from '../nearest.js';
import { map as mapAll } from '../non-empty-array.js';
import {
  type BackoffOrigin,
  checkPolicy,
  mostRules,
  type PolicyError,
  policyDefaults,
  type RestartMode,
  type RestartPolicy,
  type RestartPolicyInput,
  type RestartRule,
  type RuleAction,
  restartPolicy,
} from '../policy.js';
import type { Validation } from '../validation.js';
import { type Flaw, type Given, inDomain, isPlainObject, onWire, type Scope, scopeOf } from './fields.js';
import { givenOf } from './own-fields.js';

/**
 * How ends of one kind are answered, as JSON.
 *
 * @since 0.2.0
 */
export interface RestartRuleWire {
  /** One to six. Left out: whatever the cause. */
  readonly causes?: ReadonlyArray<EndCause>;
  /** 1 to 256 whole numbers or inclusive ranges [low, high]. Left out: whatever the code. */
  readonly exit_codes?: ReadonlyArray<number | readonly [number, number]>;
  readonly action: RuleAction;
}

/**
 * A policy as JSON, in its canonical form: what is absent is left out.
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
  /** Go duration text, not below `backoff`. Left out: the wait does not grow. */
  readonly max_backoff?: string;
  /** From above 1 to 100; only beside `max_backoff`. Left out: 2. */
  readonly backoff_factor?: number;
  /** Left out where a wait begins at the last attempt. */
  readonly backoff_from?: BackoffOrigin;
  /** Above 0 to 1; left out where it is 0. */
  readonly jitter?: number;
  /** Go duration text; only beside `max_attempts` from 1 to 100. Left out: they count the failure window. */
  readonly limit_interval?: string;
  /** Go duration text, not below `limit_interval`; only beside `max_attempts`. Left out: blocked until a person acts. */
  readonly cooldown?: string;
  /** Go duration text. Left out: initializing may take for ever. */
  readonly start_timeout?: string;
  /** 1 to 20. Left out: `policy` alone decides. */
  readonly rules?: ReadonlyArray<RestartRuleWire>;
}

/** What each field is called on the wire. A field that is added to the policy and not named here does not compile. */
const policyNames: Readonly<Record<keyof RestartPolicy, keyof RestartPolicyWire>> = {
  mode: 'policy',
  backoff: 'backoff',
  maxAttempts: 'max_attempts',
  stableAfter: 'stable_after',
  maxBackoff: 'max_backoff',
  backoffFactor: 'backoff_factor',
  backoffFrom: 'backoff_from',
  jitter: 'jitter',
  limitInterval: 'limit_interval',
  cooldown: 'cooldown',
  startTimeout: 'start_timeout',
  rules: 'rules',
};

const known: ReadonlyArray<string> = /* @__PURE__ */ Object.values(policyNames);

/** The same of a rule. */
const ruleNames: Readonly<Record<keyof RestartRule, keyof RestartRuleWire>> = {
  causes: 'causes',
  exitCodes: 'exit_codes',
  action: 'action',
};

export const isPolicy = (u: unknown): u is RestartPolicy => isRight(checkPolicy(u));

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

/** The fields that are durations: texts here, and numbers there. */
const spans = ['backoff', 'stableAfter', 'maxBackoff', 'limitInterval', 'cooldown', 'startTimeout'] as const;

/** Of an object whose fields were read. */
export const readPolicyFields = (given: Given): Validation<Flaw, RestartPolicy> => {
  // `{}` says nothing, and that means never. Whoever sets anything wants restarts: never would silently be none.
  if (given.size === 0) return right({ ...policyDefaults });
  const scope = scopeOf(policyNames, given);
  const scopes = new Map([['', scope]]);
  const input = inDomain(scope);
  // A number is a span to the constructor. Here it is none, as little as null: nobody could tell in which unit.
  for (const span of spans) if (typeof input[span] === 'number') input[span] = null;
  if (Array.isArray(input['rules'])) input['rules'] = rulesInDomain(input['rules'], scopes);
  return mapLeft((errors: NonEmptyArray<PolicyError>) =>
    pipe(errors, mapAll(onWire('policy', scopes)), withoutMisspeltMode(given)),
  )(restartPolicy(input as unknown as RestartPolicyInput));
};

/** More rules than there may be are not looked into. */
const rulesInDomain = (rules: ReadonlyArray<unknown>, scopes: Map<string, Scope>): ReadonlyArray<unknown> =>
  rules.length > mostRules
    ? rules
    : Array.from({ length: rules.length }, (_, at) => {
        const rule = rules[at];
        if (!isPlainObject(rule)) return null;
        const scope = scopeOf(ruleNames, givenOf(Object.keys(rule), rule));
        scopes.set(`rules[${at}]`, scope);
        return inDomain(scope);
      });

/** Where `policy` is missing and a field is nearly called so, the field that is not known says it all. */
const withoutMisspeltMode =
  (given: Given) =>
  (flaws: NonEmptyArray<Flaw>): NonEmptyArray<Flaw> => {
    const key = policyNames.mode;
    const isMisspelt = !given.has(key) && [...given.keys()].some((other) => nearest(other, known) === key);
    const [, second, ...more] = flaws;
    // That it is missing comes first of all.
    return isMisspelt && second !== undefined ? [second, ...more] : flaws;
  };

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

export const writePolicy = (policy: RestartPolicy): RestartPolicyWire => ({
  policy: policy.mode,
  backoff: formatDuration(policy.backoff),
  ...(policy.maxAttempts === 0 ? {} : { max_attempts: policy.maxAttempts }),
  stable_after: formatDuration(policy.stableAfter),
  ...writeGrowth(policy),
  ...(policy.backoffFrom === 'exit' ? { backoff_from: policy.backoffFrom } : {}),
  ...(policy.jitter ? { jitter: policy.jitter } : {}),
  ...writeSpan('limit_interval', policy.limitInterval),
  ...writeSpan('cooldown', policy.cooldown),
  ...writeSpan('start_timeout', policy.startTimeout),
  ...(policy.rules === undefined ? {} : { rules: policy.rules.map(writeRule) }),
});

/** A factor alone means nothing, and does not decode. */
const writeGrowth = ({ maxBackoff, backoffFactor }: RestartPolicy): Partial<RestartPolicyWire> =>
  maxBackoff === undefined
    ? {}
    : {
        max_backoff: formatDuration(maxBackoff),
        ...(backoffFactor === undefined ? {} : { backoff_factor: backoffFactor }),
      };

const writeSpan = <K extends keyof RestartPolicyWire>(
  key: K,
  span: Millis | undefined,
): { readonly [_ in K]?: string } =>
  span === undefined ? {} : ({ [key]: formatDuration(span) } as { readonly [_ in K]: string });

const writeRule = ({ causes, exitCodes, action }: RestartRule): RestartRuleWire => ({
  ...(causes === undefined ? {} : { causes }),
  ...(exitCodes === undefined ? {} : { exit_codes: exitCodes }),
  action,
});
