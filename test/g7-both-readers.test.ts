/**
 * G7, of the two readers behind the codecs: one that knows the canonical form and is quick, and the strict one. On every input
 * the codecs answer what the strict reader would have answered alone: the same value, or the same errors.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectGarbage } from '../bench/measure.js';
import { decodeRestartPolicy, decodeRestartStatus, RestartPolicyCodec, RestartStatusCodec } from '../src/codec.js';
import { formatDuration, parseDuration } from '../src/index.js';
import {
  arbDurationText,
  arbMillis,
  arbRestartPolicy,
  arbRestartStatus,
  arbTimestamp,
} from '../src/testing/arbitraries.js';
import { checkTime } from '../src/time.js';
import { readCanonicalDuration, remembering } from '../src/wire/canonical-duration.js';
import { canonicalPolicy, policyValuesOf } from '../src/wire/canonical-policy.js';
import { canonicalStatus, statusValuesOf } from '../src/wire/canonical-status.js';
import { readCanonicalTime } from '../src/wire/canonical-time.js';
import { right } from './support/either.js';
import { runs } from './support/proof.js';
import { decodePolicyStrictly, decodeStatusStrictly } from './support/strict-readers.js';
import { policyKeys, statusKeys } from './support/wire-keys.js';

type Decode = (u: unknown) => ReturnType<typeof decodeRestartPolicy> | ReturnType<typeof decodeRestartStatus>;

/** An input is made anew for each reader: one with getters may be another thing once it was read. */
type Make = () => unknown;

const readers: Readonly<Record<'policy' | 'status', { readonly codec: Decode; readonly strict: Decode }>> = {
  policy: { codec: decodeRestartPolicy, strict: decodePolicyStrictly },
  status: { codec: decodeRestartStatus, strict: decodeStatusStrictly },
};

/** Down to the order of fields, prototypes, -0, and what is frozen. */
const expectAgreement = (codec: unknown, strict: unknown): void => {
  expect(JSON.stringify(codec)).toBe(JSON.stringify(strict));
  expect(frozenIn(codec)).toEqual(frozenIn(strict));
  // Asked first, for it is quick; the other shows the difference.
  if (!isDeepStrictEqual(codec, strict)) expect(codec).toStrictEqual(strict);
  expect(isDeepStrictEqual(codec, strict)).toBe(true);
};

const frozenIn = (u: unknown): unknown =>
  typeof u === 'object' && u !== null ? [Object.isFrozen(u), ...Object.values(u).map(frozenIn)] : null;

// ---------------------------------------------------------------------------
// inputs
// ---------------------------------------------------------------------------

type Wire = Record<string, unknown>;

const ruleKeys = ['causes', 'exit_codes', 'action'];
const otherKeys = ['max_attempt', 'polic', 'maxAttempts', '__proto__', 'constructor', 'toString', '', '0', 'length'];

const arbKey = fc.oneof(fc.constantFrom(...policyKeys, ...statusKeys, ...ruleKeys), fc.constantFrom(...otherKeys));

