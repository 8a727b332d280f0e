/**
 * What is decided: the four paths that a host's life is made of. The numbers differ from case to case, so that nothing
 * can be worked out in advance.
 */
import {
  type InstanceObservation,
  initialStatus,
  observed,
  type RestartEvent,
  type RestartPolicy,
  type RestartPolicyInput,
  type RestartStatus,
  restartPolicy,
  type Timestamp,
} from 'restart-policy';

export interface Case {
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
  readonly instance: InstanceObservation;
  readonly event: RestartEvent;
  readonly now: Timestamp;
}

export const pathNames = ['quiet', 'waiting', 'attempt', 'stable'] as const;

export type PathName = (typeof pathNames)[number];

const start: Timestamp = 1_735_689_600_000;

/** A policy in which only what a benchmark is about is named. */
export const policyOf = (input: Partial<RestartPolicyInput>): RestartPolicy => {
  const policy = restartPolicy({ mode: 'always', ...input });
  if (policy._tag === 'Left') throw new Error(JSON.stringify(policy.left));
  return policy.right;
};

const runsSince = (startedAt: Timestamp): InstanceObservation => ({
  state: 'running',
  startedAt,
  stoppedAt: null,
  exitCode: null,
  health: 'healthy',
});

const exitedAt = (stoppedAt: Timestamp): InstanceObservation => ({
  state: 'stopped',
  startedAt: stoppedAt - 1_000,
  stoppedAt,
  exitCode: 1,
  health: 'unknown',
});

const afterAttempt = (attempts: number, lastAttemptAt: Timestamp, nextAttemptAt: Timestamp | null): RestartStatus => ({
  attempts,
  lastAttemptAt,
  nextAttemptAt,
  blockedReason: null,
  lastReason: null,
});

const caseOf = (path: PathName, n: number): Case => {
  const policy = policyOf({ backoff: 5_000 + n, maxAttempts: 1_000_000 });
  const now = start + 1_000 * n;
  const of = (status: RestartStatus, instance: InstanceObservation): Case => ({
    policy,
    status,
    instance,
    event: observed(instance),
    now,
  });
  switch (path) {
    case 'quiet': {
      // Half of them have a window that is not over yet.
      const status = n % 2 === 0 ? initialStatus : afterAttempt(1 + (n % 3), now - 60_000, null);
      return of(status, runsSince(now - 59_000));
    }
    case 'waiting':
      return of(afterAttempt(1 + n, now - 2_000, now - 2_000 + policy.backoff), exitedAt(now - 500));
    case 'attempt':
      return of(afterAttempt(1 + n, now - 2 * policy.backoff, now - policy.backoff), exitedAt(now - policy.backoff));
    case 'stable':
      return of(afterAttempt(1 + n, now - 700_000, null), runsSince(now - 699_000));
    default:
      return path satisfies never;
  }
};

export const casesOf = (path: PathName, count: number): ReadonlyArray<Case> =>
  Array.from({ length: count }, (_, n) => caseOf(path, n));
