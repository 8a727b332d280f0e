/**
 * What is decided: the four paths that a host's life is made of, and two of larger policies. The numbers differ from case to
 * case, so that nothing can be worked out in advance.
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

export const largerPathNames = ['waiting, growth and jitter', 'exit with rules'] as const;

export type LargerPathName = (typeof largerPathNames)[number];

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

const largerCaseOf = (path: LargerPathName, n: number): Case => {
  const now = start + 1_000 * n;
  const attempts = 1 + (n % 12);
  const of = (policy: RestartPolicy, lastAttemptAt: Timestamp, instance: InstanceObservation): Case => ({
    policy,
    status: afterAttempt(attempts, lastAttemptAt, null),
    instance,
    event: observed(instance),
    now,
  });
  switch (path) {
    case 'waiting, growth and jitter': {
      // It has just ended, so that how long it waits is worked out, and not read from the status.
      const policy = policyOf({ backoff: 5_000 + n, maxBackoff: 300_000, jitter: 0.5 });
      return of(policy, now - 2_000, { ...exitedAt(now - 500), salt: (n * 2_654_435_761) % 2 ** 32 });
    }
    case 'exit with rules': {
      const policy = policyOf({
        backoff: 5_000 + n,
        maxAttempts: 1_000_000,
        rules: [
          { causes: ['host'], action: 'restart_uncounted' },
          { exitCodes: [78], action: 'stop' },
          { causes: ['exit'], exitCodes: [[2, 5]], action: 'restart' },
        ],
      });
      const endedAt = now - policy.backoff;
      // Of four exit codes one is not for the last rule, and goes past all of them.
      return of(policy, endedAt - policy.backoff, { ...exitedAt(endedAt), exitCode: 3 + (n % 4), cause: 'exit' });
    }
    default:
      return path satisfies never;
  }
};

export const largerCasesOf = (path: LargerPathName, count: number): ReadonlyArray<Case> =>
  Array.from({ length: count }, (_, n) => largerCaseOf(path, n));
