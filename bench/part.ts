/**
 * A part of the document that is measured alone.
 */

/** The document with the part of that title replaced, or with one at its end. The title is the part's first line. */
export const withPart = (document: string, part: string): string => {
  const from = `\n${document}`.indexOf(`\n${part.split('\n')[0]}\n`);
  if (from === -1) return `${document.trimEnd()}\n\n${part}\n`;
  const next = document.indexOf('\n## ', from);
  return `${document.slice(0, from)}${part}\n${next === -1 ? '' : document.slice(next)}`;
};
