/**
 * The words of the domain as this second implementation of the decision knows them. Nothing in this folder comes from
 * `src`: two readings of the same tables (in the header of src/decide.ts) are worth comparing only where they share
 * nothing else.
 */

/** A span in milliseconds, above 0; fractions down to the nanosecond. */
export type Millis = number;

/** Whole milliseconds since the epoch. */
export type Timestamp = number;

export type EndCause = 'exit' | 'signal' | 'out_of_memory' | 'panic' | 'host' | 'unknown';

export interface RestartRule {
  readonly causes?: ReadonlyArray<EndCause>;
  /** Whole numbers, and ranges with both ends in them. */
  readonly exitCodes?: ReadonlyArray<number | readonly [number, number]>;
  readonly action: 'restart' | 'restart_uncounted' | 'stop';
}

export interface RestartPolicy {
  readonly mode: 'never' | 'always' | 'on_failure';
  readonly backoff: Millis;
  /** 0: unlimited. */
  readonly maxAttempts: number;
  readonly stableAfter: Millis;
  readonly maxBackoff?: Millis;
  readonly backoffFactor?: number;
  readonly backoffFrom?: 'attempt' | 'exit';
  readonly jitter?: number;
  readonly limitInterval?: Millis;
  readonly cooldown?: Millis;
  readonly startTimeout?: Millis;
  readonly rules?: ReadonlyArray<RestartRule>;
}

export type BlockedReason = 'manual_stop' | 'max_attempts_exceeded' | 'paused';

export type LastReason = 'health_check_failed' | 'start_timeout';

export interface RestartStatus {
  readonly attempts: number;
  readonly lastAttemptAt: Timestamp | null;
  readonly nextAttemptAt: Timestamp | null;
  readonly blockedReason: BlockedReason | null;
  readonly lastReason: LastReason | null;
  /** Ascending; absent when empty. */
  readonly recentAttempts?: ReadonlyArray<Timestamp>;
}

export const initialStatus: RestartStatus = Object.freeze({
  attempts: 0,
  lastAttemptAt: null,
  nextAttemptAt: null,
  blockedReason: null,
  lastReason: null,
});

export interface InstanceObservation {
  readonly state: 'initializing' | 'running' | 'stopped' | 'other';
  readonly startedAt: Timestamp | null;
  readonly stoppedAt: Timestamp | null;
  readonly exitCode: number | null;
  readonly health: 'healthy' | 'unhealthy' | 'unknown';
  readonly cause?: EndCause;
  /** Absent: 0. */
  readonly salt?: number;
}

export type RestartEvent =
  | { readonly _tag: 'Observed'; readonly instance: InstanceObservation }
  | { readonly _tag: 'AttemptFailed'; readonly attempt: number; readonly salt?: number }
  | { readonly _tag: 'PolicyUpdated'; readonly attemptUnderWay?: true }
  | { readonly _tag: 'ManualStop' | 'ManualStart' | 'Pause' | 'Resume' | 'Reset' | 'DeleteRequested' };

export type RestartAction =
  | { readonly _tag: 'Start'; readonly attempt: number }
  | { readonly _tag: 'Restart'; readonly attempt: number };

export const reasons = [
  'manual_stop',
  'policy_never',
  'stable',
  'recovered',
  'initializing',
  'running',
  'not_actionable',
  'never_started',
  'clean_exit',
  'max_attempts_exceeded',
  'waiting_for_backoff',
  'restart_after_exit',
  'restart_after_unhealthy',
  'manual_stop_recorded',
  'delete_requested',
  'manual_start',
  'policy_updated',
  'reset',
  'stale',
  'attempt_failed',
  'cooling_down',
  'paused',
  'pause_recorded',
  'resumed',
  'not_paused',
  'stopped_by_rule',
  'restart_after_start_timeout',
] as const;

export type RestartReason = (typeof reasons)[number];

export interface Decision {
  readonly status: RestartStatus;
  readonly actions: ReadonlyArray<RestartAction>;
  readonly reason: RestartReason;
}
