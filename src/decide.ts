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
 * | paused | paused by a person | unchanged | | paused |
 * | clock_repair | an attempt lies ahead, or the next one further than the longest wait (cooling: the cooldown) from now: the clock went back | its times are cut to these bounds; on with the next rows | | |
 * | stable | running, healthy (or health unknown and the last attempt not for health), attempts counted, for `stableAfter` since its start and the last attempt | initial | | stable |
 * | unhealthy | running and unhealthy | attempt rule, cause health | Restart | |
 * | moot | running, not blocked, and what was waited for is moot | nothing pending, no reason | | recovered |
 * | running | running otherwise | unchanged | | running |
 * | start_timeout | initializing for `startTimeout` since its start and the last attempt | attempt rule, cause start time-out | Restart | |
 * | initializing | initializing otherwise | unchanged | | initializing |
 * | other_state | in a state that is not acted on | unchanged | | not_actionable |
 * | never_started | stopped, never ran, never attempted | unchanged | | never_started |
 * | stable_end | stopped, and the ended run was stable | a new window that keeps only the last attempt's time (one that is new is left alone); on with the next rows | | |
 * | own_stop | stopped by us, and not started since | attempt rule, cause as it was | Start | |
 * | rule_stop | stopped, and the first rule that matches says stop | nothing pending, unless blocked | | stopped_by_rule |
 * | rule_restart | stopped, and it says restart or restart_uncounted | attempt rule, cause exit | Start | |
 * | clean_exit | stopped, on_failure, exit code 0 | nothing pending, unless blocked | | clean_exit |
 * | exit | stopped otherwise | attempt rule, cause exit | Start | |
 *
 * The attempt rule, where `due` is the later of `nextAttemptAt` and a wait after `lastAttemptAt`, null being before
 * everything; with `backoffFrom` exit, and where no wait for this end is pending, an exit's is at least a wait after the end:
 *
 * | row | when | the status becomes | action | reason |
 * |---|---|---|---|---|
 * | blocked | blocked by the limit, without a cooldown | unchanged | | max_attempts_exceeded |
 * | cooling | blocked by the limit, and the cooldown not over | unchanged | | cooling_down |
 * | cooled_down | blocked by the limit, and the cooldown over | a new window that keeps only the last attempt's time; on with the next rows | | |
 * | limit | counted, and the limit reached at the later of `now` and `due` | blocked; pending at the end of the cooldown, where there is one | | max_attempts_exceeded, cooling_down |
 * | backoff | `now` is before `due` | pending at `due` | | waiting_for_backoff |
 * | attempt | otherwise | one more attempt (uncounted: as many as before), made now | Start or Restart | restart_after_exit, restart_after_unhealthy, restart_after_start_timeout |
 *
 * Any other event carries no action:
 *
 * | row | event | the status becomes | reason |
 * |---|---|---|---|
 * | stop | ManualStop | nothing but the marker, whatever the policy | manual_stop_recorded |
 * | delete | DeleteRequested | nothing but the marker, whatever the policy | delete_requested |
 * | start | ManualStart | initial | manual_start |
 * | pause | Pause | paused, nothing pending, the rest kept; a person's stop and a pause stay | pause_recorded, manual_stop, paused |
 * | resume | Resume, while paused | not paused, the rest kept; what we stopped is due now | resumed, not_paused |
 * | reset | Reset | initial | reset |
 * | new_policy | PolicyUpdated | initial, but a person's stop and pause stay, and what we stopped (or are about to) comes back | policy_updated |
 * | stale | AttemptFailed, of another attempt than the last | unchanged | stale |
 * | failed_attempt | AttemptFailed | pending one wait from the failure; blocked where it was the last that the limit allows | attempt_failed, max_attempts_exceeded, cooling_down |
 *
 * A failed attempt of an instance that a person stopped or paused, or under a policy of never, changes nothing either.
 *
 * Three conventions carry the guarantees:
 * - Nothing changed means the same object: every branch that leaves the status as it was returns `status` itself, so
 *   a host knows by `===` that there is nothing to save, and a quiet decision allocates one small object.
 * - There are no timers. `nextWakeAt` derives from the status when to decide again, by the same guards; deciding early,
 *   twice or late is harmless, so a host that crashes loses no timer.
 * - Time is an argument. Spans are rounded up to whole milliseconds: never early. A moment that no status can hold is
 *   cut where it is stored, and nowhere else: what is compared with `now` is the true sum.
 *
 * @since 0.1.0
 */
