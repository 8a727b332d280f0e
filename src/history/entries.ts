/**
 * What of a decision is worth telling. Most decisions are quiet, and tell nothing.
 */
import type { DecisionRecord } from '../controller.js';
import type { InstanceObservation, RestartEvent } from '../event.js';
import type { HistoryCommand, HistoryEntry, RunEnder, Trouble } from '../ports/history.js';
import type { RestartReason } from '../reason.js';
import type { LastReason, RestartStatus, Timestamp } from '../status.js';

/** A decision on what an instance looks like. */
export interface ObservedDecision extends DecisionRecord {
  readonly event: Extract<RestartEvent, { readonly _tag: 'Observed' }>;
}

export const isObserved = (decision: DecisionRecord): decision is ObservedDecision =>
  decision.event._tag === 'Observed';

/** What a person's events are as commands; null: it is no person's. */
export const commandOf: Readonly<Record<RestartEvent['_tag'], HistoryCommand | null>> = {
  Observed: null,
  AttemptFailed: null,
  ManualStop: 'stop',
  ManualStart: 'start',
  Pause: 'pause',
  Resume: 'resume',
  PolicyUpdated: 'policy',
  Reset: 'reset',
  DeleteRequested: 'delete',
};

// ---------------------------------------------------------------------------
// ends of runs
// ---------------------------------------------------------------------------

/** The end of the run that a decision has seen. `stoppedByPersonAt`: null where it is not known. */
export const runEnded = (
  { id, event: { instance }, before, reason, now }: ObservedDecision,
  startedAt: Timestamp,
  stoppedByPersonAt: Timestamp | null,
): HistoryEntry => {
  const { stoppedAt, exitCode } = instance;
  return {
    _tag: 'RunEnded',
    id,
    at: now,
    startedAt,
    stoppedAt,
    lasted: stoppedAt === null ? null : Math.max(0, stoppedAt - startedAt),
    exitCode,
    cause: instance.cause ?? (exitCode === null ? 'unknown' : 'exit'),
    by: enderOf(before, startedAt, stoppedAt, stoppedByPersonAt),
    reason,
  };
};

const enderOf = (
  { blockedReason, lastReason, lastAttemptAt }: RestartStatus,
  startedAt: Timestamp,
  stoppedAt: Timestamp | null,
  stoppedByPersonAt: Timestamp | null,
): RunEnder => {
  if (blockedReason === 'manual_stop') {
    const cameFirst = stoppedAt !== null && stoppedByPersonAt !== null && stoppedAt < stoppedByPersonAt;
    return cameFirst ? 'itself' : 'person';
  }
  return lastReason !== null && lastAttemptAt !== null && startedAt < lastAttemptAt ? 'policy' : 'itself';
};

/** The end of a run that nobody has seen, because the next run had begun before anybody looked. */
export const runEndedUnseen = ({ id, now }: DecisionRecord, startedAt: Timestamp, by: RunEnder): HistoryEntry => ({
  _tag: 'RunEnded',
  id,
  at: now,
  startedAt,
  stoppedAt: null,
  lasted: null,
  exitCode: null,
  cause: 'unknown',
  by,
  reason: null,
});

// ---------------------------------------------------------------------------
// decisions on what an instance looks like
// ---------------------------------------------------------------------------

type AttemptReason = Extract<RestartReason, `restart_after_${string}`>;

const troubleOf: Readonly<Record<AttemptReason, Trouble>> = {
  restart_after_exit: 'exit',
  restart_after_unhealthy: 'unhealthy',
  restart_after_start_timeout: 'start_timeout',
};

const troubleOfLast = (lastReason: LastReason | null): Trouble => {
  switch (lastReason) {
    case null:
      return 'exit';
    case 'health_check_failed':
      return 'unhealthy';
    default:
      return lastReason satisfies 'start_timeout';
  }
};

