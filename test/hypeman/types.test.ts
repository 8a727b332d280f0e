/**
 * The client's types and ours, compared by the compiler: `tsc` is what fails here.
 *
 * What differs, and is named below: the client's fields are all optional, for a policy as it is written as well as read,
 * and four fields of a status may be null. We read all of that (the codecs do) and write none of it.
 */
import Hypeman from '@onkernel/hypeman';
import { describe, expectTypeOf, test } from 'vitest';
import { createHypemanHypervisor, type HypemanClient, type HypemanInstance } from '../../src/adapters/hypeman.js';
import type {
  BadRequest,
  HypemanHealth,
  HypemanState,
  ResponseFields,
  RestartPolicyWire,
  RestartStatusWire,
} from '../../src/hypeman.js';

type TheirPolicy = Hypeman.RestartPolicy;
type TheirStatus = Hypeman.RestartStatus;

/** What stands in a field when it is there. */
type Present<A> = { readonly [K in keyof A]-?: NonNullable<A[K]> };

type NullableKeys<A> = { [K in keyof A]-?: null extends A[K] ? K : never }[keyof A];
type RequiredKeys<A> = { [K in keyof A]-?: undefined extends A[K] ? never : K }[keyof A];

describe('the types of the client and ours', () => {
  test('what we write is what the client reads', () => {
    expectTypeOf<RestartPolicyWire>().toExtend<TheirPolicy>();
    expectTypeOf<RestartStatusWire>().toExtend<TheirStatus>();
    expectTypeOf<ResponseFields>().toExtend<Pick<Hypeman.Instance, 'restart_policy' | 'restart_status'>>();
  });

  test('what the client writes is what we read, each field that is there', () => {
    expectTypeOf<Present<TheirPolicy>>().toExtend<RestartPolicyWire>();
    expectTypeOf<Present<TheirStatus>>().toExtend<RestartStatusWire>();
    expectTypeOf<Present<TheirPolicy>>().toEqualTypeOf<Present<RestartPolicyWire>>();
    expectTypeOf<Present<TheirStatus>>().toEqualTypeOf<Present<RestartStatusWire>>();
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
