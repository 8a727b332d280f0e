/**
 * Ids in order, against an array that is sorted anew each time.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOrderedIds } from '../../src/adapters/memory/ordered-ids.js';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const sorted = (ids: ReadonlySet<string>, after: string | null, limit: number): ReadonlyArray<string> =>
  [...ids]
    .sort(byBytes)
    .filter((id) => after === null || byBytes(id, after) > 0)
    .slice(0, limit);

test('a page of any length behind any id is that of all ids in the order of their bytes', () => {
  const id = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '～', '𝄞', '𝄟'), maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(id, fc.boolean()), { maxLength: 60 }),
      fc.option(id),
      fc.integer({ min: 1, max: 70 }),
      (changes, after, limit) => {
        const ids = createOrderedIds();
        const there = new Set<string>();
        for (const [each, adds] of changes) {
          if (adds && !there.has(each)) ids.add(each);
          if (!adds) ids.remove(each);
          there[adds ? 'add' : 'delete'](each);
        }
        expect(ids.after(after, limit)).toEqual(sorted(there, after, limit));
      },
    ),
  );
});

test('many thousands, added and removed in an order of their own, are in order', () => {
  const ids = createOrderedIds();
  const there = new Set<string>();
  for (let n = 0; n < 10_007; n++) {
    const each = `instance-${(n * 7_919) % 10_007}`;
    ids.add(each);
    there.add(each);
  }
  for (let n = 0; n < 10_007; n += 3) {
    const each = `instance-${(n * 31) % 10_007}`;
    if (there.delete(each)) ids.remove(each);
  }
  expect(ids.after(null, 20_000)).toEqual(sorted(there, null, 20_000));
  expect(ids.after('instance-5', 1_500)).toEqual(sorted(there, 'instance-5', 1_500));
  for (const each of there) ids.remove(each);
  expect(ids.after(null, 10)).toEqual([]);
});
