/** The strict reader of times by itself: what it takes, where between two milliseconds it puts it, and what it says of the rest. */
import { expect, test } from 'vitest';
import { checkTime, formatTime, isTimestamp } from '../src/time.js';
import { left, right } from './support/either.js';

const earliest = -62_167_219_200_000;
const latest = 253_402_300_799_999;

test.each<[string, number]>([
  ['1970-01-01T00:00:00Z', 0],
  ['1970-01-01T00:00:01.25Z', 1_250],
  ['1970-01-01T01:00:00+01:00', 0],
  ['1969-12-31T23:30:00-00:30', 0],
  ['0000-01-01T00:00:00Z', earliest],
  ['0000-01-01T23:59:00+23:59', earliest],
  ['9999-12-31T23:59:59.999Z', latest],
  ['9999-12-31T00:00:59.999-23:59', latest],
])('%s is %i', (text, at) => {
  expect(right(checkTime(text, 'down'))).toBe(at);
  expect(right(checkTime(text, 'up'))).toBe(at);
});

test('what lies between two milliseconds is rounded as it is asked for, before the epoch too', () => {
  expect(right(checkTime('1970-01-01T00:00:00.0000001Z', 'down'))).toBe(0);
  expect(right(checkTime('1970-01-01T00:00:00.0000001Z', 'up'))).toBe(1);
  expect(right(checkTime('1969-12-31T23:59:59.9999Z', 'down'))).toBe(-1);
  expect(right(checkTime('1969-12-31T23:59:59.9999Z', 'up'))).toBe(0);
  // There is no later one.
  expect(right(checkTime('9999-12-31T23:59:59.9999Z', 'up'))).toBe(latest);
});

test.each([
  '',
  'Z',
  '2026-02-30T00:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T09:30:00',
  '2026-01-31 09:30:00Z',
  '2026-01-31T09:30:00.1234567891Z',
  '2026-01-31T09:30:00+24:00',
  '0000-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
])('%j is none, and it is said what would be one', (text) => {
  expect(left(checkTime(text, 'down'))).toBe(
    `must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got the text ${JSON.stringify(text)}`,
  );
});

test('a number is none, and a moment only where it can be written', () => {
  expect(left(checkTime(5, 'down'))).toBe('must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got 5');
  expect([earliest - 1, earliest, 0.5, latest, latest + 1].map(isTimestamp)).toEqual([false, true, false, true, false]);
});

test('a moment is printed in UTC without the zeros that it ends with, and what is none as the number that it is', () => {
  expect(formatTime(1_250, 'down')).toBe('1970-01-01T00:00:01.25Z');
  expect(formatTime(0.5, 'up')).toBe('1970-01-01T00:00:00.001Z');
  expect(formatTime(600_000, 'down')).toBe('1970-01-01T00:10:00Z');
  expect(formatTime(latest + 1, 'down')).toBe('253402300800000');
  expect(formatTime(Number.NaN, 'up')).toBe('NaN');
});
