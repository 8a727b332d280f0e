/**
 * Functions of functions: what we use of fp-ts' module at run time, in our own lines, as in `either.ts`.
 */
import type * as F from 'fp-ts/lib/function.js';

export const pipe = ((a: unknown, ...steps: ReadonlyArray<(a: unknown) => unknown>) =>
  steps.reduce((value, step) => step(value), a)) as typeof F.pipe;

export const constVoid: typeof F.constVoid = () => {};

export const constNull: typeof F.constNull = () => null;

export const constTrue: typeof F.constTrue = () => true;

export const constFalse: typeof F.constFalse = () => false;
