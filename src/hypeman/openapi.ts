/**
 * The two types as component schemas of OpenAPI 3.1, which are JSON Schema 2020-12.
 *
 * Written by hand, and held against the codecs by a property test: whatever a codec takes, the schema takes, and the
 * other way round but for what a schema cannot say (each with a test):
 * - a duration above zero that still is less than a nanosecond, and one of more than 2^63-1 nanoseconds;
 * - a time that no calendar has (February 30th), and one that its offset carries out of the years 0000 to 9999; `format`
 *   says it to those validators that look at formats;
 * - a status that is null as a whole, or whose attempts are: the codec reads stored state, the schema is of a response.
 */

import { type RestartMode, restartModes } from '../policy.js';
import { blockedReasons, lastReasons } from '../status.js';

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

// ---------------------------------------------------------------------------
// components
// ---------------------------------------------------------------------------

/**
 * `RestartPolicy` and `RestartStatus`, to be spread into the `components.schemas` of an OpenAPI 3.1 document. Frozen.
 *
 * @example
 * import { openApiComponents } from 'restart-policy/hypeman'
 *
 * const document = { openapi: '3.1.0', components: { schemas: { ...openApiComponents.schemas } } }
 * assert.deepStrictEqual(Object.keys(document.components.schemas), ['RestartPolicy', 'RestartStatus'])
 *
 * @since 0.2.0
 */
export const openApiComponents: {
  readonly schemas: { readonly RestartPolicy: Schema; readonly RestartStatus: Schema };
} = freeze({
  schemas: {
    RestartPolicy: {
      type: 'object',
      description: 'When an instance whose run ended, or that turned unhealthy, is started again.',
      properties: {
        policy: {
          type: 'string',
          enum: [...restartModes],
          description: `${restartModes.map((mode) => `${mode}: ${whenRestarted[mode]}`).join('; ')}.`,
        },
        backoff: {
          type: 'string',
          pattern: duration,
          default: '5s',
          examples: ['5s', '1m30s'],
          description: 'Least time between two automatic attempts, as a Go duration.',
        },
        max_attempts: {
          type: 'integer',
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          default: 0,
          description: 'Consecutive automatic attempts allowed; 0: unlimited.',
        },
        stable_after: {
          type: 'string',
          pattern: duration,
          default: '10m',
          examples: ['10m', '1h'],
          description: 'A run this long ends the failure window, as a Go duration.',
        },
      },
      // `{}` is never; whoever sets anything says which policy it is for.
      dependentRequired: { backoff: ['policy'], max_attempts: ['policy'], stable_after: ['policy'] },
      additionalProperties: false,
    },
    RestartStatus: {
      type: 'object',
      description: 'What is remembered of the attempts in this failure window.',
      properties: {
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
          enum: [...blockedReasons, null],
          description: 'Why no more automatic attempts are made.',
        },
        last_reason: {
          type: ['string', 'null'],
          enum: [...lastReasons, null],
          description:
            'The last attempt was (or the next will be) made for health, and the workload has not recovered.',
        },
      },
    },
  },
});