/** Values that are nearly those of some field. */
const arbNearly: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, '', ' ', 0, -0, -1, 1, 0.5, 1.5, 2, 100, 101, '5', 2 ** 53),
  fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, 5n, Symbol('5s'), [], {}, new Date(0), new Map()),
  fc.constantFrom('never', 'always', 'on_failure', 'Always', 'exit', 'attempt', 'stop', 'restart', 'paused', 'signal'),
  fc.constantFrom('manual_stop', 'health_check_failed', 'start_timeout', 'toString'),
  fc.constantFrom(
    '5s',
    '90s',
    '1h',
    '1.5h',
    ' 5s ',
    '+5s',
    '-5s',
    '0',
    '0s',
    '.5s',
    '1m1m',
    '5 s',
    '5sec',
    '1d',
    '1us',
  ),
  fc.constantFrom('1ns', '0.1ns', '2562047h47m16.854775807s', '2562047h47m16.854775808s', '1e3s', '５s', '5s\0'),
  fc.constantFrom<unknown>(new Object('5s'), new Object(5), ['5s'], { toString: () => '5s' }),
  arbDurationText,
  fc.string({ unit: fc.constantFrom(...'0123456789.hmsnuµ +-'), maxLength: 40 }),
  fc.array(fc.oneof(fc.integer({ min: -2, max: 5 }), fc.tuple(fc.integer({ max: 9 }), fc.integer({ min: 1 })))),
  fc.array(fc.constantFrom('exit', 'signal', 'oom', '2026-01-31T09:30:00Z', '2025-01-31T09:30:00Z'), { maxLength: 8 }),
  fc.constantFrom<unknown>(
    new Array(3),
    Object.assign([], { 0: 1, 2: 3 }),
    [Object.assign([], { 0: 1, 2: 3 })],
    [[2, 1]],
    [[1]],
    Array.from({ length: 300 }, () => 1),
  ),
  fc.array(fc.dictionary(fc.constantFrom(...ruleKeys, 'exitCodes'), fc.constantFrom<unknown>('stop', [1], null)), {
    maxLength: 22,
  }),
  fc.anything(),
);

/** With and without a leap day, and of two calendars. */
const years = ['0000', '0001', '0099', '0100', '0400', '1582', '1900', '1969', '1970', '2000', '2023', '2024', '9999'];

/** Times in and near the forms that are read: any digits, zones, and dates that there are not. */
const arbTime = fc
  .tuple(
    fc.constantFrom(...years, '99'),
    fc.integer({ min: 0, max: 13 }).map(twoDigits),
    fc.integer({ min: 0, max: 32 }).map(twoDigits),
    fc.oneof(fc.constantFrom('00:00:00', '23:59:59', '24:00:00', '12:60:00', '12:00:60', '1:2:3', '09:30:00')),
    fc.oneof(
      fc.constantFrom('', '', '.', ',5', '.5x', '.999999999', '.0000000001', '.000000001'),
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 10 }).map((digits) => `.${digits}`),
    ),
    fc.constantFrom('Z', 'Z', 'Z', 'z', '', '+00:00', '-00:30', '+23:59', '+24:00', 'Z '),
    fc.constantFrom('T', 'T', 'T', 't', ' '),
  )
  .map(([year, month, day, clock, fraction, zone, t]) => `${year}-${month}-${day}${t}${clock}${fraction}${zone}`);

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

const arbValue = fc.oneof({ weight: 3, arbitrary: arbNearly }, arbTime);

const throws = (): never => {
  throw new Error('a trap');
};

/** Of the objects within a value one is chosen, so that rules and arrays are changed as well as the whole. */
const objectsIn = (u: unknown): ReadonlyArray<Wire> =>
  typeof u === 'object' && u !== null && isPlain(u) ? [u as Wire, ...valuesOf(u).flatMap(objectsIn)] : [];

/** Without a look at getters. */
const valuesOf = (u: object): ReadonlyArray<unknown> =>
  Object.values(Object.getOwnPropertyDescriptors(u)).map(({ value }) => value);

const keyIn = (object: Wire, key: string, nth: number): string => {
  const keys = Object.keys(object);
  return nth % 3 === 0 ? key : (keys[nth % (keys.length || 1)] ?? key);
};

/** What is changed in one input must be as it was in the next. */
const copyOf = (u: unknown): unknown => {
  if (typeof u !== 'object' || u === null || !isPlain(u)) return u;
  const copy = Array.isArray(u) ? [] : Object.create(Object.getPrototypeOf(u));
  for (const [key, { value, ...rest }] of Object.entries(Object.getOwnPropertyDescriptors(u))) {
    Reflect.defineProperty(copy, key, 'get' in rest ? rest : { ...rest, value: copyOf(value) });
  }
  return copy;
};

const isPlain = (u: object): boolean => [null, Object.prototype, Array.prototype].includes(Object.getPrototypeOf(u));

