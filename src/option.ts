/**
 * Option at run time: what we use of fp-ts' module, in our own lines, as in `either.ts`.
 */
import type * as O from 'fp-ts/lib/Option.js';

export const none: typeof O.none = { _tag: 'None' };

export const some: typeof O.some = (value) => ({ _tag: 'Some', value });

export const isNone: typeof O.isNone = (fa) => fa._tag === 'None';

export const isSome: typeof O.isSome = (fa) => fa._tag === 'Some';

export const fromNullable: typeof O.fromNullable = (a) => (a === undefined || a === null ? none : some(a));

export const toNullable: typeof O.toNullable = (ma) => (isNone(ma) ? null : ma.value);

export const tryCatch: typeof O.tryCatch = (f) => {
  try {
    return some(f());
  } catch {
    return none;
  }
};
