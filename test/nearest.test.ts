/** Which name a misspelt one was meant to be: how far from it may be, and in whatever case. */
import { describe, expect, test } from 'vitest';
import { nearest, nearestWord } from '../src/nearest.js';

const modes = ['never', 'always', 'on_failure'] as const;

test.each([
  ['max_attempt', 'max_attempts'],
  ['maxattempts', 'max_attempts'],
  ['max_atempt', 'max_attempts'],
  ['ax_atempt', 'max_attempts'],
  ['x_atempt', null],
  ['', null],
])('%j is meant to be %j', (given, meant) => {
  expect(nearest(given, ['backoff', 'max_attempts'])).toBe(meant);
});

test('of two that are as near it is the first', () => {
  expect(nearest('bat', ['cat', 'hat'])).toBe('cat');
});

test('within as many edits as are said, and no more', () => {
  expect(nearest('alwys', modes, 1)).toBe('always');
  expect(nearest('alwys', modes, 0)).toBeNull();
});

describe('a word', () => {
  test.each([
    ['Always', 'always'],
    ['ON-FAILURE', 'on_failure'],
    ['on_failed', 'on_failure'],
  ])('%s is meant to be %s, in whatever case', (given, meant) => {
    expect(nearestWord(given, modes)).toBe(meant);
  });

  test('that is short is another one as soon as more than half of it is', () => {
    expect(nearestWord('stub', ['stop'])).toBe('stop');
    expect(nearestWord('sub', ['stop'])).toBeNull();
  });

  test('that is long is another one as soon as four letters are', () => {
    expect(nearestWord('on_feelers', modes)).toBeNull();
  });
});
