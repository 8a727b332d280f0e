/**
 * What the contract suites say of values: short enough to be read, and where two of them differ.
 */

/** Any text, such as an id of thousands of characters: its beginning, how much is left out, and its end. */
export const shorten = (text: string): string => {
  const left = text.length - beginning - end;
  return left <= 0 ? text : `${text.slice(0, beginning)}…(${left} more characters)…${text.slice(-end)}`;
};

const beginning = 140;
const end = 60;

/** A value on one line, with keys in one order. */
export const show = (value: unknown): string => shorten(print(value, []));

/** Not as JSON, which has no undefined, and which fails at what an answer's cause may well be: a thing in a circle. */
const print = (value: unknown, within: ReadonlyArray<object>): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error || value instanceof Date || value instanceof Promise) return String(value);
  if (within.length === deepest || within.includes(value)) return '…';
  const inside = [...within, value];
  if (Array.isArray(value)) return `[${value.map((each) => print(each, inside)).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, part]) => `${JSON.stringify(key)}:${print(part, inside)}`).join(',')}}`;
};

const deepest = 8;

/** A part in which two values are not the same. */
export interface Difference {
  /** Such as `status.attempts`; empty: they differ as a whole. */
  readonly path: string;
  readonly seen: unknown;
  readonly expected: unknown;
}

/** The first part that differs; null: they are equal. The order of keys does not matter. */
export const differenceOf = (seen: unknown, expected: unknown, path = ''): Difference | null => {
  if (seen === expected || Object.is(seen, expected)) return null;
  const different = { path, seen, expected };
  if (typeof seen !== 'object' || typeof expected !== 'object' || seen === null || expected === null) return different;
  if (Array.isArray(seen) !== Array.isArray(expected)) return different;
  for (const key of new Set([...Object.keys(expected), ...Object.keys(seen)])) {
    const parts = { seen: Reflect.get(seen, key), expected: Reflect.get(expected, key) };
    const step = Array.isArray(expected) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`;
    if (Object.hasOwn(seen, key) !== Object.hasOwn(expected, key)) return { path: step, ...parts };
    const inside = differenceOf(parts.seen, parts.expected, step);
    if (inside !== null) return inside;
  }
  return null;
};
