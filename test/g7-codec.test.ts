/**
 * G7: decode(encode(x)) is x for every valid value; encode(decode(w)) is canonical and stable; deciding before or after
 * a round trip through JSON text gives the same.
 */
import { isDeepStrictEqual } from 'node:util';
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
import { policyKeys } from './support/wire-keys.js';

const numRuns = runs(1_000);

const throughText = <A>(value: A): unknown => JSON.parse(JSON.stringify(value));

const policyThroughText = (policy: RestartPolicy): RestartPolicy =>
  right(decodeRestartPolicy(throughText(RestartPolicyCodec.encode(policy))));

const statusThroughText = (status: RestartStatus): RestartStatus =>
  right(decodeRestartStatus(throughText(RestartStatusCodec.encode(status))));

// ---------------------------------------------------------------------------
// wire forms as people and the reference write them
// ---------------------------------------------------------------------------

const arbSpanText = fc.oneof({ weight: 4, arbitrary: arbDurationText }, fc.constantFrom('', ' ', '1ns', '5s', '2h'));

const arbExitCode = fc.oneof(fc.integer({ min: -2, max: 260 }), fc.maxSafeInteger(), fc.constant(-0));

const arbRuleWire = fc.record(
  {
    causes: fc.array(fc.constantFrom('exit', 'signal', 'out_of_memory', 'panic', 'host', 'unknown'), {
      minLength: 1,
      maxLength: 6,
    }),
    exit_codes: fc.array(
      fc.oneof(
        arbExitCode,
        fc.tuple(arbExitCode, arbExitCode).map(([a, b]) => (a < b ? [a, b] : [b, a])),
      ),
      { minLength: 1, maxLength: 5 },
    ),
    action: fc.constantFrom('restart', 'restart_uncounted', 'stop'),
  },
  { requiredKeys: ['action'] },
);

/** Half of them with the four fields of the reference alone; of the others many do not go together. */
const arbPolicyWire = fc
  .tuple(
    fc.record(
      {
        policy: fc.constantFrom('never', 'always', 'on_failure'),
        backoff: fc.oneof(arbDurationText, fc.constantFrom('', ' ', '1ns')),
        max_attempts: fc.oneof(fc.nat(5), fc.integer({ min: 98, max: 102 }), fc.maxSafeNat(), fc.constant(-0)),
        stable_after: arbDurationText,
      },
      { requiredKeys: ['policy'] },
    ),
    fc.option(
      fc.record(
        {
          max_backoff: fc.oneof(arbSpanText, fc.constant('2562047h')),
          backoff_factor: fc.double({ min: 1, max: 100, minExcluded: true, noNaN: true }),
          backoff_from: fc.constantFrom('attempt', 'exit'),
          jitter: fc.oneof(fc.constantFrom(0, -0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
          limit_interval: arbSpanText,
          cooldown: fc.oneof(arbSpanText, fc.constant('2562047h')),
          start_timeout: arbSpanText,
          rules: fc.array(arbRuleWire, { minLength: 1, maxLength: 4 }),
        },
        { requiredKeys: [] },
      ),
      { nil: {}, freq: 1 },
    ),
  )
  .map(([reference, beyond]) => ({ ...reference, ...beyond }));

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

/** To the millisecond, rounded down: `Date` cuts the digits that it has no room for. */
const momentOf = (text: string): number => Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));

const orNull = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | null> => fc.option(arbitrary, { freq: 3 });

const arbStatusWithoutRecent = fc.record(
  {
    attempts: orNull(fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.constant(-0))),
    last_attempt_at: orNull(arbTimeText),
    next_attempt_at: orNull(arbTimeText),
    blocked_reason: orNull(fc.constantFrom('manual_stop', 'max_attempts_exceeded', 'paused')),
    last_reason: orNull(fc.constantFrom('health_check_failed', 'start_timeout')),
    recent_attempts: orNull(fc.constant([])),
    of_a_later_version: fc.anything(),
  },
  { requiredKeys: [] },
);

/** Recent attempts go with attempts; here they are written in any zone, and are in order all the same. */
const arbStatusWire = fc
  .tuple(arbStatusWithoutRecent, fc.array(arbTimeText, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([status, times, withRecent]) =>
    withRecent ? { ...status, attempts: 5, recent_attempts: times.sort((a, b) => momentOf(a) - momentOf(b)) } : status,
  );

// ---------------------------------------------------------------------------
// the canonical forms, said once more and in another way
// ---------------------------------------------------------------------------

const canonicalDuration =
  /^(?!0s$)(?:(?:[1-9]\d*h(?:[1-9]|[1-5]\d|0)m|[1-9]m|[1-5]\dm)?(?:0|[1-9]|[1-5]\d)(?:\.\d{0,8}[1-9])?s|[1-9]\d{0,2}(?:\.\d{0,5}[1-9])?ms|[1-9]\d{0,2}(?:\.\d{0,2}[1-9])?µs|[1-9]\d{0,2}ns)$/;
const canonicalTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,2}[1-9])?Z$/;

const expectCanonicalPolicy = (wire: RestartPolicyWire): void => {
  for (const key of [
    'backoff',
    'stable_after',
    'max_backoff',
    'limit_interval',
    'cooldown',
    'start_timeout',
  ] as const) {
    if (key in wire) expect(wire[key]).toMatch(canonicalDuration);
  }
  expect(Object.keys(wire)).toEqual(policyKeys.filter((key) => key in wire));
  expect(wire).toMatchObject({
    policy: expect.any(String),
    backoff: expect.any(String),
    stable_after: expect.any(String),
  });
  if ('max_attempts' in wire) expect(wire.max_attempts).toBeGreaterThan(0);
  if ('jitter' in wire) expect(wire.jitter).toBeGreaterThan(0);
  if ('backoff_from' in wire) expect(wire.backoff_from).toBe('exit');
  if ('backoff_factor' in wire) expect(wire).toHaveProperty('max_backoff');
  for (const rule of wire.rules ?? []) {
    expect(Object.keys(rule)).toEqual(['causes', 'exit_codes', 'action'].filter((key) => key in rule));
  }
  expect(Object.values(wire)).not.toContain(undefined);
};

