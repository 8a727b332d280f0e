/**
 * What came instead of what was expected, in a few words, however long it was.
 */

export const describeValue = (u: unknown): string => {
  if (typeof u === 'string') return `the text ${quoteShort(u)}`;
  if (isArray(u)) return 'an array';
  if (typeof u === 'object' && u !== null) return 'an object';
  return /function|symbol|bigint/.test(typeof u) ? `a ${typeof u}` : String(u);
};

const isArray = (u: unknown): boolean => {
  try {
    return Array.isArray(u);
  } catch {
    // A revoked proxy: even this question makes it throw.
    return false;
  }
};

/** Quotes user input for a message; what is longer than a line is cut, so that a 10 MB text makes no 10 MB error. */
export const quoteShort = (text: string): string => JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);

/** The same for a key, without the quotes where it can be read without them. */
export const quoteKey = (key: string): string => (key === '' ? '""' : quoteShort(key).slice(1, -1));
