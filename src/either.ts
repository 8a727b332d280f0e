/**
 * Either at run time: what we use of fp-ts' module, in our own lines. The types are fp-ts' and so are the values, which
 * are plain data: either side's functions take what the other's made. fp-ts itself would be most of what an import of
 * this library costs, so nothing here loads it.
 */
import type * as E from 'fp-ts/lib/Either.js';

export const left: typeof E.left = (e) => ({ _tag: 'Left', left: e });

export const right: typeof E.right = (a) => ({ _tag: 'Right', right: a });

export const isLeft: typeof E.isLeft = (ma) => ma._tag === 'Left';

export const isRight: typeof E.isRight = (ma) => ma._tag === 'Right';

export const map: typeof E.map = (f) => (fa) => (isLeft(fa) ? fa : right(f(fa.right)));

export const mapLeft: typeof E.mapLeft = (f) => (fa) => (isLeft(fa) ? left(f(fa.left)) : fa);

export const bimap: typeof E.bimap = (f, g) => (fa) => (isLeft(fa) ? left(f(fa.left)) : right(g(fa.right)));

/** Of fp-ts' two forms the one for `pipe`. */
export const flatMap: typeof E.chainW = (f) => (ma) => (isLeft(ma) ? ma : f(ma.right));

/** The right value must be as asked for. */
export const filterOrElse =
  <A, E>(isAsAsked: (a: A) => boolean, onFalse: (a: A) => E) =>
  (ma: E.Either<E, A>): E.Either<E, A> =>
    isLeft(ma) || isAsAsked(ma.right) ? ma : left(onFalse(ma.right));

export const tryCatch: typeof E.tryCatch = (f, onThrow) => {
  try {
    return right(f());
  } catch (error) {
    return left(onThrow(error));
  }
};
