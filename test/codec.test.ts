/**
 * The wire format: what is read, what is written, and how the codecs fit into larger ones. What is refused is in
 * codec-bad-input.test.ts, the laws in g7-codec.test.ts.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as t from 'io-ts';
import { PathReporter } from 'io-ts/lib/PathReporter.js';
import { describe, expect, test } from 'vitest';
import {
  decodeRestartPolicy,
  decodeRestartStatus,
  RestartPolicyCodec,
  type RestartPolicyWire,
  RestartStatusCodec,
  type RestartStatusWire,
} from '../src/codec.js';
import { initialStatus, type RestartPolicy, type RestartStatus } from '../src/index.js';
import { nearest } from '../src/nearest.js';
import { left, right } from './support/either.js';
import { runs } from './support/proof.js';
import { policyWith } from './support/values.js';

const always = policyWith();

// ---------------------------------------------------------------------------
// the policy
// ---------------------------------------------------------------------------

interface Vector {
  readonly name: string;
  readonly input: unknown;
  readonly expected: { readonly policy: unknown } | { readonly error: string };
}

const vectors: ReadonlyArray<Vector> = JSON.parse(
  readFileSync(new URL('./data/policy-wire.json', import.meta.url), 'utf8'),
);

/** The parser's own words differ; all before them is the reference's. */
const comparable = (error: string): string => error.replace(/(must be a valid duration:).*/, '$1');

describe('on what the reference makes of a policy', () => {
  test('there are 15 vectors', () => {
    expect(vectors).toHaveLength(15);
  });

  test.each(vectors)('$name', ({ input, expected }) => {
    const decoded = decodeRestartPolicy(input);
    if ('error' in expected) {
      expect(left(decoded)[0].message.startsWith(comparable(expected.error))).toBe(true);
    } else {
      expect(RestartPolicyCodec.encode(right(decoded))).toEqual(expected.policy);
    }
  });
});

