/**
 * The decision, read a second time from the tables in the header of src/decide.ts: row by row, in their order, the first
 * that applies wins. Written for comparison, with nothing in mind but the tables: no speed, no cleverness.
 */
import {
  afterStableRun,
  dueAfterExit,
  dueOf,
  endedStable,
  isBlockedByLimit,
  isCooling,
  isLater,
  limitReached,
  neverStarted,
  newWindowOf,
  notStartedSince,
  repaired,
  stableMoment,
  startTimeoutMoment,
  whole,
  written,
} from './facts.js';
import { ruleFor } from './rules.js';
import type {
  Decision,
  InstanceObservation,
  LastReason,
  RestartAction,
  RestartEvent,
  RestartPolicy,
  RestartReason,
  RestartStatus,
  Timestamp,
} from './types.js';
import { initialStatus } from './types.js';
import { wait } from './wait.js';

export const decide = (policy: RestartPolicy, status: RestartStatus, event: RestartEvent, now: Timestamp): Decision => {
  const decision = decideAnew(policy, status, event, now);
  // When nothing changes it is the same object.
  return sameStatus(decision.status, status) ? { ...decision, status } : decision;
};

const decideAnew = (policy: RestartPolicy, status: RestartStatus, event: RestartEvent, now: Timestamp): Decision => {
  switch (event._tag) {
    case 'Observed':
      return decideObserved(policy, status, event.instance, now);
    case 'ManualStop':
      return quiet({ ...initialStatus, blockedReason: 'manual_stop' }, 'manual_stop_recorded');
    case 'DeleteRequested':
      return quiet({ ...initialStatus, blockedReason: 'manual_stop' }, 'delete_requested');
    case 'ManualStart':
      return quiet(initialStatus, 'manual_start');
    case 'Pause':
      return decidePause(status);
    case 'Resume':
      return decideResume(status, now);
    case 'PolicyUpdated':
      return quiet(afterPolicyUpdate(status, event.attemptUnderWay === true), 'policy_updated');
    case 'Reset':
      return quiet(initialStatus, 'reset');
    case 'AttemptFailed':
      return decideAttemptFailed(policy, status, event.attempt, event.salt ?? 0, now);
  }
};

const quiet = (status: RestartStatus, reason: RestartReason): Decision => ({ status, actions: [], reason });

/** Field by field; the order of fields does not count. */
export const sameStatus = (a: RestartStatus, b: RestartStatus): boolean =>
  a.attempts === b.attempts &&
  a.lastAttemptAt === b.lastAttemptAt &&
  a.nextAttemptAt === b.nextAttemptAt &&
  a.blockedReason === b.blockedReason &&
  a.lastReason === b.lastReason &&
  (a.recentAttempts ?? []).join() === (b.recentAttempts ?? []).join();

// ---------------------------------------------------------------------------
// Observed
// ---------------------------------------------------------------------------

