/**
 * Sections: of all the work under one key, one at a time, in the order of the calls.
 */
import type { CallSignal } from '../../ports/call.js';
import { givenUp, isGivenUp } from './given-up.js';

/**
 * Runs `work` when what was called before it under the same key is over, and answers as `work` does. Where the signal is
 * aborted before that, it rejects at once (`givenUp`), waits no longer, and never begins the work.
 */
export type Section<K> = <A>(key: K, work: () => Promise<A>, signal?: CallSignal) => Promise<A>;

/**
 * A section is released by the end of its holder's work, well or not, and by nothing else: never by time, and not because
 * the holder's caller has given up.
 */
export const createSection = <K>(): Section<K> => {
  /** Who waits for each section that is taken, in the order of the calls; a key without work takes no room. */
  const queues = new Map<K, Set<() => void>>();

  const enter = (key: K, signal: CallSignal | undefined): Promise<void> => {
    const queue = queues.get(key);
    if (queue === undefined) {
      queues.set(key, new Set());
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const goIn = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        queue.delete(goIn);
        reject(notEntered());
      };
      queue.add(goIn);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  };

  const leave = (key: K): void => {
    const queue = queues.get(key);
    const [next] = queue ?? [];
    if (next === undefined) {
      queues.delete(key);
    } else {
      queue?.delete(next);
      next();
    }
  };

  return async (key, work, signal) => {
    if (isGivenUp(signal)) throw notEntered();
    await enter(key, signal);
    try {
      // Between its turn and this very step it may have been given up as well.
      if (isGivenUp(signal)) throw notEntered();
      return await work();
    } finally {
      leave(key);
    }
  };
};

/** Why a section was not entered: what `answered` makes `givenUp` of. */
export const notEntered = (): Error => new Error(givenUp.message);
