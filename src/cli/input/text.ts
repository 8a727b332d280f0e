/**
 * Texts that a command is given: in a file, by standard input, or right there.
 */
import { readFile } from 'node:fs/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { type Problem, problem } from '../problem.js';
import type { Terminal } from '../terminal.js';
import { printable } from '../text/printable.js';

export interface Text {
  /** What it is called in messages. */
  readonly name: string;
  readonly text: string;
}

/** `-` is standard input, and what begins with a brace is the text itself. */
export const readText = async (from: string, terminal: Terminal): Promise<Either<Problem, Text>> => {
  if (isInline(from)) return right({ name: 'inline', text: from });
  if (from === '-') return asText('stdin', await terminal.input());
  try {
    return asText(from, await readFile(from, 'utf8'));
  } catch (error) {
    return left(problem(from, `cannot be read: ${whyNot(error)}`));
  }
};

/** A program, an archive or a picture has bytes of 0, and no text has. One problem, and not one for every line. */
const asText = (name: string, text: string): Either<Problem, Text> =>
  text.includes('\0')
    ? left(problem(name, 'cannot be read: it is no text in UTF-8'))
    : right({ name: printable(name), text: text.replace(/^\ufeff/, '') });

export const isInline = (from: string): boolean => from.trimStart().startsWith('{');

/** What the system says of a file, in words. */
export const whyNot = (error: unknown): string => {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a directory';
    case 'EACCES':
      return 'permission is denied';
    case 'ENOTDIR':
      return 'what it should stand in is no directory';
    default:
      return message ?? String(error);
  }
};
