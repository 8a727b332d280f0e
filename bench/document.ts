/**
 * The document: its head, and its parts one after another. A part begins with its heading and ends before the next one.
 */
import { loadText, type Machine, machineText } from './machine.js';
import type { Part } from './part.js';

/** What is measured, on what, and how to read it. */
export const headOf = (machine: Machine, parts: ReadonlyArray<Pick<Part, 'flag'>>): string => `# Benchmarks

Printed by \`npm run bench\` (written here by \`npm run bench -- --write\`). Look at the ratios: the sides of a row took
turns in one process, so what else the machine did fell on all of them. All figures are medians of the rounds.

Each part is also measured alone, by its flag, or several by several flags; with \`--write\` they replace what stands here of
those parts. In the order of the parts: ${parts.map(({ flag }) => `\`${flag}\``).join(', ')}.

Machine: ${machineText(machine)}. Load average when the run began: ${loadText(machine)}; near the number of cores or above, other processes were slowing it down.`;

/** The text of a part that was measured by its flag. */
export const apart = (text: string, machine: Machine): string => `${text}

This part was measured apart from the others (${machineText(machine)}, load ${loadText(machine)}).`;

export const documentOf = (head: string, texts: ReadonlyArray<string>): string => `${[head, ...texts].join('\n\n')}\n`;

interface Place {
  readonly from: number;
  readonly to: number;
}

const placeOf = (document: string, title: string): Place | null => {
  const from = `\n${document}`.indexOf(`\n## ${title}\n`);
  if (from === -1) return null;
  const next = document.indexOf('\n## ', from);
  return { from, to: next === -1 ? document.length : next + 1 };
};

/** What stands in the document of the part of that title; null: it has no such part. */
export const standing = (document: string, title: string): string | null => {
  const place = placeOf(document, title);
  return place === null ? null : document.slice(place.from, place.to).trimEnd();
};

/**
 * The document with that text for the part of that title, and not another character changed. Where it has no such part, the
 * text comes before the next of `titles` that it has, or at its end.
 */
export const withPart = (document: string, title: string, text: string, titles: ReadonlyArray<string>): string => {
  const place = placeOf(document, title);
  if (place !== null) {
    const after = document.slice(place.to);
    return `${document.slice(0, place.from)}${text}\n${after === '' ? '' : `\n${after}`}`;
  }
  const later = titles.slice(titles.indexOf(title) + 1);
  const [next] = later.flatMap((one) => placeOf(document, one)?.from ?? []);
  if (next === undefined) return `${document.trimEnd()}\n\n${text}\n`;
  return `${document.slice(0, next)}${text}\n\n${document.slice(next)}`;
};
