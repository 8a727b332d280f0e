/**
 * What dist/engine.js uses of fp-ts, written out; the values are fp-ts' own. scripts/engine.mjs puts it in the place of
 * fp-ts' modules, and a name that is missing here does not build.
 */
/** @typedef {{ _tag: 'Left', left: any } | { _tag: 'Right', right: any }} Either */

export const left = (/** @type {any} */ e) => ({ _tag: 'Left', left: e });
export const right = (/** @type {any} */ a) => ({ _tag: 'Right', right: a });
export const isLeft = (/** @type {Either} */ either) => either._tag === 'Left';
export const isRight = (/** @type {Either} */ either) => either._tag === 'Right';

/** @type {(f: (e: any) => any, g: (a: any) => any) => (either: Either) => any} */
export const bimap = (f, g) => (either) => (either._tag === 'Left' ? left(f(either.left)) : right(g(either.right)));
export const mapLeft = (/** @type {(e: any) => any} */ f) => bimap(f, (a) => a);

/** Of arrays that are not empty. */
export const of = (/** @type {any} */ a) => [a];
export const map = (/** @type {(a: any) => any} */ f) => (/** @type {ReadonlyArray<any>} */ all) =>
  all.map((a) => f(a));

export const pipe = (/** @type {any} */ a, /** @type {ReadonlyArray<(a: any) => any>} */ ...steps) =>
  steps.reduce((value, step) => step(value), a);

// Of checks of options and of equality, which no decision asks for: they are shaken off.
const unused = () => undefined;

export { unused as apFirst, unused as getApplicativeValidation, unused as getSemigroup, unused as sequenceS };
