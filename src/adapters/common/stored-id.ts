/**
 * Which ids a database keeps as they are. One that would be cut or changed on its way could meet the record of another.
 */
import type { InstanceId } from '../../ports/store.js';

/**
 * Why an id cannot be kept, with the id in it; null: it can. A NUL ends a text in some drivers, and half a surrogate pair is
 * lost in UTF-8. `longest`: in bytes of UTF-8.
 */
export const idProblem = (id: InstanceId, longest = Number.POSITIVE_INFINITY): string | null => {
  if (id === '') return 'an id must not be empty';
  if (/\0|\p{Surrogate}/u.test(id)) return `an id must be text without NUL and lone surrogates, not ${inShort(id)}`;
  // A unit of UTF-16 takes 3 bytes at most: short ids need no count.
  const bytes = id.length * 3 <= longest ? 0 : new TextEncoder().encode(id).length;
  return bytes > longest
    ? `an id must be at most ${longest} bytes long in UTF-8, not ${bytes} as ${inShort(id)}`
    : null;
};

/** In quotes and escaped; of a long one the beginning, which people know it by. */
const inShort = (id: InstanceId): string =>
  id.length > 100 ? `${JSON.stringify(id.slice(0, 100))}…` : JSON.stringify(id);
