/**
 * The functions of the language that dist/engine.js calls most, under names that can be shortened: scripts/engine.mjs puts
 * `$isArray` in the place of `Array.isArray`, and so on.
 */
export const { isArray: $isArray } = Array;
export const { isSafeInteger: $isSafeInteger } = Number;
