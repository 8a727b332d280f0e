/**
 * A chain: items in the order in which they came, each of which can be taken out from where it stands. They hold the chain
 * through themselves, so that nothing is made for one that comes, or looked for when it goes.
 */

/** What stands in a chain has these, which the chain sets. Both null: it is the only one, or in none. */
export interface Linked<A> {
  older: A | null;
  newer: A | null;
}

export interface Chain<A> {
  readonly oldest: () => A | null;
  /** It is not in a chain. */
  readonly push: (item: A) => void;
  /** It is in this chain. */
  readonly takeOut: (item: A) => void;
  /** All of them are forgotten. */
  readonly clear: () => void;
}

export const createChain = <A extends Linked<A>>(): Chain<A> => {
  let oldest: A | null = null;
  let newest: A | null = null;
  return {
    oldest: () => oldest,
    push: (item) => {
      item.older = newest;
      if (newest === null) oldest = item;
      else newest.newer = item;
      newest = item;
    },
    takeOut: (item) => {
      const { older, newer } = item;
      if (older === null) oldest = newer;
      else older.newer = newer;
      if (newer === null) newest = older;
      else newer.older = older;
      item.older = null;
      item.newer = null;
    },
    clear: () => {
      oldest = null;
      newest = null;
    },
  };
};