/** What a changed status tells, in the order in which it came about. */
export const changes = (decision: ObservedDecision): ReadonlyArray<HistoryEntry> => {
  const { id, before, after, actions, reason, now } = decision;
  const over = windowOver(decision);
  const entries: Array<HistoryEntry> =
    over === null ? [] : [{ _tag: 'WindowOver', id, at: now, why: over, attempts: before.attempts }];
  const action = actions[0];
  if (action !== undefined) {
    const counted = over === null ? before.attempts + 1 : 1;
    entries.push({
      _tag: 'Attempt',
      id,
      at: now,
      attempt: action.attempt,
      action: action._tag,
      why: troubleOf[reason as AttemptReason],
      counted: action.attempt === counted,
    });
  } else if (reason === 'recovered') {
    entries.push({ _tag: 'Recovered', id, at: now });
  } else if (isNewlyBlocked(before, after)) {
    entries.push(blocked(decision));
  } else if (reason === 'waiting_for_backoff' && isNewlyUnwell(before, after)) {
    const why = troubleOfLast(after.lastReason);
    if (why !== 'exit') entries.push({ _tag: 'Unwell', id, at: now, why, nextAttemptAt: after.nextAttemptAt });
  }
  return entries;
};

const isNewlyBlocked = (before: RestartStatus, after: RestartStatus): boolean =>
  after.blockedReason === 'max_attempts_exceeded' && before.blockedReason !== 'max_attempts_exceeded';

/** A wait that is moved while it is waited for, because the policy or the clock changed, is not told again. */
const isNewlyUnwell = (before: RestartStatus, after: RestartStatus): boolean =>
  before.nextAttemptAt === null || before.lastReason !== after.lastReason;

const blocked = ({ id, after, now }: DecisionRecord): HistoryEntry => ({
  _tag: 'Blocked',
  id,
  at: now,
  attempts: after.attempts,
  why: troubleOfLast(after.lastReason),
  until: after.nextAttemptAt,
});

/** Why the failure window is over that stood before the decision; null: it goes on, or nothing was in it. */
const windowOver = ({ event, policy, before, after, reason, now }: ObservedDecision): 'stable' | 'cooldown' | null => {
  if (before.attempts === 0) return null;
  if (reason === 'stable' || isStableEnd(event.instance, before, policy.stableAfter)) return 'stable';
  const isCooling = before.blockedReason === 'max_attempts_exceeded' && before.nextAttemptAt !== null;
  return isCooling && after.blockedReason === null && now >= (before.nextAttemptAt ?? now) ? 'cooldown' : null;
};

/** As the decision sees it (its row `stable_end`). */
const isStableEnd = (
  { state, startedAt, stoppedAt }: InstanceObservation,
  { lastAttemptAt }: RestartStatus,
  stableAfter: number,
): boolean =>
  state === 'stopped' &&
  startedAt !== null &&
  stoppedAt !== null &&
  startedAt >= (lastAttemptAt ?? startedAt) &&
  stoppedAt - startedAt >= Math.ceil(stableAfter);

// ---------------------------------------------------------------------------
// other decisions
// ---------------------------------------------------------------------------

/** What failed during an attempt, as it was notified before the decision on it. */
export interface AttemptFault {
  readonly during: 'start' | 'stop';
  readonly message: string | null;
}

export const attemptFailures = (
  decision: DecisionRecord,
  attempt: number,
  fault: AttemptFault | null,
): ReadonlyArray<HistoryEntry> => {
  const { id, before, after, reason, now } = decision;
  if (reason === 'stale') return [];
  const failed: HistoryEntry = {
    _tag: 'AttemptFailed',
    id,
    at: now,
    attempt,
    during: fault?.during ?? null,
    message: fault?.message ?? null,
    nextAttemptAt: after.blockedReason === null ? after.nextAttemptAt : null,
  };
  return isNewlyBlocked(before, after) ? [failed, blocked(decision)] : [failed];
};

/** Of a message as much as an entry has room for. */
export const inShort = (message: string): string => {
  const characters = message.length > 300 ? [...message.slice(0, 600)].slice(0, 299) : null;
  return characters === null ? message : `${characters.join('')}…`;
};
