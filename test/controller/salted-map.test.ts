import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSaltedMap } from '../../src/controller/salted-map.js';
import { runs } from '../support/proof.js';

/** Few, so that several keys share one; beyond 31 bits too, where V8 would keep an object. */
const saltOf = (key: number): number => [0, 1, 2 ** 31, 2 ** 32 - 1][key % 4] ?? 0;

const arbStep = fc.record({ does: fc.constantFrom('add', 'add', 'delete'), key: fc.integer({ min: 0, max: 11 }) });

test('it does what a map by key does, whichever keys share a salt', () => {
  fc.assert(
    fc.property(fc.array(arbStep, { maxLength: 100 }), (steps) => {
      const map = createSaltedMap<number, { readonly key: number }>(({ key }) => key);
      const model = new Map<number, { readonly key: number }>();
      for (const { does, key } of steps) {
        if (does === 'add' && !model.has(key)) {
          const value = { key };
          map.add(key, saltOf(key), value);
          model.set(key, value);
        } else if (does === 'delete' && model.delete(key)) {
          map.delete(key, saltOf(key));
        }
        for (let other = 0; other < 12; other++) expect(map.get(other, saltOf(other))).toBe(model.get(other));
      }
    }),
    { numRuns: runs(500) },
  );
});
