/**
 * Finds the program of a command, as the system would. A shell that is to run it can always be spawned, so whether the command
 * can has to be known before: a start that cannot be made is refused, and no run that ended at once.
 */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ProcessCommand } from './spawn.js';

/** Where a program is looked for when the environment does not say. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/** Its path; null: there is none that may be run. It waits for the disk as little, or as long, as the spawn itself. */
export const findProgram = ({ command, cwd = '.', env = process.env }: ProcessCommand): string | null => {
  if (command === '') return null;
  const places = command.includes('/') ? ['.'] : (env['PATH'] ?? defaultPath).split(':');
  for (const place of places) {
    const path = resolve(cwd, place, command);
    if (isProgram(path)) return path;
  }
  return null;
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() && hasInterpreter(path);
  } catch {
    return false;
  }
};

/** What a script names behind its "#!" is a program too, or the system says of the script that there is none. */
const hasInterpreter = (path: string): boolean => {
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(firstLineOf(path))?.[1];
  if (interpreter !== undefined) accessSync(interpreter, constants.X_OK);
  return true;
};

/** As much of it as the system reads. Empty: it may not be read, which is no reason not to run it. */
const firstLineOf = (path: string): string => {
  try {
    const file = openSync(path, 'r');
    try {
      const start = Buffer.alloc(256);
      return start.toString('latin1', 0, readSync(file, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
};
