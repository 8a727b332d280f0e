/**
 * Why a decision is what it is: a closed union for machines, and prose for people.
 *
 * @since 0.1.0
 */

/** Every reason there is, in words. */
export const prose = {
  manual_stop: 'a person stopped it, and it stays stopped until a person starts it',
  policy_never: 'its policy is never to restart it',
  stable: 'it has run long enough to count as stable, so the failure window is over',
  recovered: 'it recovered while a restart was pending, so the restart is called off',
  initializing: 'it is still initializing',
  running: 'it is running, and there is nothing to do',
  not_actionable: 'it is in a state that is never acted on',
  never_started: 'it has never been started, and the first start is up to a person',
  clean_exit: 'it exited cleanly, which its policy does not restart',
  max_attempts_exceeded: 'all the attempts that its policy allows are used up',
  waiting_for_backoff: 'the next attempt waits until the backoff has passed',
  restart_after_exit: 'it exited, and its policy restarts it now',
  restart_after_unhealthy: 'it is unhealthy, and its policy restarts it now',
  manual_stop_recorded: 'the stop by a person is recorded',
  delete_requested: 'its deletion was requested, so it stays stopped',
  manual_start: 'the start by a person is recorded, and the failure window starts afresh',
  policy_updated: 'its policy was changed, and the failure window starts afresh',
  reset: 'it was forked or restored, and the failure window starts afresh',
  stale: 'the report is of an attempt that is no longer the current one',
  attempt_failed: 'the attempt failed, and the backoff counts from the failure',
} as const;

/**
 * Why a decision is what it is. The union is closed: an exhaustive `switch` over it stays exhaustive within a major
 * version.
 *
 * @since 0.1.0
 */
export type RestartReason = keyof typeof prose;

/**
 * Says a reason in words for people; a clause that reads well after "instance web-1: ".
 *
 * @example
 * import { explainReason } from 'restart-policy'
 *
 * assert.match(explainReason('manual_stop'), /until a person starts it/)
 *
 * @since 0.1.0
 */
export const explainReason = (reason: RestartReason): string => prose[reason];
