/**
 * The small change of SVG: numbers and texts.
 */

/** Tenths of a pixel: the same digits everywhere, and few. */
export const round = (x: number): number => Math.round(x * 10) / 10;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text between tags or in an attribute. Control characters, which XML does not have, are left out. */
export const textOf = (text: string): string =>
  [...text]
    .filter((character) => character >= ' ' && character !== '\ufffe' && character !== '\uffff')
    .map((character) => escapes[character] ?? character)
    .join('');

/** About how wide a text in the small size is. */
export const widthOf = (text: string): number => text.length * 6.4;

/** Parts side by side, in as many lines as they need; a part that is longer than a line has one of its own. */
export const linesOf = (parts: ReadonlyArray<string>, between: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = `${last}${between}${part}`;
    if (last !== undefined && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
};
