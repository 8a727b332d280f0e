/**
 * How a part of another system's own document is read. It is unknown data: each field is looked at, and what is not known
 * where restarts are configured is an error with a suggestion. What is null is absent, as it is for all of these systems.
 */
import { type Millis, parseDuration } from '../duration.js';
import { nearest } from '../nearest.js';
import { describeValue, quoteKey } from '../quote.js';
import type { Notes } from './translation.js';

/** The fields of one object that are set, each of them read once, and where it stands. */
export interface Section {
  /** Empty: it is the whole. */
  readonly path: string;
  readonly fields: ReadonlyMap<string, unknown>;
  /** How a field is spelled there, where that is not its name here. */
  readonly spelled?: ReadonlyMap<string, string>;
}

/** Where a field stands. */
export const pathOf = ({ path, spelled }: Section, key: string): string => {
  const written = quoteKey(spelled?.get(key) ?? key);
  return path === '' ? written : `${path}.${written}`;
};

/** An object at a path; undefined, with an error: it is none. */
export const sectionAt = (u: unknown, path: string, notes: Notes): Section | undefined => {
  // Maps, dates and boxed values have no fields of their own, and would pass for `{}`.
  if (typeof u !== 'object' || u === null || Object.prototype.toString.call(u) !== '[object Object]') {
    return notes.error(path, `must be an object, not ${describeValue(u)}`);
  }
  const fields = new Map<string, unknown>();
  for (const [key, value] of Object.entries(u)) if (value !== undefined && value !== null) fields.set(key, value);
  return { path, fields };
};

/**
 * The same fields under the names of one spelling, for systems whose documents have two ("Attempts" in an API, "attempts" in a
 * file). A field that is there in both is an error.
 */
export const underNames = (section: Section, names: Readonly<Record<string, string>>, notes: Notes): Section => {
  const fields = new Map<string, unknown>();
  const spelled = new Map<string, string>();
  for (const [key, value] of section.fields) {
    const name = (Object.hasOwn(names, key) ? names[key] : undefined) ?? key;
    if (fields.has(name)) notes.error(pathOf(section, key), `says what ${spelled.get(name)} says, too`);
    fields.set(name, value);
    spelled.set(name, key);
  }
  return { path: section.path, fields, spelled };
};

/** A field that is an object; undefined: it is absent, or, with an error, none. */
export const sectionIn = (section: Section, key: string, notes: Notes): Section | undefined => {
  const u = section.fields.get(key);
  return u === undefined ? undefined : sectionAt(u, pathOf(section, key), notes);
};

/** A field that must be an object; undefined, with an error: it is none, or absent. */
export const neededIn = (section: Section, key: string, notes: Notes): Section | undefined =>
  section.fields.has(key)
    ? sectionIn(section, key, notes)
    : notes.error(pathOf(section, key), 'must be an object; it is missing');

/** A field that is an array: its items with their paths. Absent, or, with an error, no array: none. */
export const itemsIn = (
  section: Section,
  key: string,
  notes: Notes,
): ReadonlyArray<{ readonly item: unknown; readonly path: string }> => {
  const u = section.fields.get(key);
  const path = pathOf(section, key);
  if (u === undefined) return [];
  if (!Array.isArray(u)) {
    notes.error(path, `must be an array, not ${describeValue(u)}`);
    return [];
  }
  return Array.from(u, (item: unknown, at) => ({ item, path: `${path}[${at}]` }));
};

/** Every other field is an error that names the nearest known one. For parts in which all fields are about restarts. */
export const refuseOthers = (section: Section, known: ReadonlyArray<string>, notes: Notes): void => {
  for (const key of section.fields.keys()) {
    if (known.includes(key)) continue;
    notes.error(
      pathOf(section, key),
      `is not known${suggestion(key, known) ?? `; what is known is ${known.join(', ')}`}`,
    );
  }
};

/**
 * A field that is nearly called like one of ours is an error. For parts in which only some fields are about restarts: `others`
 * are known ones of nearly the same name.
 */