const decideObserved = (
  policy: RestartPolicy,
  stored: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => {
  const { state, health, startedAt, exitCode } = instance;

  // [manual_stop]
  if (stored.blockedReason === 'manual_stop') return quiet(stored, 'manual_stop');
  // [never]
  if (policy.mode === 'never') return quiet(stored, 'policy_never');
  // [paused]
  if (stored.blockedReason === 'paused') return quiet(stored, 'paused');

  // [clock_repair], then on with the next rows
  let status = repaired(policy, stored, now);

  // [stable]
  const stableAt = stableMoment(policy, status, instance);
  if (stableAt !== null && now >= stableAt) return quiet(initialStatus, 'stable');

  // [unhealthy]
  if (state === 'running' && health === 'unhealthy') {
    return attemptRule(policy, status, instance, now, { cause: 'health', counted: true, act: 'Restart' });
  }

  // [moot]
  if (state === 'running' && status.blockedReason === null && isMoot(status, health)) {
    return quiet({ ...status, nextAttemptAt: null, lastReason: null }, 'recovered');
  }

  // [start_timeout]
  const startTimeoutAt = startTimeoutMoment(policy, status, instance);
  if (startTimeoutAt !== null && now >= startTimeoutAt) {
    return attemptRule(policy, status, instance, now, { cause: 'start_timeout', counted: true, act: 'Restart' });
  }

  // [initializing], [running]
  if (state === 'initializing') return quiet(status, 'initializing');
  if (state === 'running') return quiet(status, 'running');
  // [other_state]
  if (state === 'other') return quiet(status, 'not_actionable');
  // [never_started]
  if (neverStarted(status, instance)) return quiet(status, 'never_started');

  // [stable_end], then on with the next rows
  if (endedStable(policy, status, instance)) status = afterStableRun(status);

  // [own_stop]
  if (status.lastReason !== null && notStartedSince(status, instance)) {
    const cause = status.lastReason === 'health_check_failed' ? 'health' : 'start_timeout';
    return attemptRule(policy, status, instance, now, { cause, counted: true, act: 'Start' });
  }

  const rule = ruleFor(policy, instance);
  // [rule_stop]
  if (rule === 'stop') return quiet(withoutWait(status), 'stopped_by_rule');
  // [rule_restart]
  if (rule === 'restart' || rule === 'restart_uncounted') {
    const isFirstForThisEnd = startedAt !== null && startedAt <= now && isLater(startedAt, status.lastAttemptAt);
    const counted = rule === 'restart' || !isFirstForThisEnd;
    return attemptRule(policy, status, instance, now, { cause: 'exit', counted, act: 'Start' });
  }

  // [clean_exit]
  if (policy.mode === 'on_failure' && exitCode === 0) return quiet(withoutWait(status), 'clean_exit');
  // [exit]
  return attemptRule(policy, status, instance, now, { cause: 'exit', counted: true, act: 'Start' });
};

/** What was waited for is moot. */
const isMoot = ({ lastReason, nextAttemptAt, attempts }: RestartStatus, health: string): boolean => {
  switch (lastReason) {
    case null:
      return nextAttemptAt !== null;
    case 'health_check_failed':
      return health === 'healthy' && (nextAttemptAt !== null || attempts === 0);
    case 'start_timeout':
      return health !== 'unhealthy' && (nextAttemptAt !== null || attempts === 0);
  }
};

/** Nothing pending, unless blocked. */
const withoutWait = (status: RestartStatus): RestartStatus =>
  status.blockedReason === null ? { ...status, nextAttemptAt: null } : status;

// ---------------------------------------------------------------------------
// the attempt rule
// ---------------------------------------------------------------------------

interface Attempt {
  readonly cause: 'exit' | 'health' | 'start_timeout';
  readonly counted: boolean;
  readonly act: RestartAction['_tag'];
}

const lastReasons: Readonly<Record<Attempt['cause'], LastReason | null>> = {
  exit: null,
  health: 'health_check_failed',
  start_timeout: 'start_timeout',
};

const attemptReasons: Readonly<Record<Attempt['cause'], RestartReason>> = {
  exit: 'restart_after_exit',
  health: 'restart_after_unhealthy',
  start_timeout: 'restart_after_start_timeout',
};

const attemptRule = (
  policy: RestartPolicy,
  before: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
  { cause, counted, act }: Attempt,
): Decision => {
  let status = before;

  // [blocked]
  if (isBlockedByLimit(status) && status.nextAttemptAt === null) return quiet(status, 'max_attempts_exceeded');
  if (isCooling(status)) {
    // [cooling]
    if (now < status.nextAttemptAt) return quiet(status, 'cooling_down');
    // [cooled_down], then on with the next rows
    status = newWindowOf(status);
  }

  const due =
    cause === 'exit' ? dueAfterExit(policy, status, instance, now) : dueOf(policy, status, instance.salt ?? 0);

  // [limit]
  if (counted && limitReached(policy, status, Math.max(now, due))) {
    return blockedAtLimit(policy, { ...status, lastReason: lastReasons[cause] }, now);
  }

  // [backoff]
  if (now < due) {
    return quiet({ ...status, nextAttemptAt: written(due), lastReason: lastReasons[cause] }, 'waiting_for_backoff');
  }

  // [attempt]
  const attempts = counted ? Math.min(status.attempts + 1, Number.MAX_SAFE_INTEGER) : status.attempts;
  return {
    status: {
      attempts,
      lastAttemptAt: now,
      nextAttemptAt: null,
      blockedReason: null,
      lastReason: lastReasons[cause],
      ...recentAfterAttempt(policy, status, counted, now),
    },
    actions: [{ _tag: act, attempt: attempts }],
    reason: attemptReasons[cause],
  };
};

/** [limit], and [failed_attempt] where it was the last that the limit allows. */
const blockedAtLimit = ({ cooldown }: RestartPolicy, status: RestartStatus, now: Timestamp): Decision =>
  cooldown === undefined
    ? quiet({ ...status, blockedReason: 'max_attempts_exceeded', nextAttemptAt: null }, 'max_attempts_exceeded')
    : quiet(
        {
          ...status,
          blockedReason: 'max_attempts_exceeded',
          nextAttemptAt: written(now + whole(cooldown)),
        },
        'cooling_down',
      );

/**
 * recentAttempts after an attempt. Without limitInterval they are absent after an uncounted attempt too: no decision
 * leads to a status in which they are not.
 */
const recentAfterAttempt = (
  { limitInterval }: RestartPolicy,
  { recentAttempts = [] }: RestartStatus,
  counted: boolean,
  now: Timestamp,
): Pick<RestartStatus, 'recentAttempts'> => {
  if (limitInterval === undefined) return {};
  if (counted) return { recentAttempts: [...recentAttempts.filter((made) => made > now - whole(limitInterval)), now] };
  return recentAttempts.length === 0 ? {} : { recentAttempts };
};

// ---------------------------------------------------------------------------
// other events
// ---------------------------------------------------------------------------

const decidePause = (status: RestartStatus): Decision => {
  if (status.blockedReason === 'manual_stop') return quiet(status, 'manual_stop');
  if (status.blockedReason === 'paused') return quiet(status, 'paused');
  return quiet({ ...status, blockedReason: 'paused', nextAttemptAt: null }, 'pause_recorded');
};

const decideResume = (status: RestartStatus, now: Timestamp): Decision => {
  if (status.blockedReason !== 'paused') return quiet(status, 'not_paused');
  const nextAttemptAt = status.lastReason === null ? status.nextAttemptAt : now;
  return quiet({ ...status, blockedReason: null, nextAttemptAt }, 'resumed');
};

const afterPolicyUpdate = (status: RestartStatus, attemptUnderWay: boolean): RestartStatus => {
  const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason } = status;
  if (blockedReason === 'manual_stop') return { ...initialStatus, blockedReason };
  if (blockedReason === 'paused') {
    return lastReason === null
      ? { ...initialStatus, blockedReason }
      : { ...initialStatus, blockedReason, lastAttemptAt, lastReason };
  }
  if (lastReason !== null && (nextAttemptAt !== null || attempts === 0 || attemptUnderWay)) {
    return { ...initialStatus, lastAttemptAt, lastReason };
  }
  return initialStatus;
};

const decideAttemptFailed = (
  policy: RestartPolicy,
  status: RestartStatus,
  attempt: number,
  salt: number,
  now: Timestamp,
): Decision => {
  if (status.blockedReason === 'manual_stop') return quiet(status, 'manual_stop');
  if (status.blockedReason === 'paused') return quiet(status, 'paused');
  if (policy.mode === 'never') return quiet(status, 'policy_never');
  // An uncounted first attempt bears the number 0; there are uncounted ones only under rules.
  const lowest = policy.rules === undefined ? 1 : 0;
  if (attempt < lowest || status.lastAttemptAt === null || attempt !== status.attempts) return quiet(status, 'stale');
  if (isBlockedByLimit(status)) return quiet(status, isCooling(status) ? 'cooling_down' : 'max_attempts_exceeded');

  const asRepaired = repaired(policy, status, now);
  const nextAttemptAt = now + wait(policy, status.attempts, salt);
  if (limitReached(policy, asRepaired, nextAttemptAt)) return blockedAtLimit(policy, status, now);
  return quiet({ ...asRepaired, nextAttemptAt: written(nextAttemptAt) }, 'attempt_failed');
};
