/**
 * Values of a unit's keys. Each is text, or, where its key stands several times, an array of texts.
 */
import type { Millis } from '../duration.js';
import { describeValue } from '../quote.js';
import { pathOf, type Section, wordOf } from './section.js';
import { parseUnsigned } from './systemd-exit-status.js';
import { parseTimeSpan } from './systemd-time-span.js';
import type { Notes } from './translation.js';

/** Every value of a key, in order. */
export const textsIn = (section: Section, key: string, notes: Notes): ReadonlyArray<string> => {
  const u = section.fields.get(key);
  if (u === undefined) return [];
  const texts: ReadonlyArray<unknown> = Array.isArray(u) ? u : [u];
  const wrong = texts.find((text) => typeof text !== 'string');
  if (wrong === undefined) return texts as ReadonlyArray<string>;
  notes.error(
    pathOf(section, key),
    `must be text as in the unit's file, or an array of texts where it stands several times, not ${describeValue(wrong)}`,
  );
  return [];
};

/** Of a key that counts once: the last of its values. */
export const lastIn = (section: Section, key: string, notes: Notes): string | undefined =>
  textsIn(section, key, notes).at(-1);

const spanWords = 'must be a time span such as "5min 20s", a number of seconds, or infinity';

/** Milliseconds, or `Infinity`. */
export const timeSpanIn = (section: Section, key: string, notes: Notes): Millis | undefined => {
  const text = lastIn(section, key, notes);
  if (text === undefined) return undefined;
  return parseTimeSpan(text) ?? notes.error(pathOf(section, key), `${spanWords}, not ${describeValue(text)}`);
};

/** A time-out, of which 0 is none. */
export const timeoutIn = (section: Section, key: string, notes: Notes): Millis | undefined => {
  const span = timeSpanIn(section, key, notes);
  return span === 0 ? Number.POSITIVE_INFINITY : span;
};

export const unsignedIn = (section: Section, key: string, notes: Notes): number | undefined => {
  const text = lastIn(section, key, notes);
  if (text === undefined) return undefined;
  const count = parseUnsigned(text);
  return count !== null && count < 2 ** 32
    ? count
    : notes.error(pathOf(section, key), `must be a whole number from 0 to 4294967295, not ${describeValue(text)}`);
};

export const booleanIn = (section: Section, key: string, notes: Notes): boolean | undefined => {
  const text = lastIn(section, key, notes);
  if (text === undefined) return undefined;
  if (/^(1|yes|y|true|t|on)$/i.test(text)) return true;
  if (/^(0|no|n|false|f|off)$/i.test(text)) return false;
  return notes.error(pathOf(section, key), `must be yes or no, not ${describeValue(text)}`);
};

export const unitWordIn = <A extends string>(
  section: Section,
  key: string,
  words: ReadonlyArray<A>,
  notes: Notes,
): A | undefined => {
  const text = lastIn(section, key, notes);
  return text === undefined ? undefined : wordOf(text, pathOf(section, key), words, notes);
};
