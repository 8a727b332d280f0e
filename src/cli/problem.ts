/**
 * What is wrong with the input, and how it is told: where, what, and the line itself.
 */
import type { Terminal } from './terminal.js';
import { paintWith } from './text/paint.js';
import { printable } from './text/printable.js';

export interface Problem {
  /** What it is about: a file, or an option; null: all of it. */
  readonly source: string | null;
  /** Where in the source; null: nowhere in particular. */
  readonly place: Place | null;
  readonly message: string;
}

/** Both from 1, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The line itself; it is shown below the message. */
  readonly text: string;
  /** How many characters of it are meant, from 1. */
  readonly length: number;
}

export const problem = (source: string | null, message: string, place: Place | null = null): Problem => ({
  source,
  place,
  message,
});

/** All of them on standard error; the exit code of wrong input. */
export const tellProblems = (problems: ReadonlyArray<Problem>, terminal: Terminal): 2 => {
  for (const each of problems) terminal.err(`${problemText(each, terminal)}\n`);
  return 2;
};

export const problemText = ({ source, place, message }: Problem, { errColour, columns }: Terminal): string => {
  const paint = paintWith(errColour);
  const where = [source ?? [], place === null ? [] : [place.line, place.column]].flat().join(':');
  const head = `${where === '' ? '' : `${paint('bold', `${printable(where)}:`)} `}${paint('red', printable(message))}`;
  return place === null ? head : `${head}\n${excerpt(place, columns)}`;
};

/** The line, cut around what is meant where it is too long, and a mark below it. */
const excerpt = ({ line, column, text, length }: Place, columns: number): string => {
  const number = `  ${line} | `;
  const room = Math.max(16, columns - number.length);
  const characters = [...printable(text.replaceAll('\t', ' '))];
  // Of a long line, what is meant and some of what stands before it.
  const from = characters.length <= room ? 0 : Math.max(0, Math.min(column - 1 - 8, characters.length - room));
  const shown = characters.slice(from, from + room).join('');
  const blanks = ' '.repeat(number.length + column - 1 - from);
  const marks = '^'.repeat(Math.max(1, Math.min(length, room - (column - 1 - from))));
  return `${number}${shown.trimEnd()}\n${blanks}${marks}`;
};
