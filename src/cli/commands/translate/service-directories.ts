/**
 * Service directories of s6 and runit: one, or a directory of them.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Translated, Translation } from '../../../translate.js';
import { whyNot } from '../../input/text.js';
import { onlyProblem, together, type Unit, type Units } from './unit.js';

/** What is read of each, where it is there. A service directory has a `run`, or in a source of s6-rc a `type`. */
const marks = ['run', 'type'];
const read = ['finish', 'max-death-tally', 'notification-fd', 'timeout-finish', 'down'];

export const serviceDirectories = async (
  source: string,
  translate: (directory: unknown) => Translated<Translation>,
): Promise<Units> => {
  try {
    const names = await readdir(source);
    if (marks.some((mark) => names.includes(mark))) return { units: [await unitOf(source, translate)], problems: [] };
    const within = await Promise.all(
      names
        .filter((name) => !name.startsWith('.'))
        .sort()
        .map(async (name): Promise<Units> => {
          const directory = join(source, name);
          const isService = (await stat(directory)).isDirectory() && (await hasMark(directory));
          return { units: isService ? [await unitOf(directory, translate)] : [], problems: [] };
        }),
    );
    const { units } = together(within);
    return units.length > 0
      ? { units, problems: [] }
      : onlyProblem(source, 'is no service directory and has none in it: one has a file named run');
  } catch (error) {
    return onlyProblem(source, notDirectory(error) ? 'is no directory' : `cannot be read: ${whyNot(error)}`);
  }
};

const notDirectory = (error: unknown): boolean => (error as { readonly code?: string }).code === 'ENOTDIR';

const hasMark = async (directory: string): Promise<boolean> =>
  (await readdir(directory)).some((name) => marks.includes(name));

const unitOf = async (directory: string, translate: (directory: unknown) => Translated<Translation>): Promise<Unit> => {
  const files: Record<string, string> = { run: '' };
  for (const name of await readdir(directory)) {
    if (read.includes(name)) files[name] = await readFile(join(directory, name), 'utf8');
  }
  return {
    source: directory,
    label: '',
    translated: translate(files),
    placeOf: (field) => ({ source: Object.hasOwn(files, field) ? join(directory, field) : directory, place: null }),
  };
};
