/**
 * What the script keeps of the policies that it has read.
 */
import { expect, test } from 'vitest';
import { keeping } from '../../src/engine/policies.js';
import type { Collected } from '../../src/reading.js';

/** Reads `{ fine, ... }`, and counts how often it is asked. */
const reader = () => {
  const asked: Array<string> = [];
  const read = keeping((u: unknown, text: string): Collected<object, string> => {
    asked.push(text);
    return { value: {}, errors: (u as { readonly fine?: boolean } | undefined)?.fine === true ? [] : ['not fine'] };
  });
  return { asked, read };
};

const policy = (n: number) => ({ fine: true, n });

test('a policy that was read before is the very same one, and is not read again', () => {
  const { asked, read } = reader();
  const first = read(policy(1));
  const other = read(policy(2));
  expect(read(policy(1))).toBe(first);
  expect(read(policy(2))).toBe(other);
  expect(other.value).not.toBe(first.value);
  expect(asked).toEqual([JSON.stringify(policy(1)), JSON.stringify(policy(2))]);
});

test('of ten thousand policies no more are kept than 256, and those are the latest', () => {
  const { read } = reader();
  const all = Array.from({ length: 10_000 }, (_, n) => read(policy(n)));
  // From the latest on, so that none is pushed out by asking.
  const kept = all.map((one, n) => ({ one, n })).reverse();
  const firstLost = kept.findIndex(({ one, n }) => read(policy(n)) !== one);
  expect(firstLost).toBeGreaterThan(0);
  expect(firstLost).toBeLessThanOrEqual(256);
});

test('while no more than 256 are in use, each is read once', () => {
  const { asked, read } = reader();
  for (let round = 0; round < 3; round++) for (let n = 0; n < 256; n++) read(policy(n));
  expect(asked).toHaveLength(256);
});

test('one whose text is longer than two thousand characters is read each time, and pushes none out', () => {
  const { read } = reader();
  const first = read(policy(0));
  for (let n = 0; n < 1_000; n++) read({ ...policy(n), long: 'x'.repeat(2_048) });
  expect(read(policy(0))).toBe(first);
  const long = { fine: true, long: 'x'.repeat(1_000_000) };
  expect(read(long)).not.toBe(read(long));
});

test('one that is refused is read each time, and pushes none out', () => {
  const { read } = reader();
  const first = read(policy(0));
  for (const hostile of [undefined, null, '', [], {}, { fine: false }, JSON.parse('{"__proto__":{"fine":true}}')]) {
    const refused = read(hostile);
    expect(refused.errors).toEqual(['not fine']);
    expect(read(hostile)).not.toBe(refused);
  }
  for (let n = 0; n < 1_000; n++) read({ n });
  expect(read(policy(0))).toBe(first);
});
