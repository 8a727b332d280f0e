/**
 * The codecs speak Standard Schema, so that a framework that speaks it takes them as they are.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { RestartPolicyCodec, RestartStatusCodec } from '../src/codec.js';
import { initialStatus, type RestartPolicy, type RestartStatus } from '../src/index.js';

/** What a framework does with a schema that it knows nothing else of. */
const validate = async <S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Promise<StandardSchemaV1.Result<StandardSchemaV1.InferOutput<S>>> => {
  const { validate: unbound } = schema['~standard'];
  return unbound(value);
};

describe('as a Standard Schema', () => {
  test('both codecs are of version 1 and name their vendor', () => {
    for (const codec of [RestartPolicyCodec, RestartStatusCodec]) {
      expect(codec['~standard']).toMatchObject({ version: 1, vendor: 'restart-policy' });
    }
  });

  test('both codecs have the types that a framework infers', () => {
    expectTypeOf(RestartPolicyCodec).toExtend<StandardSchemaV1>();
    expectTypeOf(RestartStatusCodec).toExtend<StandardSchemaV1>();
    expectTypeOf<StandardSchemaV1.InferOutput<typeof RestartPolicyCodec>>().toEqualTypeOf<RestartPolicy>();
    expectTypeOf<StandardSchemaV1.InferOutput<typeof RestartStatusCodec>>().toEqualTypeOf<RestartStatus>();
    type PolicyInput = StandardSchemaV1.InferInput<typeof RestartPolicyCodec>;
    expectTypeOf<{ readonly policy: 'always'; readonly max_attempts: 3 }>().toExtend<PolicyInput>();
    expectTypeOf<{
      readonly policy: 'always';
      readonly rules: readonly [{ readonly action: 'stop' }];
    }>().toExtend<PolicyInput>();
    expectTypeOf<{ readonly policy: 'sometimes' }>().not.toExtend<PolicyInput>();
    type StatusInput = StandardSchemaV1.InferInput<typeof RestartStatusCodec>;
    expectTypeOf<null>().toExtend<StatusInput>();
    expectTypeOf<{ readonly attempts: null; readonly blocked_reason: 'manual_stop' }>().toExtend<StatusInput>();
    expectTypeOf<{ readonly attempts: string }>().not.toExtend<StatusInput>();
  });

  test('a good policy is a value without issues', async () => {
    expect(await validate(RestartPolicyCodec, { policy: 'always', backoff: '1m' })).toStrictEqual({
      value: { mode: 'always', backoff: 60_000, maxAttempts: 0, stableAfter: 600_000 },
    });
  });

  test('a bad policy has an issue for each flaw, with the way to it from the policy itself', async () => {
    const rules = [{ action: 'stop' }, { action: 'stop', exit_codes: [1, 2.5], zone: 1 }];
    expect(await validate(RestartPolicyCodec, { policy: 'alway', backoff: '0s', rules, retries: 3 })).toStrictEqual({
      issues: [
        {
          path: ['policy'],
          message: 'restart_policy.policy must be one of never, always, on_failure, got the text "alway"',
        },
        { path: ['backoff'], message: 'restart_policy.backoff must be positive, got the text "0s"' },
        {
          path: ['rules', 1, 'exit_codes', 1],
          message: 'restart_policy.rules[1].exit_codes[1] must be a whole number or a range [low, high], got 2.5',
        },
        {
          path: ['rules', 1, 'zone'],
          message: 'restart_policy.rules[1].zone is not a known field; the known ones are causes, exit_codes, action',
        },
        {
          path: ['retries'],
          message:
            'restart_policy.retries is not a known field; the known ones are policy, backoff, max_attempts, stable_after, max_backoff, backoff_factor, backoff_from, jitter, limit_interval, cooldown, start_timeout, rules',
        },
      ],
    });
  });

  test('what is no object has an issue at the root', async () => {
    expect(await validate(RestartPolicyCodec, 'always')).toStrictEqual({
      issues: [{ path: [], message: 'restart_policy must be an object' }],
    });
  });

  test('a missing status is the initial one, and a bad one has issues', async () => {
    expect(await validate(RestartStatusCodec, undefined)).toStrictEqual({ value: initialStatus });
    expect(await validate(RestartStatusCodec, { blocked_reason: '' })).toStrictEqual({
      issues: [
        {
          path: ['blocked_reason'],
          message:
            'restart_status.blocked_reason must be one of manual_stop, max_attempts_exceeded, paused, got the text ""',
        },
      ],
    });
  });
});