import type { RestartAction } from './action.js';
import type { Millis } from './duration.js';
import type { InstanceObservation, RestartEvent } from './event.js';
import type { RestartPolicy } from './policy.js';
import type { RestartReason } from './reason.js';
import { ruleFor } from './rules.js';
import {
  initialStatus,
  type LastReason,
  latestTimestamp,
  type RestartStatus,
  stoppedByPerson,
  type Timestamp,
} from './status.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from './waits.js';

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

/** The next status, or the very object that stands where the next says the same. Whatever comes next keeps the recent attempts or has none. */
const replace = (status: RestartStatus, next: RestartStatus, reason: RestartReason): Decision =>
  quiet(isSame(status, next) ? status : next, reason);

const isSame = (a: RestartStatus, b: RestartStatus): boolean =>
  a.recentAttempts === b.recentAttempts && statusFields.every((field) => a[field] === b[field]);

const statusFields = Object.keys(initialStatus) as ReadonlyArray<keyof RestartStatus>;

/**
 * A span after a moment, in whole milliseconds. The span is rounded, not the sum, where a double has no digits left for a
 * nanosecond.
 */
const after = (at: Timestamp, span: Millis): Timestamp => at + Math.ceil(span);

/** A moment as a status can hold it. */
const storable = (at: Timestamp): Timestamp => (at > latestTimestamp ? latestTimestamp : at);

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
  if (event._tag !== 'Observed') return decideTold(policy, status, event, now);
  const held = heldBy(policy, status);
  if (held !== null) return quiet(status, held);
  // [clock_repair] a clock that went back must not hold restarts up for as long as it went.
  const repaired = repairClock(policy, status, now);
  const { instance } = event;
  switch (instance.state) {
    case 'running':
      return decideRunning(policy, repaired, instance, now);
    case 'stopped':
      return decideStopped(policy, repaired, instance, now);
    default:
      return decideInitializing(policy, repaired, instance, now);
  }
};

/** What is told and not observed. Apart, for V8 inlines only so much, and it is observations that a host decides on all day. */
const decideTold = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: Exclude<RestartEvent, { readonly _tag: 'Observed' }>,
  now: Timestamp,
): Decision => {
  switch (event._tag) {
    case 'AttemptFailed':
      return decideAttemptFailed(policy, status, event, now);
    case 'ManualStop': // [stop]
      return replace(status, stoppedByPerson, 'manual_stop_recorded');
    case 'DeleteRequested': // [delete]
      return replace(status, stoppedByPerson, 'delete_requested');
    case 'ManualStart': // [start]
      return replace(status, initialStatus, 'manual_start');
    case 'Pause':
      return decidePause(status);
    case 'Resume':
      return decideResume(status, now);
    case 'Reset': // [reset]
      return replace(status, initialStatus, 'reset');
    case 'PolicyUpdated': // [new_policy]
      return replace(status, afterPolicyUpdate(status, event.attemptUnderWay), 'policy_updated');
    default:
      // Unreachable in TypeScript. From JavaScript an event of no kind that is known changes nothing.
      event satisfies never;
      return quiet(status, 'not_actionable');
  }
};

const decideRunning = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  // [unhealthy] which is never [stable]
  if (isUnhealthy(instance)) return attempt(policy, status, instance, now, 'health_check_failed');
  // [stable]
  if (now >= whenStable(policy, status, instance)) return quiet(initialStatus, 'stable');
  // [moot]
  if (isMoot(status, instance)) return quiet({ ...status, nextAttemptAt: null, lastReason: null }, 'recovered');
  // [running]
  return quiet(status, 'running');
};

/**
 * What was waited for, an attempt or a healthy verdict, has come by itself. After an exit that is that it runs again; after
 * bad health only a healthy verdict, for an unknown one is no recovery; what did not get going in time has got going.
 */
