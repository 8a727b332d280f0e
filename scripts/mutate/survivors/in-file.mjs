/**
 * @typedef {object} Survivor
 * @property {string} file
 * @property {string} within the innermost declaration that it is in, named as in scripts/anchors.mjs
 * @property {string} from what it replaces; here and below, white space and comments do not count
 * @property {string} to
 * @property {number} times how many there are of it in the declaration
 * @property {string} why
 */

/** @typedef {readonly [from: string, to: string, times?: number]} Mutation */

/**
 * @type {(
 *   file: string,
 *   why: string,
 *   ...places: ReadonlyArray<readonly [within: string, ...mutations: ReadonlyArray<Mutation>]>
 * ) => ReadonlyArray<Survivor>}
 */
export const inFile = (file, why, ...places) =>
  places.flatMap(([within, ...mutations]) =>
    mutations.map(([from, to, times = 1]) => ({ file, within, from, to, times, why })),
  );

export const stringMutant = '"Stryker was here!"';