describe('a policy is read', () => {
  test.each<[string, unknown]>([
    ['an empty object', {}],
    ['an object whose fields are all undefined', { policy: undefined, backoff: undefined, whatever: undefined }],
    ['an object without a prototype', Object.create(null)],
    ['an object that inherits a policy', Object.create({ policy: 'always' })],
    ['an object whose policy is not enumerable', Object.defineProperty({}, 'policy', { value: 'always' })],
    ['an object with symbols for keys', { [Symbol('policy')]: 'always' }],
    ['the word never', { policy: 'never' }],
  ])('as never from %s', (_, input) => {
    expect(right(decodeRestartPolicy(input))).toEqual({ ...always, mode: 'never' });
  });

  test('with all its fields', () => {
    const wire = { policy: 'on_failure', backoff: '1m30s', max_attempts: 3, stable_after: '2h' };
    expect(right(decodeRestartPolicy(wire))).toEqual({
      mode: 'on_failure',
      backoff: 90_000,
      maxAttempts: 3,
      stableAfter: 7_200_000,
    });
  });

  test('with all its fields beyond the four', () => {
    const wire = {
      policy: 'always',
      max_attempts: 3,
      max_backoff: '1h',
      backoff_factor: 1.5,
      backoff_from: 'exit',
      jitter: 0.2,
      limit_interval: '10m',
      cooldown: '1h',
      start_timeout: '30s',
      rules: [
        { causes: ['host', 'signal'], action: 'restart_uncounted' },
        { exit_codes: [78, [2, 5]], action: 'stop' },
        { action: 'restart' },
      ],
    };
    expect(right(decodeRestartPolicy(wire))).toStrictEqual({
      ...always,
      maxAttempts: 3,
      maxBackoff: 3_600_000,
      backoffFactor: 1.5,
      backoffFrom: 'exit',
      jitter: 0.2,
      limitInterval: 600_000,
      cooldown: 3_600_000,
      startTimeout: 30_000,
      rules: [
        { causes: ['host', 'signal'], action: 'restart_uncounted' },
        { exitCodes: [78, [2, 5]], action: 'stop' },
        { action: 'restart' },
      ],
    });
  });

  test('with as many rules as there may be', () => {
    const rules = Array.from({ length: 20 }, (_, code) => ({ exit_codes: [code], action: 'stop' }));
    expect(right(decodeRestartPolicy({ policy: 'always', rules })).rules).toStrictEqual(
      rules.map(({ exit_codes, action }) => ({ exitCodes: exit_codes, action })),
    );
  });

  test('without what is blank, or as good as absent', () => {
    const wire = {
      policy: 'always',
      max_backoff: '',
      backoff_from: 'attempt',
      jitter: -0,
      limit_interval: ' ',
      cooldown: '\u0085',
      start_timeout: undefined,
      rules: [{ action: 'stop', causes: undefined, exit_codes: undefined, zone: undefined }],
    };
    expect(right(decodeRestartPolicy(wire))).toStrictEqual({ ...always, rules: [{ action: 'stop' }] });
  });

  test('with the names of the wire alone: those of the domain are not known', () => {
    for (const key of ['mode', 'maxAttempts', 'stableAfter', 'maxBackoff', 'backoffFrom', 'limitInterval']) {
      const [error] = left(decodeRestartPolicy({ policy: 'always', [key]: '1h' }));
      expect(error.message).toMatch(new RegExp(`^restart_policy.${key} is not a known field; `));
    }
  });

  test('with each field of a rule read once', () => {
    let reads = 0;
    const rule = {
      get action() {
        reads += 1;
        return reads === 1 ? 'stop' : 'junk';
      },
    };
    expect(right(decodeRestartPolicy({ policy: 'always', rules: [rule] })).rules).toEqual([{ action: 'stop' }]);
    expect(reads).toBe(1);
  });

  test('with fields beside never like any other', () => {
    expect(right(decodeRestartPolicy({ policy: 'never', max_attempts: 3 }))).toEqual({
      ...always,
      mode: 'never',
      maxAttempts: 3,
    });
  });

  test('with defaults for what is undefined or blank', () => {
    const wire = { policy: 'always', backoff: ' \u0085', max_attempts: undefined, stable_after: '', other: undefined };
    expect(right(decodeRestartPolicy(wire))).toEqual(always);
  });

  test('with -0 attempts being 0', () => {
    expect(right(decodeRestartPolicy(JSON.parse('{"policy":"always","max_attempts":-0}')))).toEqual(always);
  });

  test('from a frozen object, from an instance of a class, and through a proxy', () => {
    class Wire {
      policy = 'always';
    }
    for (const wire of [Object.freeze({ policy: 'always' }), new Wire(), new Proxy({ policy: 'always' }, {})]) {
      expect(right(decodeRestartPolicy(wire))).toEqual(always);
    }
  });

  test('with each field read once, so that a getter cannot show two faces', () => {
    let reads = 0;
    const wire = {
      get policy() {
        reads += 1;
        return reads === 1 ? 'always' : 'junk';
      },
    };
    expect(right(decodeRestartPolicy(wire))).toEqual(always);
    expect(reads).toBe(1);
  });
});

describe('a policy is written', () => {
  const alwaysWire: RestartPolicyWire = { policy: 'always', backoff: '5s', stable_after: '10m0s' };

  test.each<[string, RestartPolicy, RestartPolicyWire]>([
    ['without a limit', always, alwaysWire],
    [
      'with a limit',
      { ...always, maxAttempts: 3 },
      { policy: 'always', backoff: '5s', max_attempts: 3, stable_after: '10m0s' },
    ],
    [
      'with short spans',
      { ...always, backoff: 0.000_001, stableAfter: 0.001 },
      { policy: 'always', backoff: '1ns', stable_after: '1µs' },
    ],
    [
      'of mode never with all its fields',
      { mode: 'never', backoff: 90_000, maxAttempts: 2, stableAfter: 250 },
      { policy: 'never', backoff: '1m30s', max_attempts: 2, stable_after: '250ms' },
    ],
    [
      'with all its fields, in their order',
      {
        rules: [{ action: 'stop', exitCodes: [1, [2, 3]], causes: ['exit'] }],
        startTimeout: 1,
        cooldown: 2,
        limitInterval: 2,
        jitter: 0.5,
        backoffFrom: 'exit',
        backoffFactor: 2,
        maxBackoff: 5_000,
        ...always,
        maxAttempts: 1,
      },
      {
        policy: 'always',
        backoff: '5s',
        max_attempts: 1,
        stable_after: '10m0s',
        max_backoff: '5s',
        backoff_factor: 2,
        backoff_from: 'exit',
        jitter: 0.5,
        limit_interval: '2ms',
        cooldown: '2ms',
        start_timeout: '1ms',
        rules: [{ causes: ['exit'], exit_codes: [1, [2, 3]], action: 'stop' }],
      },
    ],
    [
      'without what is as good as absent',
      { ...always, jitter: 0, backoffFrom: 'attempt', backoffFactor: 3 },
      alwaysWire,
    ],
    ['with -0 attempts as without a limit', { ...always, maxAttempts: -0 }, alwaysWire],
    ['with a cap and no factor', { ...always, maxBackoff: 60_000 }, { ...alwaysWire, max_backoff: '1m0s' }],
    [
      'with rules of one condition, or of none',
      {
        ...always,
        rules: [{ action: 'restart' }, { causes: ['host'], action: 'restart' }, { exitCodes: [1], action: 'stop' }],
      },
      {
        ...alwaysWire,
        rules: [{ action: 'restart' }, { causes: ['host'], action: 'restart' }, { exit_codes: [1], action: 'stop' }],
      },
    ],
  ])('%s', (_, policy, wire) => {
    expect(RestartPolicyCodec.encode(policy)).toStrictEqual(wire);
    // The order of the fields too.
    expect(JSON.stringify(RestartPolicyCodec.encode(policy))).toBe(JSON.stringify(wire));
  });
});

