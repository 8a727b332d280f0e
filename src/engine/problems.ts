/**
 * What is wrong with what a host sends, in the words of the codecs.
 */
import { type Collected, collect, type Reader } from '../reading.js';
import { notKnown, withGiven } from '../validation.js';

export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Of known names: there is one at least. */
type Steps = ReadonlyArray<string>;

type Fields = Readonly<Record<string, unknown>>;

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
    let words = message;
    if (place !== undefined) {
      // What is not known was meant for something; of what is wrong it is said what stands there.
      words = place.known.includes(place.key)
        ? withGiven(
            message,
            (within.match(/\w+/g) as Steps).reduce((value, step) => (value as Fields)[step], u),
          )
        : notKnown('field', place.key, place.known);
    }
    return { path, message: `${path} ${words}` };
  });
