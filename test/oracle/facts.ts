/**
 * What the rows of the decision's tables ask, each question once: `decide` and `nextWakeAt` put the answers in their order.
 */
import type { InstanceObservation, Millis, RestartPolicy, RestartStatus, Timestamp } from './types.js';
import { initialStatus } from './types.js';
import { exitWait, longestWait, wait } from './wait.js';

// ---------------------------------------------------------------------------
// times
// ---------------------------------------------------------------------------

/** 9999-12-31T23:59:59.999Z */
export const endOfTime: Timestamp = 253_402_300_799_999;

/**
 * What a status may hold of a moment. Only what is set is cut: a comparison asks of the true sum, so that an attempt
 * does not come early because its moment could not be written down.
 */
export const written = (moment: Timestamp): Timestamp => Math.min(moment, endOfTime);

/** Every span is rounded up to whole milliseconds before it is added, subtracted or compared. */
export const whole = (span: Millis): Millis => Math.ceil(span);

/** The latest of some moments; null counts as minus infinity. */
export const latest = (...moments: ReadonlyArray<Timestamp | null>): Timestamp =>
  Math.max(...moments.map((moment) => moment ?? Number.NEGATIVE_INFINITY));

/** Whether a moment is later than another; every moment is later than null, which is minus infinity. */
export const isLater = (moment: Timestamp, than: Timestamp | null): boolean => than === null || moment > than;

// ---------------------------------------------------------------------------
// blocks and the limit
// ---------------------------------------------------------------------------

export const isBlockedByLimit = ({ blockedReason }: RestartStatus): boolean =>
  blockedReason === 'max_attempts_exceeded';

export const isCooling = (status: RestartStatus): status is RestartStatus & { readonly nextAttemptAt: Timestamp } =>
  isBlockedByLimit(status) && status.nextAttemptAt !== null;

/** limit(at) */
export const limitReached = (
  { maxAttempts, limitInterval }: RestartPolicy,
  { attempts, recentAttempts = [] }: RestartStatus,
  at: Timestamp,
): boolean => {
  if (maxAttempts === 0) return false;
  if (limitInterval === undefined) return attempts >= maxAttempts;
  return recentAttempts.filter((made) => made > at - whole(limitInterval)).length >= maxAttempts;
};

/** A new failure window that keeps the spacing: what [stable_end] and [cooled_down] go on with. */
export const newWindowOf = ({ lastAttemptAt }: RestartStatus): RestartStatus => ({ ...initialStatus, lastAttemptAt });

// ---------------------------------------------------------------------------
// the repair of the clock
// ---------------------------------------------------------------------------

/** A status as a clock that went back leaves it: no time in it lies further ahead than it can. */
export const repaired = (policy: RestartPolicy, status: RestartStatus, now: Timestamp): RestartStatus => {
  const { attempts, lastAttemptAt, nextAttemptAt, recentAttempts } = status;
  const longest = isCooling(status) ? whole(policy.cooldown ?? 0) : longestWait(policy, attempts);
  return {
    ...status,
    lastAttemptAt: lastAttemptAt === null ? null : Math.min(lastAttemptAt, now),
    nextAttemptAt: nextAttemptAt === null ? null : Math.min(nextAttemptAt, written(now + longest)),
    ...(recentAttempts === undefined ? {} : { recentAttempts: recentAttempts.map((made) => Math.min(made, now)) }),
  };
};

// ---------------------------------------------------------------------------
// moments
// ---------------------------------------------------------------------------

/** due, without what `backoffFrom` exit adds to it. Minus infinity: nothing has to be waited for. */
export const dueOf = (policy: RestartPolicy, status: RestartStatus, salt: number): Timestamp =>
  latest(
    status.nextAttemptAt,
    status.lastAttemptAt === null ? null : status.lastAttemptAt + wait(policy, status.attempts, salt),
  );

/** due for cause exit. */
export const dueAfterExit = (
  policy: RestartPolicy,
  status: RestartStatus,
  { startedAt, stoppedAt, salt = 0 }: InstanceObservation,
  now: Timestamp,
): Timestamp => {
  const due = dueOf(policy, status, salt);
  if (policy.backoffFrom !== 'exit') return due;
  const { nextAttemptAt } = status;
  const isOlderWait = nextAttemptAt !== null && startedAt !== null && startedAt <= now && startedAt > nextAttemptAt;
  if (nextAttemptAt !== null && !isOlderWait) return due;
  const end = stoppedAt === null ? now : Math.min(stoppedAt, now);
  return latest(due, end + exitWait(policy, status.attempts, salt));
};

/** The moment of [stable], whatever the clock says; null: none comes for this observation. */
export const stableMoment = (
  policy: RestartPolicy,
  { attempts, lastAttemptAt, lastReason }: RestartStatus,
  { state, health, startedAt }: InstanceObservation,
): Timestamp | null => {
  const isWell = health === 'healthy' || (health === 'unknown' && lastReason !== 'health_check_failed');
  if (state !== 'running' || !isWell || attempts === 0 || startedAt === null) return null;
  return latest(startedAt, lastAttemptAt) + whole(policy.stableAfter);
};

/** The moment of [start_timeout], whatever the clock says; null: none comes for this observation. */
export const startTimeoutMoment = (
  { startTimeout }: RestartPolicy,
  { lastAttemptAt }: RestartStatus,
  { state, startedAt }: InstanceObservation,
): Timestamp | null => {
  if (state !== 'initializing' || startTimeout === undefined) return null;
  if (startedAt === null && lastAttemptAt === null) return null;
  return latest(startedAt, lastAttemptAt) + whole(startTimeout);
};

// ---------------------------------------------------------------------------
// the end of a run
// ---------------------------------------------------------------------------

/** [never_started] */
export const neverStarted = ({ lastAttemptAt }: RestartStatus, { startedAt }: InstanceObservation): boolean =>
  startedAt === null && lastAttemptAt === null;

/** [stable_end]: the run that ended was stable. */
export const endedStable = (
  { stableAfter }: RestartPolicy,
  { lastAttemptAt }: RestartStatus,
  { startedAt, stoppedAt }: InstanceObservation,
): boolean =>
  startedAt !== null &&
  (lastAttemptAt === null || startedAt >= lastAttemptAt) &&
  stoppedAt !== null &&
  stoppedAt - startedAt >= whole(stableAfter);

/** What [stable_end] goes on with: a window that is new already is left alone, with the wait that was set in it. */
export const afterStableRun = (status: RestartStatus): RestartStatus => {
  const isNew =
    status.attempts === 0 &&
    status.lastReason === null &&
    status.blockedReason === null &&
    status.recentAttempts === undefined;
  return isNew ? status : newWindowOf(status);
};

/** [own_stop]: the instance has not started since the last attempt. */
export const notStartedSince = ({ lastAttemptAt }: RestartStatus, { startedAt }: InstanceObservation): boolean =>
  startedAt === null || (lastAttemptAt !== null && startedAt < lastAttemptAt);
