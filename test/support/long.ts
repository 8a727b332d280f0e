/**
 * How many characters a text has that nobody should write: ten million. Mutation testing makes it fewer, because every
 * character of it would be counted for every mutant (MANY_CHARACTERS).
 */
export const tenMillion = Number(process.env['MANY_CHARACTERS'] ?? 10_000_000);