const isMoot = (status: RestartStatus, instance: InstanceObservation): boolean =>
  (status.nextAttemptAt !== null || (status.lastReason !== null && status.attempts === 0)) &&
  (status.lastReason === null || status.lastReason === 'start_timeout' || instance.health === 'healthy') &&
  !isBlocked(status);

const decideInitializing = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  const { state } = instance;
  if (state !== 'initializing') {
    // [other_state] and from JavaScript any state that is not known.
    state satisfies 'running' | 'stopped' | 'other';
    return quiet(status, 'not_actionable');
  }
  return now >= whenStartTimesOut(policy, status, instance)
    ? attempt(policy, status, instance, now, 'start_timeout') // [start_timeout]
    : quiet(status, 'initializing'); // [initializing]
};

const decideStopped = (
  policy: RestartPolicy,
  stored: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  // [stable_end] the window is new, the spacing stays.
  const status = endWindowAfterStableRun(policy, stored, instance);
  const cause = causeOfOwnStop(status, instance);
  // [own_stop] its exit code says nothing, and no rule is asked.
  const left = cause === null ? whyLeftDown(policy, status, instance) : null;
  return left === null ? attempt(policy, status, instance, now, cause) : leftDown(status, left);
};

// Apart, as is what ends a window: what seldom happens leaves room for V8 to inline what always does.
const leftDown = (status: RestartStatus, why: 'never_started' | 'stopped_by_rule' | 'clean_exit'): Decision =>
  why === 'never_started' || isBlocked(status)
    ? quiet(status, why)
    : replace(status, { ...status, nextAttemptAt: null }, why);

/** The attempt rule: the only place from which an action comes. */
const attempt = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
  cause: LastReason | null,
): Decision => {
  if (isBlocked(status)) {
    return now < (status.nextAttemptAt ?? never)
      ? blocked(status) // [blocked], [cooling]
      : attempt(policy, newWindow(status), instance, now, cause); // [cooled_down] the spacing stays.
  }
  // One end is never answered twice for nothing: a run that began at the very time of the last attempt is counted.
  const isCounted =
    cause !== null ||
    ruleFor(policy, instance) !== 'restart_uncounted' ||
    !isWithin(instance.startedAt, status.lastAttemptAt ?? always, now);
  const spaced = whenDue(policy, status, instance);
  const due =
    policy.backoffFrom === 'exit' && cause === null ? whenDueAfterExit(policy, status, instance, now, spaced) : spaced;
  // [limit] before the wait, so that no next attempt is promised that never comes.
  if (isCounted && isLimitReached(policy, status, Math.max(now, due))) return exhausted(policy, status, cause, now);
  // [backoff]
  if (now < due) {
    return quiet(
      // Asked for twice, for V8 would box a moment that both need, and a wait that stands needs it only here.
      status.nextAttemptAt === storable(due) && status.lastReason === cause
        ? status
        : { ...status, nextAttemptAt: storable(due), lastReason: cause },
      'waiting_for_backoff',
    );
  }
  // [attempt]
  const number = isCounted ? Math.min(status.attempts + 1, 2 ** 53 - 1) : status.attempts;
  const made = { attempts: number, lastAttemptAt: now, nextAttemptAt: null, blockedReason: null, lastReason: cause };
  // Without an interval the limit counts the window, and nothing asks when its attempts were made.
  return {
    status:
      policy.limitInterval === undefined
        ? made
        : withRecent(made, isCounted ? [...recentAttempts(policy, status, now), now] : status.recentAttempts),
    actions: [{ _tag: instance.state === 'stopped' ? 'Start' : 'Restart', attempt: number }],
    reason: reasonOfAttempt(cause),
  };
};

const reasonOfAttempt = (cause: LastReason | null): RestartReason => {
  if (cause === null) return 'restart_after_exit';
  if (cause === 'health_check_failed') return 'restart_after_unhealthy';
  cause satisfies 'start_timeout';
  return 'restart_after_start_timeout';
};

const exhausted = (
  { cooldown }: RestartPolicy,
  status: RestartStatus,
  lastReason: LastReason | null,
  now: Timestamp,
): Decision =>
  blocked({
    ...status,
    nextAttemptAt: cooldown === undefined ? null : storable(after(now, cooldown)),
    blockedReason: 'max_attempts_exceeded',
    lastReason,
  });

