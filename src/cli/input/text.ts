/**
 * Texts that a command is given: in a file, by standard input, or right there.
 */
import { readFile } from 'node:fs/promises';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Problem, problem } from '../problem.js';
import type { Terminal } from '../terminal.js';

export interface Text {
  /** What it is called in messages. */
  readonly name: string;
  readonly text: string;
}

/** `-` is standard input, and what begins with a brace is the text itself. */
export const readText = async (from: string, terminal: Terminal): Promise<Either<Problem, Text>> => {
  if (isInline(from)) return right({ name: 'inline', text: from });
  if (from === '-') return right({ name: 'stdin', text: await terminal.input() });
  try {
    return right({ name: from, text: await readFile(from, 'utf8') });
  } catch (error) {
    return left(problem(from, `cannot be read: ${whyNot(error)}`));
  }
};

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