const expectCanonicalStatus = (wire: RestartStatusWire): void => {
  if (wire.last_attempt_at !== undefined) expect(wire.last_attempt_at).toMatch(canonicalTime);
  if (wire.next_attempt_at !== undefined) expect(wire.next_attempt_at).toMatch(canonicalTime);
  const keys = Object.keys(wire);
  const order = ['attempts', 'last_attempt_at', 'next_attempt_at', 'blocked_reason', 'last_reason', 'recent_attempts'];
  for (const at of wire.recent_attempts ?? []) expect(at).toMatch(canonicalTime);
  expect(wire.recent_attempts).not.toEqual([]);
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
  const arbJunk: fc.Arbitrary<unknown> = fc.oneof(
    arbNumber,
    fc.anything(),
    fc.array(fc.dictionary(fc.constantFrom('causes', 'exit_codes', 'exitCodes', 'action'), fc.anything())),
    fc.constantFrom<unknown>(null, undefined, 'never', 'always', 'manual_stop', 'health_check_failed', '5s', '', true),
  );
  /** The same by the meaning of numbers, -0 is 0, and of fields: one that is undefined is absent. */
  const same = (a: object, b: object): boolean => isDeepStrictEqual(plain(a), plain(b));
  const plain = (value: unknown): unknown => {
    if (typeof value === 'number') return value + 0;
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const set = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(set.map(([key, field]) => [key, plain(field)]));
  };

  test('of a policy holds for exactly the values that survive a round trip', () => {
    const arbNearly = fc.record({
      mode: fc.constantFrom<unknown>('never', 'always', 'on_failure', 'Always', '', null),
      backoff: fc.oneof(fc.constant(5_000), arbNumber),
      maxAttempts: fc.oneof(fc.nat(3), arbNumber),
      stableAfter: fc.oneof(fc.constant(0.000_001), arbNumber),
    });
    const arbNearlyBeyond = fc.record(
      {
        maxBackoff: fc.oneof(fc.constantFrom(4_999, 5_000, 1e12), arbNumber),
        backoffFactor: fc.oneof(fc.constantFrom(1, 2, 100), arbNumber),
        backoffFrom: fc.constantFrom<unknown>('exit', 'attempt', 'Exit', ''),
        jitter: fc.oneof(fc.constantFrom(0, -0, 0.5, 1), arbNumber),
        limitInterval: fc.oneof(fc.constantFrom(1, 2), arbNumber),
        cooldown: fc.oneof(fc.constantFrom(1, 2), arbNumber),
        startTimeout: fc.oneof(fc.constant(1), arbNumber),
        rules: fc.array(
          fc.record(
            {
              causes: fc.array(fc.constantFrom('exit', 'host', 'oom'), { maxLength: 2 }),
              exitCodes: fc.array(fc.oneof(arbNumber, fc.tuple(fc.integer({ max: 3 }), fc.integer({ min: 0 }))), {
                maxLength: 2,
              }),
              action: fc.constantFrom('stop', 'restart', 'Stop'),
            },
            { requiredKeys: ['action'] },
          ),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(arbNearly, fc.oneof(fc.constant({}), arbNearlyBeyond), (reference, beyond) => {
        const value = { ...reference, ...beyond };
        const decoded = decodeRestartPolicy(RestartPolicyCodec.encode(value as RestartPolicy));
        const survives = decoded._tag === 'Right' && same(value, decoded.right);
        expect(RestartPolicyCodec.is(value)).toBe(survives);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('of a status holds for exactly the values that survive a round trip', () => {
    const arbNearly = fc.record(
      {
        attempts: fc.oneof(fc.nat(3), arbNumber),
        lastAttemptAt: fc.oneof(arbTimestamp, arbNumber, fc.constant(null)),
        nextAttemptAt: fc.oneof(arbTimestamp, arbNumber, fc.constant(null)),
        blockedReason: fc.constantFrom<unknown>(
          null,
          null,
          'manual_stop',
          'max_attempts_exceeded',
          'paused',
          'other',
          '',
        ),
        lastReason: fc.constantFrom<unknown>(null, null, 'health_check_failed', 'start_timeout', 'other', 0),
        recentAttempts: fc.array(fc.oneof({ weight: 4, arbitrary: arbTimestamp }, arbNumber), { maxLength: 3 }),
      },
      { requiredKeys: ['attempts', 'lastAttemptAt', 'nextAttemptAt', 'blockedReason', 'lastReason'] },
    );
    fc.assert(
      fc.property(arbNearly, (value) => {
        const decoded = decodeRestartStatus(RestartStatusCodec.encode(value as RestartStatus));
        const survives = decoded._tag === 'Right' && same(value, decoded.right);
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
      arbFields(['mode', 'backoff', 'maxAttempts', 'stableAfter', 'maxBackoff', 'backoffFrom', 'jitter', 'rules']),
      arbFields(['policy', 'backoff', 'max_attempts', 'stable_after', 'polic']),
      arbFields([...policyKeys, 'maxBackoff']),
      arbFields(['attempts', 'last_attempt_at', 'next_attempt_at', 'blocked_reason', 'last_reason', 'recent_attempts']),
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
