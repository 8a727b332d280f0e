/**
 * THE decision: every transition of a restart status is in this file, and nowhere else.
 *
 * How to read this. The tables are the whole of it. `decide` dispatches on the event. Of an observation the first row
 * that applies answers; rows are in order of authority: a person's stop comes first, a policy of never second, and only
 * then do the clock and the instance have a say. `[name]` in the code is the guard of that row, and in test/decide the
 * tests of it. A row that calls for an attempt ends in the attempt rule, the one place from which actions come.
 *
 * An observation:
 *
 * | row | when | the status becomes | action | reason |
 * |---|---|---|---|---|
 * | manual_stop | stopped by a person | unchanged | | manual_stop |
 * | never | the mode is never, or none that is known | unchanged | | policy_never |
 * | clock_repair | the last attempt lies ahead, or the next more than a backoff: the clock went back | its two times are cut to `now` and `now + backoff`; on with the next rows | | |
 * | stable | running, healthy (or health unknown and the last attempt not for health), attempts counted, for `stableAfter` since its start and the last attempt | initial | | stable |
 * | unhealthy | running and unhealthy | attempt rule, cause health | Restart | |
 * | moot | running, and what was waited for is moot | nothing pending, no reason | | recovered |
 * | running | running otherwise | unchanged | | running |
 * | initializing | initializing | unchanged | | initializing |
 * | other_state | in a state that is not acted on | unchanged | | not_actionable |
 * | never_started | stopped, never ran, never attempted | unchanged | | never_started |
 * | own_stop | stopped by us for its health, and not started since | attempt rule, cause health | Start | |
 * | stable_end | stopped, and the ended run was stable | a new window that keeps only the last attempt's time; on with the next rows | | |
 * | clean_exit | stopped, on_failure, exit code 0 | nothing pending | | clean_exit |
 * | exit | stopped otherwise | attempt rule, cause exit | Start | |
 *
 * The attempt rule, where `due` is the later of `nextAttemptAt` and `lastAttemptAt + backoff`; null is before everything:
 *
 * | row | when | the status becomes | action | reason |
 * |---|---|---|---|---|
 * | blocked | blocked by the limit | unchanged | | max_attempts_exceeded |
 * | limit | the limit is reached | blocked, nothing pending | | max_attempts_exceeded |
 * | backoff | `now` is before `due` | pending at `due` | | waiting_for_backoff |
 * | attempt | otherwise | one more attempt, made now | Start or Restart | restart_after_exit, restart_after_unhealthy |
 *
 * Any other event carries no action:
 *
 * | row | event | the status becomes | reason |
 * |---|---|---|---|
 * | stop | ManualStop | nothing but the marker, whatever the policy | manual_stop_recorded |
 * | delete | DeleteRequested | nothing but the marker, whatever the policy | delete_requested |
 * | start | ManualStart | initial | manual_start |
 * | reset | Reset | initial | reset |
 * | new_policy | PolicyUpdated | initial, but a person's stop stays, and what we stopped for its health comes back | policy_updated |
 * | stale | AttemptFailed, of another attempt than the last | unchanged | stale |
 * | failed_attempt | AttemptFailed | pending one backoff from the failure; blocked where it was the last that the limit allows | attempt_failed, max_attempts_exceeded |
 *
 * A failed attempt of an instance that a person stopped, or under a policy of never, changes nothing either.
 *
 * Three conventions carry the guarantees:
 * - Nothing changed means the same object: every branch that leaves the status as it was returns `status` itself, so
 *   a host knows by `===` that there is nothing to save, and a quiet decision allocates one small object.
 * - There are no timers. `nextWakeAt` derives from the status when to decide again, by the same guards; deciding early,
 *   twice or late is harmless, so a host that crashes loses no timer.
 * - Time is an argument. Sums of it are rounded up to whole milliseconds: never early.
 *
 * @since 0.1.0
 */
import type { RestartAction } from './action.js';
import type { Millis } from './duration.js';
import type { InstanceObservation, RestartEvent } from './event.js';
import type { RestartPolicy } from './policy.js';
import type { RestartReason } from './reason.js';
import {
  eqRestartStatus,
  initialStatus,
  type LastReason,
  type RestartStatus,
  stoppedByPerson,
  type Timestamp,
} from './status.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What follows from an event. `status` is the same object (`===`) as the one passed in when nothing changed; `actions`
 * holds at most one action, and is one shared frozen empty array when there is none. The host saves a changed status
 * before it acts.
 *
 * @since 0.1.0
 */
export interface Decision {
  readonly status: RestartStatus;
  readonly actions: ReadonlyArray<RestartAction>;
  readonly reason: RestartReason;
}

