/**
 * The two types as component schemas of OpenAPI 3.1, which are JSON Schema 2020-12: as the reference has them, and with all
 * that goes beyond.
 *
 * Written by hand, and held against the codecs by a property test: whatever a codec takes, the schema takes, and the
 * other way round but for what a schema cannot say (each with a test):
 * - a duration above zero that still is less than a nanosecond, and one of more than 2^63-1 nanoseconds;
 * - a duration that is below another which it must not be below, and a range of exit codes whose ends are exchanged;
 * - recent attempts that are not in their order, or more than there were attempts;
 * - a time that no calendar has (February 30th), and one that its offset carries out of the years 0000 to 9999; `format`
 *   says it to those validators that look at formats;
 * - a status that is null as a whole, or whose attempts are: the codec reads stored state, the schema is of a response.
 */

import { endCauses } from '../event.js';
import { backoffOrigins, type RestartMode, restartModes, ruleActions } from '../policy.js';
import { blockedReasons, lastReasons } from '../status.js';
import type { RestartPolicyWire, RestartStatusWire } from '../wire.js';
import {
  type fieldsBeyond,
  type ReferencePolicyWire,
  referenceBlockedReasons,
  referenceLastReasons,
} from './reference.js';

// ---------------------------------------------------------------------------
// parts
// ---------------------------------------------------------------------------

// What Go's strings.TrimSpace trims. Spelt out, since \s is another set (it has U+FEFF and not U+0085).
const goSpace = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
// No digit can be read in two ways: a pattern that could would take its time over a long text.
const amount = '(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:ns|us|\\u00b5s|\\u03bcs|ms|s|m|h)';

// An amount or a sum of them, with a digit above zero somewhere, for no policy's span is zero; blank takes the default.
const duration = `^(?=[^1-9]*[1-9]|${goSpace}$)${goSpace}(?:\\+?(?:${amount})+${goSpace})?$`;

const date = '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';
const clock = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const time = `^${date}T${clock}:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]${clock})$`;

const whenRestarted: Readonly<Record<RestartMode, string>> = {
  never: 'not by itself',
  always: 'after any exit',
  on_failure: 'after any exit code but 0, an unknown one included',
};

type Schema = { readonly [keyword: string]: unknown };

/** Frozen all the way down: it is shared. */
const freeze = <A extends object>(value: A): A => {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
};

const span = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  pattern: duration,
  ...more,
  description: `${description}, as a Go duration.`,
});

// ---------------------------------------------------------------------------
// policies
// ---------------------------------------------------------------------------

const policyOfReference: Readonly<Record<keyof ReferencePolicyWire, Schema>> = {
  policy: {
    type: 'string',
    enum: [...restartModes],
    description: `${restartModes.map((mode) => `${mode}: ${whenRestarted[mode]}`).join('; ')}.`,
  },
  backoff: span('Least time between two automatic attempts', { default: '5s', examples: ['5s', '1m30s'] }),
  max_attempts: {
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    default: 0,
    description: 'Consecutive automatic attempts allowed; 0: unlimited.',
  },
  stable_after: span('A run this long ends the failure window', { default: '10m', examples: ['10m', '1h'] }),
};

const exitCode: Schema = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

const rule: Schema = {
  type: 'object',
  description: 'How a run that ended by itself is answered where both conditions match; without them, always.',
  properties: {
    causes: {
      type: 'array',
      minItems: 1,
      maxItems: endCauses.length,
      items: { type: 'string', enum: [...endCauses] },
      description: 'Why the run ended: one of these.',
    },
    exit_codes: {
      type: 'array',
      minItems: 1,
      maxItems: 256,
      items: {
        anyOf: [exitCode, { type: 'array', prefixItems: [exitCode, exitCode], items: false, minItems: 2, maxItems: 2 }],
      },
      description: 'With which exit code: one of these, or within one of these inclusive ranges [low, high].',
    },
    action: {
      type: 'string',
      enum: [...ruleActions],
      description:
        'restart: an attempt, whatever the exit code; restart_uncounted: the same, and the first attempt after such an end is not counted; stop: no attempt.',
    },
  },
  required: ['action'],
  additionalProperties: false,
};

const policyBeyond: Readonly<Record<keyof typeof fieldsBeyond, Schema>> = {
  max_backoff: span(
    'The wait grows with every consecutive attempt up to this, which is not below backoff; absent: it does not grow',
  ),
  backoff_factor: {
    type: 'number',
    exclusiveMinimum: 1,
    maximum: 100,
    description: 'By how much the wait grows; only beside max_backoff. Absent: 2.',
  },
  backoff_from: {
    type: 'string',
    enum: [...backoffOrigins],
    default: 'attempt',
    description:
      'Where a wait begins. attempt: at the last attempt, so that a run that lasted longer is restarted at once; exit: at the end of the run, so that there is always a pause.',
  },
  jitter: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: 0,
    description: 'Each wait is lengthened by up to this share of itself.',
  },
  limit_interval: span(
    'max_attempts, from 1 to 100, counts the attempts within any span this long; absent: within the failure window',
  ),
  cooldown: span(
    'At the limit it is blocked for this long, not below limit_interval; only beside max_attempts; absent: until a person acts',
  ),
  start_timeout: span(
    'What is still initializing this long after its run began is stopped and started again; absent: it may take for ever',
  ),
  rules: {
    type: 'array',
    minItems: 1,
    maxItems: 20,
    items: rule,
    description: 'How a run that ended by itself is answered: the first rule that matches decides, before policy does.',
  },
};