const blocked = (status: RestartStatus): Decision =>
  quiet(status, status.nextAttemptAt === null ? 'max_attempts_exceeded' : 'cooling_down');

const decideAttemptFailed = (
  policy: RestartPolicy,
  stored: RestartStatus,
  { attempt: failed, salt }: Extract<RestartEvent, { readonly _tag: 'AttemptFailed' }>,
  now: Timestamp,
): Decision => {
  const { attempts } = stored;
  const held = saidByPerson(stored) ?? heldBy(policy, stored);
  if (held !== null) return quiet(stored, held);
  // [stale] an uncounted attempt may bear the number 0; only rules lead to one.
  if (failed < (policy.rules ? 0 : 1) || failed !== attempts || stored.lastAttemptAt === null) {
    return quiet(stored, 'stale');
  }
  if (isBlocked(stored)) return blocked(stored);
  // [failed_attempt]
  const status = repairClock(policy, stored, now);
  const due = now + waitAfterAttempt(policy, attempts, salt);
  if (isLimitReached(policy, status, due)) return exhausted(policy, stored, stored.lastReason, now);
  return replace(stored, { ...status, nextAttemptAt: storable(due) }, 'attempt_failed');
};

const decidePause = (status: RestartStatus): Decision => {
  const said = saidByPerson(status);
  // [pause] a person's stop is the stronger word.
  return said === null
    ? quiet({ ...status, nextAttemptAt: null, blockedReason: 'paused' }, 'pause_recorded')
    : quiet(status, said);
};

// [resume] what we stopped comes back, also over a policy update. A limit that was reached is found again.
const decideResume = (status: RestartStatus, now: Timestamp): Decision =>
  status.blockedReason === 'paused'
    ? quiet(
        { ...status, nextAttemptAt: status.lastReason === null ? status.nextAttemptAt : now, blockedReason: null },
        'resumed',
      )
    : quiet(status, 'not_paused');

/**
 * A new policy starts a new window, with two exceptions: what a person said stays, and a workload that we stopped (or are
 * about to) comes back.
 */
const afterPolicyUpdate = (status: RestartStatus, attemptUnderWay: true | undefined): RestartStatus => {
  const { attempts, lastAttemptAt, nextAttemptAt, lastReason } = status;
  const said = saidByPerson(status);
  const comesBack =
    said !== 'manual_stop' &&
    lastReason !== null &&
    (said === 'paused' || nextAttemptAt !== null || attempts === 0 || attemptUnderWay);
  return { ...initialStatus, blockedReason: said, ...(comesBack && { lastAttemptAt, lastReason }) };
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
  const at = heldBy(policy, status) === null ? whenNext(policy, status, instance) : never;
  return Number.isFinite(at) ? at : null;
};

const whenNext = (policy: RestartPolicy, status: RestartStatus, instance: InstanceObservation): Timestamp => {
  switch (instance.state) {
    case 'running':
      // A blocked window still ends when the run turns out stable; an unhealthy run never does.
      return isUnhealthy(instance) ? whenAttempted(policy, status, instance) : whenStable(policy, status, instance);
    case 'stopped': {
      const ended = endWindowAfterStableRun(policy, status, instance);
      return causeOfOwnStop(ended, instance) !== null || whyLeftDown(policy, ended, instance) === null
        ? whenAttempted(policy, ended, instance)
        : never;
    }
    case 'initializing':
      return whenNextWhileInitializing(policy, status, instance);
    default:
      return never;
  }
};

/** Nothing happens before the start times out; then, what is blocked or waits goes on doing so until its time has come. */
const whenNextWhileInitializing = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): Timestamp => {
  const timesOutAt = whenStartTimesOut(policy, status, instance);
  const attemptedAt = whenAttempted(policy, status, instance);
  const later = Math.max(timesOutAt, attemptedAt);
  return isBlocked(status) ||
    (status.lastReason === 'start_timeout' &&
      status.nextAttemptAt === attemptedAt &&
      // A limit that was reached and is not said yet (after a resume) is said when the start times out, due or not.
      !isLimitReached(policy, status, later))
    ? later
    : timesOutAt;
};

