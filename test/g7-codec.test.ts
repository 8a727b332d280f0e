/**
 * G7: decode(encode(x)) is x for every valid value; encode(decode(w)) is canonical and stable; deciding before or after
 * a round trip through JSON text gives the same.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeRestartPolicy,
  decodeRestartStatus,
  RestartPolicyCodec,
  type RestartPolicyWire,
  RestartStatusCodec,
  type RestartStatusWire,
} from '../src/codec.js';
import { observed, type RestartPolicy, type RestartStatus } from '../src/index.js';
import {
  arbDurationText,
  arbReachable,
  arbRestartEvent,
  arbRestartPolicy,
  arbRestartStatus,
  arbTimestamp,
} from '../src/testing/arbitraries.js';
import { right } from './support/either.js';
import { policyOf, running, statusOf, stopped } from './support/fixtures.js';
import { runs } from './support/proof.js';
import { decide } from './support/subject.js';

const numRuns = runs(1_000);

const throughText = <A>(value: A): unknown => JSON.parse(JSON.stringify(value));

const policyThroughText = (policy: RestartPolicy): RestartPolicy =>
  right(decodeRestartPolicy(throughText(RestartPolicyCodec.encode(policy))));

const statusThroughText = (status: RestartStatus): RestartStatus =>
  right(decodeRestartStatus(throughText(RestartStatusCodec.encode(status))));

// ---------------------------------------------------------------------------
// wire forms as people and the reference write them
// ---------------------------------------------------------------------------

const arbPolicyWire = fc.record(
  {
    policy: fc.constantFrom('never', 'always', 'on_failure'),
    backoff: fc.oneof(arbDurationText, fc.constantFrom('', ' ')),
    max_attempts: fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.constant(-0)),
    stable_after: arbDurationText,
  },
  { requiredKeys: ['policy'] },
);

const arbZone = fc.oneof(
  fc.constant('Z'),
  fc
    .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 10, max: 23 }), fc.integer({ min: 10, max: 59 }))
    .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
);

const arbTimeText = fc
  .tuple(
    fc.date({ min: new Date('0000-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
    fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 })),
    arbZone,
  )
  .map(([date, fraction, zone]) => date.toISOString().slice(0, 19) + (fraction === null ? '' : `.${fraction}`) + zone);

const orNull = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | null> => fc.option(arbitrary, { freq: 3 });

const arbStatusWire = fc.record(
  {
    attempts: orNull(fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.constant(-0))),
    last_attempt_at: orNull(arbTimeText),
    next_attempt_at: orNull(arbTimeText),
    blocked_reason: orNull(fc.constantFrom('manual_stop', 'max_attempts_exceeded')),
    last_reason: orNull(fc.constant('health_check_failed')),
    of_a_later_version: fc.anything(),
  },
  { requiredKeys: [] },
);

// ---------------------------------------------------------------------------
// the canonical forms, said once more and in another way
// ---------------------------------------------------------------------------

const canonicalDuration =
  /^(?!0s$)(?:(?:[1-9]\d*h(?:[1-9]|[1-5]\d|0)m|[1-9]m|[1-5]\dm)?(?:0|[1-9]|[1-5]\d)(?:\.\d{0,8}[1-9])?s|[1-9]\d{0,2}(?:\.\d{0,5}[1-9])?ms|[1-9]\d{0,2}(?:\.\d{0,2}[1-9])?µs|[1-9]\d{0,2}ns)$/;
const canonicalTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,2}[1-9])?Z$/;

const expectCanonicalPolicy = (wire: RestartPolicyWire): void => {
  expect(wire.backoff).toMatch(canonicalDuration);
  expect(wire.stable_after).toMatch(canonicalDuration);
  expect(Object.keys(wire)).toEqual([
    'policy',
    'backoff',
    ...('max_attempts' in wire ? ['max_attempts'] : []),
    'stable_after',
  ]);
  if ('max_attempts' in wire) expect(wire.max_attempts).toBeGreaterThan(0);
};

const expectCanonicalStatus = (wire: RestartStatusWire): void => {
  if (wire.last_attempt_at !== undefined) expect(wire.last_attempt_at).toMatch(canonicalTime);
  if (wire.next_attempt_at !== undefined) expect(wire.next_attempt_at).toMatch(canonicalTime);
  const keys = Object.keys(wire);
  const order = ['attempts', 'last_attempt_at', 'next_attempt_at', 'blocked_reason', 'last_reason'];
  expect(keys).toEqual(order.filter((key) => keys.includes(key)));
  expect(keys.length > 0).toBe('attempts' in wire);
  expect(Object.values(wire)).not.toContain(null);
  expect(wire).not.toEqual({ attempts: 0 });
};

describe('G7: the wire form of a policy', () => {
  test('decodes to the very policy that was encoded', () => {
    fc.assert(
      fc.property(arbRestartPolicy, (policy) => {
        expect(right(RestartPolicyCodec.decode(RestartPolicyCodec.encode(policy)))).toEqual(policy);
        expect(policyThroughText(policy)).toEqual(policy);
        expect(RestartPolicyCodec.is(policy)).toBe(true);
      }),
      { numRuns },
    );
  });

  test('is canonical and stable, however the policy was written', () => {
    fc.assert(
      fc.property(arbPolicyWire, (given) => {
        const decoded = decodeRestartPolicy(given);
        // Texts of no length, such as "0.1ns", parse but are not positive; sums may be too long.
        fc.pre(decoded._tag === 'Right');
        const policy = right(decoded);
        expect(RestartPolicyCodec.is(policy)).toBe(true);
        const wire = RestartPolicyCodec.encode(policy);
        expectCanonicalPolicy(wire);
        expect(RestartPolicyCodec.encode(right(decodeRestartPolicy(wire)))).toStrictEqual(wire);
        expect(throughText(wire)).toStrictEqual(wire);
      }),
      { numRuns },
    );
  });
});

describe('G7: the wire form of a status', () => {
  test('decodes to the very status that was encoded', () => {
    fc.assert(
      fc.property(arbRestartStatus, (status) => {
        expect(right(RestartStatusCodec.decode(RestartStatusCodec.encode(status)))).toEqual(status);
        expect(statusThroughText(status)).toEqual(status);
        expect(RestartStatusCodec.is(status)).toBe(true);
      }),
      { numRuns },
    );
  });

  test('is canonical and stable, however the status was written', () => {
    fc.assert(
      fc.property(arbStatusWire, (given) => {
        const status = right(decodeRestartStatus(given));
        expect(RestartStatusCodec.is(status)).toBe(true);
        const wire = RestartStatusCodec.encode(status);
        expectCanonicalStatus(wire);
        expect(RestartStatusCodec.encode(right(decodeRestartStatus(wire)))).toStrictEqual(wire);
        expect(throughText(wire)).toStrictEqual(wire);
      }),
      { numRuns },
    );
  });
});

describe('G7: the guard', () => {
  const arbNumber = fc.oneof(
    fc.double(),
    fc.double({ min: -1, max: 10 }),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -300, max: 3_000 }).map((millionths) => millionths / 1_000_000),
    arbTimestamp,
    fc.constantFrom(9_223_372_036_854.775, 9_223_372_036_854.78, 253_402_300_799_999, 253_402_300_800_000),
  );
  const arbJunk = fc.oneof(
    arbNumber,
    fc.constantFrom<unknown>(null, undefined, 'never', 'always', 'manual_stop', 'health_check_failed', '5s', '', true),
  );
  /** The same by the meaning of numbers: -0 is 0. */
  const same = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean =>
    Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]);

  test('of a policy holds for exactly the values that survive a round trip', () => {
    const arbNearly = fc.record({
      mode: fc.constantFrom<unknown>('never', 'always', 'on_failure', 'Always', '', null),
      backoff: fc.oneof(fc.constant(5_000), arbNumber),
      maxAttempts: fc.oneof(fc.nat(3), arbNumber),
      stableAfter: fc.oneof(fc.constant(0.000_001), arbNumber),
    });
    fc.assert(
      fc.property(arbNearly, (value) => {
        const decoded = decodeRestartPolicy(RestartPolicyCodec.encode(value as RestartPolicy));
        const survives = decoded._tag === 'Right' && same(value, { ...decoded.right });
        expect(RestartPolicyCodec.is(value)).toBe(survives);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('of a status holds for exactly the values that survive a round trip', () => {
    const arbNearly = fc.record({
      attempts: fc.oneof(fc.nat(3), arbNumber),
      lastAttemptAt: fc.oneof(arbTimestamp, arbNumber, fc.constant(null)),
      nextAttemptAt: fc.oneof(arbTimestamp, arbNumber, fc.constant(null)),
      blockedReason: fc.constantFrom<unknown>(null, null, 'manual_stop', 'max_attempts_exceeded', 'other', ''),
      lastReason: fc.constantFrom<unknown>(null, null, 'health_check_failed', 'other', 0),
    });
    fc.assert(
      fc.property(arbNearly, (value) => {
        const decoded = decodeRestartStatus(RestartStatusCodec.encode(value as RestartStatus));
        const survives = decoded._tag === 'Right' && same(value, { ...decoded.right });
        expect(RestartStatusCodec.is(value)).toBe(survives);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('answers for whatever there is, and so do the decoders: what they let pass is valid', () => {
    const arbFields = (keys: ReadonlyArray<string>): fc.Arbitrary<unknown> =>
      fc.dictionary(fc.constantFrom(...keys), arbJunk);
    const arbValue = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true }),
      arbFields(['mode', 'backoff', 'maxAttempts', 'stableAfter']),
      arbFields(['policy', 'backoff', 'max_attempts', 'stable_after', 'polic']),
      arbFields(['attempts', 'last_attempt_at', 'next_attempt_at', 'blocked_reason', 'last_reason']),
    );
    fc.assert(
      fc.property(arbValue, (value) => {
        expect(typeof RestartPolicyCodec.is(value)).toBe('boolean');
        expect(typeof RestartStatusCodec.is(value)).toBe('boolean');
        const policy = decodeRestartPolicy(value);
        const status = decodeRestartStatus(value);
        if (policy._tag === 'Right') expect(RestartPolicyCodec.is(policy.right)).toBe(true);
        else expect(policy.left.every(({ path, message }) => message.startsWith(`${path} `))).toBe(true);
        if (status._tag === 'Right') expect(RestartStatusCodec.is(status.right)).toBe(true);
        else expect(status.left.every(({ path, message }) => message.startsWith(`${path} `))).toBe(true);
      }),
      { numRuns: runs(2_000) },
    );
  });
});

describe('G7: a round trip through JSON text', () => {
  test('before the decision changes nothing about it, and after it nothing about what comes of it', () => {
    const arbMoment = fc.oneof(
      fc.record({ policy: arbRestartPolicy, status: arbRestartStatus, now: arbTimestamp }),
      arbReachable,
    );
    fc.assert(
      fc.property(arbMoment, arbRestartEvent, ({ policy, status, now }, event) => {
        const direct = decide(policy, status, event, now);
        const restored = decide(policyThroughText(policy), statusThroughText(status), event, now);
        expect(restored).toEqual(direct);
        // A due time may lie beyond the year 9999, where backoffs of centuries meet the end of the calendar.
        if (RestartStatusCodec.is(direct.status)) {
          expect(statusThroughText(direct.status)).toEqual(direct.status);
        }
      }),
      { numRuns },
    );
  });

  // The same comparison of decisions that are known: two that were always alike would be equal too.
  test.each([
    ['a start', statusOf(), stopped(), ['Start']],
    ['a restart', statusOf(), running({ health: 'unhealthy' }), ['Restart']],
    ['a wait', statusOf({ attempts: 1, lastAttemptAt: 5 }), stopped(), []],
    ["a person's stop", statusOf({ blockedReason: 'manual_stop' }), stopped(), []],
  ] as const)('leaves %s what it was', (_, status, instance, actions) => {
    const restored = decide(policyThroughText(policyOf()), statusThroughText(status), observed(instance), 8);
    expect(restored).toEqual(decide(policyOf(), status, observed(instance), 8));
    expect(restored.actions.map(({ _tag }) => _tag)).toEqual(actions);
  });
});
