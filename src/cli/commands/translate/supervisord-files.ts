/**
 * Programs of supervisord: a configuration, and the files that it includes.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fromSupervisord } from '../../../translate.js';
import { type Assignment, type Assignments, parseIni } from '../../input/assignments.js';
import { readText } from '../../input/text.js';
import { problem } from '../../problem.js';
import type { Terminal } from '../../terminal.js';
import { onlyProblem, type Unit, type Units, wrongAlone } from './unit.js';

export const supervisordUnits = async (source: string, terminal: Terminal): Promise<Units> => {
  const main = await assignmentsIn(source, terminal);
  const included: Array<Assignments> = [];
  for (const { section, key, value, place } of main.all) {
    if (section !== 'include' || key !== 'files') continue;
    for (const pattern of value.split(/\s+/)) {
      const files = await matching(source, pattern);
      if (typeof files === 'string') {
        included.push({ all: [], problems: [problem(source, files, place)] });
      } else {
        for (const file of files) included.push(await assignmentsIn(file, terminal));
      }
    }
  }
  const all = [main, ...included].flatMap((each) => each.all);
  const problems = [main, ...included].flatMap((each) => each.problems);
  const units = programsIn(all, source === '-' ? 'stdin' : source);
  return units.length + problems.length > 0
    ? { units: wrongAlone(units, problems), problems }
    : onlyProblem(source, 'has no section [program:NAME]');
};

const assignmentsIn = async (file: string, terminal: Terminal): Promise<Assignments> => {
  const text = await readText(file, terminal);
  return text._tag === 'Right' ? parseIni(text.right) : { all: [], problems: [text.left] };
};

/** Files that a pattern with stars in its last part means; a text says why it is not read. */
const matching = async (source: string, pattern: string): Promise<ReadonlyArray<string> | string> => {
  if (pattern.includes('%(')) return `includes what holds a variable: ${pattern}`;
  const base = isAbsolute(pattern) || source === '-' ? '' : dirname(source);
  const directory = join(base, dirname(pattern));
  if (/[*?[]/.test(dirname(pattern)))
    return `includes files of directories by a pattern, which is not read here: ${pattern}`;
  const name = new RegExp(
    `^${basename(pattern)
      .replace(/[\\^$+.()|{}]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  try {
    return (await readdir(directory))
      .filter((each) => name.test(each))
      .sort()
      .map((each) => join(directory, each));
  } catch {
    // What is not there is not included.
    return [];
  }
};

const kinds = /^(?:program|fcgi-program|eventlistener):(.+)$/;

const programsIn = (all: ReadonlyArray<Assignment>, source: string): ReadonlyArray<Unit> => {
  const programs = new Map<string, Array<Assignment>>();
  for (const each of all) {
    const name = kinds.exec(each.section)?.[1]?.trim();
    if (name !== undefined) programs.set(name, [...(programs.get(name) ?? []), each]);
  }
  return [...programs].map(([name, own]) => ({
    source,
    label: name,
    translated: fromSupervisord(Object.fromEntries(own.map(({ key, value }) => [key, value]))),
    placeOf: (field) => {
      const found = own.filter(({ key }) => key === field).at(-1) ?? own[0];
      return { source: found?.source ?? source, place: found?.place ?? null };
    },
  }));
};
