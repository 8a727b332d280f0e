/**
 * The files of vectors/conformance, as they have to be by what is decided now: one line for each step, so that a change of a
 * decision is read line by line.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { policies } from './policies.js';
import { salts } from './salts.js';
import { traces } from './traces.js';
import { waits } from './waits.js';

const directory = new URL('../../vectors/conformance/', import.meta.url);

export const readVectors = (name: string): string => readFileSync(new URL(name, directory), 'utf8');

const lines = (values: ReadonlyArray<unknown>): string =>
  `[\n${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',\n')}\n]`;

/** The last field of a value is a list, with a line for each of its members. */
const withLines = (value: object, field: string): string => {
  const { [field]: list, ...others } = value as Readonly<Record<string, unknown>>;
  return `${JSON.stringify(others).slice(0, -1)},${JSON.stringify(field)}:${lines(list as ReadonlyArray<unknown>)}}`;
};

/** Every file by its name. */
export const files: Readonly<Record<string, () => string>> = {
  'traces.json': () => `${lines(traces().map((trace) => withLines(trace, 'steps')))}\n`,
  'waits.json': () => `${lines(waits().map((of) => withLines(of, 'waits')))}\n`,
  'salts.json': () => `${lines(salts())}\n`,
  'policies.json': () => `${lines(policies())}\n`,
};

/** Writes what is decided now; answers which files are others than before. Where nobody reads the difference it refuses. */
export const rewriteVectors = (): ReadonlyArray<string> => {
  if (process.env['CI'] !== undefined) throw new Error('vectors are rewritten by people, who read the difference');
  return Object.entries(files).flatMap(([name, textOf]) => {
    const text = textOf();
    if (text === textOrNull(name)) return [];
    writeFileSync(new URL(name, directory), text);
    return [name];
  });
};

const textOrNull = (name: string): string | null => {
  try {
    return readVectors(name);
  } catch {
    return null;
  }
};

/** What has to be known after it. */
export const warningOf = (rewritten: ReadonlyArray<string>): string =>
  [
    '',
    '!'.repeat(100),
    `!! REWRITTEN: ${rewritten.join(', ')}`,
    '!! These vectors now say what is decided, whether it is right or wrong. Read the difference (git diff',
    '!! vectors/conformance), line by line, before you commit it: ports in other languages will follow it.',
    '!'.repeat(100),
  ].join('\n');
