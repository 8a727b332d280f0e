import { quoteShort } from '../duration.js';

/** Names what came instead, in a few words. */
export const describe = (u: unknown): string => {
  if (u === null) return 'null';
  if (isArray(u)) return 'an array';
  switch (typeof u) {
    case 'string':
      return `the text ${quoteShort(u)}`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(u);
    case 'object':
      return 'an object';
    default:
      return `a ${typeof u}`;
  }
};

const isArray = (u: unknown): boolean => {
  try {
    return Array.isArray(u);
  } catch {
    // A revoked proxy: even this question makes it throw.
    return false;
  }
};
