/**
 * The wire format: JSON in snake_case, with durations and times as Go writes them. Codecs for io-ts and for whatever
 * speaks Standard Schema, and plain functions with readable errors.
 *
 * Laws (G7): `decode(encode(x))` is `x` for every valid value, `encode(decode(w))` is canonical, and deciding before or
 * after a round trip through JSON text gives the same.
 *
 * @packageDocumentation
 */
import * as E from 'fp-ts/lib/Either.js';
import { map, type NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import * as t from 'io-ts';
import type { Flaw, Read } from './codec/fields.js';
import { isPolicy, type RestartPolicyWire, readPolicy, writePolicy } from './codec/policy-wire.js';
import { isStatus, type RestartStatusWire, readStatus, writeStatus } from './codec/status-wire.js';
import type { RestartPolicy } from './policy.js';
import { quoteKey } from './quote.js';
import type { RestartStatus } from './status.js';

export type { RestartPolicyWire, RestartRuleWire } from './codec/policy-wire.js';
export type { RestartStatusWire } from './codec/status-wire.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * One thing that is wrong. `path` is the full path, such as "restart_policy.backoff", and `message`, which is for
 * people, begins with it. Both are of bounded length: a key of more than 64 characters is cut.
 *
 * @since 0.1.0
 */
export interface DecodeError {
  readonly path: string;
  readonly message: string;
}

/**
 * The part of Standard Schema, version 1, that a schema has to provide (https://standardschema.dev). `validate` is
 * synchronous and never throws; the paths of its issues are relative to the value. `types` is for the compiler alone.
 *
 * @since 0.1.0
 */
export interface StandardSchema<Input, Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'restart-policy';
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Output; readonly issues?: undefined }
      | { readonly issues: ReadonlyArray<{ readonly message: string; readonly path: ReadonlyArray<string | number> }> };
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

// ---------------------------------------------------------------------------
// plain functions
// ---------------------------------------------------------------------------

type Root = 'restart_policy' | 'restart_status';

const errorOf =
  (root: Root) =>
  ({ places, message }: Flaw): DecodeError => {
    // Keys are user input too: escaped, and cut where they are long.
    const steps = places.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${quoteKey(key)}`));
    const path = `${root}${steps.join('')}`;
    return { path, message: `${path} ${message}` };
  };

const decodeWith =
  <A>(root: Root, read: Read<A>) =>
  (u: unknown): E.Either<NonEmptyArray<DecodeError>, A> =>
    E.mapLeft(map(errorOf(root)))(read(u));

/**
 * Reads a policy as a user wrote it. Strict: a field that is not known, null, or of the wrong kind is an error, never
 * ignored. `{}` means never; a blank duration takes its default. Left: all that is wrong, at once. Never throws, and
 * takes time linear in the input.
 *
 * @example
 * import { decodeRestartPolicy } from 'restart-policy/codec'
 *
 * assert.deepStrictEqual(decodeRestartPolicy({ policy: 'always', backoff: '2s', max_attempt: 5 }), {
 *   _tag: 'Left',
 *   left: [
 *     {
 *       path: 'restart_policy.max_attempt',
 *       message: 'restart_policy.max_attempt is not a known field; did you mean max_attempts?',
 *     },
 *   ],
 * })
 *
 * @since 0.1.0
 */
export const decodeRestartPolicy: (u: unknown) => E.Either<NonEmptyArray<DecodeError>, RestartPolicy> = decodeWith(
  'restart_policy',
  readPolicy,
);

/**
 * Reads a status as it was persisted. Missing and null are the same, also for the whole value; fields that are not
 * known are ignored, so that an older version can read what a newer one wrote; whatever is malformed is an error, never
 * a silent default. Times are rounded to the millisecond, `last_attempt_at` down and `next_attempt_at` up. Left: all
 * that is wrong, at once. Never throws.
 *
 * @example
 * import { decodeRestartStatus } from 'restart-policy/codec'
 *
 * assert.deepStrictEqual(decodeRestartStatus({ attempts: 1, last_attempt_at: '1970-01-01T00:00:02Z' }), {
 *   _tag: 'Right',
 *   right: { attempts: 1, lastAttemptAt: 2_000, nextAttemptAt: null, blockedReason: null, lastReason: null },
 * })
 *
 * @since 0.1.0
 */
export const decodeRestartStatus: (u: unknown) => E.Either<NonEmptyArray<DecodeError>, RestartStatus> = decodeWith(
  'restart_status',
  readStatus,
);

// ---------------------------------------------------------------------------
// codecs
// ---------------------------------------------------------------------------

const codecOf = <A, O, Input>(
  name: string,
  root: Root,
  is: t.Is<A>,
  read: Read<A>,
  write: (a: A) => O,
): t.Type<A, O, unknown> & StandardSchema<Input, A> => {
  const messageOf = (flaw: Flaw): string => errorOf(root)(flaw).message;

  const validationError =
    (context: t.Context) =>
    (flaw: Flaw): t.ValidationError => ({
      value: [...context, ...flaw.places].at(-1)?.actual,
      // Appended to the context that comes in, so that the codec can be part of a larger one. The message says what
      // was expected; the entries' type does not matter.
      context: [...context, ...flaw.places.map(({ key, actual }) => ({ key: String(key), type: t.unknown, actual }))],
      message: messageOf(flaw),
    });

  const standard: StandardSchema<Input, A>['~standard'] = {
    version: 1,
    vendor: 'restart-policy',
    validate: (u) => {
      const result = read(u);
      return E.isRight(result)
        ? { value: result.right }
        : {
            issues: result.left.map((flaw) => ({
              message: messageOf(flaw),
              path: flaw.places.map(({ key }) => key),
            })),
          };
    },
  };

  const type = new t.Type<A, O, unknown>(
    name,
    is,
    (u, context) => E.mapLeft(map(validationError(context)))(read(u)),
    write,
  );
  return Object.assign(type, { '~standard': standard });
};

/**
 * The policy as an io-ts codec and a Standard Schema; decodes as {@link decodeRestartPolicy} does, with the same
 * messages. Encodes to the canonical form: `max_attempts` is left out when 0. `is` checks the value fully, spans and
 * counts included.
 *
 * @since 0.1.0
 */
export const RestartPolicyCodec: t.Type<RestartPolicy, RestartPolicyWire, unknown> &
  StandardSchema<Partial<RestartPolicyWire>, RestartPolicy> = codecOf(
  'RestartPolicy',
  'restart_policy',
  isPolicy,
  readPolicy,
  writePolicy,
);

/**
 * The status as an io-ts codec and a Standard Schema; decodes as {@link decodeRestartStatus} does, with the same
 * messages. Encodes to the canonical form: null fields are left out, and a status with nothing in it is `{}`. `is`
 * checks the value fully: times are whole milliseconds of the years 0000 to 9999.
 *
 * @since 0.1.0
 */
export const RestartStatusCodec: t.Type<RestartStatus, RestartStatusWire, unknown> &
  StandardSchema<
    { readonly [K in keyof RestartStatusWire]?: RestartStatusWire[K] | null } | null | undefined,
    RestartStatus
  > = codecOf('RestartStatus', 'restart_status', isStatus, readStatus, writeStatus);
