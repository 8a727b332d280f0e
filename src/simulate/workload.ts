/**
 * What a simulated instance does once it is started: its runs, one after another.
 */
import type { Millis } from '../duration.js';
import type { EndCause } from '../event.js';
import { exponential } from './random.js';

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
