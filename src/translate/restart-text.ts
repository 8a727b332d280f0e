/**
 * A restart policy as Docker's command line and API have it, which Podman and Compose took over: a name, and beside on-failure
 * how often it is tried.
 */
import { describeValue } from '../quote.js';
import { countIn, pathOf, refuseOthers, sectionAt, wordIn, wordOf } from './section.js';
import type { Notes } from './translation.js';

export interface NamedPolicy<W extends string> {
  readonly name: W;
  /** How often on-failure is tried; 0: without end. */
  readonly retries: number;
  /** Where each of them stands, and how it is said there; null: it is not. */
  readonly nameAt: string;
  readonly nameSaid: unknown;
  readonly retriesAt: string;
  readonly retriesSaid: unknown;
}

/** "on-failure:3", or { Name, MaximumRetryCount }. undefined: it is wrong, and an error was noted. */
export const namedPolicy = <W extends string>(
  given: unknown,
  words: ReadonlyArray<W>,
  absent: W,
  notes: Notes,
): NamedPolicy<W> | undefined => {
  if (typeof given === 'string') return textPolicy(given, '', words, notes);
  if (typeof given !== 'object' || given === null) {
    return notes.error('', `must be an object, or a text such as "on-failure:3", not ${describeValue(given)}`);
  }
  const section = sectionAt(given, '', notes);
  if (section === undefined) return undefined;
  refuseOthers(section, ['Name', 'MaximumRetryCount'], notes);
  const name = section.fields.has('Name') ? wordIn(section, 'Name', words, notes) : absent;
  const retries = countIn(section, 'MaximumRetryCount', notes) ?? 0;
  if (name === undefined) return undefined;
  return {
    name,
    retries,
    nameAt: pathOf(section, 'Name'),
    nameSaid: section.fields.get('Name') ?? null,
    retriesAt: pathOf(section, 'MaximumRetryCount'),
    retriesSaid: section.fields.get('MaximumRetryCount') ?? null,
  };
};

/** The text alone, at a path. */
export const textPolicy = <W extends string>(
  text: string,
  path: string,
  words: ReadonlyArray<W>,
  notes: Notes,
): NamedPolicy<W> | undefined => {
  const [word = '', count, ...more] = text.includes('$') ? [text] : text.split(':');
  const name = wordOf(word, path, words, notes);
  if (name === undefined) return undefined;
  if (count !== undefined && (!/^\d{1,9}$/.test(count) || more.length > 0)) {
    return notes.error(path, `must end with a whole number after the colon, not ${describeValue(text)}`);
  }
  return { name, retries: Number(count ?? 0), nameAt: path, nameSaid: text, retriesAt: path, retriesSaid: text };
};

/** Only on-failure counts; the engines refuse a count beside another name. */
export const refuseRetries = ({ name, retries, retriesAt }: NamedPolicy<string>, notes: Notes): void => {
  if (name !== 'on-failure' && retries > 0) {
    notes.error(retriesAt, `needs on-failure, and is ${retries} beside ${name === '' ? 'no name' : name}`);
  }
};
