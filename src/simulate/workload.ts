/**
 * What a simulated instance does once it is started: its runs, one after another.
 */
import type { Millis } from '../duration.js';
import { type EndCause, endCauses } from '../event.js';
import { describeValue } from '../quote.js';
import { textOfThrown } from '../thrown.js';
import { isOneOf } from '../validation.js';
import { exponential, type Random } from './random.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What one start comes to. Spans are milliseconds from 0, and are rounded up to whole ones. While it runs it is healthy, until
 * `unhealthyAfter`.
 *
 * @since 0.2.0
 */
export interface Run {
  /** How long it is initializing before it runs; Infinity: it never comes to run. Absent: it runs at once. */
  readonly bootsFor?: Millis | undefined;
  /** How long it runs once it does, until it ends by itself; 0: it ends before it runs. null: it runs for ever. */
  readonly runsFor: Millis | null;
  /** How it ends. Absent or null: unknown, as after a kill, which counts as a failure. */
  readonly exitCode?: number | null | undefined;
  /** Why it ends. Absent: nothing is said of it. */
  readonly cause?: EndCause | undefined;
  /** It turns unhealthy so long after it began to run, and stays so. Absent: it does not. */
  readonly unhealthyAfter?: Millis | undefined;
  /** The start fails at once, and nothing runs. Default false. */
  readonly startFails?: boolean | undefined;
}

/**
 * The run of a start. `run` is its 1-based number: every start that is made counts, one that fails too. `random` draws numbers
 * from 0 below 1, the same ones for the same seed and id, whatever the policy.
 *
 * @since 0.2.0
 */
export type Workload = (run: number, random: () => number) => Run;

// ---------------------------------------------------------------------------
// workloads
// ---------------------------------------------------------------------------

/**
 * These runs, one after another, and `then` for each start after them. `then` absent: after them it runs for ever.
 *
 * @example
 * import { restartPolicyOrThrow } from 'restart-policy/promises'
 * import { fixedRuns, simulate } from 'restart-policy/simulate'
 *
 * const workload = fixedRuns([{ runsFor: 2_000, exitCode: 1 }, { runsFor: 3_000, exitCode: 1 }])
 * const simulated = simulate({ policy: restartPolicyOrThrow({ mode: 'always' }), workload, for: 60_000 })
 * if (simulated._tag === 'Left') throw new Error(simulated.left.message)
 * assert.strictEqual(simulated.right.summary.attempts, 2)
 *
 * @since 0.2.0
 */
export const fixedRuns =
  (runs: ReadonlyArray<Run>, then: Run = runsForEver): Workload =>
  (run) =>
    runs[run - 1] ?? then;

const runsForEver: Run = Object.freeze({ runsFor: null });

/**
 * Each run ends the same way after the same time. `exitCode` absent: 1.
 *
 * @since 0.2.0
 */
export const crashLoop = ({
  runsFor,
  exitCode = 1,
}: {
  readonly runsFor: Millis;
  readonly exitCode?: number | null | undefined;
}): Workload => {
  const run: Run = Object.freeze({ runsFor, exitCode });
  return () => run;
};

/**
 * Runs that end by chance: how long they last is distributed exponentially, with a mean of `meanUptime` milliseconds; each ends
 * with one of `exitCodes`, all equally likely. `exitCodes` absent or empty: 1.
 *
 * @since 0.2.0
 */
export const randomFailures =
  ({
    meanUptime,
    exitCodes = [1],
  }: {
    readonly meanUptime: Millis;
    readonly exitCodes?: ReadonlyArray<number | null> | undefined;
  }): Workload =>
  (_, random) => ({
    runsFor: exponential(random) * meanUptime,
    exitCode: exitCodes[Math.floor(random() * exitCodes.length)] ?? (exitCodes.length === 0 ? 1 : null),
  });

// ---------------------------------------------------------------------------
// what a workload answers
// ---------------------------------------------------------------------------

/** A text: what is wrong with the answer of the workload, which may be anybody's. */
export const nextRun = (workload: Workload, run: number, random: Random): Run | string => {
  let answered: Run;
  try {
    answered = copied(workload(run, random));
  } catch (cause) {
    return `workload(${run}) threw: ${textOfThrown(cause)}`;
  }
  return isRun(answered) ? answered : `workload(${run})${whatIsWrong(answered)}`;
};

/** The workload may answer with the same object each time, and change it, also while another instance of a fleet runs by it. */
const copied = (run: Run): Run => {
  if (typeof run !== 'object' || run === null) return run;
  const { bootsFor, runsFor, exitCode, cause, unhealthyAfter, startFails } = run;
  return { bootsFor, runsFor, exitCode, cause, unhealthyAfter, startFails };
};

/** Apart from what is said where it is none: it is asked of every run, and small enough for V8 to inline it. */
const isRun = (run: Run): boolean =>
  typeof run === 'object' &&
  run !== null &&
  isSpanOrNull(run.runsFor) &&
  isBoot(run.bootsFor) &&
  isExitCode(run.exitCode) &&
  isCause(run.cause) &&
  isSpanOrAbsent(run.unhealthyAfter) &&
  isFlag(run.startFails);

const isSpan = (u: unknown): boolean => typeof u === 'number' && u >= 0 && u < Number.POSITIVE_INFINITY;

const isSpanOrNull = (u: unknown): boolean => u === null || isSpan(u);

const isSpanOrAbsent = (u: unknown): boolean => u === undefined || isSpan(u);

const isBoot = (u: unknown): boolean => isSpanOrAbsent(u) || u === Number.POSITIVE_INFINITY;

const isExitCode = (u: unknown): boolean => u === undefined || u === null || Number.isSafeInteger(u);

const isCause = (u: unknown): boolean => u === undefined || isOneOf(endCauses, u);

const isFlag = (u: unknown): boolean => u === undefined || typeof u === 'boolean';

/** The first thing that is wrong; a message that follows the name of the run. */
const whatIsWrong = (run: Run): string => {
  if (typeof run !== 'object' || run === null) return ` must be a run, not ${describeValue(run)}`;
  const { bootsFor, runsFor, exitCode, cause, unhealthyAfter, startFails } = run;
  if (!isSpanOrNull(runsFor)) return `.runsFor must be null or a number of milliseconds from 0, ${instead(runsFor)}`;
  if (!isBoot(bootsFor)) return `.bootsFor must be a number of milliseconds from 0, or Infinity, ${instead(bootsFor)}`;
  if (!isExitCode(exitCode)) return `.exitCode must be null or a whole number, ${instead(exitCode)}`;
  if (!isCause(cause)) return `.cause must be one of ${endCauses.join(', ')}, ${instead(cause)}`;
  if (!isSpanOrAbsent(unhealthyAfter)) {
    return `.unhealthyAfter must be a number of milliseconds from 0, ${instead(unhealthyAfter)}`;
  }
  return `.startFails must be true or false, ${instead(startFails)}`;
};

const instead = (u: unknown): string => (u === undefined ? 'but it is missing' : `not ${describeValue(u)}`);
