/**
 * A policy in its canonical form, read in a straight line. Fields may stand in any order, and those that have a default may
 * be missing, for nothing is quicker without them. Whatever is not as it should be is left to the strict reader: here no error
 * is ever told.
 */
import { right } from '../either.js';
import { type EndCause, endCauses } from '../event.js';
import {
  backoffOrigins,
  mostExitCodes,
  mostRules,
  policyDefaults,
  type RestartPolicy,
  type RestartRule,
  restartModes,
  ruleActions,
} from '../policy.js';
import { isCount } from '../reading.js';
import { isOneOf } from '../validation.js';
import { readSpan } from './canonical-duration.js';
import { isPlainObject, type PlainObject, type Read } from './fields.js';
import { givenOf, type OwnFields, ownFieldsOf, refuseOther, refuseUnreadable } from './own-fields.js';
import { itemsOf } from './own-items.js';
import { type RestartPolicyWire, readPolicyFields } from './policy-wire.js';

type Mutable<A> = { -readonly [K in keyof A]: A[K] };

/** What its fields hold; undefined where one is not there. */
export type PolicyValues = { -readonly [K in keyof RestartPolicyWire]-?: unknown };

// ---------------------------------------------------------------------------
// fields
// ---------------------------------------------------------------------------

/** In the order in which we write them; -1: it is none. */
const placeOf = (key: string): number => {
  switch (key) {
    case 'policy':
      return 0;
    case 'backoff':
      return 1;
    case 'max_attempts':
      return 2;
    case 'stable_after':
      return 3;
    case 'max_backoff':
      return 4;
    case 'backoff_factor':
      return 5;
    case 'backoff_from':
      return 6;
    case 'jitter':
      return 7;
    case 'limit_interval':
      return 8;
    case 'cooldown':
      return 9;
    case 'start_timeout':
      return 10;
    case 'rules':
      return 11;
    default:
      return -1;
  }
};

/** Each once, and as they stand, which is the order of the strict reader. null: there is one that is not known; then none is read. */
export const policyValuesOf = (object: PlainObject, keys: ReadonlyArray<string>): PolicyValues | null => {
  let there = 0;
  let last = -1;
  let inOrder = true;
  for (const key of keys) {
    const place = placeOf(key);
    if (place < 0) return null;
    inOrder &&= place > last;
    last = place;
    there |= 1 << place;
  }
  // Names that stand in the code are quicker to read by than names that stand in a list.
  const values = valuesAt(object, inOrder ? there : 0);
  if (!inOrder) for (const key of keys) values[key as keyof PolicyValues] = object[key];
  return values;
};

const valuesAt = (object: PlainObject, there: number): PolicyValues => ({
  policy: there & 1 ? object['policy'] : undefined,
  backoff: there & 2 ? object['backoff'] : undefined,
  max_attempts: there & 4 ? object['max_attempts'] : undefined,
  stable_after: there & 8 ? object['stable_after'] : undefined,
  max_backoff: there & 16 ? object['max_backoff'] : undefined,
  backoff_factor: there & 32 ? object['backoff_factor'] : undefined,
  backoff_from: there & 64 ? object['backoff_from'] : undefined,
  jitter: there & 128 ? object['jitter'] : undefined,
  limit_interval: there & 256 ? object['limit_interval'] : undefined,
  cooldown: there & 512 ? object['cooldown'] : undefined,
  start_timeout: there & 1024 ? object['start_timeout'] : undefined,
  rules: there & 2048 ? object['rules'] : undefined,
});

export const canonicalPolicy = (values: PolicyValues): RestartPolicy | null => {
  const { policy: mode, max_attempts: maxAttempts = policyDefaults.maxAttempts } = values;
  if (!isOneOf(restartModes, mode)) return null;
  if (!isCount(maxAttempts)) return null;
  const backoff = values.backoff === undefined ? policyDefaults.backoff : readSpan(values.backoff);
  const stableAfter = values.stable_after === undefined ? policyDefaults.stableAfter : readSpan(values.stable_after);
  if (backoff === null || stableAfter === null) return null;
  // `+ 0` for -0.
  const policy: Mutable<RestartPolicy> = { mode, backoff, maxAttempts: maxAttempts + 0, stableAfter };
  if (values.max_backoff !== undefined) {
    const maxBackoff = readSpan(values.max_backoff);
    if (maxBackoff === null || maxBackoff < backoff) return null;
    policy.maxBackoff = maxBackoff;
  }
  const { backoff_factor: backoffFactor, backoff_from: backoffFrom, jitter } = values;
  if (backoffFactor !== undefined) {
    if (typeof backoffFactor !== 'number' || !(backoffFactor > 1 && backoffFactor <= 100)) return null;
    if (values.max_backoff === undefined) return null;
    policy.backoffFactor = backoffFactor;
  }
  if (backoffFrom !== undefined) {
    if (!isOneOf(backoffOrigins, backoffFrom)) return null;
    if (backoffFrom !== 'attempt') policy.backoffFrom = backoffFrom;
  }
  if (jitter !== undefined) {
    if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1)) return null;
    if (jitter !== 0) policy.jitter = jitter;
  }
  if (values.limit_interval !== undefined) {
    const limitInterval = readSpan(values.limit_interval);
    if (limitInterval === null || maxAttempts < 1 || maxAttempts > 100) return null;
    policy.limitInterval = limitInterval;
  }
  if (values.cooldown !== undefined) {
    const cooldown = readSpan(values.cooldown);
    if (cooldown === null || maxAttempts < 1 || cooldown < (policy.limitInterval ?? 0)) return null;
    policy.cooldown = cooldown;
  }
  if (values.start_timeout !== undefined) {
    const startTimeout = readSpan(values.start_timeout);
    if (startTimeout === null) return null;
    policy.startTimeout = startTimeout;
  }
  if (values.rules !== undefined) {
    const rules = readRules(values);
    if (rules === null) return null;
    policy.rules = rules;
  }
  return policy;
};

