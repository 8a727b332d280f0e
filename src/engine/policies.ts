/**
 * What was read before, by its text: a host sends the same few policies again and again, and to read one takes longer than to
 * decide.
 */
import type { Collected } from '../reading.js';

/** The most that are kept, and how long a text may be that is: half a megabyte at most. */
const mostKept = 256;
const longestText = 2_048;

/** What `read` answers to a value that comes from JSON; what is right is kept. `read` is handed the value's text too. */
export const keeping = <A, E>(
  read: (u: unknown, text: string) => Collected<A, E>,
): ((u: unknown) => Collected<A, E>) => {
  const kept = new Map<string, Collected<A, E>>();
  return (u) => {
    const text = JSON.stringify(u);
    const before = kept.get(text);
    if (before !== undefined) return before;
    const now = read(u, text);
    if (now.errors.length === 0 && text.length <= longestText) {
      // All at once, for it is rare: who has so many policies reads them anew from time to time.
      if (kept.size >= mostKept) kept.clear();
      kept.set(text, now);
    }
    return now;
  };
};