/** Where it can: what is frozen is left as it is. */
const define = (object: Wire, key: PropertyKey, descriptor: PropertyDescriptor): void => {
  // An array's length is no field.
  if (Array.isArray(object) && key === 'length') return;
  Reflect.defineProperty(object, key, { enumerable: true, configurable: true, ...descriptor });
};

/** A change of one of the objects within an input, in place. */
type Change = (object: Wire, key: string, value: unknown) => void;

const changes: Readonly<Record<string, Change>> = {
  set: (object, key, value) => define(object, key, { value, writable: true }),
  remove: (object, key) => void Reflect.deleteProperty(object, key),
  reorder: (object, key) => {
    const { value } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    if (Reflect.deleteProperty(object, key)) define(object, key, { value, writable: true });
  },
  hide: (object, key, value) => define(object, key, { value, enumerable: false }),
  inherit: (object, key, value) => void Reflect.setPrototypeOf(object, { [key]: value }),
  'lose the prototype': (object) => void Reflect.setPrototypeOf(object, null),
  'be of a class': (object) => void Reflect.setPrototypeOf(object, new (class Policy {})()),
  'have a tag': (object, _, value) => define(object, Symbol.toStringTag, { value }),
  'have a getter': (object, key, value) => define(object, key, { get: () => value }),
  'throw at a field': (object, key) => define(object, key, { get: throws }),
  freeze: (object) => void Object.freeze(object),
  'iterate as it likes': (object) =>
    define(object, Symbol.iterator, {
      value: function* () {
        yield 1;
        yield 9;
      },
      enumerable: false,
    }),
  'be long': (object, _, value) => {
    const length = Array.isArray(object) ? object.length : 300;
    for (let at = length; at < 300; at++) define(object, String(at), { value, writable: true });
  },
};

/** A change of the input as a whole. */
const wholes: Readonly<Record<string, (u: object) => unknown>> = {
  'as it is': (u) => u,
  'a proxy': (u) => new Proxy(u, {}),
  'a proxy of all within': (u) => proxied(u),
  'a proxy that lists no fields': (u) => new Proxy(u, { ownKeys: throws }),
  'a proxy that shows no fields': (u) => new Proxy(u, { getOwnPropertyDescriptor: throws }),
  'a proxy that shows each field once': (u) => {
    const shown = new Set<PropertyKey>();
    return new Proxy(u, {
      getOwnPropertyDescriptor: (object, key) => {
        if (shown.has(key)) return throws();
        shown.add(key);
        return Reflect.getOwnPropertyDescriptor(object, key);
      },
    });
  },
  'a proxy that tells no prototype': (u) => new Proxy(u, { getPrototypeOf: throws }),
  'a revoked proxy': (u) => {
    const { proxy, revoke } = Proxy.revocable(u, {});
    revoke();
    return proxy;
  },
  'within an array': (u) => [u],
  'with all of its fields inherited': (u) => Object.create(u),
};

const proxied = (u: unknown): unknown =>
  typeof u === 'object' && u !== null ? new Proxy(u, { get: (object, key) => proxied(Reflect.get(object, key)) }) : u;

const arbChanges = fc.array(
  fc.record({
    change: fc.constantFrom(...Object.keys(changes)),
    // Most of the changes are of a value, and most values nearly right.
    kind: fc.constantFrom('set', 'set', 'set', 'any'),
    where: fc.nat(20),
    nth: fc.nat(30),
    key: arbKey,
    value: arbValue,
  }),
  { maxLength: 3 },
);

/** Inputs that were canonical, before they were changed. */
const changed = (arbWire: fc.Arbitrary<object>): fc.Arbitrary<Make> =>
  fc
    .tuple(arbWire, arbChanges, fc.oneof(fc.constant('as it is'), fc.constantFrom(...Object.keys(wholes))))
    .map(([wire, made, whole]) => {
      const make = (): unknown => {
        const input = copyOf(wire) as object;
        for (const { change, kind, where, nth, key, value } of made) {
          const objects = objectsIn(input);
          // The whole in half of them.
          const object = (where % 2 === 0 ? input : objects[where % objects.length]) as Wire;
          if (object === undefined) continue;
          changes[kind === 'any' ? change : kind]?.(object, keyIn(object, key, nth), copyOf(value));
        }
        return wholes[whole]?.(input);
      };
      return Object.assign(make, { toString: () => fc.stringify({ wire, made, whole }) });
    });

