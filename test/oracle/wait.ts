/**
 * How long an instance waits for its next attempt, read a second time.
 *
 *     wait(n) = the least whole number of milliseconds not below w * (1 + jitter * u)
 *
 * w is `backoff`, or where the wait grows min(maxBackoff, backoff * backoffFactor^k), rounded to the nearest nanosecond,
 * with k = max(n, 1) - 1; u is the share of jitter of attempt n. All of it is in doubles, in the order in which it is
 * written here: another order can end one millisecond away.
 */
import type { Millis, RestartPolicy } from './types.js';

// ---------------------------------------------------------------------------
// the hash
// ---------------------------------------------------------------------------

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const scramble = (word: number): number => Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);

/** MurmurHash3, x86, 32 bits; a whole number from 0 below 2^32. */
export const murmurHash3 = (bytes: Uint8Array, seed: number): number => {
  let hash = seed | 0;
  const blocks = Math.floor(bytes.length / 4);
  for (let block = 0; block < blocks; block += 1) {
    hash ^= scramble(littleEndian(bytes.subarray(4 * block, 4 * block + 4)));
    hash = (Math.imul(rotateLeft(hash, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= scramble(littleEndian(bytes.subarray(4 * blocks)));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Up to four bytes as a number; none are 0. */
const littleEndian = (bytes: Uint8Array): number => bytes.reduceRight((word, byte) => (word << 8) | byte, 0);

/** What tells instances apart: the hash of the id's UTF-8 with seed 0. */
export const saltOf = (id: string): number => murmurHash3(new TextEncoder().encode(id), 0);

/** u: from 0, below 1. Of an `n` that four bytes do not hold, the lowest 32 bits. */
export const shareOf = (n: number, salt: number): number => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n % 2 ** 32, true);
  return murmurHash3(bytes, salt) / 2 ** 32;
};

// ---------------------------------------------------------------------------
// growth
// ---------------------------------------------------------------------------

/** Square-and-multiply in doubles from the lowest bit of the exponent. */
export const power = (base: number, exponent: number): number => {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
};

/** The exact decimal of a double, cut to six places by rounding, and the double that is nearest to that. */
const toNearestNanosecond = (span: Millis): Millis => Number(span.toFixed(6));

/** w, after `k` steps of growth. */
const grown = ({ backoff, maxBackoff, backoffFactor = 2 }: RestartPolicy, k: number): Millis =>
  maxBackoff === undefined ? backoff : Math.min(maxBackoff, toNearestNanosecond(backoff * power(backoffFactor, k)));

const lengthened = (w: Millis, { jitter = 0 }: RestartPolicy, u: number): Millis => Math.ceil(w * (1 + jitter * u));

const stepsBefore = (n: number): number => Math.max(n, 1) - 1;

// ---------------------------------------------------------------------------
// waits, in whole milliseconds
// ---------------------------------------------------------------------------

/** wait(n): the least time after the attempt with this number (0: after whatever came before the first). */
export const wait = (policy: RestartPolicy, n: number, salt: number): Millis =>
  lengthened(grown(policy, stepsBefore(n)), policy, shareOf(n, salt));

/** exitWait: the least time after the end of a run, under `backoffFrom` exit. */
export const exitWait = (policy: RestartPolicy, attempts: number, salt: number): Millis =>
  lengthened(grown(policy, attempts), policy, shareOf(attempts, salt));

/** The longest that either can be for any salt: what the repair of the clock and G3 measure a wait by. */
export const longestWait = (policy: RestartPolicy, attempts: number): Millis =>
  lengthened(grown(policy, policy.backoffFrom === 'exit' ? attempts : stepsBefore(attempts)), policy, 1);
