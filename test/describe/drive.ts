/**
 * What happens to one instance under a policy, by `decide` and `nextWakeAt` alone: it is looked at when it changes, when
 * `nextWakeAt` says, and at no other time.
 */
import { decide, nextWakeAt } from '../../src/decide.js';
import type { Millis } from '../../src/duration.js';
import type { EndCause, InstanceObservation } from '../../src/event.js';
import { attemptFailed, manuallyStarted, observed } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';

/** One start, and what becomes of it. */
export interface Run {
  /** From the attempt to the beginning of the run. Absent: none. */
  readonly beginsAfter?: Millis;
  /** null: it never gets going. Absent: at once. */
  readonly bootsFor?: null;
  /** How long it runs. */
  readonly runsFor: Millis;
  readonly exitCode?: number | null;
  readonly cause?: EndCause;
  /** Since when it is unhealthy, from its beginning; before, its health is unknown. */
  readonly unhealthyAfter?: Millis;
  readonly startFails?: true;
}

/** What is started by the attempt of that index, 0 being a person's start. */
export type Workload = (attempt: number) => Run;

export interface Attempt {
  readonly at: Timestamp;
  /** From the end of the former run, or from where it turned unhealthy, or from its start where that failed or hung. */
  readonly pause: Millis;
  readonly number: number;
}

export interface Life {
  readonly attempts: ReadonlyArray<Attempt>;
  /** How many attempts were made when the limit was first reached; null: it was not. */
  readonly blockedAfter: number | null;
}

/** Lives until so many attempts were made, or nothing will happen any more. Begins at 0 with a person's start. */
export const drive = (policy: RestartPolicy, workload: Workload, most: number, salt = 0): Life => {
  const attempts: Array<Attempt> = [];
  let blockedAfter: number | null = null;
  let status: RestartStatus = decide(policy, initialStatus, manuallyStarted, 0).status;
  let now: Timestamp = 0;
  let run = begun(workload(0), 0, salt);
  for (;;) {
    const instance = run.seenAt(now);
    const decision = decide(policy, status, observed(instance), now);
    status = decision.status;
    if (status.blockedReason !== null) blockedAfter ??= attempts.length;
    const [action] = decision.actions;
    if (action !== undefined) {
      attempts.push({ at: now, pause: now - run.endsAt, number: action.attempt });
      if (attempts.length >= most) return { attempts, blockedAfter };
      const next = workload(attempts.length);
      run = next.startFails ? failed(instance, now) : begun(next, now, salt);
      if (next.startFails) status = decide(policy, status, attemptFailed(action.attempt, salt), now).status;
      if (status.blockedReason !== null) blockedAfter ??= attempts.length;
      now = run.changes[0] ?? now;
    } else {
      const wakeAt = nextWakeAt(policy, status, instance);
      const changeAt = run.changes.find((at) => at > now) ?? Number.POSITIVE_INFINITY;
      const at = Math.min(wakeAt ?? Number.POSITIVE_INFINITY, changeAt);
      if (!Number.isFinite(at)) return { attempts, blockedAfter };
      // A wake-up that does not lead on would be a defect of nextWakeAt.
      if (at <= now) throw new Error(`woken at ${now} for ${at}`);
      now = at;
    }
  }
};

interface Begun {
  /** When it looks different, in order. */
  readonly changes: ReadonlyArray<Timestamp>;
  /** From when on it is to be restarted, if at all. */
  readonly endsAt: Timestamp;
  readonly seenAt: (now: Timestamp) => InstanceObservation;
}

/** What was to be started is stopped, and its last run is as it was. */
const failed = (instance: InstanceObservation, at: Timestamp): Begun => ({
  changes: [at],
  endsAt: at,
  seenAt: () => ({ ...instance, state: 'stopped', health: 'unknown', stoppedAt: instance.stoppedAt ?? at }),
});

const begun = (run: Run, startedAtCall: Timestamp, salt: number): Begun => {
  const startedAt = startedAtCall + (run.beginsAfter ?? 0);
  const always = { startedAt, exitCode: null, health: 'unknown', salt } as const;
  if (run.bootsFor === null) {
    return {
      changes: [startedAt],
      endsAt: startedAt,
      seenAt: () => ({ ...always, state: 'initializing', stoppedAt: null }),
    };
  }
  const stoppedAt = startedAt + run.runsFor;
  const unhealthyAt = startedAt + (run.unhealthyAfter ?? Number.POSITIVE_INFINITY);
  return {
    changes: [startedAt, unhealthyAt, stoppedAt].filter(Number.isFinite).sort((a, b) => a - b),
    endsAt: Math.min(unhealthyAt, stoppedAt),
    seenAt: (now) =>
      now < stoppedAt
        ? { ...always, state: 'running', stoppedAt: null, health: now < unhealthyAt ? 'unknown' : 'unhealthy' }
        : {
            ...always,
            state: 'stopped',
            stoppedAt,
            exitCode: run.exitCode ?? null,
            ...(run.cause === undefined ? {} : { cause: run.cause }),
          },
  };
};
