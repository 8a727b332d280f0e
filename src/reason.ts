/**
 * Why a decision is what it is: a closed union for machines, and prose for people.
 *
 * @since 0.1.0
 */

/** Every reason there is, in words. */
const prose = {
  manual_stop: 'a person stopped it, and it stays stopped until a person starts it',
  policy_never: 'its policy never restarts it',
  stable: 'it is stable: a new failure window',
  recovered: 'it recovered',
  initializing: 'it is initializing',
  running: 'it is running',
  not_actionable: 'its state is not acted on',
  never_started: 'it stays stopped until a person starts it',
  clean_exit: 'it exited cleanly, and its policy restarts only failures',
  stopped_by_rule: 'it ended, and a rule of its policy leaves it stopped',
  max_attempts_exceeded: 'it used up its attempts',
  cooling_down: 'it used up its attempts: the next one waits for the cooldown',
  waiting_for_backoff: 'the next attempt waits for the backoff',
  restart_after_exit: 'it exited, and its policy restarts it',
  restart_after_unhealthy: 'it is unhealthy, and its policy restarts it',
  restart_after_start_timeout: 'it did not get going in time, and its policy restarts it',
  manual_stop_recorded: 'a person stopped it',
  delete_requested: 'a person deleted it',
  manual_start: 'a person started it: a new failure window',
  paused: 'a person paused its supervision, until it is resumed',
  pause_recorded: 'a person paused its supervision',
  resumed: 'a person resumed its supervision',
  not_paused: 'its supervision is not paused',
  policy_updated: 'its policy changed: a new failure window',
  reset: 'it was forked or restored: a new failure window',
  stale: 'an earlier attempt failed',
  attempt_failed: 'the attempt failed: the next attempt waits for the backoff',
} as const;

/**
 * Why a decision is what it is. The union is closed: an exhaustive `switch` over it stays exhaustive within a major
 * version.
 *
 * @since 0.1.0
 */
export type RestartReason = keyof typeof prose;

/**
 * Every reason there is.
 *
 * @since 0.2.0
 */
export const restartReasons = /* @__PURE__ */ Object.keys(prose) as ReadonlyArray<RestartReason>;

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
