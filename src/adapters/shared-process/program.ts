/**
 * Finds the program of a command, as the system would. The shim can always be spawned, so whether its command can has
 * to be known before: a start that cannot be made is refused, and no run that ended at once.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ProcessCommand } from '../linux/spawn.js';

/** Where a program is looked for when the environment does not say. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/** Its path; null: there is none that may be run. */
export const findProgram = async ({
  command,
  cwd = '.',
  env = process.env,
}: ProcessCommand): Promise<string | null> => {
  if (command === '') return null;
  const places = command.includes('/') ? ['.'] : (env['PATH'] ?? defaultPath).split(':');
  for (const place of places) {
    const path = resolve(cwd, place, command);
    if (await isProgram(path)) return path;
  }
  return null;
};

const isProgram = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};
