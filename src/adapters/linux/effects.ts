/**
 * What has begun to write or to spawn, so that whoever closes can wait for it.
 */

export interface Effects {
  /** Counts the work as under way until it is over, well or not; answers as it does. */
  readonly run: <A>(work: Promise<A>) => Promise<A>;
  /** Answers when all that is under way now is over. Never rejects. */
  readonly over: () => Promise<unknown>;
}

export const createEffects = (): Effects => {
  const underWay = new Set<Promise<unknown>>();
  return {
    run: async (work) => {
      underWay.add(work);
      try {
        return await work;
      } finally {
        underWay.delete(work);
      }
    },
    over: () => Promise.allSettled(underWay),
  };
};
