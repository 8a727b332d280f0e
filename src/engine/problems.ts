/**
 * What is wrong with what a host sends, in the words of the codecs.
 */
import { notDuration } from '../duration.js';
import { describeValue } from '../quote.js';
import { type Collected, collect, type Place, type Reader } from '../reading.js';
import { notKnown } from '../validation.js';

export interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * Reads all of `u`. `root` is the path of the whole; without one the whole is the request, and paths begin within it. `names` says
 * what its fields are called on the wire, where they are called otherwise.
 */
export const readOf = <A>(
  root: string,
  read: Reader,
  u: unknown,
  names?: Readonly<Record<string, string>>,
): Collected<A, Problem> =>
  collect(read, u, (message, within = '', place) => {
    const path = (root + within.replace(/\w+/, (field) => names?.[field] ?? field)).replace(/^\./, '') || 'request';
    return { path, message: `${path} ${place === undefined ? message : inWords(message, place)}` };
  });

/** What is missing is said to be, what is not known was meant for something, and what is no valid duration is quoted. */
const inWords = (message: string, { key, given, known }: Place): string => {
  if (!known.includes(key)) return notKnown('field', key, known);
  if (given === undefined) return `${message}; it is missing`;
  return message.startsWith(notDuration) ? `${message}, got ${describeValue(given)}` : message;
};