const noActions: ReadonlyArray<RestartAction> = Object.freeze([]);

const quiet = (status: RestartStatus, reason: RestartReason): Decision => ({ status, actions: noActions, reason });

/** The next status, or the very object that stands where the next says the same. */
const replace = (status: RestartStatus, next: RestartStatus, reason: RestartReason): Decision =>
  quiet(eqRestartStatus.equals(status, next) ? status : next, reason);

/**
 * Whole milliseconds, rounded up: a wait is never cut short. The span is rounded, not the sum, where a double has no
 * digits left for a nanosecond.
 */
const after = (at: Timestamp, span: Millis): Timestamp => at + Math.ceil(span);

// ---------------------------------------------------------------------------
// decide
// ---------------------------------------------------------------------------

/**
 * Decides what follows from an event. Total and deterministic: never throws, reads no clock and no randomness, leaves
 * its arguments alone (G6). After a manual stop no event but a manual start or a reset leads to an action (G1).
 *
 * @param now whole milliseconds since the epoch, from the clock that `InstanceObservation.startedAt` comes from
 *
 * @example
 * import { decide, initialStatus, observed } from 'restart-policy'
 *
 * const policy = { mode: 'always', backoff: 5_000, maxAttempts: 0, stableAfter: 600_000 } as const
 * const exited = { state: 'stopped', startedAt: 1_000, stoppedAt: 2_000, exitCode: 1, health: 'unknown' } as const
 * assert.deepStrictEqual(decide(policy, initialStatus, observed(exited), 3_000).actions, [{ _tag: 'Start', attempt: 1 }])
 *
 * @since 0.1.0
 */
export const decide = (policy: RestartPolicy, status: RestartStatus, event: RestartEvent, now: Timestamp): Decision => {
  switch (event._tag) {
    case 'Observed':
      return decideObserved(policy, status, event.instance, now);
    case 'AttemptFailed':
      return decideAttemptFailed(policy, status, event.attempt, now);
    case 'ManualStop': // [stop]
      return replace(status, stoppedByPerson, 'manual_stop_recorded');
    case 'DeleteRequested': // [delete]
      return replace(status, stoppedByPerson, 'delete_requested');
    case 'ManualStart': // [start]
      return replace(status, initialStatus, 'manual_start');
    case 'Reset': // [reset]
      return replace(status, initialStatus, 'reset');
    case 'PolicyUpdated': // [new_policy]
      return replace(status, afterPolicyUpdate(status), 'policy_updated');
    default:
      // Unreachable in TypeScript. From JavaScript an event of no kind that is known changes nothing.
      event satisfies never;
      return quiet(status, 'not_actionable');
  }
};

const decideObserved = (
  policy: RestartPolicy,
  stored: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  const held = heldBy(policy, stored);
  if (held !== null) return quiet(stored, held);
  // [clock_repair] a clock that went back must not hold restarts up for as long as it went.
  const status = repairClock(policy, stored, now);
  switch (instance.state) {
    case 'running':
      return decideRunning(policy, status, instance, now);
    case 'stopped':
      return decideStopped(policy, status, instance, now);
    case 'initializing': // [initializing]
      return quiet(status, 'initializing');
    default:
      // [other_state] and from JavaScript any state that is not known.
      instance.state satisfies 'other';
      return quiet(status, 'not_actionable');
  }
};

const decideRunning = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  // [stable]
  const stableAt = whenStable(policy, status, instance);
  if (stableAt !== null && now >= stableAt) return quiet(initialStatus, 'stable');
  // [unhealthy]
  if (isUnhealthy(instance)) return attempt(policy, status, 'Restart', 'health_check_failed', now);
  // [moot] a wait after an exit ends when it runs again; a wait after bad health ends only with a healthy verdict, for
  // an unknown one is no recovery.
  const moot =
    status.lastReason === null
      ? status.nextAttemptAt !== null
      : instance.health === 'healthy' && (status.nextAttemptAt !== null || status.attempts === 0);
  if (moot) return quiet({ ...status, nextAttemptAt: null, lastReason: null }, 'recovered');
  // [running]
  return quiet(status, 'running');
};

const decideStopped = (
  policy: RestartPolicy,
  stored: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  const end = endOf(policy, stored, instance);
  if (end === 'never_started') return quiet(stored, end);
  if (end === 'own_stop') return attempt(policy, stored, 'Start', 'health_check_failed', now);
  // [stable_end] the window is new, the spacing stays.
  const status = endWindowAfterStableRun(policy, stored, instance);
  const decision = end === 'clean_exit' ? stayDown(status) : attempt(policy, status, 'Start', null, now);
  // The new window may come out as it already stands.
  return status !== stored && eqRestartStatus.equals(decision.status, stored)
    ? quiet(stored, decision.reason)
    : decision;
};