// ---------------------------------------------------------------------------
// names that are nearly right
// ---------------------------------------------------------------------------

describe('a misspelt name', () => {
  const names = ['policy', 'backoff', 'max_attempts', 'stable_after'] as const;

  test.each([
    ['polcy', 'policy'],
    ['Policy', 'policy'],
    ['pol', 'policy'],
    ['poli-cy', 'policy'],
    ['policies!', null], // three letters more, and one of them another
    ['back_off', 'backoff'],
    ['BackOff', 'backoff'],
    ['back', 'backoff'],
    ['max_attempt', 'max_attempts'],
    ['maxAttempts', 'max_attempts'],
    ['attempts', null], // four letters short
    ['stableAfter', 'stable_after'],
    ['stable_aftre', 'stable_after'],
    ['mode', null],
    ['', null],
    ['po', null],
    ['restart', null],
  ])('%j means %j', (given, meant) => {
    expect(nearest(given, names)).toBe(meant);
  });

  /** The textbook's table, to check the shortcut against. */
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, at) => at);
    for (const [i, letter] of [...a].entries()) {
      const next = [i + 1];
      for (const [j, other] of [...b].entries()) {
        const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
        next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
      }
      row = next;
    }
    return row[b.length] ?? 0;
  };

  test('is taken for the nearest name within three edits, the first of equals', () => {
    const arbEdits = fc.array(fc.tuple(fc.nat(12), fc.constantFrom('', 'a', 't', '_'), fc.boolean()), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...names), arbEdits, (name, edits) => {
        let given: string = name;
        for (const [at, letter, removes] of edits)
          given = given.slice(0, at) + letter + given.slice(at + (removes ? 1 : 0));
        const ranked = names.map((known) => ({ known, edits: distance(given, known) }));
        const best = Math.min(...ranked.map((rank) => rank.edits));
        const expected = best > 3 ? null : ranked.find((rank) => rank.edits === best)?.known;
        expect(nearest(given, names)).toBe(expected);
      }),
      { numRuns: runs(500) },
    );
  });

  test('is found among equally near ones by their order', () => {
    expect(nearest('ac', ['ab', 'ad', 'abc'])).toBe('ab');
    expect(nearest('abx', ['ab', 'abc', 'abx'])).toBe('abx');
  });
});

// ---------------------------------------------------------------------------
// the status
// ---------------------------------------------------------------------------