// ---------------------------------------------------------------------------
// the guards that both need
// ---------------------------------------------------------------------------

/** Whether a person or the policy holds the instance, whatever its state; null: neither does. */
const heldBy = (policy: RestartPolicy, status: RestartStatus): ReturnType<typeof saidByPerson> | 'policy_never' => {
  const { mode } = policy;
  // [manual_stop], [paused]
  const said = saidByPerson(status);
  if (mode === 'always' || mode === 'on_failure' || said === 'manual_stop') return said;
  // [never]
  mode satisfies 'never';
  return 'policy_never';
};

/**
 * What a person said last, where it still stands. `blockedReason` is compared with null first, because V8 is slow to
 * compare null with a text, and this is on every path. From JavaScript a reason that is not known is no person's.
 */
const saidByPerson = ({ blockedReason }: RestartStatus): 'manual_stop' | 'paused' | null => {
  if (blockedReason === null) return null;
  if (blockedReason === 'manual_stop' || blockedReason === 'paused') return blockedReason;
  blockedReason satisfies 'max_attempts_exceeded';
  return null;
};

const isUnhealthy = ({ health }: InstanceObservation): boolean => {
  if (health === 'unhealthy') return true;
  health satisfies 'healthy' | 'unknown';
  return false;
};

/** Why what is stopped is left so; null: it calls for an attempt. */
const whyLeftDown = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): 'never_started' | 'stopped_by_rule' | 'clean_exit' | null => {
  // [never_started] whether it first runs is up to a person.
  if (instance.startedAt === null && status.lastAttemptAt === null) return 'never_started';
  const answer = ruleFor(policy, instance);
  // [rule_stop]
  if (answer === 'stop') return 'stopped_by_rule';
  // [rule_restart] else [clean_exit], [exit]
  return answer === undefined && policy.mode === 'on_failure' && instance.exitCode === 0 ? 'clean_exit' : null;
};

/** For what we stopped it, where no run has begun since. A run that began at that very time counts. */
const causeOfOwnStop = (status: RestartStatus, instance: InstanceObservation): LastReason | null =>
  status.lastReason !== null && (instance.startedAt ?? always) < (status.lastAttemptAt ?? always)
    ? status.lastReason
    : null;

// ---------------------------------------------------------------------------
// facts that both derive
// ---------------------------------------------------------------------------

/** A moment that is past whatever the clock says: what null stands for where moments are compared. */
const always: Timestamp = -Infinity;

/** A moment that does not come. */
const never: Timestamp = Infinity;

/** By the limit: whom a person holds is answered before. */
const isBlocked = ({ blockedReason }: RestartStatus): boolean => blockedReason !== null;

/** Whether the limit is reached at a moment. */
const isLimitReached = (policy: RestartPolicy, status: RestartStatus, at: Timestamp): boolean =>
  policy.maxAttempts > 0 &&
  policy.maxAttempts <=
    (policy.limitInterval === undefined ? status.attempts : recentAttempts(policy, status, at).length);

/** The counted attempts that the limit still looks at. */
const recentAttempts = (
  { limitInterval = 0 }: RestartPolicy,
  { recentAttempts: recent = [] }: RestartStatus,
  at: Timestamp,
): ReadonlyArray<Timestamp> => recent.filter((madeAt) => madeAt > at - Math.ceil(limitInterval));

const withRecent = (status: RestartStatus, recent: ReadonlyArray<Timestamp> | undefined): RestartStatus =>
  recent === undefined ? status : { ...status, recentAttempts: recent };

/**
 * No attempt lies ahead, and none is due later than the longest wait from now, or, while cooling, than the cooldown. Whether
 * there is anything to repair is asked on every path: first what is quick to ask and finds most statuses sound, for no
 * longest wait is shorter than the backoff.
 */
const repairClock = (policy: RestartPolicy, status: RestartStatus, now: Timestamp): RestartStatus =>
  isAhead(status.lastAttemptAt, now) ||
  (status.nextAttemptAt !== null && status.nextAttemptAt > (isBlocked(status) ? now : now + policy.backoff)) ||
  status.recentAttempts !== undefined
    ? repairTimes(policy, status, now)
    : status;