const stayDown = (status: RestartStatus): Decision =>
  quiet(status.nextAttemptAt === null ? status : { ...status, nextAttemptAt: null }, 'clean_exit');

/** The attempt rule: the only place from which an action comes. */
const attempt = (
  policy: RestartPolicy,
  status: RestartStatus,
  tag: RestartAction['_tag'],
  cause: LastReason | null,
  now: Timestamp,
): Decision => {
  // [blocked]
  if (isBlocked(status)) return quiet(status, 'max_attempts_exceeded');
  // [limit] before the wait, so that no next attempt is promised that never comes.
  if (limitReached(policy, status)) return exhausted(status, cause);
  // [backoff]
  const due = whenDue(policy, status);
  if (due !== null && now < due) {
    const waits = status.nextAttemptAt === due && status.lastReason === cause;
    return quiet(waits ? status : { ...status, nextAttemptAt: due, lastReason: cause }, 'waiting_for_backoff');
  }
  // [attempt]
  const number = status.attempts + 1;
  return {
    status: { attempts: number, lastAttemptAt: now, nextAttemptAt: null, blockedReason: null, lastReason: cause },
    actions: [{ _tag: tag, attempt: number }],
    reason: reasonOfAttempt(cause),
  };
};

const reasonOfAttempt = (cause: LastReason | null): RestartReason => {
  if (cause === null) return 'restart_after_exit';
  cause satisfies 'health_check_failed';
  return 'restart_after_unhealthy';
};

const exhausted = (status: RestartStatus, cause: LastReason | null): Decision =>
  replace(
    status,
    { ...status, nextAttemptAt: null, blockedReason: 'max_attempts_exceeded', lastReason: cause },
    'max_attempts_exceeded',
  );

const decideAttemptFailed = (
  policy: RestartPolicy,
  stored: RestartStatus,
  failed: number,
  now: Timestamp,
): Decision => {
  const held = heldBy(policy, stored);
  if (held !== null) return quiet(stored, held);
  // [stale]
  if (failed < 1 || failed !== stored.attempts) return quiet(stored, 'stale');
  // [failed_attempt]
  if (limitReached(policy, stored)) return exhausted(stored, stored.lastReason);
  const status = repairClock(policy, stored, now);
  return replace(stored, { ...status, nextAttemptAt: after(now, policy.backoff) }, 'attempt_failed');
};

/**
 * A new policy starts a new window, with two exceptions: a person's stop stays, and a workload that we stopped for
 * its health (or are about to) comes back.
 */
const afterPolicyUpdate = ({
  blockedReason,
  lastAttemptAt,
  nextAttemptAt,
  lastReason,
}: RestartStatus): RestartStatus => {
  if (blockedReason === 'manual_stop') return stoppedByPerson;
  blockedReason satisfies 'max_attempts_exceeded' | null;
  return lastReason === null || nextAttemptAt === null
    ? initialStatus
    : { ...initialStatus, lastAttemptAt, lastReason };
};

// ---------------------------------------------------------------------------
// nextWakeAt
// ---------------------------------------------------------------------------

/**
 * When to decide on the instance again: asked after a decision on an `Observed` without action, with the status of that
 * decision and the same observation. A moment in the past means now; null means that only a new fact can change
 * anything. Deciding the same observation before that moment changes nothing (G4).
 *
 * @since 0.1.0
 */
export const nextWakeAt = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): Timestamp | null => {
  if (heldBy(policy, status) !== null) return null;
  switch (instance.state) {
    case 'running':
      // A blocked window still ends when the run turns out stable; an unhealthy run never does.
      return isUnhealthy(instance) ? whenAttempted(policy, status) : whenStable(policy, status, instance);
    case 'stopped':
      return wakeAfterEnd(policy, status, instance);
    default:
      return null;
  }
};

const wakeAfterEnd = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): Timestamp | null => {
  const end = endOf(policy, status, instance);
  // A run that we stopped was not stable since the last attempt, so that its window goes on.
  return end === 'own_stop' || end === 'exit'
    ? whenAttempted(policy, endWindowAfterStableRun(policy, status, instance))
    : null;
};

// ---------------------------------------------------------------------------
// the guards that both need
// ---------------------------------------------------------------------------

/**
 * Whether a person or the policy holds the instance, whatever its state; null: neither does. `blockedReason` is compared
 * with null first, because V8 is slow to compare null with a text, and this is on every path.
 */
