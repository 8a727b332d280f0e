/**
 * A log of what really happened: when each run began and ended, and how.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import type { Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import { type EndCause, endCauses } from '../../event.js';
import { describeValue } from '../../quote.js';
import type { LoggedRun } from '../../simulate.js';
import type { Timestamp } from '../../status.js';
import { wordOf } from '../options.js';
import { type Place, type Problem, problem } from '../problem.js';
import { runsOfDockerEvents } from './docker-events.js';
import { type LogRow, rowsOfLog } from './log-rows.js';
import { momentOf } from './moment.js';
import type { Text } from './text.js';

export interface RunLog {
  readonly name: string;
  /** Oldest first, as `runsOf` takes them. */
  readonly runs: NonEmptyArray<LoggedRun>;
  readonly from: Timestamp;
  /** From the first start to the last end (or the last start, of a run that has not ended). */
  readonly span: Millis;
}

/** "one run", "6 runs". */
export const countOfRuns = ({ length }: RunLog['runs']): string => (length === 1 ? 'one run' : `${length} runs`);

/** What a field may be called, plainly, in the order in which it is looked for. */
const names = {
  startedAt: ['startedat', 'start', 'started'],
  stoppedAt: ['stoppedat', 'finishedat', 'endedat', 'stop', 'stopped', 'end', 'ended'],
  exitCode: ['exitcode', 'code', 'exit', 'exitstatus'],
  cause: ['cause'],
  instance: ['id', 'instance', 'instanceid', 'name', 'container'],
} as const;

/** `id`: whose runs they are, where there are those of several; undefined: there must be one alone. */
export const readLog = (text: Text, id: string | undefined): Either<NonEmptyArray<Problem>, RunLog> => {
  const rows = rowsOfLog(text);
  if (rows._tag === 'Left') return rows;
  const all = runsOfDockerEvents(rows.right) ?? rows.right;
  const chosen = rowsOf(all, text.name, id);
  if (chosen._tag === 'Left') return chosen;
  const problems: Array<Problem> = [];
  const read = chosen.right.flatMap((row) => readRow(row, text.name, problems) ?? []);
  // Many exports have the newest first.
  const runs = [...read].sort((a, b) => a.startedAt - b.startedAt);
  problems.push(...atOdds(runs, text.name));
  const [first, ...rest] = problems;
  if (first !== undefined) return left([first, ...rest]);
  const [oldest, ...later] = runs;
  if (oldest === undefined) return left([problem(text.name, 'has no runs: a log has a row for each run')]);
  const newest = later.at(-1) ?? oldest;
  const [from, to] = [oldest.startedAt, newest.stoppedAt ?? newest.startedAt];
  if (looksLikeSeconds(oldest.startedAt)) {
    const message =
      'looks like seconds since the epoch: milliseconds are expected, or times such as 2026-01-31T09:30:00Z';
    return left([problem(text.name, message, oldest.startPlace)]);
  }
  return right({
    name: text.name,
    runs: [withoutPlaces(oldest), ...later.map(withoutPlaces)],
    from,
    span: Math.max(1, to - from),
  });
};

/** Ten digits are this decade in seconds, and some days of January 1970 in milliseconds, of which there are no logs. */
const looksLikeSeconds = (at: Timestamp): boolean => at >= 1_000_000_000 && at < 10_000_000_000;

// ---------------------------------------------------------------------------
// one row
// ---------------------------------------------------------------------------

interface PlacedRun extends LoggedRun {
  readonly stoppedAt: Timestamp | null;
  readonly startPlace: Place;
}

const withoutPlaces = ({ startPlace, ...run }: PlacedRun): LoggedRun => run;

const fieldOf = (row: LogRow, field: keyof typeof names): readonly [value: unknown, name: string] => {
  const name = names[field].find((each) => row.fields.has(each)) ?? names[field][0];
  const value = row.fields.get(name);
  const isNone = value === undefined || value === null || (typeof value === 'string' && isBlank(value.trim()));
  return [isNone ? null : value, name];
};

const isBlank = (text: string): boolean => ['', '-', 'null', 'NULL', '\\N', 'unknown'].includes(text);

