/**
 * The client's types and ours, compared by the compiler: `tsc` is what fails here.
 *
 * What differs, and is named below: the client's fields are all optional, for a policy as it is written as well as read,
 * and four fields of a status may be null. We read all of that (the codecs do) and write none of it. What we have beyond the
 * client's is written only for who asks for it, and what is written otherwise has types of its own.
 */
import Hypeman from '@onkernel/hypeman';
import { describe, expectTypeOf, test } from 'vitest';
import { createHypemanHypervisor, type HypemanClient, type HypemanInstance } from '../../src/adapters/hypeman.js';
import {
  type BadRequest,
  type BeyondReference,
  type HypemanHealth,
  type HypemanState,
  neverPolicy,
  type ReferencePolicyWire,
  type ReferenceStatusWire,
  type ResponseFields,
  type ResponseFieldsBeyond,
  type RestartPolicyWire,
  type RestartStatusWire,
  responseFields,
} from '../../src/hypeman.js';
import { initialStatus } from '../../src/index.js';

type TheirPolicy = Hypeman.RestartPolicy;
type TheirStatus = Hypeman.RestartStatus;

/** What stands in a field when it is there. */
type Present<A> = { readonly [K in keyof A]-?: NonNullable<A[K]> };

type NullableKeys<A> = { [K in keyof A]-?: null extends A[K] ? K : never }[keyof A];
type BeyondPolicy =
  | 'max_backoff'
  | 'backoff_factor'
  | 'backoff_from'
  | 'jitter'
  | 'limit_interval'
  | 'cooldown'
  | 'start_timeout'
  | 'rules';

type RequiredKeys<A> = { [K in keyof A]-?: undefined extends A[K] ? never : K }[keyof A];

describe('the types of the client and ours', () => {
  test('what we write is what the client reads', () => {
    expectTypeOf<ReferencePolicyWire>().toExtend<TheirPolicy>();
    expectTypeOf<ReferenceStatusWire>().toExtend<TheirStatus>();
    expectTypeOf<ResponseFields>().toExtend<Pick<Hypeman.Instance, 'restart_policy' | 'restart_status'>>();
  });

  test('what the client writes is what we read, each field that is there', () => {
    expectTypeOf<Present<TheirPolicy>>().toExtend<RestartPolicyWire>();
    expectTypeOf<Present<TheirStatus>>().toExtend<RestartStatusWire>();
    expectTypeOf<Present<TheirPolicy>>().toEqualTypeOf<Present<ReferencePolicyWire>>();
    expectTypeOf<Present<TheirStatus>>().toEqualTypeOf<Present<ReferenceStatusWire>>();
  });

  test('what is beyond the client is these fields and words, and is written only for who asks for it', () => {
    expectTypeOf<Exclude<keyof RestartPolicyWire, keyof TheirPolicy>>().toEqualTypeOf<BeyondPolicy>();
    expectTypeOf<Exclude<keyof RestartStatusWire, keyof TheirStatus>>().toEqualTypeOf<'recent_attempts'>();
    expectTypeOf<
      Exclude<RestartStatusWire['blocked_reason'], TheirStatus['blocked_reason']>
    >().toEqualTypeOf<'paused'>();
    expectTypeOf<
      Exclude<RestartStatusWire['last_reason'], TheirStatus['last_reason']>
    >().toEqualTypeOf<'start_timeout'>();
    expectTypeOf(responseFields(neverPolicy, initialStatus)).toEqualTypeOf<ResponseFields>();
    expectTypeOf(responseFields(neverPolicy, initialStatus, { beyond: false })).toEqualTypeOf<ResponseFields>();
    expectTypeOf(responseFields(neverPolicy, initialStatus, { beyond: true })).toEqualTypeOf<ResponseFieldsBeyond>();
    expectTypeOf(
      responseFields(neverPolicy, initialStatus, {} as BeyondReference),
    ).toEqualTypeOf<ResponseFieldsBeyond>();
    expectTypeOf<ResponseFields>().toExtend<ResponseFieldsBeyond>();
    expectTypeOf<ResponseFieldsBeyond>().not.toExtend<Pick<Hypeman.Instance, 'restart_policy' | 'restart_status'>>();
  });

  test('differ exactly in what may be absent, and in what may be null', () => {
    expectTypeOf<RequiredKeys<TheirPolicy>>().toEqualTypeOf<never>();
    expectTypeOf<RequiredKeys<RestartPolicyWire>>().toEqualTypeOf<'policy' | 'backoff' | 'stable_after'>();
    expectTypeOf<RequiredKeys<TheirStatus>>().toEqualTypeOf<never>();
    expectTypeOf<RequiredKeys<RestartStatusWire>>().toEqualTypeOf<never>();
    expectTypeOf<NullableKeys<TheirPolicy>>().toEqualTypeOf<never>();
    expectTypeOf<NullableKeys<RestartPolicyWire>>().toEqualTypeOf<never>();
    expectTypeOf<NullableKeys<TheirStatus>>().toEqualTypeOf<
      'last_attempt_at' | 'next_attempt_at' | 'blocked_reason' | 'last_reason'
    >();
    expectTypeOf<NullableKeys<RestartStatusWire>>().toEqualTypeOf<never>();
  });

  test('agree on the states and on the words for health', () => {
    expectTypeOf<HypemanState>().toEqualTypeOf<Hypeman.Instance['state']>();
    expectTypeOf<HypemanHealth>().toEqualTypeOf<Hypeman.InstanceHealthStatus['status']>();
  });

  test('fit at the adapter: the client is taken as it is, and so is its instance', () => {
    expectTypeOf<Hypeman>().toExtend<HypemanClient>();
    expectTypeOf<Hypeman.Instance>().toExtend<HypemanInstance>();
    expectTypeOf(createHypemanHypervisor).toBeCallableWith({ client: new Hypeman({ apiKey: 'none' }) });
  });

  test('a refusal has the shape of hypeman’s error body', () => {
    expectTypeOf<BadRequest['body']>().toExtend<{
      readonly code: string;
      readonly message: string;
      readonly details?: ReadonlyArray<{ readonly code?: string; readonly message?: string }>;
    }>();
  });
});
