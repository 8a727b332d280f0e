/**
 * The wire format: JSON in snake_case, with durations and times as Go writes them. Codecs for io-ts and for whatever
 * speaks Standard Schema, and plain functions with readable errors.
 *
 * Laws (G7): `decode(encode(x))` is `x` for every valid value, `encode(decode(w))` is canonical, and deciding before or
 * after a round trip through JSON text gives the same.
 *
 * @packageDocumentation
 */
import * as t from 'io-ts';
import * as E from './either.js';
import { map } from './non-empty-array.js';
import type { RestartPolicy } from './policy.js';
import type { RestartStatus } from './status.js';
import {
  errorOf,
  type Flaw,
  isPolicy,
  isStatus,
  type Read,
  type RestartPolicyWire,
  type RestartStatusWire,
  type Root,
  readPolicy,
  readStatus,
  writePolicy,
  writeStatus,
} from './wire.js';

export {
  type DecodeError,
  decodeRestartPolicy,
  decodeRestartStatus,
  type RestartPolicyWire,
  type RestartRuleWire,
  type RestartStatusWire,
} from './wire.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

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
    (u, context) => {
      const result = read(u);
      return E.isRight(result) ? result : E.left(map(validationError(context))(result.left));
    },
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
