/**
 * THE decision: every transition of a restart status is in this file, and nowhere else.
 *
 * How to read this. `decide` dispatches on the event. The facts of an observation go through `decideObserved`, a list
 * of guards in order of authority: the first that applies answers. A person's stop comes first, the policy's "never"
 * second; only then does the clock or the instance have a say. Guards that find that an attempt is called for end in
 * `attempt`, the one place from which actions come. Numbers at the guards are the rows of the decision table in
 * ARCHITECTURE.md, and each has a test named after what it means.
 *
 * Three conventions carry the guarantees:
 * - Nothing changed means the same object: every branch that leaves the status as it was returns `status` itself, so
 *   a host knows by `===` that there is nothing to save, and a quiet decision allocates one small object.
 * - There are no timers. `nextWakeAt` derives from the status when to look again; looking early, twice or late is
 *   harmless, so a host that crashes loses no timer.
 * - Time is an argument. A status written by a clock that has since gone back is repaired first (row 3).
 *
 * @since 0.1.0
 */
import type { RestartAction } from './action.js';
import type { Millis } from './duration.js';
import type { InstanceObservation, RestartEvent } from './event.js';
import type { RestartPolicy } from './policy.js';
import type { RestartReason } from './reason.js';
import { equalStatus, initialStatus, type RestartStatus, stoppedByPerson, type Timestamp } from './status.js';

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

/** Replaces the status, or keeps the very object where the replacement says the same. */
const settle = (status: RestartStatus, next: RestartStatus, reason: RestartReason): Decision =>
  quiet(equalStatus(status, next) ? status : next, reason);

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
    case 'ManualStop':
      return settle(status, stoppedByPerson, 'manual_stop_recorded');
    case 'DeleteRequested':
      return settle(status, stoppedByPerson, 'delete_requested');
    case 'ManualStart':
      return settle(status, initialStatus, 'manual_start');
    case 'PolicyUpdated':
      return settle(status, afterPolicyUpdate(status), 'policy_updated');
    case 'Reset':
      return settle(status, initialStatus, 'reset');
    default:
      // Unreachable in TypeScript. From JavaScript an event of no kind that we know changes nothing.
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
  // 1, 2: a person's word, then the policy's.
  if (stored.blockedReason === 'manual_stop') return quiet(stored, 'manual_stop');
  if (policy.mode === 'never') return quiet(stored, 'policy_never');

  // 3: a clock that went back must not hold restarts up for as long as it went.
  const status = repairClock(policy, stored, now);

  switch (instance.state) {
    case 'running':
      return decideRunning(policy, status, instance, now);
    case 'stopped':
      return decideStopped(policy, status, instance, now);
    case 'initializing': // 7
      return quiet(status, 'initializing');
    default:
      // 8: `other`, and from JavaScript any state that we do not know.
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
  // 4
  const stableAt = whenStable(policy, status, instance);
  if (stableAt !== null && now >= stableAt) return quiet(initialStatus, 'stable');
  // 5
  if (instance.health === 'unhealthy') return attempt(policy, status, 'Restart', 'health_check_failed', now);
  // 6: what we waited for is moot. A wait after an exit ends when it runs again; a wait after bad health ends only
  // with a healthy verdict, for an unknown one is no recovery.
  const moot =
    status.lastReason === null
      ? status.nextAttemptAt !== null
      : instance.health === 'healthy' && (status.nextAttemptAt !== null || status.attempts === 0);
  if (moot) return quiet({ ...status, nextAttemptAt: null, lastReason: null }, 'recovered');
  // 7
  return quiet(status, 'running');
};

const decideStopped = (
  policy: RestartPolicy,
  stored: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  // 9: whether it first runs is up to a person.
  if (neverStarted(stored, instance)) return quiet(stored, 'never_started');
  // 10: the window is new, the spacing stays.
  const status = endWindowAfterStableRun(policy, stored, instance);
  const decision = decideEndedRun(policy, status, instance, now);
  // The new window may come out as it already stands.
  return status !== stored && equalStatus(decision.status, stored) ? quiet(stored, decision.reason) : decision;
};

const decideEndedRun = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  // 11: the stop was ours, so its exit code says nothing.
  if (stoppedByUs(status, instance)) return attempt(policy, status, 'Start', 'health_check_failed', now);
  // 12
  if (policy.mode === 'on_failure' && instance.exitCode === 0) {
    return quiet(status.nextAttemptAt === null ? status : { ...status, nextAttemptAt: null }, 'clean_exit');
  }
  // 13
  return attempt(policy, status, 'Start', null, now);
};