export const refuseMisspelt = (
  section: Section,
  ours: ReadonlyArray<string>,
  notes: Notes,
  others: ReadonlyArray<string> = [],
): void => {
  for (const key of section.fields.keys()) {
    if (ours.includes(key) || others.includes(key)) continue;
    const meant =
      ours.find((name) => letters(name) === letters(key)) ??
      nearest(
        key,
        ours.filter((name) => name.length > 5),
        2,
      );
    if (meant !== null) notes.error(pathOf(section, key), `is not known; did you mean ${meant}?`);
  }
};

const letters = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

/** "; did you mean X?". A short word is within three edits of any other, so there the case alone may differ. */
const suggestion = (given: string, known: ReadonlyArray<string>): string | null => {
  const found =
    known.find((name) => name.toLowerCase() === given.toLowerCase()) ??
    nearest(
      given,
      known.filter((name) => name.length > 3),
    );
  return found === null ? null : `; did you mean ${found}?`;
};

// ---------------------------------------------------------------------------
// single values. undefined: the field is absent, or it is wrong and an error was noted
// ---------------------------------------------------------------------------

/** One of a set of words. */
export const wordIn = <A extends string>(
  section: Section,
  key: string,
  words: ReadonlyArray<A>,
  notes: Notes,
): A | undefined => {
  const u = section.fields.get(key);
  return u === undefined ? undefined : wordOf(u, pathOf(section, key), words, notes);
};

/** A value that must be one of a set of words. */
export const wordOf = <A extends string>(
  u: unknown,
  path: string,
  words: ReadonlyArray<A>,
  notes: Notes,
): A | undefined => {
  const found = words.find((word) => word === u);
  if (found !== undefined) return found;
  const expected = `must be one of ${words.filter((word) => word !== '').join(', ')}`;
  if (u === undefined) return notes.error(path, `${expected}; it is missing`);
  if (typeof u !== 'string') return notes.error(path, `${expected}, not ${describeValue(u)}`);
  return u.includes('$')
    ? notes.error(path, `holds a variable, which must be filled in first: ${describeValue(u)}`)
    : notes.error(path, `${expected}, not ${describeValue(u)}${suggestion(u, words) ?? ''}`);
};

/** A whole number between two bounds, inclusive. */
export const countIn = (
  section: Section,
  key: string,
  notes: Notes,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { readonly least?: number; readonly most?: number } = {},
): number | undefined => {
  const u = section.fields.get(key);
  if (u === undefined) return undefined;
  if (typeof u === 'number' && Number.isSafeInteger(u) && u >= least && u <= most) return u + 0;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return notes.error(pathOf(section, key), `must be a whole number ${bounds}, not ${describeValue(u)}`);
};

/** true or false. */
export const flagIn = (section: Section, key: string, notes: Notes): boolean | undefined => {
  const u = section.fields.get(key);
  if (u === undefined || typeof u === 'boolean') return u;
  return notes.error(pathOf(section, key), `must be true or false, not ${describeValue(u)}`);
};

/** A whole number of nanoseconds from 0, in milliseconds. */
export const nanosIn = (section: Section, key: string, notes: Notes): Millis | undefined => {
  const nanos = countIn(section, key, notes);
  return nanos === undefined ? undefined : nanos / 1e6;
};

/** A text of Go's, or a whole number of nanoseconds: as a file has it, or an API. */
export const goSpanOrNanosIn = (section: Section, key: string, notes: Notes): Millis | undefined =>
  typeof section.fields.get(key) === 'number' ? nanosIn(section, key, notes) : goSpanIn(section, key, notes);

/** A duration as Go writes it ("1m30s"), from 0, in milliseconds. */
export const goSpanIn = (section: Section, key: string, notes: Notes): Millis | undefined => {
  const u = section.fields.get(key);
  if (u === undefined) return undefined;
  const path = pathOf(section, key);
  if (typeof u !== 'string') {
    return notes.error(path, `must be a duration such as "10s", not ${describeValue(u)}`);
  }
  const parsed = parseDuration(u);
  return parsed._tag === 'Right'
    ? parsed.right
    : notes.error(path, `must be a duration such as "10s", not ${describeValue(u)}`);
};