const arbPolicyWire = arbRestartPolicy.map((policy) => RestartPolicyCodec.encode(policy));
const arbStatusWire = arbRestartStatus.map((status) => RestartStatusCodec.encode(status));

const arbFields = (keys: ReadonlyArray<string>): fc.Arbitrary<object> =>
  fc.dictionary(fc.constantFrom(...keys, ...otherKeys), arbValue);

const arbJunk: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true }),
  arbFields(policyKeys),
  arbFields(statusKeys),
  arbFields([...policyKeys, ...statusKeys, ...ruleKeys]),
);

/** What was never canonical. */
const arbOther: fc.Arbitrary<Make> = arbJunk.map((junk) =>
  Object.assign(() => copyOf(junk), { toString: () => fc.stringify(junk) }),
);

const arbInputs: Readonly<Record<'policy' | 'status', fc.Arbitrary<Make>>> = {
  policy: fc.oneof({ weight: 3, arbitrary: changed(arbPolicyWire) }, arbOther),
  status: fc.oneof({ weight: 3, arbitrary: changed(arbStatusWire) }, arbOther),
};

// ---------------------------------------------------------------------------
// agreement
// ---------------------------------------------------------------------------

describe.each(['policy', 'status'] as const)('G7: the two readers of a %s', (kind) => {
  const { codec, strict } = readers[kind];

  test('answer alike on every input', () => {
    fc.assert(
      fc.property(arbInputs[kind], (make) => {
        expectAgreement(codec(make()), strict(make()));
      }),
      { numRuns: runs(2_500) },
    );
  });

  test('answer alike where the fields answer otherwise each time, and none is read again', () => {
    fc.assert(
      fc.property(arbInputs[kind], arbValue, (make, later) => {
        const reads = new Map<string, number>();
        const given = changing(make(), later, (path) => reads.set(path, (reads.get(path) ?? 0) + 1));
        expectAgreement(codec(given), strict(changing(make(), later, () => {})));
        // What is wrong in an array the strict reader reads again, to tell what was there.
        expect([...reads].filter(([path, times]) => times > 1 && !/\.\d+$/.test(path))).toEqual([]);
      }),
      { numRuns: runs(1_000) },
    );
  });

  // Found by the property above, where one reader went through the inherited fields too.
  test.each(Object.entries(wholes))('answer alike where fields are inherited: %s', (_, whole) => {
    for (const field of [...policyKeys, ...statusKeys]) {
      const make = () => whole(Object.create({ [field]: [] }));
      expectAgreement(codec(make()), strict(make()));
    }
  });

  test('read what they let pass in the same order', () => {
    fc.assert(
      fc.property(arbInputs[kind], (make) => {
        const orders = [codec, strict].map((read) => {
          const order: Array<string> = [];
          const answer = read(changing(make(), null, (path) => order.push(path)));
          return answer._tag === 'Right' ? order : [];
        });
        expect(orders[0]).toEqual(orders[1]);
      }),
      { numRuns: runs(1_000) },
    );
  });
});

/** With getters in place of all fields, which answer with their value once, and with another from then on. */
const changing = (u: unknown, later: unknown, onRead: (path: string) => void, path = ''): unknown => {
  if (typeof u !== 'object' || u === null || !(attempt(() => isPlain(u)) ?? false)) return u;
  const descriptors = attempt(() => Object.entries(Object.getOwnPropertyDescriptors(u))) ?? [];
  for (const [key, { value, enumerable, configurable }] of descriptors) {
    if (!enumerable || !configurable || value === undefined) continue;
    // Items of arrays stay what they are: see above.
    const others = Array.isArray(u) ? value : later;
    const within = changing(value, later, onRead, `${path}.${key}`);
    let first = true;
    define(u as Wire, key, {
      get: () => {
        onRead(`${path}.${key}`);
        const answer = first ? within : others;
        first = false;
        return answer;
      },
    });
  }
  return u;
};

