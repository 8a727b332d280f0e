/**
 * Values as systemd reads them. The tables hold what `systemd-analyze timespan`, `exit-status` and `verify` of systemd 252 say.
 */
import fc from 'fast-check';
import { fromSystemd } from 'restart-policy/translate';
import { describe, expect, test } from 'vitest';
import { parseUnsigned } from '../../src/translate/systemd-exit-status.js';
import { parseTimeSpan, printTimeSpan } from '../../src/translate/systemd-time-span.js';
import { runs } from '../support/proof.js';

describe('a time span', () => {
  test.each<[text: string, micros: number]>([
    ['5min 20s', 320_000_000],
    ['1y 12month', 63_115_200_000_000],
    ['2h30', 7_230_000_000],
    ['50', 50_000_000],
    ['1.5s', 1_500_000],
    ['3 h', 10_800_000_000],
    ['.5m', 30_000_000],
    ['5M', 13_149_000_000_000],
    ['3minutes', 180_000_000],
    ['1 2', 3_000_000],
    ['5s5', 10_000_000],
    ['1d12h30min5s', 131_405_000_000],
    ['2hr', 7_200_000_000],
    ['+5', 5_000_000],
    ['5s +5', 10_000_000],
    ['0', 0],
    ['\t5 min\t', 300_000_000],
    ['5 minutes 3', 303_000_000],
    ['1.5us', 1],
    ['1.9999999s', 1_999_999],
    ['0.0000001s', 0],
    ['2y 3M 1w 2d', 71_782_200_000_000],
    ['5m5', 305_000_000],
    ['300ms20s 5day', 432_020_300_000],
    ['5 μs', 5],
    ['5µs', 5],
    ['00005', 5_000_000],
    ['9223372036855s', 9_223_372_036_855_000_000],
  ])('%j is so many microseconds', (text, micros) => {
    expect(parseTimeSpan(text)).toBe(micros / 1_000);
  });

  test.each(['infinity', ' infinity\t'])('%j is without end', (text) => {
    expect(parseTimeSpan(text)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    '',
    ' ',
    '-1s',
    '1e3',
    '5 S',
    '1h-5min',
    '1.5.2s',
    'infinity 5s',
    '5sinfinity',
    'Infinity',
    '1.s',
    '5x',
    '5+5',
    '+ 5',
    '++5',
    '1. 5s',
    '5 . 5s',
    '5min,20s',
    '0x10',
    '1mo',
    '10ns',
    '99999999999999999999',
    '584542y',
  ])('%j is none', (text) => {
    expect(parseTimeSpan(text)).toBeNull();
  });

  test('is read as it was printed, to the microsecond and never to nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 15 }), (micros) => {
        expect(parseTimeSpan(printTimeSpan(micros / 1_000))).toBe(Math.max(micros, 1) / 1_000);
      }),
      { numRuns: runs(500) },
    );
  });

  test('takes time in proportion to its length', () => {
    expect(parseTimeSpan('1 '.repeat(50_000))).toBe(50_000_000);
    expect(parseTimeSpan(`${' '.repeat(50_000)}x`)).toBeNull();
    expect(parseTimeSpan(`${'1'.repeat(50_000)}x`)).toBeNull();
  });
});

test.each<[text: string, number: number | null]>([
  ['0', 0],
  ['078', null],
  ['010', 8],
  ['0x40', 64],
  ['0b11', 3],
  ['0o17', 15],
  ['+3', 3],
  [' 3', 3],
  ['3.0', null],
  ['-3', null],
  ['', null],
  ['3 ', null],
])('the number %j is %j', (text, number) => {
  expect(parseUnsigned(text)).toBe(number);
});

describe('a list of exit statuses', () => {
  const kept = (list: string): unknown => {
    const unit = { Service: { Restart: 'always', RestartSec: '10', RestartPreventExitStatus: list } };
    const translated = fromSystemd(unit);
    if (translated._tag === 'Left') return translated.left.map(({ message }) => message.replace(/^.*, not /, ''));
    return translated.right.policy.rules?.[0]?.exitCodes ?? translated.right.losses.map(({ effect }) => effect);
  };

  test.each<[list: string, codes: unknown]>([
    ['SUCCESS FAILURE NOTRUNNING', [0, 1, 7]],
    ['USAGE CONFIG TEMPFAIL', [64, 75, 78]],
    ['CHDIR STDERR PAM RUNTIME_DIRECTORY CHOWN BPF EXCEPTION', [200, 222, 224, 233, 235, 244, 255]],
    ['255 0x10 010', [8, 16, 255]],
  ])('%j names these codes', (list, codes) => {
    expect(kept(list)).toEqual(codes);
  });

  test.each(['SIGKILL', 'KILL', 'SIGRTMIN+2', 'RTMAX-1', 'SIGSYS'])('%j names a signal', (list) => {
    expect(kept(list)).toEqual([expect.stringMatching(/^An end by SIG\S+ keeps it down there/)]);
  });

  test.each<[list: string, error: string]>([
    ['EX_TEMPFAIL', '"EX_TEMPFAIL"; did you mean TEMPFAIL?'],
    ['EXIT_FAILURE', '"EXIT_FAILURE"; did you mean FAILURE?'],
    ['sigterm', '"sigterm"; did you mean SIGTERM?'],
    ['TEMPFIAL', '"TEMPFIAL"; did you mean TEMPFAIL?'],
    ['"75"', '"\\"75\\""'],
    ['256', '"256"'],
    ['5-7', '"5-7"'],
    ['SIG9', '"SIG9"'],
    ['TEMPFAIL,CONFIG', '"TEMPFAIL,CONFIG"'],
  ])('%j is none', (list, error) => {
    expect(kept(list)).toEqual([error]);
  });
});