/** A duration that is no blank text, which would be as good as absent. */
const set: Schema = { type: 'string', pattern: '[1-9]' };

/** Where one field is set, another must be, and as it says. */
const needs = (field: keyof RestartPolicyWire, when: Schema, other: keyof RestartPolicyWire, then: Schema): Schema => ({
  if: { properties: { [field]: when }, required: [field] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { [other]: then }, required: [other] },
});

const policySchema = (properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema => ({
  type: 'object',
  description: 'When an instance whose run ended, or that turned unhealthy, is started again.',
  properties,
  // `{}` is never; whoever sets anything says which policy it is for.
  dependentRequired: Object.fromEntries(
    Object.keys(properties)
      .filter((key) => key !== 'policy')
      .map((key) => [key, ['policy']]),
  ),
  ...more,
  additionalProperties: false,
});

// ---------------------------------------------------------------------------
// statuses
// ---------------------------------------------------------------------------

const statusOf = (
  blocks: ReadonlyArray<string>,
  reasons: ReadonlyArray<string>,
): Readonly<Record<Exclude<keyof RestartStatusWire, 'recent_attempts'>, Schema>> => ({
  attempts: {
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Consecutive automatic attempts in this failure window.',
  },
  last_attempt_at: {
    type: ['string', 'null'],
    format: 'date-time',
    pattern: time,
    description: 'When the last attempt was made.',
  },
  next_attempt_at: {
    type: ['string', 'null'],
    format: 'date-time',
    pattern: time,
    description: 'When the next attempt is due, while one is waited for; it may lie in the past for a moment.',
  },
  blocked_reason: {
    type: ['string', 'null'],
    enum: [...blocks, null],
    description: 'Why no more automatic attempts are made.',
  },
  last_reason: {
    type: ['string', 'null'],
    enum: [...reasons, null],
    description:
      'What the last attempt was (or the next will be) made for, where it was no exit, until the workload has recovered.',
  },
});

const recentAttempts: Schema = {
  type: ['array', 'null'],
  maxItems: 100,
  items: { type: 'string', format: 'date-time', pattern: time },
  description: 'With limit_interval: when the counted attempts within it were made, ascending.',
};

const statusSchema = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  description: 'What is remembered of the attempts in this failure window.',
  properties,
});

// ---------------------------------------------------------------------------
// components
// ---------------------------------------------------------------------------

/**
 * Component schemas of an OpenAPI 3.1 document.
 *
 * @since 0.2.0
 */
export interface OpenApiComponents {
  readonly schemas: { readonly RestartPolicy: Schema; readonly RestartStatus: Schema };
}

/**
 * `RestartPolicy` and `RestartStatus` as the reference has them, to be spread into the `components.schemas` of an OpenAPI
 * 3.1 document. Frozen.
 *
 * @example
 * import { openApiComponents } from 'restart-policy/hypeman'
 *
 * const document = { openapi: '3.1.0', components: { schemas: { ...openApiComponents.schemas } } }
 * assert.deepStrictEqual(Object.keys(document.components.schemas), ['RestartPolicy', 'RestartStatus'])
 *
 * @since 0.2.0
 */
export const openApiComponents: OpenApiComponents = freeze({
  schemas: {
    RestartPolicy: policySchema(policyOfReference),
    RestartStatus: statusSchema(statusOf(referenceBlockedReasons, referenceLastReasons)),
  },
});

/**
 * The same with all fields and words beyond the reference, for an API whose host passes `beyond: true`. Frozen.
 *
 * @since 0.2.0
 */
export const openApiComponentsBeyond: OpenApiComponents = freeze({
  schemas: {
    RestartPolicy: policySchema(
      { ...policyOfReference, ...policyBeyond },
      {
        allOf: [
          needs('backoff_factor', { type: 'number' }, 'max_backoff', set),
          needs('limit_interval', set, 'max_attempts', { type: 'integer', minimum: 1, maximum: 100 }),
          needs('cooldown', set, 'max_attempts', { type: 'integer', minimum: 1 }),
        ],
      },
    ),
    RestartStatus: statusSchema({ ...statusOf(blockedReasons, lastReasons), recent_attempts: recentAttempts }),
  },
});
