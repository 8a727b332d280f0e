/**
 * What tells instances apart for jitter: MurmurHash3 (x86, 32 bits), which its author Austin Appleby put into the public
 * domain. A hash and not a random number, so that the same input always gives the same decision.
 */

/**
 * The salt of an instance: the hash of its id's UTF-8 form; a whole number from 0 below 2^32. Half a surrogate pair
 * counts as U+FFFD, as in every UTF-8 encoder.
 *
 * @example
 * import { saltOf } from 'restart-policy'
 *
 * assert.strictEqual(saltOf('hello'), 0x248bfa47)
 *
 * @since 0.2.0
 */
export const saltOf = (id: string): number => {
  let hash = 0;
  let block = 0;
  let length = 0;
  const add = (byte: number): void => {
    block |= byte << (8 * (length++ % 4));
    if (length % 4 === 0) {
      hash = mixed(hash, block);
      block = 0;
    }
  };
  // Written out, for not every engine that runs the core has a TextEncoder.
  for (const character of id) {
    const given = character.codePointAt(0) as number;
    const point = given >= 0xd800 && given < 0xe000 ? 0xfffd : given;
    const following = [0x80, 0x800, 0x10000].filter((least) => point >= least).length;
    add(following === 0 ? point : ((0xff80 >> following) & 0xff) | (point >> (6 * following)));
    for (let left = following; left > 0; left--) add(0x80 | ((point >> (6 * (left - 1))) & 0x3f));
  }
  return finished(hash ^ scrambled(block), length);
};

/** A share from 0 below 1 for one attempt of one instance: the hash of its number as four bytes, seeded with the salt. */
export const shareOf = (attempt: number, salt = 0): number => finished(mixed(salt, attempt), 4) / 2 ** 32;

const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

const scrambled = (block: number): number => Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);

const mixed = (hash: number, block: number): number => Math.imul(rotated(hash ^ scrambled(block), 13), 5) + 0xe6546b64;

const finished = (hash: number, length: number): number => {
  let mixing = hash ^ length;
  mixing = Math.imul(mixing ^ (mixing >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
};