/** The attempt rule: the only place from which an action comes. `status` has been through rows 3 and 10. */
const attempt = (
  policy: RestartPolicy,
  status: RestartStatus,
  tag: RestartAction['_tag'],
  lastReason: RestartStatus['lastReason'],
  now: Timestamp,
): Decision => {
  // a
  if (status.blockedReason === 'max_attempts_exceeded') return quiet(status, 'max_attempts_exceeded');
  // b: before the wait, so that no next attempt is promised that never comes.
  if (limitReached(policy, status)) return exhausted(status, lastReason);
  // c
  const due = whenDue(policy, status);
  if (due !== null && now < due) {
    const waits = status.nextAttemptAt === due && status.lastReason === lastReason;
    return quiet(waits ? status : { ...status, nextAttemptAt: due, lastReason }, 'waiting_for_backoff');
  }
  // d
  const number = status.attempts + 1;
  return {
    status: { attempts: number, lastAttemptAt: now, nextAttemptAt: null, blockedReason: null, lastReason },
    actions: [{ _tag: tag, attempt: number }],
    reason: lastReason === null ? 'restart_after_exit' : 'restart_after_unhealthy',
  };
};

const exhausted = (status: RestartStatus, lastReason: RestartStatus['lastReason']): Decision =>
  settle(
    status,
    { ...status, nextAttemptAt: null, blockedReason: 'max_attempts_exceeded', lastReason },
    'max_attempts_exceeded',
  );

const decideAttemptFailed = (
  policy: RestartPolicy,
  stored: RestartStatus,
  failed: number,
  now: Timestamp,
): Decision => {
  if (stored.blockedReason === 'manual_stop') return quiet(stored, 'manual_stop');
  if (policy.mode === 'never') return quiet(stored, 'policy_never');
  if (failed < 1 || failed !== stored.attempts) return quiet(stored, 'stale');
  if (limitReached(policy, stored)) return exhausted(stored, stored.lastReason);
  const status = repairClock(policy, stored, now);
  return settle(stored, { ...status, nextAttemptAt: after(now, policy.backoff) }, 'attempt_failed');
};

/**
 * A new policy starts a new window, with two exceptions: a person's stop stays, and a workload that we stopped for
 * its health (or are about to) comes back.
 */
const afterPolicyUpdate = (status: RestartStatus): RestartStatus => {
  if (status.blockedReason === 'manual_stop') return stoppedByPerson;
  if (status.lastReason === null || status.nextAttemptAt === null) return initialStatus;
  return { ...initialStatus, lastAttemptAt: status.lastAttemptAt, lastReason: status.lastReason };
};

// ---------------------------------------------------------------------------
// nextWakeAt
// ---------------------------------------------------------------------------

/**
 * When to look at the instance again: asked after a decision on an `Observed` without action, with the status of that
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
  if (status.blockedReason === 'manual_stop' || policy.mode === 'never') return null;
  switch (instance.state) {
    case 'running':
      // A blocked window still ends when the run turns out stable; an unhealthy run never does.
      return instance.health === 'unhealthy' ? whenAttempted(policy, status) : whenStable(policy, status, instance);
    case 'stopped': {
      if (neverStarted(status, instance)) return null;
      const current = endWindowAfterStableRun(policy, status, instance);
      const cleanExit = policy.mode === 'on_failure' && instance.exitCode === 0;
      return cleanExit && !stoppedByUs(current, instance) ? null : whenAttempted(policy, current);
    }
    default:
      instance.state satisfies 'initializing' | 'other';
      return null;
  }
};

// ---------------------------------------------------------------------------
// facts that both derive
// ---------------------------------------------------------------------------

const limitReached = (policy: RestartPolicy, status: RestartStatus): boolean =>
  policy.maxAttempts > 0 && status.attempts >= policy.maxAttempts;

/** Row 9. */
const neverStarted = (status: RestartStatus, instance: InstanceObservation): boolean =>
  instance.startedAt === null && status.lastAttemptAt === null;

/** Row 11: we stopped it for its health, and no run has begun since. A run that began at that very time counts. */
const stoppedByUs = (status: RestartStatus, instance: InstanceObservation): boolean =>
  status.lastReason !== null &&
  (instance.startedAt === null || (status.lastAttemptAt !== null && instance.startedAt < status.lastAttemptAt));

/** Row 3: the last attempt cannot lie ahead, and no wait is longer than one backoff from now. */
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

/** Row 10: a stable run that ended while nobody looked ends the window all the same. */
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

/** Row 4: when a run ends the failure window by being stable; null: it does not, or there is nothing to end. */
const whenStable = (
  policy: RestartPolicy,
  { attempts, lastAttemptAt, lastReason }: RestartStatus,
  { startedAt, health }: InstanceObservation,
): Timestamp | null => {
  const sound = health === 'healthy' || (health === 'unknown' && lastReason === null);
  if (!sound || attempts === 0 || startedAt === null) return null;
  const since = lastAttemptAt !== null && lastAttemptAt > startedAt ? lastAttemptAt : startedAt;
  return after(since, policy.stableAfter);
};

/** When the next attempt may be made; null: at once. */
const whenDue = (policy: RestartPolicy, { lastAttemptAt, nextAttemptAt }: RestartStatus): Timestamp | null => {
  if (lastAttemptAt === null) return nextAttemptAt;
  const spaced = after(lastAttemptAt, policy.backoff);
  return nextAttemptAt === null || nextAttemptAt < spaced ? spaced : nextAttemptAt;
};

const whenAttempted = (policy: RestartPolicy, status: RestartStatus): Timestamp | null =>
  status.blockedReason === null ? whenDue(policy, status) : null;
