/**
 * What a restart policy remembers of one instance. Plain data: it survives JSON, and the store is its only home.
 *
 * @since 0.1.0
 */

/**
 * Whole milliseconds since the Unix epoch, as `Date.now()` gives.
 *
 * @since 0.1.0
 */
export type Timestamp = number;

/**
 * Why no more automatic attempts are made, until a person (or an end of the failure window) changes it.
 *
 * @since 0.1.0
 */
export type BlockedReason = 'manual_stop' | 'max_attempts_exceeded';

/**
 * The memory of one failure window.
 *
 * @since 0.1.0
 */
export interface RestartStatus {
  /** Consecutive automatic attempts in this failure window; a whole number from 0. */
  readonly attempts: number;
  /** When the last attempt was made; null: none yet. */
  readonly lastAttemptAt: Timestamp | null;
  /** While waiting for the backoff: when the next attempt is due. It may lie in the past until the next look. */
  readonly nextAttemptAt: Timestamp | null;
  /** Why no more automatic attempts will be made; null: not blocked. */
  readonly blockedReason: BlockedReason | null;
  /**
   * `health_check_failed`: the last attempt was (or will be) made because the workload was unhealthy, and it has not
   * recovered since. null: otherwise.
   */
  readonly lastReason: 'health_check_failed' | null;
}

/**
 * A window with nothing in it: no attempts, nothing blocked. Frozen and shared.
 *
 * @since 0.1.0
 */
export const initialStatus: RestartStatus = Object.freeze({
  attempts: 0,
  lastAttemptAt: null,
  nextAttemptAt: null,
  blockedReason: null,
  lastReason: null,
});

/**
 * What a person's stop leaves behind: nothing but the marker, whatever was counted before. Frozen and shared.
 *
 * @since 0.1.0
 */
export const stoppedByPerson: RestartStatus = Object.freeze({ ...initialStatus, blockedReason: 'manual_stop' });

/**
 * Field by field equality. Decisions preserve identity (`===`) when nothing changes; this is for statuses that come
 * from elsewhere.
 *
 * @since 0.1.0
 */
export const equalStatus = (a: RestartStatus, b: RestartStatus): boolean => equalFields(initialStatus, a, b);

/** Whether two agree on every field that a third has: a host's own fields beside them do not count. */
export const equalFields = <A extends object>(named: A, a: A, b: A): boolean =>
  (Object.keys(named) as Array<keyof A>).every((field) => a[field] === b[field]);