/** What Docker says of a container that has not ended. */
const isNever = (value: unknown): boolean => typeof value === 'string' && value.startsWith('0001-01-01T00:00:00');

/** null: something is wrong with it, which was told. */
const readRow = (row: LogRow, source: string, problems: Array<Problem>): PlacedRun | null => {
  const before = problems.length;
  const tell = (name: string, message: string): null => {
    problems.push(problem(source, message, row.placeOf(name)));
    return null;
  };
  const moment = (field: 'startedAt' | 'stoppedAt', label: string): Timestamp | null => {
    const [value, name] = fieldOf(row, field);
    if (value === null || (field === 'stoppedAt' && isNever(value))) return null;
    const read = momentOf(value);
    return read._tag === 'Right' ? read.right : tell(name, `${label} ${read.left}`);
  };
  const startedAt = moment('startedAt', 'started_at');
  const stoppedAt = moment('stoppedAt', 'stopped_at');
  if (startedAt === null && before === problems.length) tell(names.startedAt[0], 'started_at is missing');
  if (startedAt !== null && stoppedAt !== null && stoppedAt < startedAt) {
    tell(fieldOf(row, 'stoppedAt')[1], 'stopped_at must not be before started_at');
  }
  const exitCode = readExitCode(row, tell);
  const cause = readCause(row, tell);
  if (startedAt === null || problems.length > before) return null;
  const startPlace = row.placeOf(fieldOf(row, 'startedAt')[1]);
  return { startedAt, stoppedAt, exitCode, ...(cause === null ? {} : { cause }), startPlace };
};

type Tell = (name: string, message: string) => null;

const readExitCode = (row: LogRow, tell: Tell): number | null => {
  const [value, name] = fieldOf(row, 'exitCode');
  if (value === null) return null;
  const number = typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number)
    ? (number as number)
    : tell(name, `exit_code must be a whole number, or empty where it is not known, got ${describeValue(value)}`);
};

const readCause = (row: LogRow, tell: Tell): EndCause | null => {
  if (String(row.fields.get('oomkilled')).toLowerCase() === 'true') return 'out_of_memory';
  const [value, name] = fieldOf(row, 'cause');
  if (value === null) return null;
  const read = wordOf(String(value).trim(), endCauses);
  return read._tag === 'Right' ? read.right : tell(name, `cause ${read.left}`);
};

// ---------------------------------------------------------------------------
// several rows
// ---------------------------------------------------------------------------

/** Those of one instance. */
const rowsOf = (
  rows: ReadonlyArray<LogRow>,
  source: string,
  id: string | undefined,
): Either<NonEmptyArray<Problem>, ReadonlyArray<LogRow>> => {
  const idOf = (row: LogRow): string | null => {
    const [value] = fieldOf(row, 'instance');
    return value === null ? null : String(value);
  };
  const ids = [...new Set(rows.flatMap((row) => idOf(row) ?? []))];
  if (ids.length === 0) return right(rows);
  if (id === undefined && ids.length === 1) return right(rows);
  const some = ids.length > 5 ? `${ids.slice(0, 5).join(', ')}, …` : ids.join(', ');
  if (id === undefined) {
    return left([problem(source, `has runs of ${ids.length} instances: --id says whose are meant (${some})`)]);
  }
  return ids.includes(id)
    ? right(rows.filter((row) => idOf(row) === id))
    : left([problem(source, `has no runs of ${id}, which is what --id says (${some})`)]);
};

/** Runs of one instance do not overlap, and only the last one may still go on. */
const atOdds = (runs: ReadonlyArray<PlacedRun>, source: string): ReadonlyArray<Problem> =>
  runs.flatMap(({ startedAt, startPlace }, index) => {
    const before = runs[index - 1];
    if (before === undefined) return [];
    if (before.stoppedAt === null) {
      const message = 'stopped_at is missing, though a later run began (in the last run alone it may be)';
      return [problem(source, message, before.startPlace)];
    }
    if (before.stoppedAt <= startedAt) return [];
    const message = `started_at must not be before the run of line ${before.startPlace.line} ended`;
    return [problem(source, message, startPlace)];
  });