const attempt = <A>(run: () => A): A | null => {
  try {
    return run();
  } catch {
    return null;
  }
};

describe('G7: the quick reader', () => {
  const quickly = (wire: Record<string, unknown>) => {
    const values = policyValuesOf(wire, Object.keys(wire));
    return values === null ? null : canonicalPolicy(values);
  };

  // Else it would be no quicker: the strict reader would do all the work.
  test('knows every policy that we write', () => {
    fc.assert(
      fc.property(arbRestartPolicy, (policy) => {
        expect(quickly({ ...RestartPolicyCodec.encode(policy) })).toEqual(policy);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('knows every status that we write', () => {
    fc.assert(
      fc.property(arbRestartStatus, (status) => {
        expect(canonicalStatus(statusValuesOf({ ...RestartStatusCodec.encode(status) }))).toEqual(status);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test.each<[string, object]>([
    ['durations in other words', { policy: 'always', backoff: '90s', stable_after: ' 1.5h ' }],
    ['the defaults left out, and other orders', { max_attempts: 3, policy: 'always' }],
    [
      'what is as good as absent',
      { policy: 'never', max_attempts: -0, jitter: 0, backoff_from: 'attempt', rules: undefined },
    ],
  ])('knows a policy with %s', (_, wire) => {
    expect({ _tag: 'Right', right: quickly({ ...wire }) }).toStrictEqual(decodePolicyStrictly(wire));
  });

  test.each<[string, object]>([
    [
      'nulls',
      { attempts: 1, last_attempt_at: null, next_attempt_at: null, blocked_reason: null, recent_attempts: null },
    ],
    ['times as Go writes them', { attempts: 1, next_attempt_at: '2026-01-31T09:30:00.000000001Z' }],
    ['fields of a later version', { attempts: 1, of_a_later_version: true }],
  ])('knows a status with %s', (_, wire) => {
    expect({ _tag: 'Right', right: canonicalStatus(statusValuesOf({ ...wire })) }).toStrictEqual(
      decodeStatusStrictly(wire),
    );
  });
});

// ---------------------------------------------------------------------------
// times
// ---------------------------------------------------------------------------

describe('G7: the quick reader of times', () => {
  /** It knows those in UTC, and all of them. */
  const expectTime = (text: string, rounding: 'down' | 'up'): void => {
    const strict = checkTime(text, rounding);
    const known = strict._tag === 'Right' && text.endsWith('Z') ? strict.right : null;
    expect(`${text} ${readCanonicalTime(text, rounding)}`).toBe(`${text} ${known}`);
  };

  test('knows each day of a year, and none that there is not', () => {
    for (const year of years)
      for (let month = 0; month <= 13; month++)
        for (let day = 0; day <= 32; day++) expectTime(`${year}-${twoDigits(month)}-${twoDigits(day)}T09:30:00Z`, 'up');
  });

  test('knows each moment of a day as the strict one does', () => {
    const arbText = fc.oneof(
      arbTime,
      fc
        .tuple(
          fc.nat(25),
          fc.nat(61),
          fc.nat(61),
          fc.string({ unit: fc.constantFrom(...'0123456789.Zz+- x'), maxLength: 12 }),
        )
        .map(([h, m, s, rest]) => `2026-01-31T${twoDigits(h)}:${twoDigits(m)}:${twoDigits(s)}${rest}`),
      fc
        .tuple(
          fc.constantFrom(...years),
          fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 10 }),
        )
        .map(([year, digits]) => `${year}-12-31T23:59:59.${digits}Z`),
      arbTimestamp.map((at) => new Date(at).toISOString()),
    );
    fc.assert(fc.property(arbText, fc.constantFrom('down', 'up'), expectTime), { numRuns: runs(3_000) });
  });
});

// ---------------------------------------------------------------------------
// the memory of durations
// ---------------------------------------------------------------------------

describe('G7: a duration that was read before', () => {
  test('is what its own text says, however like another one it is', () => {
    const arbTexts = fc.array(
      fc.oneof(
        arbDurationText,
        fc
          .tuple(fc.nat(120), fc.constantFrom('s', 'm', 'ms', 'h0m0s', 'S', 's ', 'S ', '.5h', '.5H'))
          .map(([n, unit]) => `${n}${unit}`),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(arbTexts, (texts) => {
        for (const text of [...texts, ...texts]) {
          const decoded = decodeRestartPolicy({ policy: 'always', backoff: text });
          const parsed = parseDuration(text);
          if (parsed._tag === 'Right' && parsed.right > 0) expect(right(decoded).backoff).toBe(parsed.right);
          else if (text.trim() !== '') expect(decoded._tag).toBe('Left');
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test('is the same where it is read at once, to the last bit', () => {
    const arbPlain = fc
      .array(
        fc
          .tuple(
            fc.oneof(fc.nat(200).map(String), fc.bigInt({ min: 0n, max: 10n ** 19n }).map(String), fc.constant('')),
            fc.oneof(
              fc.constant(''),
              fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 11 }).map((digits) => `.${digits}`),
            ),
            fc.constantFrom('h', 'm', 's', 'ms', 'us', 'µs', 'μs', 'ns', 'n', ''),
          )
          .map((parts) => parts.join('')),
        { maxLength: 4 },
      )
      .map((terms) => terms.join(''));
    fc.assert(
      fc.property(fc.oneof(arbPlain, arbDurationText, arbMillis.map(formatDuration)), (text) => {
        const plain = readCanonicalDuration(text);
        if (plain !== null) expect(parseDuration(text)).toEqual({ _tag: 'Right', right: plain });
      }),
      { numRuns: runs(5_000) },
    );
  });

  test.each(['5s', '10m0s', '2h0m0.25s', '250ms', '1.5ms', '1.001µs', '1ns', '90s', '2501h59m59.254740991s'])(
    'is read at once where it is %s',
    (text) => {
      expect(readCanonicalDuration(text)).toBe(right(parseDuration(text)));
    },
  );

  test.each(['', '0s', '1.5h', ' 5s', '-5s', '+5s', '5', '.5s', '5.s', '1us', '2502h0m0s', '5S'])(
    'is left to the strict reader where it is "%s"',
    (text) => {
      expect(readCanonicalDuration(text)).toBeNull();
    },
  );

  test('is not read again, while there is room', () => {
    const { read, asked } = counting(3, 10);
    for (const text of ['a', 'b', 'a', 'none', 'none', 'b', 'a']) read(text);
    expect(asked).toEqual(['a', 'b', 'none']);
  });

  test('is read again where it is too long, or others have taken its place', () => {
    const { read, asked } = counting(3, 4);
    for (const text of ['a', 'too long', 'too long', 'b', 'c', 'a', 'd', 'd', 'a']) read(text);
    expect(asked).toEqual(['a', 'too long', 'too long', 'b', 'c', 'd', 'a']);
  });

  test('holds on to nothing else of the text that it was cut out of', () => {
    const megabytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed / 1e6;
    };
    const read = remembering((text) => text.length, 100, 32);
    const before = megabytes();
    for (let n = 0; n < 100; n++) {
      const request = Buffer.from(`${'x'.repeat(500_000)}${n}h0m0.000000001s`).toString();
      read(request.slice(500_000));
    }
    expect(megabytes() - before).toBeLessThan(10);
    expect(read('5h0m0.000000001s')).toBe('5h0m0.000000001s'.length);
  });
});

/** Reads the length of a text, or null for 'none', and keeps which texts it was asked to read. */
const counting = (most: number, longest: number) => {
  const asked: Array<string> = [];
  const read = remembering(
    (text) => {
      asked.push(text);
      return text === 'none' ? null : text.length;
    },
    most,
    longest,
  );
  return { read, asked };
};
