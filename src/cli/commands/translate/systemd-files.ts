/**
 * Units of systemd: files, each with the drop-ins that lie beside it, as systemd merges them.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fromSystemd, type SystemdOptions } from '../../../translate.js';
import { type Assignment, parseUnitFile } from '../../input/assignments.js';
import { readText } from '../../input/text.js';
import type { Problem } from '../../problem.js';
import type { Terminal } from '../../terminal.js';
import { onlyProblem, together, type Unit, type Units, wrongAlone } from './unit.js';

export const systemdUnits = async (source: string, terminal: Terminal, options: SystemdOptions): Promise<Units> => {
  if (source === '-' || !(await isDirectory(source))) {
    const [name, besides] = source === '-' ? ['stdin', []] : [source, await dropIns(source)];
    const read = await unitsOf(name, [source, ...besides], terminal, options);
    return read === masked ? onlyProblem(name, 'is empty: such a unit is masked, and never started') : read;
  }
  const names = (await namesIn(source)).filter((name) => /\.(?:service|container|kube)$/.test(name));
  if (names.length === 0) return onlyProblem(source, 'has no unit of a service in it');
  return together(
    await Promise.all(
      names.map(async (name) => {
        const file = join(source, name);
        return unitsOf(file, [file, ...(await dropIns(file))], terminal, options);
      }),
    ),
  );
};

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};

/** In order; none where there is no such directory. */
const namesIn = async (directory: string): Promise<ReadonlyArray<string>> => {
  try {
    return (await readdir(directory)).sort();
  } catch {
    return [];
  }
};

/**
 * Directories of drop-ins from the most general to that of the unit itself: of its type, of each beginning of its name that ends
 * with a dash, of its template. A file of a later one goes before a file of the same name.
 */
const dropIns = async (file: string): Promise<ReadonlyArray<string>> => {
  const [, stem = '', instance, type = ''] = /^([^@]*)(@.*)?(\.[a-z]+)$/.exec(basename(file)) ?? [];
  if (stem === '') return [];
  const beginnings = [...stem.matchAll(/-/g)].map(({ index }) => `${stem.slice(0, index + 1)}${type}.d`);
  const directories = [
    `${type.slice(1)}.d`,
    ...beginnings,
    ...(instance === undefined ? [] : [`${stem}@${type}.d`]),
    `${basename(file)}.d`,
  ].map((name) => join(dirname(file), name));
  const found = new Map<string, string>();
  for (const directory of directories) {
    for (const name of await namesIn(directory)) if (name.endsWith('.conf')) found.set(name, join(directory, name));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
};

/** An empty file, or a link to /dev/null: whatever its drop-ins say, there is nothing to start. */
const masked: Units = { units: [], problems: [] };

const unitsOf = async (
  name: string,
  files: ReadonlyArray<string>,
  terminal: Terminal,
  options: SystemdOptions,
): Promise<Units> => {
  const problems: Array<Problem> = [];
  const all: Array<Assignment> = [];
  let printed: ReadonlyArray<Printed> = [];
  for (const file of files) {
    const text = await readText(file, terminal);
    if (text._tag === 'Left') return { units: [], problems: [text.left] };
    if (file === files[0] && text.right.text === '') return masked;
    const read = parseUnitFile(text.right);
    problems.push(...read.problems);
    all.push(...read.all);
    if (file === files[0]) printed = printedIn(text.right.text);
  }
  const unitOf = (label: string, own: ReadonlyArray<Assignment>, file: string): Unit => ({
    source: name,
    label,
    translated: fromSystemd(structureOf(own, file), options),
    placeOf: placesOf(own, name),
  });
  if (printed.length < 2) {
    return { units: wrongAlone([unitOf('', all, printed[0]?.unit ?? name)], problems), problems };
  }
  const units = printed.flatMap(({ unit, from }, index) => {
    const to = printed[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const own = all.filter(({ place: { line } }) => line >= from && line < to);
    // Timers and the like are printed beside services; of what is masked there is nothing.
    return unit.endsWith('.service') && own.length > 0 ? [unitOf(unit, own, unit)] : [];
  });
  return units.length + problems.length > 0
    ? { units: wrongAlone(units, problems), problems }
    : onlyProblem(name, 'has no unit of a service in it');
};

/** A unit of those that `systemctl cat` prints one after another, and the line from which on it stands. */
interface Printed {
  readonly unit: string;
  readonly from: number;
}

/**
 * `systemctl cat` says the path of a file above it: of a unit, and then of its drop-ins. What begins with no such path was not
 * printed by it, and a path that no section follows is a comment. Fewer than two: it is one unit.
 */
const printedIn = (text: string): ReadonlyArray<Printed> => {
  const lines = text.split('\n').map((line) => line.trim());
  const found: Array<Printed> = [];
  for (const [index, line] of lines.entries()) {
    const unit =
      /^# \/(?:\S*\/)?([^/\s]+\.(?:service|socket|timer|path|target|mount|automount|swap|slice|scope))$/.exec(
        line,
      )?.[1];
    if (found.length === 0 && line !== '' && unit === undefined) return [];
    if (unit === undefined || unit === found.at(-1)?.unit) continue;
    const next = lines.slice(index + 1).find((each) => each !== '' && !/^[#;]/.test(each));
    if (next === undefined || next.startsWith('[')) found.push({ unit, from: index + 1 });
  }
  return found;
};

/**
 * Sections of keys, the one that was assigned last coming last; a key that stands several times has all its values. A service is
 * one by the name of its file, also where it says nothing as one (systemd-poweroff.service).
 */
const structureOf = (all: ReadonlyArray<Assignment>, file: string): Readonly<Record<string, unknown>> => {
  const sections = new Map<string, Map<string, Array<string>>>();
  for (const { section, key, value } of all) {
    const keys = sections.get(section) ?? new Map<string, Array<string>>();
    const values = keys.get(key) ?? [];
    keys.delete(key);
    keys.set(key, [...values, value]);
    sections.delete(section);
    sections.set(section, keys);
  }
  if (file.endsWith('.service') && !sections.has('Service')) sections.set('Service', new Map());
  return Object.fromEntries(
    [...sections].map(([section, keys]) => [
      section,
      Object.fromEntries([...keys].map(([key, values]) => [key, values.length === 1 ? values[0] : values])),
    ]),
  );
};

const placesOf =
  (all: ReadonlyArray<Assignment>, name: string): Unit['placeOf'] =>
  (field) => {
    const found =
      all.filter(({ section, key }) => field === `${section}.${key}`).at(-1) ??
      all.find(({ section }) => field === section);
    return found === undefined ? { source: name, place: null } : { source: found.source, place: found.place };
  };
