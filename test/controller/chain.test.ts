import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Chain, createChain, type Linked } from '../../src/controller/chain.js';
import { runs } from '../support/proof.js';

interface Item extends Linked<Item> {
  readonly name: number;
}

/** The names from the oldest on; a link back that does not fit the link forth is an error. */
const namesOf = (chain: Chain<Item>): ReadonlyArray<number> => {
  const names: Array<number> = [];
  let last: Item | null = null;
  for (let item = chain.oldest(); item !== null; item = item.newer) {
    expect(item.older).toBe(last);
    names.push(item.name);
    last = item;
  }
  return names;
};

const arbSteps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('push' as const) },
    { weight: 5, arbitrary: fc.nat() },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  ),
  { maxLength: 60 },
);

describe('a chain', () => {
  test('holds what was pushed, in order, but for what was taken out or forgotten', () => {
    fc.assert(
      fc.property(arbSteps, (steps) => {
        const chain = createChain<Item>();
        let model: ReadonlyArray<Item> = [];
        steps.forEach((step, name) => {
          if (step === 'push') {
            const item: Item = { name, older: null, newer: null };
            chain.push(item);
            model = [...model, item];
          } else if (step === 'clear') {
            chain.clear();
            model = [];
          } else {
            const item = model[step % model.length];
            if (item === undefined) return;
            chain.takeOut(item);
            expect([item.older, item.newer]).toEqual([null, null]);
            model = model.filter((other) => other !== item);
          }
          expect(namesOf(chain)).toEqual(model.map((item) => item.name));
        });
      }),
      { numRuns: runs(500) },
    );
  });
});
