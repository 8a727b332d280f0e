/**
 * What a small world is made of (worlds.ts says which there are), and why it stands for the large one.
 *
 * Time is relative: the clock always reads 0 when something is decided, and a step of the clock moves every remembered
 * moment instead. That loses nothing, because a decision only compares moments with each other. Moments further away
 * than any decision can tell apart are one moment:
 * - `lastAttemptAt`: "-oldest or before" has been waited for, whatever the wait, and lies before every run that could
 *   still be short of stable or of its start time-out; "1 or later" is ahead of the clock, and by how much makes no
 *   difference.
 * - `nextAttemptAt`: "0 or before" is due; "one more than the longest wait or cooldown, or later" is repaired. Where waits
 *   begin at the exit, a run may begin before or after a wait that is over, so there it reaches back to `-oldest`.
 * - each of `recentAttempts`: "-interval or before" is not looked at any more, at no later moment either; "1 or later" is
 *   ahead of the clock.
 * - `startedAt` reaches one further back than `lastAttemptAt`, so that a run can begin before, with and after every
 *   last attempt; `stoppedAt` reaches so far that any run can have been stable, and that any wait after it can be over.
 * - `attempts` and what the history counts end one above the highest limit: a decision compares `attempts` with 0, with
 *   the limit and with the number in a report, and the limit changes only together with a new window. Where the wait grows,
 *   the number also says how long the wait is: the worlds in which it does have reached the longest by then. Where there is
 *   jitter, all later attempts have the share of that number; which shares there are does not matter to any guarantee.
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
  supervisionPaused,
  supervisionResumed,
} from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { blockedReasons, initialStatus, lastReasons, type RestartStatus, type Timestamp } from '../../src/status.js';
import { longestWait } from '../oracle/wait.js';
import { observationWith } from '../support/values.js';

export interface World {
  readonly name: string;
  /** Any may become any other on the way. */
  readonly policies: ReadonlyArray<RestartPolicy>;
  /** How runs end, as far as the policies tell the ends apart. */
  readonly ends: ReadonlyArray<End>;
  readonly salts: ReadonlyArray<number>;
  /** Whether every fact of an observation takes every value, also where the table does not ask for it. */
  readonly everyFact: boolean;
  /** Whether the exploration begins at every status there is, reachable or not. */
  readonly everyStatus: boolean;
}

export type End = Pick<InstanceObservation, 'exitCode' | 'cause'>;

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
  /** Of each of them. */
  readonly recentAttempts: Range;
  /** When a run began, as far as an observation says so. */
  readonly startedAt: Range;
  /** What "time since the last action" is counted to. */
  readonly longestWait: number;
  readonly longestCooldown: number;
  readonly longestInterval: number;
  /** How many `recentAttempts` there can be. */
  readonly mostRecent: number;
  readonly roots: ReadonlyArray<RestartStatus>;
}

const farAway = 1_000;

export const within = ({ from, to }: Range, value: number): number => Math.min(Math.max(value, from), to);

/** All the values that a value of the range may have after a clock step. */
export const moved = (range: Range, value: number | null, step: number): ReadonlyArray<number | null> =>
  value === null ? [null] : movedMoment(range, value, step);

const movedMoment = (range: Range, value: number, step: number): ReadonlyArray<number> => {
  if (value === range.from && step < 0) return each({ from: range.from, to: within(range, range.from - step) });
  if (value === range.to && step > 0) return each({ from: within(range, range.to - step), to: range.to });
  return [within(range, value - step)];
};

/** All that moments in ascending order may be after a clock step: they stay in order. */
export const movedInOrder = (
  range: Range,
  moments: ReadonlyArray<number> | undefined,
  step: number,
): ReadonlyArray<ReadonlyArray<number> | undefined> => {
  if (moments === undefined) return [undefined];
  let all: ReadonlyArray<ReadonlyArray<number>> = [[]];
  for (const moment of moments) {
    const next = movedMoment(range, moment, step);
    all = all.flatMap((former) => next.filter((at) => at >= (former.at(-1) ?? at)).map((at) => [...former, at]));
  }
  return all;
};

