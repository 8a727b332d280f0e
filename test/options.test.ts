/** What options are checked with, one check at a time: the words in which each of them refuses. */
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { maxMillis, minMillis } from '../src/duration.js';
import { millisOrInfinity, type OptionCheck, oneOf, port, text } from '../src/options.js';
import { left, right } from './support/either.js';

const refuses = (check: OptionCheck<unknown>, values: ReadonlyArray<readonly [unknown, string]>): void => {
  for (const [value, message] of values) expect(left(check(value))).toBe(message);
};

test('an option that is one of several words is none of the others', () => {
  const check = oneOf('section', 'fenced');
  expect(right(check('section'))).toBe('section');
  expect(right(check('fenced'))).toBe('fenced');
  refuses(check, [
    ['none', 'must be one of section, fenced, not the text "none"'],
    [['fenced'], 'must be one of section, fenced, not an array'],
    [undefined, 'must be one of section, fenced, but it is missing'],
  ]);
});

test('an option that is a text is not empty, and is as the host was told', () => {
  expect(right(text('a name')(' '))).toBe(' ');
  refuses(text('a name'), [
    ['', 'must be a name, not the text ""'],
    [5, 'must be a name, not 5'],
    [undefined, 'must be a name, but it is missing'],
  ]);
  const digits = text('digits', (given) => /^\d*$/.test(given));
  expect(right(digits(''))).toBe('');
  refuses(digits, [
    ['x', 'must be digits, not the text "x"'],
    [5, 'must be digits, not 5'],
  ]);
});

test('an option that is a span is from the shortest that there is, or from 0, to the longest, or Infinity', () => {
  for (const span of [minMillis, 0.5, 60_000, maxMillis, Number.POSITIVE_INFINITY])
    expect(right(millisOrInfinity()(span))).toBe(span);
  expect(right(millisOrInfinity(0)(0))).toBe(0);
  const positive = 'must be a positive number of milliseconds, or Infinity, not';
  refuses(millisOrInfinity(), [
    [0, `${positive} 0`],
    [-1, `${positive} -1`],
    [2 * maxMillis, `${positive} ${2 * maxMillis}`],
    [Number.NaN, `${positive} NaN`],
    ['60', `${positive} the text "60"`],
  ]);
  refuses(millisOrInfinity(0), [[-1, 'must be a number of milliseconds from 0, or Infinity, not -1']]);
});

describe('an option that is a port', () => {
  const check = port<{ readonly load: () => void; readonly save: () => void }>('a store', 'load', 'save');
  const store = { load: () => {}, save: () => {} };

  test('has its methods, of its own or of its class, also as a function', () => {
    for (const one of [store, Object.create(store), Object.assign(() => {}, store)])
      expect(right(check(one))).toBe(one);
  });

  test('is refused with what was forgotten', () => {
    refuses(check, [
      [undefined, 'must be a store with load, save, but it is missing'],
      [null, 'must be a store with load, save, not null'],
      ['memory', 'must be a store with load, save, not the text "memory"'],
      [{}, 'must be a store with load, save, but this object has no load, save'],
      [{ ...store, save: 5 }, 'must be a store with load, save, but this object has no save'],
      [() => store, 'is a function: if it is a TaskEither, call it and await it'],
      [Promise.resolve(store), 'is a Promise: await it'],
      [rightOf(store), 'is an Either: unwrap its Right first'],
      [leftOf('no database'), 'is an Either: unwrap its Right first'],
      [{ _tag: 'Some' }, 'must be a store with load, save, but this object has no load, save'],
    ]);
  });
});
