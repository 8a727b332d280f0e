/** What every check says: what it must be, and what stands there instead. */
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { isEither, notKnown, withGiven } from '../src/validation.js';

test.each<[string, unknown, string]>([
  ['must be a duration', undefined, 'must be a duration; it is missing'],
  ['must be a duration', 5, 'must be a duration, got 5'],
  ['must be a duration', '5 s', 'must be a duration, got the text "5 s"'],
  ['must be a duration', null, 'must be a duration, got null'],
  // Nothing to add: it stands beside others, or is of the kind that it must be.
  ['must not be below backoff', 5, 'must not be below backoff'],
  ['and backoff must be set', 5, 'and backoff must be set'],
  ['must be an array of 1 to 20 rules', [], 'must be an array of 1 to 20 rules'],
  ['must be an object', {}, 'must be an object'],
  // A range is short, and what is wrong with it is in it.
  ['must be a whole number or a range [low, high]', [5, 2], 'must be a whole number or a range [low, high], got [5,2]'],
  ['must be a whole number', [5], 'must be a whole number, got an array'],
  ['must be a whole number', [1, 2, 3], 'must be a whole number, got an array'],
  ['must be a whole number', [1, 0.5], 'must be a whole number, got an array'],
  ['must be a whole number', [0.5, 1], 'must be a whole number, got an array'],
  ['must be a whole number', new Array(2), 'must be a whole number, got an array'],
  ['must be a whole number', { length: 2, 0: 1, 1: 2 }, 'must be a whole number, got an object'],
])('%s, where %j stands', (message, given, words) => {
  expect(withGiven(message, given)).toBe(words);
});

test('what is not known is said with what was meant, or with all that is known', () => {
  expect(notKnown('field', 'polic', ['policy', 'backoff'])).toBe('is not a known field; did you mean policy?');
  expect(notKnown('option', 'colour', ['policy', 'backoff'])).toBe(
    'is not a known option; the known ones are policy, backoff',
  );
});

test('an Either is an object with one of its two tags', () => {
  expect([leftOf('no'), rightOf(1), { _tag: 'Left' }].map(isEither)).toEqual([true, true, true]);
  const tagged = Object.assign(() => {}, { _tag: 'Right' });
  expect([null, undefined, 'Left', 5, {}, { _tag: 'Some' }, tagged].map(isEither)).toEqual(new Array(7).fill(false));
});
