/**
 * The length of a text that nobody should write: ten million characters. Mutation testing makes it shorter
 * (MANY_CHARACTERS), because every character of it would be counted for every mutant.
 */
export const tenMillion = Number(process.env['MANY_CHARACTERS'] ?? 10_000_000);
