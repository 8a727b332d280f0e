/**
 * Which known name a misspelt one was meant to be.
 */

const mostEdits = 3;

/** The nearest of the known names, the first of equals; null: none is within so many insertions, deletions and replacements. */
export const nearest = <A extends string>(given: string, known: ReadonlyArray<A>, most = mostEdits): A | null => {
  for (let edits = 0; edits <= most; edits++) {
    const found = known.find((name) => isWithin(edits, given, name));
    if (found !== undefined) return found;
  }
  return null;
};

/**
 * The same for a word of a closed set, in whatever case. Of a short word half is enough: with three letters changed any word of
 * four is another one.
 */
export const nearestWord = <A extends string>(given: string, known: ReadonlyArray<A>): A | null =>
  nearest(given.toLowerCase(), known, Math.min(mostEdits, Math.floor(given.length / 2)));

/** What follows a message where it is known what was meant. */
export const didYouMean = (meant: string | null): string => (meant === null ? '' : `; did you mean ${meant}?`);

/** The same after a message that lists what is allowed ("must be one of a, b, got …"), for the value that it is about. */
export const didYouMeanOneOf = (message: string, given: unknown): string => {
  const allowed = /\bmust be one of (.*?), got /.exec(message)?.[1]?.split(', ') ?? [];
  return didYouMean(typeof given === 'string' ? nearestWord(given, allowed) : null);
};

/**
 * Whether so many edits lead from a to b; fewer than none never do. Lengths come first, so a text of 10 MB costs no more
 * than a short one.
 */
const isWithin = (edits: number, a: string, b: string): boolean => {
  if (Math.abs(a.length - b.length) > edits) return false;
  if (a === b) return true;
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return isWithin(edits, restOfA, restOfB);
  return isWithin(edits - 1, restOfA, restOfB) || isWithin(edits - 1, restOfA, b) || isWithin(edits - 1, a, restOfB);
};