const each = ({ from, to }: Range): ReadonlyArray<number> => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export const domainOf = ({ policies, ends, salts, everyFact, everyStatus }: World): Domain => {
  const longest = (spanOf: (policy: RestartPolicy) => number | undefined): number =>
    Math.max(...policies.map((policy) => Math.ceil(spanOf(policy) ?? 0)));
  const mostAttempts = longest(({ maxAttempts }) => maxAttempts) + 1;
  const wait = longest((policy) => longestWait(policy, mostAttempts));
  const stable = longest(({ stableAfter }) => stableAfter);
  const startTimeout = longest((policy) => policy.startTimeout);
  const interval = longest(({ limitInterval }) => limitInterval);
  const cooldown = longest((policy) => policy.cooldown);
  const isFromExit = policies.some(({ backoffFrom }) => backoffFrom === 'exit');

  const oldest = Math.max(wait, stable, startTimeout) + 1;
  const attempts = { from: 0, to: mostAttempts };
  const lastAttemptAt = { from: -oldest, to: 1 };
  const nextAttemptAt = { from: isFromExit ? -oldest : 0, to: Math.max(wait, cooldown) + 1 };
  const recentAttempts = { from: -interval, to: 1 };
  const startedAt = { from: -oldest - 1, to: 1 };
  const mostRecent = longest((policy) => (policy.limitInterval === undefined ? 0 : policy.maxAttempts));
  const seen = salts.flatMap((salt) => observations(startedAt, stable, ends, everyFact, salt));
  return {
    policies: policies.map((policy) => Object.freeze(policy)),
    events: [
      manuallyStopped,
      manuallyStarted,
      deleteRequested,
      instanceReset,
      supervisionPaused,
      supervisionResumed,
      policyUpdated,
      Object.freeze({ _tag: 'PolicyUpdated', attemptUnderWay: true } as const),
      ...salts.flatMap((salt) =>
        each({ from: 0, to: attempts.to + 1 }).map((n) =>
          Object.freeze(attemptFailed(n, salt === 0 ? undefined : salt)),
        ),
      ),
      ...seen.map((instance) => Object.freeze(observed(instance))),
    ],
    steps: [1, 2, farAway, -1, -2, -farAway],
    later: [...each({ from: 1, to: Math.max(stable, startTimeout) + Math.max(wait, cooldown) + 2 }), farAway],
    attempts,
    lastAttemptAt,
    nextAttemptAt,
    recentAttempts,
    startedAt,
    longestWait: wait,
    longestCooldown: cooldown,
    longestInterval: interval,
    mostRecent,
    roots: everyStatus
      ? statuses(attempts, lastAttemptAt, nextAttemptAt, [undefined, ...ascending(recentAttempts, mostRecent)])
      : [],
  };
};

const observations = (
  startedAt: Range,
  longestStable: number,
  ends: ReadonlyArray<End>,
  everyFact: boolean,
  salt: number,
): ReadonlyArray<InstanceObservation> => {
  const everyEnd = [null, ...each({ from: startedAt.from, to: startedAt.to + longestStable })];
  /** Runs of every length up to stable, and one that ended before it began, for clocks step. */
  const endsOf = (began: Timestamp | null): ReadonlyArray<Timestamp | null> =>
    began === null ? [null, 0] : [null, ...each({ from: began - 1, to: began + longestStable })];
  return instanceStates.flatMap((state) =>
    [null, ...each(startedAt)].flatMap((began) => {
      if (state !== 'stopped') {
        // What it remembers of a former run: no row asks for it, and two values of each show whether one does.
        return facts(state, began, everyFact ? [null, 0] : [0], ends.slice(0, 2), healths, salt);
      }
      if (everyFact) return facts(state, began, everyEnd, ends, healths, salt);
      return facts(state, began, endsOf(began), ends, ['unknown', 'unhealthy'], salt);
    }),
  );
};

const facts = (
  state: InstanceState,
  startedAt: Timestamp | null,
  stops: ReadonlyArray<Timestamp | null>,
  ends: ReadonlyArray<End>,
  healths: ReadonlyArray<Health>,
  salt: number,
): ReadonlyArray<InstanceObservation> =>
  stops.flatMap((stoppedAt) =>
    ends.flatMap((end) =>
      healths.map((health) =>
        observationWith({ state, startedAt, stoppedAt, ...end, health, ...(salt === 0 ? {} : { salt }) }),
      ),
    ),
  );

/** All ascending lists of one to so many moments. */
const ascending = (range: Range, most: number): ReadonlyArray<ReadonlyArray<number>> => {
  let longest: ReadonlyArray<ReadonlyArray<number>> = [[]];
  const all: Array<ReadonlyArray<number>> = [];
  for (let length = 1; length <= most; length += 1) {
    longest = longest.flatMap((former) =>
      each(range)
        .filter((at) => at >= (former.at(-1) ?? at))
        .map((at) => [...former, at]),
    );
    all.push(...longest);
  }
  return all;
};

const statuses = (
  attempts: Range,
  last: Range,
  next: Range,
  recent: ReadonlyArray<ReadonlyArray<number> | undefined>,
): ReadonlyArray<RestartStatus> =>
  each(attempts).flatMap((count) =>
    [null, ...each(last)].flatMap((lastAttemptAt) =>
      [null, ...each(next)].flatMap((nextAttemptAt) =>
        [null, ...blockedReasons].flatMap((blockedReason) =>
          [null, ...lastReasons].flatMap((lastReason) =>
            recent
              .filter((made) => (made?.length ?? 0) <= count)
              .map((made) => ({
                ...initialStatus,
                attempts: count,
                lastAttemptAt,
                nextAttemptAt,
                blockedReason,
                lastReason,
                ...(made === undefined ? {} : { recentAttempts: made }),
              })),
          ),
        ),
      ),
    ),
  );
