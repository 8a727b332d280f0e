/**
 * Durations: the reference's own outputs, the grammar of Go, and the exact printing of doubles.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, RestartPolicyCodec } from '../src/codec.js';
import { maxMillis, minMillis, roundToNanos } from '../src/duration.js';
import { type DurationError, formatDuration, parseDuration } from '../src/index.js';
import { isSpan } from '../src/policy.js';
import { arbDurationText } from '../src/testing/arbitraries.js';
import { left, right } from './support/either.js';
import { tenMillion } from './support/long.js';
import { runs } from './support/proof.js';

type Vector =
  | { readonly raw: string; readonly error: true }
  | { readonly raw: string; readonly ns: string; readonly text: string; readonly rounded?: true };

const vectors: ReadonlyArray<Vector> = JSON.parse(
  readFileSync(new URL('./data/durations.json', import.meta.url), 'utf8'),
);

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Reads a canonical text exactly, by other means than the library does. */
const nanosIn = (canonical: string): bigint => {
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of canonical.matchAll(/(\d+)(?:\.(\d+))?(ns|µs|ms|s|m|h)/gu)) {
    const one = unitNanos[unit] ?? 0n;
    nanos += BigInt(whole) * one + (BigInt(fraction || '0') * one) / 10n ** BigInt(fraction.length);
  }
  return nanos;
};

/** The exact value of a double, in nanoseconds, rounded half up: by its bits, without floating point. */
const exactNanos = (ms: number): bigint => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, ms);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const shift = BigInt((exponent === 0 ? 1 : exponent) - 1075);
  const scaled = mantissa * 1_000_000n;
  return shift >= 0n ? scaled << shift : (scaled * 2n + (1n << -shift)) >> (1n - shift);
};

describe('on what the reference makes of a backoff', () => {
  test('there are 300 vectors, 22 of them rounded', () => {
    expect(vectors).toHaveLength(300);
    expect(vectors.filter((vector) => 'rounded' in vector)).toHaveLength(22);
  });

  test.each(vectors)('$raw', (vector) => {
    const decoded = decodeRestartPolicy({ policy: 'always', backoff: vector.raw });
    if ('error' in vector) {
      expect(left(decoded)[0].path).toBe('restart_policy.backoff');
      return;
    }
    const { backoff } = RestartPolicyCodec.encode(right(decoded));
    if (vector.rounded === undefined) {
      expect(backoff).toBe(vector.text);
      expect(nanosIn(backoff)).toBe(BigInt(vector.ns));
      return;
    }
    const expected = BigInt(vector.ns);
    const off = nanosIn(backoff) - expected;
    expect((off < 0n ? -off : off) * 10n ** 15n).toBeLessThanOrEqual(expected);
  });
});

