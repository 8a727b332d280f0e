/**
 * What has begun to write or to spawn, so that whoever closes can wait for it; and whether anything may still begin.
 */
import { type Refused, refused } from '../../ports/hypervisor.js';

export interface Effects {
  /** Counts the work as under way until it is over, well or not; answers as it does. */
  readonly run: <A>(work: Promise<A>) => Promise<A>;
  readonly isClosed: () => boolean;
  /** Closed from the call on. Answers when all that was under way is over, and `last` after it. Idempotent. */
  readonly close: (last: () => Promise<void> | void) => Promise<void>;
}

export const closed: Refused = Object.freeze(refused('this hypervisor is closed'));

export const createEffects = (): Effects => {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;
  return {
    run: async (work) => {
      underWay.add(work);
      try {
        return await work;
      } finally {
        underWay.delete(work);
      }
    },
    isClosed: () => closing !== null,
    close: (last) => {
      closing ??= Promise.allSettled(underWay).then(last);
      return closing;
    },
  };
};
