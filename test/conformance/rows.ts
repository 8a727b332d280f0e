/**
 * Which rows of the tables in src/decide.ts answer an event, in the order in which they are come to: for whoever reads a
 * trace beside the tables. Asked of the facts, by the second implementation; that the last of them gives the reason of the
 * decision is tested.
 */
import type { RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { RestartReason } from '../../src/reason.js';
import type { RestartStatus, Timestamp } from '../../src/status.js';
import { decide, sameStatus } from '../oracle/decide.js';
import {
  afterStableRun,
  dueAfterExit,
  dueOf,
  endedStable,
  isCooling,
  limitReached,
  neverStarted,
  newWindowOf,
  notStartedSince,
  repaired,
  stableMoment,
  startTimeoutMoment,
} from '../oracle/facts.js';
import { ruleFor } from '../oracle/rules.js';
import type { InstanceObservation } from '../oracle/types.js';

export const rowsOf = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
): ReadonlyArray<string> => {
  switch (event._tag) {
    case 'Observed':
      return heldBy(policy, status) ?? rowsOfObserved(policy, status, event.instance, now);
    case 'AttemptFailed':
      return rowsOfFailed(decide(policy, status, event, now).reason);
    case 'ManualStop':
      return ['stop'];
    case 'DeleteRequested':
      return ['delete'];
    case 'ManualStart':
      return ['start'];
    case 'Pause':
      return ['pause'];
    case 'Resume':
      return ['resume'];
    case 'Reset':
      return ['reset'];
    case 'PolicyUpdated':
      return ['new_policy'];
  }
};

/** Whoever holds the instance answers of a failed attempt too. */
const rowsOfFailed = (reason: RestartReason): ReadonlyArray<string> => {
  if (reason === 'policy_never') return ['never'];
  return reason === 'manual_stop' || reason === 'paused' || reason === 'stale' ? [reason] : ['failed_attempt'];
};

const heldBy = ({ mode }: RestartPolicy, { blockedReason }: RestartStatus): ReadonlyArray<string> | null => {
  if (blockedReason === 'manual_stop') return ['manual_stop'];
  if (mode === 'never') return ['never'];
  return blockedReason === 'paused' ? ['paused'] : null;
};

const rowsOfObserved = (
  policy: RestartPolicy,
  stored: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): ReadonlyArray<string> => {
  const status = repaired(policy, stored, now);
  const repair = sameStatus(status, stored) ? [] : ['clock_repair'];
  switch (instance.state) {
    case 'running':
      return [...repair, ...rowsOfRunning(policy, status, instance, now)];
    case 'initializing': {
      const timesOutAt = startTimeoutMoment(policy, status, instance);
      return timesOutAt !== null && now >= timesOutAt
        ? [...repair, 'start_timeout', ...rowsOfAttempt(policy, status, instance, now)]
        : [...repair, 'initializing'];
    }
    case 'stopped':
      return [...repair, ...rowsOfStopped(policy, status, instance, now)];
    case 'other':
      return [...repair, 'other_state'];
  }
};

const rowsOfRunning = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): ReadonlyArray<string> => {
  const stableAt = stableMoment(policy, status, instance);
  if (stableAt !== null && now >= stableAt) return ['stable'];
  if (instance.health === 'unhealthy') return ['unhealthy', ...rowsOfAttempt(policy, status, instance, now)];
  const event = { _tag: 'Observed', instance } as const;
  return [decide(policy, status, event, now).reason === 'recovered' ? 'moot' : 'running'];
};

const rowsOfStopped = (
  policy: RestartPolicy,
  before: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): ReadonlyArray<string> => {
  if (neverStarted(before, instance)) return ['never_started'];
  const isStable = endedStable(policy, before, instance);
  const status = isStable ? afterStableRun(before) : before;
  const window = isStable ? ['stable_end'] : [];
  if (status.lastReason !== null && notStartedSince(status, instance)) {
    return [...window, 'own_stop', ...rowsOfAttempt(policy, status, instance, now)];
  }
  const rule = ruleFor(policy, instance);
  if (rule === 'stop') return [...window, 'rule_stop'];
  if (rule === null && policy.mode === 'on_failure' && instance.exitCode === 0) return [...window, 'clean_exit'];
  return [...window, rule === null ? 'exit' : 'rule_restart', ...rowsOfAttempt(policy, status, instance, now, rule)];
};

/** `answer`: what the rules say of an exit, null where none matches; without it, the attempt is not for an exit. */
const rowsOfAttempt = (
  policy: RestartPolicy,
  before: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
  answer?: 'restart' | 'restart_uncounted' | null,
): ReadonlyArray<string> => {
  if (before.blockedReason !== null && !isCooling(before)) return ['blocked'];
  if (isCooling(before) && now < before.nextAttemptAt) return ['cooling'];
  const window = isCooling(before) ? ['cooled_down'] : [];
  const status = isCooling(before) ? newWindowOf(before) : before;
  const { startedAt, salt = 0 } = instance;
  const isUncounted =
    answer === 'restart_uncounted' &&
    startedAt !== null &&
    startedAt <= now &&
    (status.lastAttemptAt === null || startedAt > status.lastAttemptAt);
  const due = answer === undefined ? dueOf(policy, status, salt) : dueAfterExit(policy, status, instance, now);
  if (!isUncounted && limitReached(policy, status, Math.max(now, due))) return [...window, 'limit'];
  return [...window, now < due ? 'backoff' : 'attempt'];
};
