/**
 * When to decide again, read a second time. It is asked with the status that a decision on that very observation
 * answered; asked otherwise its answer means nothing.
 */
import {
  afterStableRun,
  dueOf,
  endedStable,
  isBlockedByLimit,
  isCooling,
  latest,
  limitReached,
  neverStarted,
  notStartedSince,
  stableMoment,
  startTimeoutMoment,
} from './facts.js';
import { ruleFor } from './rules.js';
import type { InstanceObservation, RestartPolicy, RestartStatus, Timestamp } from './types.js';

export const nextWakeAt = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): Timestamp | null => {
  const { state, health } = instance;
  if (status.blockedReason === 'manual_stop' || status.blockedReason === 'paused') return null;
  if (policy.mode === 'never') return null;
  // Also when blocked by the limit.
  if (state === 'running' && health !== 'unhealthy') return stableMoment(policy, status, instance);
  if (state === 'initializing') return wakeOfInitializing(policy, status, instance);
  if (state === 'other') return null;
  if (state === 'stopped') return wakeOfStopped(policy, status, instance);
  return wakeOfAttempt(policy, status, instance);
};

const wakeOfInitializing = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
): Timestamp | null => {
  const startTimeoutAt = startTimeoutMoment(policy, status, instance);
  if (startTimeoutAt === null) return null;
  if (isCooling(status)) return latest(startTimeoutAt, status.nextAttemptAt);
  if (isBlockedByLimit(status)) return null;

  const due = dueOf(policy, status, instance.salt ?? 0);
  const isWaiting = status.lastReason === 'start_timeout' && status.nextAttemptAt === due;
  // Where the limit is reached and the status does not say so yet (after a resume), [limit] says so at the moment of
  // [start_timeout], due or not.
  const isBlockedThen = limitReached(policy, status, Math.max(startTimeoutAt, due));
  return isWaiting && !isBlockedThen ? latest(startTimeoutAt, due) : startTimeoutAt;
};

const wakeOfStopped = (
  policy: RestartPolicy,
  before: RestartStatus,
  instance: InstanceObservation,
): Timestamp | null => {
  if (neverStarted(before, instance)) return null;
  const status = endedStable(policy, before, instance) ? afterStableRun(before) : before;
  const isOurStop = status.lastReason !== null && notStartedSince(status, instance);
  if (!isOurStop) {
    const rule = ruleFor(policy, instance);
    if (rule === 'stop') return null;
    if (rule === null && policy.mode === 'on_failure' && instance.exitCode === 0) return null;
  }
  return wakeOfAttempt(policy, status, instance);
};

const wakeOfAttempt = (
  policy: RestartPolicy,
  status: RestartStatus,
  { salt = 0 }: InstanceObservation,
): Timestamp | null => {
  if (isBlockedByLimit(status)) return status.nextAttemptAt;
  // What `backoffFrom` exit adds is in nextAttemptAt since the decision that waits for it.
  const due = dueOf(policy, status, salt);
  // No decision without action leaves an attempt due from the beginning of time.
  return Number.isFinite(due) ? due : null;
};