describe('parsing', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['+0', 0],
    ['-0s', 0],
    ['0.9ns', 0],
    ['1ns', 0.000001],
    ['1us', 0.001],
    ['1µs', 0.001], // U+00B5
    ['1μs', 0.001], // U+03BC
    ['1ms', 1],
    ['+1s', 1_000],
    ['1.s', 1_000],
    ['.5s', 500],
    ['1m30s', 90_000],
    ['30s1m', 90_000],
    ['1s1s', 2_000],
    ['1.5h', 5_400_000],
    ['00h00m05s', 5_000],
    [`${'0'.repeat(30)}5s`, 5_000],
    ['9007199254740993ns', 9_007_199_254.740993],
    ['2562047h47m16.854775807s', maxMillis],
  ])('%s is %d ms', (raw, ms) => {
    expect(right(parseDuration(raw))).toBe(ms);
  });

  const white = ['\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u00a0', '\u1680', '\u2000', '\u2001', '\u2002'].concat(
    ['\u2003', '\u2004', '\u2005', '\u2006', '\u2007', '\u2008', '\u2009', '\u200a', '\u2028', '\u2029', '\u202f'],
    ['\u205f', '\u3000'],
  );

  test('white space is what Go holds for it, and it is trimmed on both sides', () => {
    for (const space of white) {
      expect(parseDuration(`${space}${space}1s${space}`), quoteCode(space)).toEqual(parseDuration('1s'));
    }
  });

  test('no other code unit is trimmed: not the byte order mark, not the zero-width space', () => {
    const units = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    const around = units.filter((unit) => parseDuration(`${unit}1s${unit}`)._tag === 'Right');
    expect(around.map(quoteCode)).toEqual(white.map(quoteCode));
    expect(left(parseDuration('\ufeff1s'))._tag).toBe('DurationInvalid');
    expect(left(parseDuration('\ufeff'))._tag).toBe('DurationInvalid');
  });

  test('white space within a text is not white space', () => {
    for (const space of [...white, '\ufeff']) {
      expect(left(parseDuration(`1h${space}30m`))._tag, quoteCode(space)).toBe('DurationInvalid');
    }
  });

  // Each can follow the name of a field.
  const messages: Readonly<Record<DurationError['_tag'], string>> = {
    DurationEmpty: 'is empty',
    DurationInvalid: 'must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h',
    DurationNegative: 'must be positive',
    DurationTooLong: 'must be a valid duration: up to 2^63-1 ns',
  };

  test.each<[string, DurationError['_tag']]>([
    ['', 'DurationEmpty'],
    [' \u0085\u00a0 ', 'DurationEmpty'],
    ['+', 'DurationInvalid'],
    ['-', 'DurationInvalid'],
    ['5', 'DurationInvalid'],
    ['00', 'DurationInvalid'],
    ['1s5', 'DurationInvalid'],
    ['1d', 'DurationInvalid'],
    ['1S', 'DurationInvalid'],
    ['1constructor', 'DurationInvalid'],
    ['.s', 'DurationInvalid'],
    ['s', 'DurationInvalid'],
    ['1..5s', 'DurationInvalid'],
    ['--1s', 'DurationInvalid'],
    ['1h-30m', 'DurationInvalid'],
    ['1e3s', 'DurationInvalid'],
    ['NaN', 'DurationInvalid'],
    ['Infinity', 'DurationInvalid'],
    ['١s', 'DurationInvalid'],
    ['99999999999999999999', 'DurationInvalid'],
    ['99999999999999999999 bananas', 'DurationInvalid'],
    ['9999999h1d', 'DurationInvalid'],
    ['-1ns', 'DurationNegative'],
    ['-1.5h', 'DurationNegative'],
    ['-9223372036854775808ns', 'DurationNegative'],
    ['-9223372036854775809ns', 'DurationNegative'],
    ['9223372036854775808ns', 'DurationTooLong'],
    ['9223372036854775807ns1ns', 'DurationTooLong'],
    ['9223372036854775809ns', 'DurationTooLong'],
    ['2562048h', 'DurationTooLong'],
    ['99999999999999999999ns', 'DurationTooLong'],
    ['99999999999999999999.5h', 'DurationTooLong'],
  ])('%j is a %s', (raw, tag) => {
    expect(left(parseDuration(raw))).toEqual({ _tag: tag, message: messages[tag] });
  });

  test('a fraction without a whole part may follow another term', () => {
    expect(right(parseDuration('1h.5m'))).toBe(3_630_000);
  });

  test.each([[undefined], [null], [5], [5n], [Symbol('5s')], [['5s']], [Object.create(null)]])(
    'what is no text is an error, not an exception (%#)',
    (misuse) => {
      const error = { _tag: 'DurationInvalid', message: messages.DurationInvalid };
      expect(left(parseDuration(misuse as string))).toEqual(error);
      expect(typeof formatDuration(misuse as number)).toBe('string');
    },
  );

  test('texts of ten million characters are read', () => {
    const size = tenMillion;
    const cases: ReadonlyArray<[string, DurationError['_tag']]> = [
      [`${'9'.repeat(size)}s`, 'DurationTooLong'],
      [`1${'x'.repeat(size)}`, 'DurationInvalid'],
      [' '.repeat(size), 'DurationEmpty'],
      ['999h'.repeat(size / 4), 'DurationTooLong'],
      [`-${'1ns'.repeat(size / 4)}`, 'DurationNegative'],
      ['\u{1f600}'.repeat(size / 2), 'DurationInvalid'],
    ];
    for (const [raw, tag] of cases) {
      expect(left(parseDuration(raw))._tag).toBe(tag);
    }
    expect(right(parseDuration(`${'0'.repeat(size)}.${'0'.repeat(size)}1s`))).toBe(0);
    expect(right(parseDuration(`1.5${'0'.repeat(size)}s`))).toBe(1_500);
  });

  test('no text makes it throw, and what it accepts is a whole number of nanoseconds', () => {
    const arbNearlyText = fc.string({ unit: fc.constantFrom(...'0123456789.-+ hmsnuµμ'), maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), arbNearlyText, arbDurationText), (raw) => {
        const parsed = parseDuration(raw);
        if (parsed._tag === 'Left') {
          expect(parsed.left.message).not.toBe('');
          return;
        }
        expect(parsed.right === 0 || isSpan(parsed.right)).toBe(true);
        expect(Object.is(parsed.right, -0)).toBe(false);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('printing', () => {
  test.each([
    [0, '0s'],
    [-0, '0s'],
    [0.000001, '1ns'],
    [0.000999, '999ns'],
    [0.001, '1µs'],
    [0.0015, '1.5µs'],
    [0.999999, '999.999µs'],
    [1, '1ms'],
    [1.001001, '1.001001ms'],
    [250, '250ms'],
    [1_000, '1s'],
    [1_050, '1.05s'],
    [60_000, '1m0s'],
    [90_000, '1m30s'],
    [600_000, '10m0s'],
    [3_600_000, '1h0m0s'],
    [3_661_500, '1h1m1.5s'],
    [-90_000, '-1m30s'],
    [-0.0000001, '0s'],
    [0.1 + 0.2, '300µs'],
    [0.0000005, '0s'], // as a double a little less than half a nanosecond
    [0.0000015, '2ns'], // and this a little more than one and a half
    [maxMillis, '2562047h47m16.854775391s'], // the exact value of the nearest double
    [9_223_372_036_854.78, '2562047h47m16.854775807s'], // the next one up is too much for an int64
    [1e300, '2562047h47m16.854775807s'],
    [Number.POSITIVE_INFINITY, '2562047h47m16.854775807s'],
    [Number.NEGATIVE_INFINITY, '-2562047h47m16.854775807s'],
    [Number.NaN, 'NaN'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('what is printed is the exact value of the double, rounded to nanoseconds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ min: 0, max: 10, noNaN: true }),
          fc.double({ min: 0, max: maxMillis, noNaN: true }),
          // Just above, below and at half a nanosecond.
          fc.tuple(fc.nat(), fc.constantFrom(0, 1e-13, -1e-13)).map(([n, off]) => Math.abs((n + 0.5) / 1e6 + off)),
          // Where halves of nanoseconds are doubles.
          fc.nat().map((n) => (2 * n + 1) / 2 ** 7),
        ),
        (ms) => {
          expect(nanosIn(formatDuration(ms))).toBe(exactNanos(ms));
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test('the oracle of that property knows its trade', () => {
    expect(exactNanos(1)).toBe(1_000_000n);
    expect(exactNanos(1 / 2 ** 7)).toBe(7_813n); // 7812.5, halves up
    expect(exactNanos(2 ** 40)).toBe(2n ** 40n * 1_000_000n);
    expect(exactNanos(Number.MIN_VALUE)).toBe(0n);
  });
});

describe('round trips', () => {
  const twoTo33Millis = 2n ** 33n * 1_000_000n;

  test('every nanosecond up to 2^33 ms survives: printed, it is the text of that very number', () => {
    const arbNanos = fc.oneof(
      fc.bigInt({ min: 1n, max: 10_000_000_000n }),
      fc.bigInt({ min: 1n, max: twoTo33Millis }),
      fc.bigInt({ min: twoTo33Millis - 1_000n, max: twoTo33Millis }),
    );
    fc.assert(
      fc.property(arbNanos, (nanos) => {
        const ms = right(parseDuration(`${nanos}ns`));
        expect(nanosIn(formatDuration(ms))).toBe(nanos);
        expect(right(parseDuration(formatDuration(ms)))).toBe(ms);
      }),
      { numRuns: runs(500) },
    );
  });

  test('any span survives being printed and read, and printing is stable', () => {
    fc.assert(
      fc.property(arbDurationText, (raw) => {
        const parsed = parseDuration(raw);
        fc.pre(parsed._tag === 'Right');
        const ms = right(parsed);
        const text = formatDuration(ms);
        expect(right(parseDuration(text))).toBe(ms);
        expect(formatDuration(right(parseDuration(text)))).toBe(text);
      }),
      { numRuns: runs(500) },
    );
  });

  test('roundToNanos gives what reading the printed text gives, and no more when repeated', () => {
    const arbSpan = fc.oneof(
      fc.double({ min: minMillis, max: maxMillis, noNaN: true }),
      fc.double({ min: minMillis, max: 100_000, noNaN: true }),
      // Here the distance of doubles is about a nanosecond.
      fc.double({ min: 2 ** 31, max: 2 ** 35, noNaN: true }),
    );
    fc.assert(
      fc.property(arbSpan, (ms) => {
        const rounded = roundToNanos(ms);
        expect(rounded).toBe(right(parseDuration(formatDuration(ms))));
        expect(roundToNanos(rounded)).toBe(rounded);
        expect(isSpan(rounded)).toBe(true);
      }),
      { numRuns: runs(500) },
    );
  });
});

const quoteCode = (unit: string): string => `U+${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