describe('a status is read', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    [
      'an object whose fields are all null',
      { attempts: null, last_attempt_at: null, next_attempt_at: null, blocked_reason: null, last_reason: null },
    ],
    ['an object whose fields are all undefined', { attempts: undefined, last_attempt_at: undefined }],
    ['an object that inherits a block', Object.create({ blocked_reason: 'manual_stop' })],
    ['an object of a later version', { attempts: 0, generation: 7, nested: { attempts: -1 } }],
    ['an object with an own __proto__', JSON.parse('{"__proto__":{"attempts":3}}')],
  ])('as the initial one from %s', (_, input) => {
    expect(right(decodeRestartStatus(input))).toStrictEqual(initialStatus);
  });

  test('without touching fields that are not its own', () => {
    const wire = {
      attempts: 2,
      get annotations(): never {
        throw new Error('not yours');
      },
    };
    expect(right(decodeRestartStatus(wire)).attempts).toBe(2);
  });

  test('with all its fields', () => {
    const wire = {
      attempts: 2,
      last_attempt_at: '2026-01-05T22:57:14.511Z',
      next_attempt_at: '2026-01-05T22:57:19.511Z',
      blocked_reason: 'max_attempts_exceeded',
      last_reason: 'health_check_failed',
    };
    expect(right(decodeRestartStatus(wire))).toEqual({
      attempts: 2,
      lastAttemptAt: Date.UTC(2026, 0, 5, 22, 57, 14, 511),
      nextAttemptAt: Date.UTC(2026, 0, 5, 22, 57, 19, 511),
      blockedReason: 'max_attempts_exceeded',
      lastReason: 'health_check_failed',
    });
  });

  test('with a pause, a start that took too long, and recent attempts, each rounded down', () => {
    const wire = {
      attempts: 3,
      blocked_reason: 'paused',
      last_reason: 'start_timeout',
      recent_attempts: ['1970-01-01T00:00:01.0009Z', '1970-01-01T01:00:01.0001+01:00', '1970-01-01T00:00:02Z'],
    };
    expect(right(decodeRestartStatus(wire))).toStrictEqual({
      ...initialStatus,
      attempts: 3,
      blockedReason: 'paused',
      lastReason: 'start_timeout',
      recentAttempts: [1_000, 1_000, 2_000],
    });
  });

  test.each([[[]], [null], [undefined]])('without recent attempts from %j', (recent) => {
    expect(right(decodeRestartStatus({ attempts: 1, recent_attempts: recent }))).toStrictEqual({
      ...initialStatus,
      attempts: 1,
    });
  });

  test('with a hundred recent attempts', () => {
    const recent = Array.from({ length: 100 }, () => '1970-01-01T00:00:00Z');
    expect(right(decodeRestartStatus({ attempts: 100, recent_attempts: recent })).recentAttempts).toHaveLength(100);
  });

  test('with a manual stop that nothing else surrounds', () => {
    expect(right(decodeRestartStatus({ blocked_reason: 'manual_stop' })).blockedReason).toBe('manual_stop');
  });

  test('with no -0 in it', () => {
    const wire =
      '{"attempts":-0,"last_attempt_at":"1970-01-01T00:00:00Z","next_attempt_at":"1970-01-01T01:00:00+01:00"}';
    expect(right(decodeRestartStatus(JSON.parse(wire)))).toStrictEqual({
      ...initialStatus,
      lastAttemptAt: 0,
      nextAttemptAt: 0,
    });
  });
});

