/**
 * NonEmptyArray at run time: what we use of fp-ts' module, in our own lines, as in `either.ts`.
 */
import type * as NEA from 'fp-ts/lib/NonEmptyArray.js';

export const of: typeof NEA.of = (a) => [a];

export const map: typeof NEA.map =
  (f) =>
  ([first, ...rest]) => [f(first), ...rest.map((a) => f(a))];
