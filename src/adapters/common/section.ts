/**
 * Sections: of all the work under one key, one at a time, in the order of the calls.
 */
import { constVoid } from 'fp-ts/lib/function.js';

/** Runs `work` when what was called before it under the same key is over, and answers as `work` does. */
export type Section<K> = <A>(key: K, work: () => Promise<A>) => Promise<A>;

/** A section is released by the end of its holder's work, well or not, and by nothing else: never by time. */
export const createSection = <K>(): Section<K> => {
  /** The last work called under each key; a key without work takes no room. */
  const tails = new Map<K, Promise<void>>();

  return (key, work) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(work);
    const tail = result.then(constVoid, constVoid).then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    tails.set(key, tail);
    return result;
  };
};
