/**
 * Rows of a log, whatever it is written in: CSV with a header, JSON lines, or one array of JSON.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { left, right } from '../../either.js';
import { nearest } from '../../nearest.js';
import { type Place, type Problem, problem } from '../problem.js';
import { cellsOf } from './csv.js';
import { parseText } from './document.js';
import type { Text } from './text.js';

export interface LogRow {
  /** By names without blanks, dashes, underscores and capitals, so that startedAt, started_at and StartedAt are one. */
  readonly fields: ReadonlyMap<string, unknown>;
  /** Where a field stands; of one that is missing, where the row does. */
  readonly placeOf: (field: string) => Place;
}

export const plainName = (name: string): string => name.replace(/[\s_-]/g, '').toLowerCase();

/** Left: all that keeps it from being read as rows. */
export const rowsOfLog = (text: Text): Either<NonEmptyArray<Problem>, ReadonlyArray<LogRow>> => {
  const begins = text.text.trimStart().slice(0, 1);
  if (begins === '') return left([problem(text.name, 'is empty: a log has a row for each run')]);
  if (begins === '[') return rowsOfArray(text);
  return begins === '{' ? rowsOfLines(text) : rowsOfTable(text);
};

// ---------------------------------------------------------------------------
// CSV
// ---------------------------------------------------------------------------

/** What a header must have, as it is written best, and what else it may be called. */
const columns: Readonly<Record<string, ReadonlyArray<string>>> = {
  started_at: ['startedat', 'start', 'started'],
  stopped_at: ['stoppedat', 'finishedat', 'endedat', 'stop', 'stopped', 'end', 'ended'],
};

const rowsOfTable = ({ name, text }: Text): Either<NonEmptyArray<Problem>, ReadonlyArray<LogRow>> => {
  const [header = [], ...rows] = cellsOf(text);
  const names = header.map((cell) => plainName(cell.text));
  const problems = Object.entries(columns).flatMap(([column, others]): ReadonlyArray<Problem> => {
    if (names.some((each) => others.includes(each))) return [];
    const near = header.find((cell) => nearest(cell.text.toLowerCase(), [column]) !== null);
    if (near !== undefined) {
      return [problem(name, `${near.text} is not a known column; did you mean ${column}?`, near.place)];
    }
    const message = `has no column ${column}: the first line names the columns, which are started_at, stopped_at, exit_code and cause`;
    return [problem(name, message, header[0] === undefined ? null : { ...header[0].place, length: 1 })];
  });
  const [first, ...rest] = problems;
  if (first !== undefined) return left([first, ...rest]);
  return right(
    rows.map((cells) => ({
      fields: new Map(names.map((field, index) => [field, cells[index]?.text ?? ''])),
      placeOf: (field) => {
        const cell = cells[names.indexOf(field)] ?? cells.at(-1);
        return cell?.place ?? { line: 1, column: 1, text: '', length: 1 };
      },
    })),
  );
};

// ---------------------------------------------------------------------------
// JSON
// ---------------------------------------------------------------------------

const rowsOfLines = ({ name, text }: Text): Either<NonEmptyArray<Problem>, ReadonlyArray<LogRow>> => {
  const problems: Array<Problem> = [];
  const rows: Array<LogRow> = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const shown = line.replace(/\r$/, '');
    const at = (column: number, length: number): Place => ({ line: index + 1, column, text: shown, length });
    const value = jsonOf(line);
    if (typeof value !== 'object' || value === null) {
      problems.push(problem(name, 'must be one JSON object in each line, such as {"started_at": …}', at(1, 1)));
      continue;
    }
    rows.push(
      rowOf(value, (key) => {
        const quoted = JSON.stringify(key);
        const found = shown.indexOf(quoted);
        return found < 0 ? at(1, 1) : at(found + 1, quoted.length);
      }),
    );
  }
  const [first, ...rest] = problems;
  return first === undefined ? right(rows) : left([first, ...rest]);
};

/** undefined: it is none. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const rowsOfArray = (text: Text): Either<NonEmptyArray<Problem>, ReadonlyArray<LogRow>> => {
  const parsed = parseText(text);
  if (parsed._tag === 'Left') return parsed;
  const { value, placeOf } = parsed.right;
  return right(
    (value as ReadonlyArray<unknown>).map((row, index) =>
      rowOf(typeof row === 'object' && row !== null ? row : {}, (key) => {
        const place = placeOf([index, ...(key === undefined ? [] : [key])], 'value');
        return place ?? { line: 1, column: 1, text: '', length: 1 };
      }),
    ),
  );
};

const rowOf = (value: object, placeOfKey: (key: string | undefined) => Place): LogRow => {
  const keys = new Map(Object.keys(value).map((key) => [plainName(key), key]));
  return {
    fields: new Map(Object.entries(value).map(([key, field]) => [plainName(key), field])),
    placeOf: (field) => placeOfKey(keys.get(field)),
  };
};
