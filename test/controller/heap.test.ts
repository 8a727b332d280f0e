import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHeap, type HeapHandle } from '../../src/controller/heap.js';
import { runs } from '../support/proof.js';

interface Item {
  readonly at: number;
  readonly name: number;
}

const byTime = (a: Item, b: Item): number => a.at - b.at;

type Step =
  | { readonly _tag: 'Push'; readonly at: number }
  | { readonly _tag: 'Pop' }
  | { readonly _tag: 'Remove'; readonly pick: number }
  | { readonly _tag: 'Clear' };

const arbStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ _tag: fc.constant('Push' as const), at: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant('Pop' as const) }) },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant('Remove' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('Clear' as const) }) },
);

describe('the heap of wake-ups', () => {
  test('it does what a sorted list does, through pushes, pops, removals and clears in any order', () => {
    fc.assert(
      fc.property(fc.array(arbStep, { maxLength: 200 }), (steps) => {
        const heap = createHeap<Item>(byTime);
        let model: Array<Item> = [];
        const handles: Array<HeapHandle<Item>> = [];
        steps.forEach((step, name) => {
          switch (step._tag) {
            case 'Push': {
              const item: Item = { at: step.at, name };
              handles.push(heap.push(item));
              // Array.prototype.sort is stable: equal moments stay in the order of their pushes.
              model = [...model, item].sort(byTime);
              break;
            }
            case 'Pop':
              expect(heap.pop()).toBe(model.shift());
              break;
            case 'Remove': {
              const handle = handles[step.pick % Math.max(1, handles.length)];
              if (handle === undefined) break;
              expect(heap.remove(handle)).toBe(model.includes(handle.value));
              model = model.filter((item) => item !== handle.value);
              break;
            }
            case 'Clear':
              heap.clear();
              model = [];
              break;
          }
          expect(heap.size()).toBe(model.length);
          expect(heap.peek()).toBe(model[0]);
        });
        while (model.length > 0) expect(heap.pop()).toBe(model.shift());
        expect(heap.pop()).toBeUndefined();
      }),
      { numRuns: runs(500) },
    );
  });

  test('an item of another heap is not removed', () => {
    const one = createHeap<Item>(byTime);
    const other = createHeap<Item>(byTime);
    one.push({ at: 1, name: 1 });
    const stranger = other.push({ at: 1, name: 2 });
    expect(one.remove(stranger)).toBe(false);
    expect(one.size()).toBe(1);
    expect(other.size()).toBe(1);
  });

  test('comparisons grow with the logarithm of the size, for removals from the middle too', () => {
    const size = 1 << 14;
    let comparisons = 0;
    const heap = createHeap<number>((a, b) => {
      comparisons++;
      return a - b;
    });
    const handles = Array.from({ length: size }, (_, n) => heap.push((n * 7_919) % size));
    for (const handle of handles) heap.remove(handle);
    expect(heap.size()).toBe(0);
    // Two a level downwards and one upwards, for a push and a removal each.
    expect(comparisons).toBeLessThan(size * 14 * 4);
  });

  test('keeps its order when what takes the place of one taken out is smaller than what is above it', () => {
    const heap = createHeap<number>((a, b) => a - b);
    const handles = new Map([1, 100, 2, 101, 102, 50, 3].map((value) => [value, heap.push(value)]));
    const handle = handles.get(101);
    expect(handle !== undefined && heap.remove(handle)).toBe(true);
    expect(Array.from({ length: 6 }, () => heap.pop())).toEqual([1, 2, 3, 50, 100, 102]);
  });
});
