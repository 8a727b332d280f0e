/**
 * Equality by value of plain data.
 */
import type { Eq } from 'fp-ts/lib/Eq.js';

/**
 * Two are equal where they have the same JSON text in the fields named; what else they hold beside does not count, nor does
 * the order of fields. `more` names fields of what is within. A field that is added to the type and not here does not compile.
 */
export const eqByFields = <A extends object>(
  fields: { readonly [K in keyof A]-?: unknown },
  more: ReadonlyArray<string> = [],
): Eq<A> => {
  const named = [...Object.keys(fields), ...more];
  const textOf = (a: A): string => JSON.stringify(a, named);
  return { equals: (a, b) => a === b || textOf(a) === textOf(b) };
};