describe('a time is read', () => {
  const lastAt = (text: string): number | null => right(decodeRestartStatus({ last_attempt_at: text })).lastAttemptAt;
  const nextAt = (text: string): number | null => right(decodeRestartStatus({ next_attempt_at: text })).nextAttemptAt;

  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:01.5Z', 1_500],
    ['1970-01-01T00:00:01.05Z', 1_050],
    ['1970-01-01T00:00:01.000000000Z', 1_000],
    ['1969-12-31T23:59:59.9Z', -100],
    ['1970-01-01T01:30:00+01:30', 0],
    ['1969-12-31T18:30:00-05:30', 0],
    ['1970-01-01T00:00:00+00:00', 0],
    ['1970-01-01T00:00:00-00:00', 0],
    ['1970-01-01T23:59:00+23:59', 0],
    ['1969-12-31T00:01:00-23:59', 0],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000],
    ['0000-02-29T00:00:00Z', -62_162_121_600_000],
    ['0050-06-01T00:00:00Z', -60_576_249_600_000],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
    ['9999-12-31T23:59:59-00:00', 253_402_300_799_000],
  ])('%s is %d', (text, at) => {
    expect(lastAt(text)).toBe(at);
    expect(nextAt(text)).toBe(at);
  });

  test.each([
    ['1970-01-01T00:00:00.000000001Z', 0, 1],
    ['1970-01-01T00:00:00.9999Z', 999, 1_000],
    ['1969-12-31T23:59:59.9995Z', -1, 0],
    ['1969-12-31T23:59:58.0001Z', -2_000, -1_999],
    [
      '2026-01-05T22:57:14.511999999+02:00',
      Date.UTC(2026, 0, 5, 20, 57, 14, 511),
      Date.UTC(2026, 0, 5, 20, 57, 14, 512),
    ],
    ['0000-01-01T00:00:00.0000001Z', -62_167_219_200_000, -62_167_219_199_999],
    // The next millisecond is in the year 10000, which the wire cannot say.
    ['9999-12-31T23:59:59.9999Z', 253_402_300_799_999, 253_402_300_799_999],
  ])('%s is %d as the last attempt, never late, and %d as the next, never early', (text, last, next) => {
    expect(lastAt(text)).toBe(last);
    expect(nextAt(text)).toBe(next);
  });

  test('on every day that exists, and on no other', () => {
    const pad = (n: number): string => String(n).padStart(2, '0');
    for (const year of ['0000', '0004', '0099', '0100', '1900', '2000', '2023', '2024', '2100', '9999']) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
          const days = [0, 31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0][month] ?? 0;
          const text = `${year}-${pad(month)}-${pad(day)}T12:00:00Z`;
          const exists = day >= 1 && day <= days;
          expect(decodeRestartStatus({ last_attempt_at: text })._tag, text).toBe(exists ? 'Right' : 'Left');
        }
      }
    }
  });

  test('at any offset as the moment it is', () => {
    const arbMoment = fc.integer({ min: -62_167_219_200_000 + 86_400_000, max: 253_402_300_799_999 - 86_400_000 });
    const arbFraction = fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(arbMoment, arbFraction, fc.integer({ min: -1_439, max: 1_439 }), (moment, fraction, offset) => {
        const second = Math.floor(moment / 1_000) * 1_000;
        const local = new Date(second + offset * 60_000).toISOString().slice(0, 19);
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const zone = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
        const text = local + (fraction === null ? '' : `.${fraction}`) + zone;
        const nanos = BigInt((fraction ?? '').padEnd(9, '0'));
        expect(lastAt(text), text).toBe(second + Number(nanos / 1_000_000n));
        expect(nextAt(text), text).toBe(second + Number((nanos + 999_999n) / 1_000_000n));
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('a status is written', () => {
  const at = Date.UTC(2026, 0, 5, 22, 57, 14);

  test.each<[string, Partial<RestartStatus>, RestartStatusWire]>([
    ['with nothing in it as an empty object', {}, {}],
    ['with -0 attempts as one with nothing in it', { attempts: -0 }, {}],
    [
      'with -0 attempts and a block without the sign',
      { attempts: -0, blockedReason: 'manual_stop' },
      { attempts: 0, blocked_reason: 'manual_stop' },
    ],
    ['with attempts alone', { attempts: 2 }, { attempts: 2 }],
    [
      'with its attempts also where there are none',
      { lastAttemptAt: at },
      { attempts: 0, last_attempt_at: '2026-01-05T22:57:14Z' },
    ],
    [
      'with a fraction of a second',
      { nextAttemptAt: at + 511 },
      { attempts: 0, next_attempt_at: '2026-01-05T22:57:14.511Z' },
    ],
    [
      'without trailing zeros of the fraction',
      { nextAttemptAt: at + 980 },
      { attempts: 0, next_attempt_at: '2026-01-05T22:57:14.98Z' },
    ],
    [
      'with the zeros of the seconds',
      { nextAttemptAt: Date.UTC(2000, 9, 10, 10, 10, 10) },
      { attempts: 0, next_attempt_at: '2000-10-10T10:10:10Z' },
    ],
    [
      'at the epoch',
      { lastAttemptAt: 0, nextAttemptAt: -0 },
      { attempts: 0, last_attempt_at: '1970-01-01T00:00:00Z', next_attempt_at: '1970-01-01T00:00:00Z' },
    ],
    [
      'in the first year',
      { lastAttemptAt: -62_167_219_200_000 },
      { attempts: 0, last_attempt_at: '0000-01-01T00:00:00Z' },
    ],
    [
      'in the last year',
      { lastAttemptAt: 253_402_300_799_999 },
      { attempts: 0, last_attempt_at: '9999-12-31T23:59:59.999Z' },
    ],
    [
      'with its recent attempts, after the others, and without them where there are none',
      { recentAttempts: [at, at + 500], attempts: 2, lastReason: 'start_timeout' },
      {
        attempts: 2,
        last_reason: 'start_timeout',
        recent_attempts: ['2026-01-05T22:57:14Z', '2026-01-05T22:57:14.5Z'],
      },
    ],
    ['without recent attempts where there are none', { recentAttempts: [] }, {}],
    [
      'with its last reason',
      { lastReason: 'health_check_failed' },
      { attempts: 0, last_reason: 'health_check_failed' },
    ],
  ])('%s', (_, part, wire) => {
    expect(RestartStatusCodec.encode({ ...initialStatus, ...part })).toStrictEqual(wire);
  });

  test('rounded, where a clock gave fractions: the last attempts down, the next one up', () => {
    const fractions = { attempts: 2, lastAttemptAt: 1.9, nextAttemptAt: 1.1, recentAttempts: [0.9, 1.9] };
    expect(RestartStatusCodec.encode({ ...initialStatus, ...fractions })).toStrictEqual({
      attempts: 2,
      last_attempt_at: '1970-01-01T00:00:00.001Z',
      next_attempt_at: '1970-01-01T00:00:00.002Z',
      recent_attempts: ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.001Z'],
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 8.7e15, 253_402_300_800_000, -62_167_219_200_001])(
    'without an exception where a time is none (%d), and then it does not decode',
    (none) => {
      const wire = RestartStatusCodec.encode({ ...initialStatus, lastAttemptAt: none });
      expect(left(decodeRestartStatus(wire))[0].path).toBe('restart_status.last_attempt_at');
    },
  );
});

// ---------------------------------------------------------------------------
// guards
// ---------------------------------------------------------------------------

describe('the guard of a policy', () => {
  test.each<[string, unknown]>([
    ['the defaults', always],
    ['a nanosecond', { ...always, backoff: 0.000_001 }],
    ['the longest span', { ...always, stableAfter: 9_223_372_036_854.775 }],
    ['the largest limit', { ...always, maxAttempts: Number.MAX_SAFE_INTEGER }],
    ['a field of the host beside it', { ...always, note: 'ours' }],
    [
      'all fields',
      {
        ...always,
        maxAttempts: 100,
        maxBackoff: 5_000,
        backoffFactor: 100,
        backoffFrom: 'exit',
        jitter: 1,
        limitInterval: 1,
        cooldown: 1,
        startTimeout: 1,
        rules: [{ causes: ['exit'], exitCodes: [-1, [0, 0]], action: 'restart_uncounted' }],
      },
    ],
  ])('holds for %s', (_, policy) => {
    expect(RestartPolicyCodec.is(policy)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['an array', []],
    ['its wire form', { policy: 'always', backoff: '5s', stable_after: '10m0s' }],
    ['a missing field', { mode: 'always', backoff: 5_000, maxAttempts: 0 }],
    ['another mode', { ...always, mode: 'unless_stopped' }],
    ['a span of zero', { ...always, backoff: 0 }],
    ['a negative span', { ...always, backoff: -1 }],
    ['a span that is NaN', { ...always, stableAfter: Number.NaN }],
    ['an infinite span', { ...always, stableAfter: Number.POSITIVE_INFINITY }],
    ['a part of a nanosecond', { ...always, backoff: 1.000_000_5 }],
    ['a span that an int64 cannot hold', { ...always, backoff: 9_223_372_036_854.78 }],
    ['a span as a text', { ...always, backoff: '5s' }],
    ['a fraction of an attempt', { ...always, maxAttempts: 2.5 }],
    ['a negative limit', { ...always, maxAttempts: -1 }],
    ['a limit that is too large', { ...always, maxAttempts: 2 ** 53 }],
    ['a jitter of 0, which is left out', { ...always, jitter: 0 }],
    ['a jitter of -0', { ...always, jitter: -0 }],
    ['a jitter that is too large', { ...always, jitter: 1.5 }],
    ['a wait from the attempt, which is left out', { ...always, backoffFrom: 'attempt' }],
    ['a cap as a text', { ...always, maxBackoff: '1h' }],
    ['a cap below the backoff', { ...always, maxBackoff: 4_999 }],
    ['a part of a nanosecond as a cap', { ...always, maxBackoff: 6_000.000_000_5 }],
    ['a factor without a cap', { ...always, backoffFactor: 2 }],
    ['a factor of 1', { ...always, maxBackoff: 5_000, backoffFactor: 1 }],
    ['an interval without a limit', { ...always, limitInterval: 1 }],
    ['an interval with a large limit', { ...always, maxAttempts: 101, limitInterval: 1 }],
    ['a cooldown without a limit', { ...always, cooldown: 1 }],
    ['a cooldown below the interval', { ...always, maxAttempts: 1, limitInterval: 2, cooldown: 1 }],
    ['a start time-out of null', { ...always, startTimeout: null }],
    ['no rules', { ...always, rules: [] }],
    ['a rule of the wire', { ...always, rules: [{ exit_codes: [1], action: 'stop' }] }],
    ['a rule with a range that is none', { ...always, rules: [{ exitCodes: [[2, 1]], action: 'stop' }] }],
    ['a function with all fields', Object.assign(() => 0, always)],
    [
      'a getter that throws',
      Object.defineProperty({ ...always }, 'mode', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('does not hold for %s', (_, policy) => {
    expect(RestartPolicyCodec.is(policy)).toBe(false);
  });
});

describe('the guard of a status', () => {
  test.each<[string, unknown]>([
    ['the initial one', initialStatus],
    ['the first moment', { ...initialStatus, lastAttemptAt: -62_167_219_200_000 }],
    ['the last moment', { ...initialStatus, nextAttemptAt: 253_402_300_799_999 }],
    [
      'all fields',
      {
        attempts: 1,
        lastAttemptAt: 0,
        nextAttemptAt: 1,
        blockedReason: 'paused',
        lastReason: 'start_timeout',
        recentAttempts: [-1],
      },
    ],
    ['recent attempts at one moment', { ...initialStatus, attempts: 2, recentAttempts: [5, 5] }],
  ])('holds for %s', (_, status) => {
    expect(RestartStatusCodec.is(status)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['an empty object', {}],
    ['its wire form', { attempts: 1, last_attempt_at: '1970-01-01T00:00:00Z' }],
    ['undefined in place of null', { ...initialStatus, lastAttemptAt: undefined }],
    ['a fraction of a millisecond', { ...initialStatus, lastAttemptAt: 0.5 }],
    ['a time that is NaN', { ...initialStatus, nextAttemptAt: Number.NaN }],
    ['the year 10000', { ...initialStatus, nextAttemptAt: 253_402_300_800_000 }],
    ['the year before the first', { ...initialStatus, lastAttemptAt: -62_167_219_200_001 }],
    ['a date', { ...initialStatus, lastAttemptAt: new Date(0) }],
    ['a negative count', { ...initialStatus, attempts: -1 }],
    ['a fraction of an attempt', { ...initialStatus, attempts: 2.5 }],
    ['another block', { ...initialStatus, blockedReason: 'stopped' }],
    ['another reason', { ...initialStatus, lastReason: 'exit' }],
    ['recent attempts of which there are none', { ...initialStatus, attempts: 1, recentAttempts: [] }],
    ['recent attempts that are null', { ...initialStatus, recentAttempts: null }],
    ['more recent attempts than attempts', { ...initialStatus, attempts: 1, recentAttempts: [1, 2] }],
    ['recent attempts in no order', { ...initialStatus, attempts: 2, recentAttempts: [2, 1] }],
    ['a hundred and one recent attempts', { ...initialStatus, attempts: 200, recentAttempts: new Array(101).fill(1) }],
    ['a recent attempt at half a millisecond', { ...initialStatus, attempts: 1, recentAttempts: [0.5] }],
    ['a function with all fields', Object.assign(() => 0, initialStatus)],
    ['a recent attempt as a text', { ...initialStatus, attempts: 1, recentAttempts: ['1970-01-01T00:00:00Z'] }],
    [
      'a proxy that throws',
      new Proxy(initialStatus, {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('does not hold for %s', (_, status) => {
    expect(RestartStatusCodec.is(status)).toBe(false);
  });
});

// ---------------------------------------------------------------------------
// as parts of larger codecs
// ---------------------------------------------------------------------------

describe('within a larger io-ts codec', () => {
  const Instance = t.type({
    name: t.string,
    spec: t.type({ restart_policy: RestartPolicyCodec }),
    restart_status: RestartStatusCodec,
  });

  test('values decode, encode and are guarded as they are alone', () => {
    const wire = { name: 'web-1', spec: { restart_policy: { policy: 'always' } }, restart_status: null };
    const instance = right(Instance.decode(wire));
    expect(instance).toEqual({ name: 'web-1', spec: { restart_policy: always }, restart_status: initialStatus });
    expect(Instance.is(instance)).toBe(true);
    expect(Instance.encode(instance)).toEqual({
      name: 'web-1',
      spec: { restart_policy: { policy: 'always', backoff: '5s', stable_after: '10m0s' } },
      restart_status: {},
    });
  });

  test('errors keep the way to the field, what stood there, and the message', () => {
    const policy = { policy: 'alway', backoff: 5, max_attempt: 3 };
    const wire = { name: 'web-1', spec: { restart_policy: policy }, restart_status: { attempts: -1 } };
    const errors = left(Instance.decode(wire));
    expect(errors.map(({ context }) => context.map(({ key }) => key))).toEqual([
      ['', 'spec', 'restart_policy', 'policy'],
      ['', 'spec', 'restart_policy', 'backoff'],
      ['', 'spec', 'restart_policy', 'max_attempt'],
      ['', 'restart_status', 'attempts'],
    ]);
    expect(errors.map(({ value }) => value)).toEqual(['alway', 5, 3, -1]);
    expect(errors.map(({ context }) => context.at(-1)?.actual)).toEqual(['alway', 5, 3, -1]);
    expect(errors[0]?.context[2]).toMatchObject({ type: RestartPolicyCodec, actual: policy });
    expect(PathReporter.report(Instance.decode(wire))).toEqual([
      'restart_policy.policy must be one of never, always, on_failure, got the text "alway"',
      'restart_policy.backoff must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got 5',
      'restart_policy.max_attempt is not a known field; did you mean max_attempts?',
      'restart_status.attempts must be >= 0 and a whole number up to 9007199254740991, got -1',
    ]);
  });

  test('errors within a rule keep the way to it piece by piece', () => {
    const rule = { action: 'stop', exit_codes: [1, [5, 2]], zone: 'a' };
    const errors = left(
      Instance.decode({ name: 'web-1', spec: { restart_policy: { policy: 'always', rules: [rule] } } }),
    );
    expect(errors.map(({ context }) => context.map(({ key }) => key))).toEqual([
      ['', 'spec', 'restart_policy', 'rules', '0', 'exit_codes', '1'],
      ['', 'spec', 'restart_policy', 'rules', '0', 'zone'],
    ]);
    expect(errors.map(({ value }) => value)).toEqual([[5, 2], 'a']);
    expect(errors[0]?.context.slice(3).map(({ actual }) => actual)).toEqual([[rule], rule, rule.exit_codes, [5, 2]]);
    expect(errors[0]?.message).toBe(
      'restart_policy.rules[0].exit_codes[1] must be a whole number or a range [low, high], got [5,2]',
    );
  });

  test('a value that is no object is an error of its own place', () => {
    const errors = left(Instance.decode({ name: 'web-1', spec: { restart_policy: [] } }));
    expect(errors).toHaveLength(1);
    expect(errors[0]?.context.map(({ key }) => key)).toEqual(['', 'spec', 'restart_policy']);
    expect(errors[0]?.value).toEqual([]);
    expect(errors[0]?.message).toBe('restart_policy must be an object');
  });

  test('a value that is no object is an error also where nothing is told of its place', () => {
    expect(left(RestartPolicyCodec.validate([], []))).toEqual([
      { value: undefined, context: [], message: 'restart_policy must be an object' },
    ]);
  });

  test('the codecs have names, and decode alone as the functions do', () => {
    expect([RestartPolicyCodec.name, RestartStatusCodec.name]).toEqual(['RestartPolicy', 'RestartStatus']);
    expect(right(RestartPolicyCodec.decode({ policy: 'always' }))).toEqual(always);
    expect(left(RestartPolicyCodec.decode({ policy: '' })).map(({ context }) => context.map(({ key }) => key))).toEqual(
      [['', 'policy']],
    );
  });
});
