/**
 * What a restart policy remembers of one instance. Plain data: it survives JSON, and the store is its only home.
 *
 * @since 0.1.0
 */
import type { Eq } from 'fp-ts/lib/Eq.js';
import { eqByFields } from './equal.js';

/**
 * Whole milliseconds since the Unix epoch, as `Date.now()` gives.
 *
 * @since 0.1.0
 */
export type Timestamp = number;

/** 9999-12-31T23:59:59.999Z: RFC 3339 knows no later year. */
export const latestTimestamp: Timestamp = 253_402_300_799_999;

/**
 * Every blocked reason there is.
 *
 * @since 0.2.0
 */
export const blockedReasons = ['manual_stop', 'max_attempts_exceeded', 'paused'] as const;

/**
 * Why no more automatic attempts are made. `manual_stop`: a person stopped it, until a person starts it. `paused`: a person
 * paused supervision, until a person resumes it or starts the instance. `max_attempts_exceeded`: the limit was reached, until
 * a person acts, the failure window ends, or, where `nextAttemptAt` is set, the cooldown is over.
 *
 * @since 0.1.0
 */
export type BlockedReason = (typeof blockedReasons)[number];

/**
 * Every last reason there is.
 *
 * @since 0.2.0
 */
export const lastReasons = ['health_check_failed', 'start_timeout'] as const;

/**
 * Why the last attempt was made (or will be), where it was not for an exit: `health_check_failed`, the workload was
 * unhealthy; `start_timeout`, it was still initializing when its time was up. It has not recovered since.
 *
 * @since 0.2.0
 */
export type LastReason = (typeof lastReasons)[number];

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
  /**
   * While waiting for the backoff: when the next attempt is due. Blocked by the limit: when the cooldown ends. It may lie in
   * the past until the next decision.
   */
  readonly nextAttemptAt: Timestamp | null;
  /** Why no more automatic attempts will be made; null: not blocked. */
  readonly blockedReason: BlockedReason | null;
  /** Why the last attempt was made (or will be); null: for an exit, or there was none. */
  readonly lastReason: LastReason | null;
  /**
   * Under a policy with `limitInterval`: when the counted attempts within it were made, at most 100, ascending. Absent when
   * there are none.
   */
  readonly recentAttempts?: ReadonlyArray<Timestamp>;
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
 * Field by field equality; a host's own fields beside ours do not count. Decisions preserve identity (`===`) when
 * nothing changes; this is for statuses that come from elsewhere.
 *
 * @since 0.2.0
 */
export const eqRestartStatus: Eq<RestartStatus> = /* @__PURE__ */ eqByFields<RestartStatus>(
  /* @__PURE__ */ Object.assign({ recentAttempts: [] }, initialStatus),
);