const heldBy = (policy: RestartPolicy, status: RestartStatus): 'manual_stop' | 'policy_never' | null => {
  const { blockedReason } = status;
  if (blockedReason !== null) {
    // [manual_stop]
    if (blockedReason === 'manual_stop') return 'manual_stop';
    blockedReason satisfies 'max_attempts_exceeded';
  }
  const { mode } = policy;
  if (mode === 'always' || mode === 'on_failure') return null;
  // [never]
  mode satisfies 'never';
  return 'policy_never';
};

const isUnhealthy = ({ health }: InstanceObservation): boolean => {
  if (health === 'unhealthy') return true;
  health satisfies 'healthy' | 'unknown';
  return false;
};

/** What the end of the last run was, by the name of its row. */
const endOf = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): 'never_started' | 'own_stop' | 'clean_exit' | 'exit' => {
  // [never_started] whether it first runs is up to a person.
  if (instance.startedAt === null && status.lastAttemptAt === null) return 'never_started';
  // [own_stop] its exit code says nothing.
  if (stoppedByUs(status, instance)) return 'own_stop';
  // [clean_exit]
  if (policy.mode === 'on_failure' && instance.exitCode === 0) return 'clean_exit';
  // [exit]
  return 'exit';
};

/** We stopped it for its health, and no run has begun since. A run that began at that very time counts. */
const stoppedByUs = (status: RestartStatus, instance: InstanceObservation): boolean =>
  status.lastReason !== null &&
  (instance.startedAt === null || (status.lastAttemptAt !== null && instance.startedAt < status.lastAttemptAt));

// ---------------------------------------------------------------------------
// facts that both derive
// ---------------------------------------------------------------------------

/** By the limit: whom a person holds is answered before. */
const isBlocked = ({ blockedReason }: RestartStatus): boolean => blockedReason !== null;

const limitReached = (policy: RestartPolicy, status: RestartStatus): boolean =>
  policy.maxAttempts > 0 && status.attempts >= policy.maxAttempts;

/** The last attempt cannot lie ahead, and no wait is longer than one backoff from now. */
const repairClock = (policy: RestartPolicy, status: RestartStatus, now: Timestamp): RestartStatus =>
  isAhead(status.lastAttemptAt, now) || isAhead(status.nextAttemptAt, after(now, policy.backoff))
    ? cutTimes(policy, status, now)
    : status;

// Apart from what asks whether it is needed: that is on every path, and small enough to be inlined there.
const cutTimes = (policy: RestartPolicy, status: RestartStatus, now: Timestamp): RestartStatus => {
  const { lastAttemptAt, nextAttemptAt } = status;
  const latest = after(now, policy.backoff);
  return {
    ...status,
    lastAttemptAt: isAhead(lastAttemptAt, now) ? now : lastAttemptAt,
    nextAttemptAt: isAhead(nextAttemptAt, latest) ? latest : nextAttemptAt,
  };
};

const isAhead = (at: Timestamp | null, limit: Timestamp): boolean => at !== null && at > limit;

/** A stable run that ended before anybody saw that it was stable ends the window all the same. */
const endWindowAfterStableRun = (
  policy: RestartPolicy,
  status: RestartStatus,
  { startedAt, stoppedAt }: InstanceObservation,
): RestartStatus =>
  startedAt !== null &&
  (status.lastAttemptAt === null || startedAt >= status.lastAttemptAt) &&
  stoppedAt !== null &&
  stoppedAt - startedAt >= policy.stableAfter
    ? { ...initialStatus, lastAttemptAt: status.lastAttemptAt }
    : status;

/** When a run ends the failure window by being stable; null: it does not, or there is nothing to end. */
const whenStable = (
  policy: RestartPolicy,
  { attempts, lastAttemptAt, lastReason }: RestartStatus,
  { startedAt, health }: InstanceObservation,
): Timestamp | null => {
  const sound = health === 'healthy' || (health === 'unknown' && lastReason === null);
  if (!sound || attempts === 0 || startedAt === null) return null;
  const since = lastAttemptAt === null ? startedAt : Math.max(lastAttemptAt, startedAt);
  return after(since, policy.stableAfter);
};

/** When the next attempt may be made; null: at once. */
const whenDue = (policy: RestartPolicy, { lastAttemptAt, nextAttemptAt }: RestartStatus): Timestamp | null => {
  if (lastAttemptAt === null) return nextAttemptAt;
  const spaced = after(lastAttemptAt, policy.backoff);
  return nextAttemptAt === null ? spaced : Math.max(nextAttemptAt, spaced);
};

const whenAttempted = (policy: RestartPolicy, status: RestartStatus): Timestamp | null =>
  isBlocked(status) ? null : whenDue(policy, status);
