/**
 * Chance that can be repeated: numbers of whole steps and a hash, so that they are the same on every platform.
 */
import { saltOf, shareOf } from '../salt.js';

/** The next number, from 0 below 1. */
export type Random = () => number;

/** What one instance draws: other numbers for another seed (a whole number from 0 below 2^32), and for another id. */
export const randomOf = (seed: number, id: string): Random => {
  const key = Math.floor(shareOf(seed, saltOf(id)) * 2 ** 32);
  let drawn = 0;
  return () => shareOf(drawn++, key);
};

/**
 * An exponentially distributed number with mean 1, by von Neumann's comparisons of uniform ones: a logarithm may differ in
 * its last digit from engine to engine, and one digit would be another simulation.
 */
export const exponential = (random: Random): number => {
  for (let whole = 0; ; whole++) {
    const first = random();
    let last = first;
    let length = 1;
    for (let next = random(); next < last; next = random()) {
      last = next;
      length++;
    }
    if (length % 2 === 1) return whole + first;
  }
};
