import type { Either } from 'fp-ts/lib/Either.js';

/** The right value, or a failed test that shows the left one. */
export const right = <E, A>(result: Either<E, A>): A => {
  if (result._tag === 'Right') return result.right;
  throw new Error(`expected a Right, got Left ${JSON.stringify(result.left, null, 2)}`);
};

/** The left value, or a failed test that shows the right one. */
export const left = <E, A>(result: Either<E, A>): E => {
  if (result._tag === 'Left') return result.left;
  throw new Error(`expected a Left, got Right ${JSON.stringify(result.right, null, 2)}`);
};
