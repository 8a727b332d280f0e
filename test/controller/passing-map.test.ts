import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPassingMap } from '../../src/controller/passing-map.js';
import { runs } from '../support/proof.js';

/** Keys that are set, and keys that are deleted, whether or not they are there. */
const arbRound = fc.record({
  set: fc.array(fc.nat({ max: 2_000 }), { maxLength: 1_200, size: 'max' }),
  deleted: fc.array(fc.nat({ max: 2_000 }), { maxLength: 1_200, size: 'max' }),
});

describe('a map of what comes and soon goes', () => {
  test('holds what a Map holds, in the same order, however much has come and gone', () => {
    fc.assert(
      fc.property(fc.array(arbRound, { maxLength: 5, size: 'max' }), (rounds) => {
        const map = createPassingMap<number, string>();
        const model = new Map<number, string>();
        rounds.forEach(({ set, deleted }, round) => {
          for (const key of set) {
            map.set(key, `${key} of ${round}`);
            model.set(key, `${key} of ${round}`);
          }
          for (const key of deleted) {
            map.delete(key);
            model.delete(key);
          }
          expect([...map.values()]).toEqual([...model.values()]);
          for (const key of [...set, ...deleted]) expect(map.get(key)).toBe(model.get(key));
        });
      }),
      { numRuns: runs(20) },
    );
  });
});
