/**
 * A log of runs as people paste it: CSV with a line of column names, a JSON array, or a JSON object in each line. Its columns
 * are those of `runsOf`, in camelCase or snake_case; times are milliseconds since the epoch, or as RFC 3339 has them.
 */
import { type LoggedRun, type Run, runsOf } from 'restart-policy/simulate';
import { longestLog } from './state.js';

export interface LogRead {
  readonly runs: ReadonlyArray<Run>;
  /** From the first start to the last thing that the log tells, in milliseconds. */
  readonly span: number;
}

export const mostRows = 5_000;

/** Left: all that is wrong, each with its row. */
export const readLog = (text: string): LogRead | ReadonlyArray<string> => {
  const trimmed = text.trim();
  if (trimmed === '') return ['Paste a log here: CSV or JSON.'];
  if (text.length > longestLog) return [`The log has ${text.length} characters; at most ${longestLog} are looked at.`];
  const rows = /^[[{]/.test(trimmed) ? jsonRows(trimmed) : csvRows(trimmed);
  if (typeof rows === 'string') return [rows];
  if (rows.length > mostRows) return [`The log has ${rows.length} rows; at most ${mostRows} are looked at.`];
  // Many exports have the newest first.
  const isNewestFirst = Number(startOf(rows[0])) > Number(startOf(rows.at(-1)));
  const oldestFirst = isNewestFirst ? [...rows].reverse() : rows;
  const read = runsOf(oldestFirst as ReadonlyArray<LoggedRun>);
  if (read._tag === 'Left') {
    const numberOf = (index: number): number => (isNewestFirst ? rows.length - index : index + 1);
    return read.left.errors.map(({ option, message }) => inRow(trimmed, oldestFirst, numberOf, option, message));
  }
  const [first, last] = [oldestFirst[0], oldestFirst.at(-1)] as ReadonlyArray<LoggedRun | undefined>;
  if (first === undefined || last === undefined) return ['The log has no rows.'];
  if (first.startedAt >= 1_000_000_000 && first.startedAt < 10_000_000_000) {
    return [`Its times look like seconds since the epoch; milliseconds are expected, or times ${anExample}.`];
  }
  return { runs: read.right, span: (last.stoppedAt ?? last.startedAt) - first.startedAt };
};

const anExample = 'such as 2026-01-31T12:00:00Z';

const startOf = (row: unknown): unknown => (row as Partial<LoggedRun> | null | undefined)?.startedAt;

/** What `runsOf` says of log[3].stoppedAt, as people count rows, and as they may write times. */
const inRow = (
  text: string,
  rows: ReadonlyArray<unknown>,
  numberOf: (index: number) => number,
  option: string,
  message: string,
): string => {
  const [, index = '0', field = ''] = /^log\[(\d+)\]\.?(.*)$/.exec(option) ?? [];
  const value = (rows[Number(index)] as Readonly<Record<string, unknown>> | null | undefined)?.[field];
  const isText = field.endsWith('At') && typeof value === 'string';
  const said = isText
    ? message.replace(/must be [^,]*/, `must be milliseconds since the epoch, or a time ${anExample}`)
    : message;
  // A time that was written as a date is said as one.
  const asWritten = said.replace(/\b\d{11,}\b/g, (at) => (text.includes(at) ? at : (dateText(Number(at)) ?? at)));
  return `Row ${numberOf(Number(index))}${field === '' ? '' : `, ${field}`}:${asWritten.slice(option.length)}`;
};

const dateText = (at: number): string | null => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000', '');
};

// ---------------------------------------------------------------------------
// columns
// ---------------------------------------------------------------------------

const columns: ReadonlyMap<string, keyof LoggedRun> = new Map(
  Object.entries({
    startedAt: ['startedat', 'started', 'start'],
    stoppedAt: ['stoppedat', 'finishedat', 'endedat', 'stopped', 'ended', 'stop', 'end'],
    exitCode: ['exitcode', 'exitstatus', 'exit', 'code'],
    cause: ['cause'],
  } satisfies Record<keyof LoggedRun, ReadonlyArray<string>>).flatMap(([column, names]) =>
    names.map((name) => [name, column as keyof LoggedRun] as const),
  ),
);

/** "Started_At", "started at" and "startedAt" are the same column; null: it is none that is looked at. */
const columnOf = (name: string): keyof LoggedRun | null =>
  columns.get(name.toLowerCase().replace(/[^a-z]/g, '')) ?? null;

const rfc3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** What cannot be read stays as it is, and `runsOf` refuses it. */
const readCell = (column: keyof LoggedRun, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  // Docker's year 1 is that of a container that has not ended.
  if (['', '-', 'null', 'unknown'].includes(text) && column !== 'cause') return undefined;
  if (text === '' || text.startsWith('0001-01-01T00:00:00')) return undefined;
  if (column === 'cause') return text;
  if (/^-?\d+$/.test(text)) return Number(text);
  const at = column === 'exitCode' || !rfc3339.test(text) ? Number.NaN : Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(at) ? text : at;
};

const rowOf = (cells: ReadonlyArray<readonly [name: string, value: unknown]>): object =>
  Object.fromEntries(
    cells.flatMap(([name, value]) => {
      const column = columnOf(name);
      const read = column === null ? undefined : readCell(column, value);
      return column === null || read === undefined ? [] : [[column, read]];
    }),
  );

// ---------------------------------------------------------------------------
// JSON
// ---------------------------------------------------------------------------

const jsonRows = (text: string): ReadonlyArray<unknown> | string => {
  const lines = text.startsWith('[') ? [text] : text.split('\n').filter((line) => line.trim() !== '');
  const values: Array<unknown> = [];
  for (const [index, line] of lines.entries()) {
    try {
      values.push(JSON.parse(line));
    } catch (cause) {
      const where = lines.length === 1 ? 'This' : `Row ${index + 1}`;
      return `${where} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  }
  const rows: ReadonlyArray<unknown> = text.startsWith('[') ? (values[0] as ReadonlyArray<unknown>) : values;
  return rows.map((row) =>
    typeof row === 'object' && row !== null && !Array.isArray(row) ? rowOf(Object.entries(row)) : row,
  );
};

// ---------------------------------------------------------------------------
// CSV
// ---------------------------------------------------------------------------

const csvRows = (text: string): ReadonlyArray<unknown> | string => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [head = '', ...body] = lines;
  const separator = [';', '\t'].find((each) => head.includes(each)) ?? ',';
  const names = cellsOf(head, separator);
  if (!names.some((name) => columnOf(name) === 'startedAt')) {
    return `The first line must name the columns: startedAt, stoppedAt, exitCode, cause; it is ${head.slice(0, 80)}`;
  }
  return body.map((line) => {
    const cells = cellsOf(line, separator);
    return rowOf(names.map((name, index) => [name, cells[index] ?? '']));
  });
};

/** Within quotes a separator is none, and two quotes are one. */
const cellsOf = (line: string, separator: string): ReadonlyArray<string> => {
  const cells: Array<string> = [];
  let cell = '';
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') {
      if (!isQuoted && cell.endsWith('"')) cell = cell.slice(0, -1);
      isQuoted = !isQuoted;
      cell += character;
    } else if (character === separator && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else {
      cell += character;
    }
  }
  return [...cells, cell].map((each) => each.trim().replace(/^"(.*)"$/, '$1'));
};
