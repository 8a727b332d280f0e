/**
 * Whatever is handed to a translation, it answers.
 */
import { fc, test as property } from '@fast-check/vitest';
import { decodeRestartPolicy, RestartPolicyCodec } from 'restart-policy/codec';
import { describe, expect, test } from 'vitest';
import { left, right } from '../support/either.js';
import { casesOf, systems, translationOf } from './cases.js';

const throwing = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('not to be read');
    },
  },
);

/** A value at a random place of a value replaced by another one, or taken out. */
const changed = (value: unknown, path: ReadonlyArray<number>, by: unknown): unknown => {
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  const key = keys[first % Math.max(1, keys.length)];
  if (key === undefined) return by;
  const inner = changed((value as Readonly<Record<string, unknown>>)[key], rest, by);
  return Array.isArray(value)
    ? value.map((item, at) => (String(at) === key ? inner : item))
    : { ...value, [key]: inner };
};

const answersWell = (system: string, given: unknown, options: unknown): void => {
  const result = translationOf(system)(given, options);
  if (result._tag === 'Left') {
    for (const { field, message } of result.left) {
      expect(field).not.toBe('');
      expect(message.startsWith(`${field} `)).toBe(true);
      expect(message.length).toBeLessThan(1_000);
    }
    return;
  }
  const { policy, losses, gains } = result.right;
  expect(right(decodeRestartPolicy(JSON.parse(JSON.stringify(RestartPolicyCodec.encode(policy)))))).toEqual(policy);
  for (const { field, effect } of [...losses, ...gains]) {
    expect(field).not.toBe('');
    expect(effect).toMatch(/^\S.*\.$/);
    expect(effect).not.toMatch(/undefined|NaN|\[object|Infinity/);
  }
};

describe.each(systems)('%s', (system) => {
  const cases = casesOf(system).cases;

  property.prop([
    fc.constantFrom(...cases),
    fc.array(fc.nat(9), { maxLength: 6 }),
    fc.oneof(
      fc.constantFrom(0, 1, -1, 1e300, Number.NaN, '', '0s', '-5s', null, undefined, true, [], {}),
      fc.anything(),
    ),
  ])('a case that is changed somewhere is answered, whatever with', ({ given, options }, path, by) => {
    answersWell(system, changed(given, path, by), options);
  });

  property.prop([fc.anything(), fc.oneof(fc.constant(undefined), fc.dictionary(fc.string(), fc.anything()))])(
    'anything is answered',
    (given, options) => answersWell(system, given, options),
  );

  test('what throws when it is read is an error of the whole', () => {
    expect(left(translationOf(system)(throwing))).toHaveLength(1);
  });

  test('a long text makes no long error', () => {
    answersWell(system, 'x'.repeat(1_000_000), undefined);
    for (const { given } of cases) answersWell(system, changed(given, [0, 0], 'x'.repeat(1_000_000)), undefined);
  });
});
