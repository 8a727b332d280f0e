/**
 * The small world that is explored whole, and why it stands for the large one.
 *
 * Time is relative: the clock always reads 0 when something is decided, and a step of the clock moves every remembered
 * moment instead. That loses nothing, because a decision only compares moments with each other. Moments further away
 * than any decision can tell apart are one moment:
 * - `lastAttemptAt`: "-oldest or before" has been waited for, whatever the backoff, and lies before every run that
 *   could still be short of stable; "1 or later" is ahead of the clock, and by how much makes no difference.
 * - `nextAttemptAt`: "0 or before" is due; "one more than the longest backoff, or later" is repaired.
 * - `startedAt` reaches one further back than `lastAttemptAt`, so that a run can begin before, with and after every
 *   last attempt; `stoppedAt` reaches so far that any run can have been stable.
 * - `attempts` and the counters of the history end one above the highest limit: a decision compares `attempts` with 0,
 *   with the limit and with the number in a report, and the limit changes only together with a new window.
 *
 * A moment at such an end stands for many, so a step of the clock away from the end leads to every moment that one of
 * them may have become (`moved`). More can happen in this world than in the large one, never less: what holds on every
 * edge here holds there.
 */
import {
  attemptFailed,
  deleteRequested,
  type Health,
  healths,
  type InstanceObservation,
  type InstanceState,
  instanceReset,
  instanceStates,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  type RestartEvent,
} from '../../src/event.js';
import { type RestartPolicy, restartModes } from '../../src/policy.js';
import { blockedReasons, initialStatus, lastReasons, type RestartStatus, type Timestamp } from '../../src/status.js';
import { observationWith } from '../support/values.js';

export interface Size {
  readonly limits: ReadonlyArray<number>;
  readonly backoffs: ReadonlyArray<number>;
  readonly stableAfters: ReadonlyArray<number>;
  /** Whether every fact of an observation takes every value, also where the table does not ask for it. */
  readonly everyFact: boolean;
  /** Whether the exploration begins at every status there is, reachable or not. */
  readonly everyStatus: boolean;
}

export interface Range {
  /** Stands for itself and everything below. */
  readonly from: number;
  /** Stands for itself and everything above. */
  readonly to: number;
}

export interface Domain {
  readonly policies: ReadonlyArray<RestartPolicy>;
  readonly events: ReadonlyArray<RestartEvent>;
  /** Steps of the clock, forwards and back. */
  readonly steps: ReadonlyArray<number>;
  /** Moments after 0 at which a decision could come out differently. */
  readonly later: ReadonlyArray<Timestamp>;
  readonly attempts: Range;
  readonly lastAttemptAt: Range;
  readonly nextAttemptAt: Range;
  /** What "time since the last action" is counted to. */
  readonly longestBackoff: number;
  readonly roots: ReadonlyArray<RestartStatus>;
}

const farAway = 1_000;

export const within = ({ from, to }: Range, value: number): number => Math.min(Math.max(value, from), to);

/** All the values that a value of the range may have after a clock step. */
export const moved = (range: Range, value: number | null, step: number): ReadonlyArray<number | null> => {
  if (value === null) return [null];
  if (value === range.from && step < 0) return each({ from: range.from, to: within(range, range.from - step) });
  if (value === range.to && step > 0) return each({ from: within(range, range.to - step), to: range.to });
  return [within(range, value - step)];
};

const each = ({ from, to }: Range): ReadonlyArray<number> => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export const domainOf = (size: Size): Domain => {
  const longestBackoff = Math.ceil(Math.max(...size.backoffs));
  const longestStable = Math.ceil(Math.max(...size.stableAfters));
  const oldest = Math.max(longestBackoff, longestStable) + 1;
  const attempts = { from: 0, to: Math.max(...size.limits) + 1 };
  const lastAttemptAt = { from: -oldest, to: 1 };
  const nextAttemptAt = { from: 0, to: longestBackoff + 1 };
  return {
    policies: restartModes.flatMap((mode) =>
      size.limits.flatMap((maxAttempts) =>
        size.backoffs.flatMap((backoff) =>
          size.stableAfters.map((stableAfter) => Object.freeze({ mode, backoff, maxAttempts, stableAfter })),
        ),
      ),
    ),
    events: [
      manuallyStopped,
      manuallyStarted,
      deleteRequested,
      instanceReset,
      policyUpdated,
      ...each({ from: 0, to: attempts.to + 1 }).map((n) => Object.freeze(attemptFailed(n))),
      ...observations(oldest, longestStable, size.everyFact).map((instance) => Object.freeze(observed(instance))),
    ],
    steps: [1, 2, farAway, -1, -2, -farAway],
    later: [...each({ from: 1, to: longestStable + longestBackoff + 2 }), farAway],
    attempts,
    lastAttemptAt,
    nextAttemptAt,
    longestBackoff,
    roots: size.everyStatus ? statuses(attempts, lastAttemptAt, nextAttemptAt) : [],
  };
};

const observations = (
  oldest: number,
  longestStable: number,
  everyFact: boolean,
): ReadonlyArray<InstanceObservation> => {
  const begins: ReadonlyArray<Timestamp | null> = [null, ...each({ from: -oldest - 1, to: 1 })];
  const everyEnd = [null, ...each({ from: -oldest - 1, to: 1 + longestStable })];
  /** Runs of every length up to stable, and one that ended before it began, for clocks step. */
  const ends = (startedAt: Timestamp | null): ReadonlyArray<Timestamp | null> =>
    startedAt === null ? [null, 0] : [null, ...each({ from: startedAt - 1, to: startedAt + longestStable })];
  return instanceStates.flatMap((state) =>
    begins.flatMap((startedAt) => {
      if (everyFact) return facts(state, startedAt, everyEnd, [0, 1, null], healths);
      if (state === 'stopped') return facts(state, startedAt, ends(startedAt), [0, 1, null], ['unknown', 'unhealthy']);
      // What it remembers of a former run.
      return facts(state, startedAt, [0], [0, 1], healths);
    }),
  );
};

const facts = (
  state: InstanceState,
  startedAt: Timestamp | null,
  ends: ReadonlyArray<Timestamp | null>,
  exitCodes: ReadonlyArray<number | null>,
  healths: ReadonlyArray<Health>,
): ReadonlyArray<InstanceObservation> =>
  ends.flatMap((stoppedAt) =>
    exitCodes.flatMap((exitCode) =>
      healths.map((health) => observationWith({ state, startedAt, stoppedAt, exitCode, health })),
    ),
  );

const statuses = (attempts: Range, last: Range, next: Range): ReadonlyArray<RestartStatus> =>
  each(attempts).flatMap((count) =>
    [null, ...each(last)].flatMap((lastAttemptAt) =>
      [null, ...each(next)].flatMap((nextAttemptAt) =>
        [null, ...blockedReasons].flatMap((blockedReason) =>
          [null, ...lastReasons].map((lastReason) => ({
            ...initialStatus,
            attempts: count,
            lastAttemptAt,
            nextAttemptAt,
            blockedReason,
            lastReason,
          })),
        ),
      ),
    ),
  );
