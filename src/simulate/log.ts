/**
 * What really happened, as runs: so that it can be replayed under another policy.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../either.js';
import { type EndCause, endCauses } from '../event.js';
import { type InvalidOptions, invalidOptions, type OptionError } from '../options.js';
import { describeValue } from '../quote.js';
import type { Timestamp } from '../status.js';
import { isTimestamp } from '../time.js';
import type { Run } from './workload.js';

/**
 * One run of a log. What else it has is not looked at.
 *
 * @since 0.2.0
 */
export interface LoggedRun {
  readonly startedAt: Timestamp;
  /** null or absent: it still runs. Only of the last row. */
  readonly stoppedAt?: Timestamp | null | undefined;
  /** null or absent: unknown. */
  readonly exitCode?: number | null | undefined;
  readonly cause?: EndCause | undefined;
}

/**
 * The runs of a log, oldest first, for `fixedRuns`. How long it was down between two of them is not kept: when the next one
 * begins is what the policy decides. Left: `InvalidOptions`, with all that is wrong, each with its row.
 *
 * @example
 * import { runsOf } from 'restart-policy/simulate'
 *
 * const log = [
 *   { startedAt: 0, stoppedAt: 2_000, exitCode: 1 },
 *   { startedAt: 7_000, stoppedAt: null },
 * ]
 * assert.deepStrictEqual(runsOf(log), { _tag: 'Right', right: [{ runsFor: 2_000, exitCode: 1 }, { runsFor: null }] })
 *
 * @since 0.2.0
 */
export const runsOf = (log: ReadonlyArray<LoggedRun>): Either<InvalidOptions, ReadonlyArray<Run>> => {
  if (!Array.isArray(log)) {
    const message = `log must be an array of runs, not ${describeValue(log)}`;
    return left(invalidOptions([{ option: 'log', message }]));
  }
  const [first, ...rest] = log.flatMap((row, index) => errorsOf(row, index, log));
  return first === undefined ? right(log.map(runOf)) : left(invalidOptions([first, ...rest]));
};

const runOf = ({ startedAt, stoppedAt, exitCode, cause }: LoggedRun): Run => ({
  runsFor: isAbsent(stoppedAt) ? null : stoppedAt - startedAt,
  ...(isAbsent(exitCode) ? {} : { exitCode }),
  ...(cause === undefined ? {} : { cause }),
});

const isAbsent = (u: unknown): u is null | undefined => u === null || u === undefined;

const aMoment = 'must be a whole number of milliseconds since the epoch';

const errorsOf = (row: unknown, index: number, log: ReadonlyArray<unknown>): ReadonlyArray<OptionError> => {
  const errors: Array<OptionError> = [];
  const tell = (field: string, message: string): void => {
    const option = `log[${index}]${field}`;
    errors.push({ option, message: `${option} ${message}` });
  };
  if (typeof row !== 'object' || row === null) {
    tell('', `must be an object with startedAt and stoppedAt, not ${describeValue(row)}`);
    return errors;
  }
  const { startedAt, stoppedAt, exitCode, cause } = row as { readonly [K in keyof LoggedRun]?: unknown };
  const endBefore = index === 0 ? null : (log[index - 1] as LoggedRun | null)?.stoppedAt;
  if (!isTimestamp(startedAt)) {
    tell(
      '.startedAt',
      `${aMoment}, ${startedAt === undefined ? 'but it is missing' : `not ${describeValue(startedAt)}`}`,
    );
  } else if (isTimestamp(endBefore) && startedAt < endBefore) {
    tell('.startedAt', `must not be before the end of the run in the row before: ${startedAt} is before ${endBefore}`);
  }
  if (isAbsent(stoppedAt)) {
    if (index < log.length - 1) tell('.stoppedAt', 'is missing, which it may be in the last row alone');
  } else if (!isTimestamp(stoppedAt)) {
    tell('.stoppedAt', `${aMoment}, or null, not ${describeValue(stoppedAt)}`);
  } else if (isTimestamp(startedAt) && stoppedAt < startedAt) {
    tell('.stoppedAt', `must not be before startedAt: ${stoppedAt} is before ${startedAt}`);
  }
  if (!isAbsent(exitCode) && !Number.isSafeInteger(exitCode)) {
    tell('.exitCode', `must be null or a whole number, not ${describeValue(exitCode)}`);
  }
  if (cause !== undefined && !(endCauses as ReadonlyArray<unknown>).includes(cause)) {
    tell('.cause', `must be one of ${endCauses.join(', ')}, not ${describeValue(cause)}`);
  }
  return errors;
};
