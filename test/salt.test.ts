/** The salts of ids and the shares of attempts, by the answers that the hash's author gives. */
import { describe, expect, test } from 'vitest';
import { saltOf, shareOf } from '../src/salt.js';

describe('the salt of an id', () => {
  test.each([
    ['', 0],
    ['a', 0x3c2569b2],
    ['ab', 0x9bbfd75f],
    ['abc', 0xb3dd93fa],
    ['abcd', 0x43ed676a],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['web-1', 0xad524bda],
    ['ü', 0x7840e6aa],
    ['€', 0x5b43fca5],
    ['😀', 0xbeb42efa],
    ['\u007f\u0080', 0xa150d79e],
    ['\u07ff\u0800', 0x32a22edc],
    ['\ud7ff\ue000', 0x3946f025],
    ['\uffff\u{10000}', 0x3ede23fe],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('%j is MurmurHash3 of its UTF-8 form', (id, salt) => {
    expect(saltOf(id)).toBe(salt);
  });

  test('is a whole number from 0 below 2^32', () => {
    for (let index = 0; index < 1_000; index += 1) {
      const salt = saltOf(`instance-${index}`);
      expect(salt).toBe(salt >>> 0);
    }
  });

  test('counts half a surrogate pair as U+FFFD, as every UTF-8 encoder does', () => {
    expect(saltOf('a\ud800b')).toBe(saltOf('a\ufffdb'));
    expect(saltOf('\udc00')).toBe(saltOf('\ufffd'));
    expect(saltOf('\ud83d\ude00')).not.toBe(saltOf('\ufffd\ufffd'));
  });
});

describe('the share of jitter of an attempt', () => {
  test('is the hash of the number as four bytes, the lowest first, divided by 2^32', () => {
    expect(shareOf(0)).toBe(0x2362f9de / 2 ** 32);
    expect(shareOf(0x87654321)).toBe(0xf55b516b / 2 ** 32);
    expect(shareOf(0x87654321, 0x5082edee)).toBe(0x2362f9de / 2 ** 32);
    expect(shareOf(1, 7)).toBe(0xe1043177 / 2 ** 32);
  });

  test('of a number that four bytes do not hold is that of its lowest 32 bits', () => {
    expect(shareOf(2 ** 32 + 1, 7)).toBe(shareOf(1, 7));
    expect(shareOf(Number.MAX_SAFE_INTEGER, 7)).toBe(shareOf(2 ** 32 - 1, 7));
  });

  test('is from 0 below 1, and spread evenly over instances and over attempts', () => {
    const spread = (shares: ReadonlyArray<number>): ReadonlyArray<number> => {
      const tenths = Array.from({ length: 10 }, () => 0);
      for (const share of shares) tenths[Math.floor(share * 10)] = (tenths[Math.floor(share * 10)] ?? 0) + 1;
      return tenths;
    };
    const ofInstances = Array.from({ length: 10_000 }, (_, index) => shareOf(1, saltOf(`instance-${index}`)));
    const ofAttempts = Array.from({ length: 10_000 }, (_, index) => shareOf(index, saltOf('web-1')));
    for (const shares of [ofInstances, ofAttempts]) {
      for (const count of spread(shares)) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    }
  });
});