const repairTimes = (policy: RestartPolicy, status: RestartStatus, now: Timestamp): RestartStatus => {
  const { lastAttemptAt, nextAttemptAt, recentAttempts: recent } = status;
  const latest = after(now, isBlocked(status) ? (policy.cooldown ?? 0) : longestWait(policy, status.attempts));
  return isAhead(lastAttemptAt, now) || isAhead(nextAttemptAt, latest) || recent?.some((madeAt) => madeAt > now)
    ? withRecent(
        { ...status, lastAttemptAt: atMost(lastAttemptAt, now), nextAttemptAt: atMost(nextAttemptAt, latest) },
        recent?.map((madeAt) => Math.min(madeAt, now)),
      )
    : status;
};

const isAhead = (at: Timestamp | null, limit: Timestamp): boolean => at !== null && at > limit;

const atMost = (at: Timestamp | null, limit: Timestamp): Timestamp | null => (isAhead(at, limit) ? limit : at);

/** What a window that ends by itself leaves: the spacing. */
const newWindow = ({ lastAttemptAt }: RestartStatus): RestartStatus => ({ ...initialStatus, lastAttemptAt });

/**
 * A stable run that ended before anybody saw that it was stable ends the window all the same. A window that is new already
 * keeps what waits in it.
 */
const endWindowAfterStableRun = (
  policy: RestartPolicy,
  status: RestartStatus,
  { startedAt, stoppedAt }: InstanceObservation,
): RestartStatus =>
  startedAt !== null && stoppedAt !== null && stoppedAt - startedAt >= policy.stableAfter
    ? endWindow(status, startedAt)
    : status;

const endWindow = (status: RestartStatus, startedAt: Timestamp): RestartStatus =>
  startedAt >= (status.lastAttemptAt ?? always) &&
  (status.attempts > 0 || status.lastReason !== null || isBlocked(status) || status.recentAttempts !== undefined)
    ? newWindow(status)
    : status;

/** When a run that is not unhealthy ends the failure window by being stable, where there is one to end. */
const whenStable = (policy: RestartPolicy, status: RestartStatus, instance: InstanceObservation): Timestamp =>
  status.attempts > 0 && (instance.health === 'healthy' || status.lastReason !== 'health_check_failed')
    ? after(Math.max(instance.startedAt ?? never, status.lastAttemptAt ?? always), policy.stableAfter)
    : never;

/** When an instance that is still initializing is given up, where anything says since when it is. */
const whenStartTimesOut = (
  { startTimeout }: RestartPolicy,
  { lastAttemptAt }: RestartStatus,
  { startedAt }: InstanceObservation,
): Timestamp =>
  // The adapter may still tell when the former run began.
  after(Math.max(startedAt ?? lastAttemptAt ?? never, lastAttemptAt ?? always), startTimeout ?? never);

/** When the next attempt may be made, before what `backoffFrom` exit adds. */
const whenDue = (policy: RestartPolicy, status: RestartStatus, instance: InstanceObservation): Timestamp =>
  Math.max(
    status.nextAttemptAt ?? always,
    (status.lastAttemptAt ?? always) + waitAfterAttempt(policy, status.attempts, instance.salt),
  );

/** Where a wait for this end is pending, what `backoffFrom` adds is in it already. */
const whenDueAfterExit = (
  policy: RestartPolicy,
  { attempts, nextAttemptAt }: RestartStatus,
  { startedAt, stoppedAt, salt }: InstanceObservation,
  seenAt: Timestamp,
  due: Timestamp,
): Timestamp =>
  nextAttemptAt === null || isWithin(startedAt, nextAttemptAt, seenAt)
    ? Math.max(due, Math.min(stoppedAt ?? seenAt, seenAt) + waitAfterExit(policy, attempts, salt))
    : due;

/** Whether a moment is after one and not after another. */
const isWithin = (at: Timestamp | null, from: Timestamp, to: Timestamp): boolean =>
  at !== null && at > from && at <= to;

const whenAttempted = (policy: RestartPolicy, status: RestartStatus, instance: InstanceObservation): Timestamp =>
  isBlocked(status) ? (status.nextAttemptAt ?? never) : whenDue(policy, status, instance);