// ---------------------------------------------------------------------------
// rules
// ---------------------------------------------------------------------------

/** What is read of them takes their place among the values, for the strict reader: so it is read once, too. */
const readRules = (values: PolicyValues): ReadonlyArray<RestartRule> | null => {
  const fields: Array<OwnFields | null> = [];
  const items = itemsOf(values.rules, mostRules, (item) => {
    fields.push(isPlainObject(item) ? ownFieldsOf(item) : null);
    return item;
  });
  if (items === null) return null;
  const rules: Array<RestartRule> = [];
  for (const ofOne of fields) {
    const rule = ofOne === null ? null : canonicalRule(ofOne);
    if (rule !== null) rules.push(rule);
  }
  if (rules.length === items.length) return rules;
  values.rules = fields.map((ofOne, n) =>
    ofOne === null ? items[n] : Object.fromEntries(ofOne.keys.map((key, nth) => [key, ofOne.values[nth]])),
  );
  return null;
};

const canonicalRule = ({ keys, values }: OwnFields): RestartRule | null => {
  let known = true;
  let causesAt = -1;
  let exitCodesAt = -1;
  let action: unknown;
  for (let at = 0; at < keys.length; at++) {
    const value = values[at];
    if (value === undefined) continue;
    switch (keys[at]) {
      case 'causes':
        causesAt = at;
        break;
      case 'exit_codes':
        exitCodesAt = at;
        break;
      case 'action':
        action = value;
        break;
      default:
        known = false;
    }
  }
  // All of them are read, also where one is known to be wrong: then the strict reader gets them.
  const causes = causesAt < 0 ? undefined : readCauses(values, causesAt);
  const exitCodes = exitCodesAt < 0 ? undefined : readExitCodes(values, exitCodesAt);
  if (!known || causes === null || exitCodes === null || !isOneOf(ruleActions, action)) return null;
  const rule: Partial<Mutable<RestartRule>> = {};
  if (causes !== undefined) rule.causes = causes;
  if (exitCodes !== undefined) rule.exitCodes = exitCodes;
  rule.action = action;
  return rule as RestartRule;
};

const readCauses = (values: Array<unknown>, at: number): RestartRule['causes'] | null => {
  const items = itemsOf(values[at], endCauses.length);
  if (items === null) return null;
  values[at] = items;
  return items.every((item): item is EndCause => isOneOf(endCauses, item)) ? items : null;
};

const readExitCodes = (values: Array<unknown>, at: number): RestartRule['exitCodes'] | null => {
  let good = true;
  const items = itemsOf(values[at], mostExitCodes, (item) => {
    if (typeof item === 'number') {
      good &&= Number.isSafeInteger(item);
      // For -0.
      return item + 0;
    }
    if (!Array.isArray(item) || item.length !== 2) {
      good = false;
      return item;
    }
    const [low, high] = item;
    const isRange = Number.isSafeInteger(low) && Number.isSafeInteger(high) && low <= high;
    good &&= isRange;
    return isRange ? [low + 0, high + 0] : [low, high];
  });
  if (items === null) return null;
  values[at] = items;
  return good ? (items as RestartRule['exitCodes']) : null;
};

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

/** As the strict reader does it, and quicker where the policy is as we write it. */
export const readPolicy: Read<RestartPolicy> = (u) => {
  try {
    if (!isPlainObject(u)) return refuseOther();
    const keys = Object.keys(u);
    const values = policyValuesOf(u, keys);
    if (values === null) return readPolicyFields(givenOf(keys, u));
    const policy = canonicalPolicy(values);
    return policy === null ? readPolicyFields(givenOf(keys, values)) : right(policy);
  } catch {
    return refuseUnreadable();
  }
};
