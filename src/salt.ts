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
  let point = 0;
  /** The bytes of the code point that are still to come. */
  let following = 0;
  // Written out, for not every engine that runs the core has a TextEncoder.
  for (let at = 0; at < id.length || following > 0; ) {
    let byte: number;
    if (following > 0) byte = 0x80 | ((point >> (6 * --following)) & 0x3f);
    else {
      point = id.codePointAt(at) as number;
      at += point > 0xffff ? 2 : 1;
      if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      following = +(point >= 0x80) + +(point >= 0x800) + +(point >= 0x10000);
      byte = following === 0 ? point : ((0xff80 >> following) & 0xff) | (point >> (6 * following));
    }
    block |= byte << (8 * (length++ % 4));
    if (length % 4 === 0) {
      hash = mixed(hash, block);
      block = 0;
    }
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
