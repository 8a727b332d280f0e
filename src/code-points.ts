/**
 * The order of texts by code points, which is that of their bytes in UTF-8: the one in which every store can list its ids.
 */

/** Below 0: the first comes first. Texts compare by units of UTF-16 by themselves, which puts U+1D11E before U+FFFD. */
export const byCodePoints = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const [mine, yours] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (mine !== yours) return rank(mine) - rank(yours);
  }
  return a.length - b.length;
};

/** Halves of pairs stand for what comes behind all that takes one unit. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit);
