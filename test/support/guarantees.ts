/**
 * G1 to G5 as yes-or-no questions about one event in an instance's life. They are asked of the facts (what the
 * instance looks like, what the clock says, what was done before) and not of the reason that the decision gives; what a
 * wait is, and which rule matches, they know from the second implementation (test/oracle).
 */
import type { Decision } from '../../src/decide.js';
import type { InstanceObservation, RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { RestartStatus, Timestamp } from '../../src/status.js';
import { ruleFor } from '../oracle/rules.js';
import { longestWait, wait } from '../oracle/wait.js';
import { decide, nextWakeAt } from './subject.js';

/** What no status remembers, and the guarantees speak of. Spans are time that passed: a clock that goes back takes none back. */
export interface History {
  /** What a person holds it by, until a start by a person, a reset or, after a pause, a resume. */
  readonly heldBy: 'manual_stop' | 'paused' | null;
  /** Of each counted attempt in this failure window, how long ago it was made. */
  readonly counted: ReadonlyArray<number>;
  /** Since the last action; null: none since a person, a new policy or a run that was seen to be stable ended the spacing. */
  readonly sinceAction: number | null;
  /** Since the limit blocked it; null: it does not, or nobody knows since when. */
  readonly sinceBlock: number | null;
  /** When the last run began whose end was answered by an uncounted attempt; null: none, or not by the clock as it is now. */
  readonly answeredRun: Timestamp | null;
}

/** One event, decided. */
export interface Edge {
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
  readonly event: RestartEvent;
  readonly now: Timestamp;
  readonly decision: Decision;
  readonly before: History;
  /** What ended the failure window at this event, by the facts; null: it goes on. */
  readonly ended: 'stable' | 'cooled down' | null;
  readonly after: History;
}

export const noHistory: History = Object.freeze({
  heldBy: null,
  counted: [],
  sinceAction: null,
  sinceBlock: null,
  answeredRun: null,
});

/** What is known of a status that was found stored. */
export const historyOf = ({ blockedReason }: RestartStatus): History =>
  blockedReason === 'manual_stop' || blockedReason === 'paused' ? { ...noHistory, heldBy: blockedReason } : noHistory;

/**
 * The history so many milliseconds later. Where the clock went back, the moment at which a run began and the moment of the
 * last attempt come from different clocks, and "one uncounted attempt for each run" cannot be kept: a run that is already
 * answered may now seem to have begun after its answer. So the clock going back forgets which run that was.
 */
export const passed = (history: History, clock: number): History => {
  if (clock === 0 || history === noHistory) return history;
  const time = Math.max(clock, 0);
  return {
    ...history,
    counted: history.counted.map((since) => since + time),
    sinceAction: later(history.sinceAction, time),
    sinceBlock: later(history.sinceBlock, time),
    answeredRun: clock < 0 ? null : history.answeredRun,
  };
};

const later = (since: number | null, time: number): number | null => (since === null ? null : since + time);

/** Decides an event, and keeps the history that goes with it. */
export const live = (
  policy: RestartPolicy,
  status: RestartStatus,
  before: History,
  event: RestartEvent,
  now: Timestamp,
): Edge => {
  const decision = decide(policy, status, event, now);
  // Completed in place: the exploration of a small world makes hundreds of millions of them.
  const edge: { -readonly [K in keyof Edge]: Edge[K] } = {
    policy,
    status,
    event,
    now,
    decision,
    before,
    ended: null,
    after: before,
  };
  edge.ended = whatEnded(edge);
  edge.after = historyAfter(edge);
  return edge;
};

const historyAfter = (edge: Edge): History => {
  const { event, before } = edge;
  switch (event._tag) {
    case 'ManualStop':
    case 'DeleteRequested':
      return { ...noHistory, heldBy: 'manual_stop' };
    case 'ManualStart':
    case 'Reset':
      return noHistory;
    case 'PolicyUpdated':
      return { ...noHistory, heldBy: before.heldBy };
    case 'Pause':
      return before.heldBy === null ? { ...before, heldBy: 'paused', sinceBlock: null } : before;
    case 'Resume':
      return before.heldBy === 'paused' ? { ...before, heldBy: null } : before;
    case 'AttemptFailed':
      return withBlock(edge, before);
    case 'Observed':
      return withBlock(edge, afterObserved(edge, event.instance));
  }
};

const afterObserved = (
  { status, decision, before, ended }: Edge,
  { state, startedAt }: InstanceObservation,
): History => {
  const acts = decision.actions.length > 0;
  if (ended === null && !acts) return before;
  const isCounted = acts && decision.status.attempts > (ended === null ? status.attempts : 0);
  // Only a run that is stable while it runs ends the spacing.
  const { sinceAction, answeredRun } = ended === 'stable' && state === 'running' ? noHistory : before;
  return {
    ...before,
    counted: [...(ended === null ? before.counted : []), ...(isCounted ? [0] : [])],
    sinceAction: acts ? 0 : sinceAction,
    answeredRun: acts && !isCounted ? startedAt : answeredRun,
  };
};

const withBlock = ({ status, decision, before, ended }: Edge, history: History): History => {
  const wasBlocked = isBlockedByLimit(status) && ended === null;
  const sinceItBegan = wasBlocked ? before.sinceBlock : 0;
  const sinceBlock = isBlockedByLimit(decision.status) ? sinceItBegan : null;
  return sinceBlock === history.sinceBlock ? history : { ...history, sinceBlock };
};

const isBlockedByLimit = ({ blockedReason }: RestartStatus): boolean => blockedReason === 'max_attempts_exceeded';

/** By the facts of [stable], [stable_end] and [cooled_down]. */
const whatEnded = (edge: Edge): Edge['ended'] => {
  const { policy, event, before } = edge;
  if (event._tag !== 'Observed' || before.heldBy !== null || policy.mode === 'never') return null;
  if (wasStable(edge, event.instance)) return 'stable';
  return isUnblocked(edge) && hasCooledDown(edge) ? 'cooled down' : null;
};

const isUnblocked = ({ status, decision }: Edge): boolean =>
  isBlockedByLimit(status) && !isBlockedByLimit(decision.status);

const hasCooledDown = ({ policy: { cooldown }, status: { nextAttemptAt }, before, now }: Edge): boolean => {
  // A block that was found stored began nobody knows when.
  if (before.sinceBlock === null)
    return nextAttemptAt !== null && now >= Math.min(nextAttemptAt, now + (cooldown ?? 0));
  return cooldown !== undefined && before.sinceBlock >= cooldown;
};

/** A run that lasted as long as the policy asks, by the facts of [stable] and [stable_end]. */
const wasStable = (
  { policy, status, now }: Edge,
  { state, startedAt, stoppedAt, health }: InstanceObservation,
): boolean => {
  if (startedAt === null) return false;
  const last = lastAttemptOf(status, now) ?? startedAt;
  if (state === 'running') {
    const sound = health === 'healthy' || (health === 'unknown' && status.lastReason !== 'health_check_failed');
    // Where nothing was counted there is no window to end.
    return sound && status.attempts > 0 && now - Math.max(startedAt, last) >= policy.stableAfter;
  }
  return state === 'stopped' && stoppedAt !== null && startedAt >= last && stoppedAt - startedAt >= policy.stableAfter;
};

/** What lies ahead of the clock is taken to have been just now. */
const lastAttemptOf = ({ lastAttemptAt }: RestartStatus, now: Timestamp): Timestamp | null =>
  lastAttemptAt === null ? null : Math.min(lastAttemptAt, now);

// ---------------------------------------------------------------------------
// the guarantees
// ---------------------------------------------------------------------------

/** G1: what a person stopped is not acted on, and its status says so. */
export const manualStopDominates = ({ after, decision }: Edge): boolean =>
  after.heldBy === 'manual_stop'
    ? decision.actions.length === 0 && decision.status.blockedReason === 'manual_stop'
    : decision.status.blockedReason !== 'manual_stop';

/** G1p: what a person paused is not acted on, and its status says so; a person's stop is the stronger word. */
export const pauseHolds = ({ after, decision }: Edge): boolean =>
  after.heldBy === 'paused'
    ? decision.actions.length === 0 && decision.status.blockedReason === 'paused'
    : decision.status.blockedReason !== 'paused';

/**
 * G2: no more counted attempts in a window than the limit (with an interval: in any span that long), at most one uncounted
 * one for each run that ended, and none is uncounted that should be counted; and no window is called over that neither a
 * stable run nor a cooldown ended. Where the clock went back, one for each run is not asked for: see `passed`.
 */
export const limitHolds = (edge: Edge): boolean => {
  const { event, decision, ended } = edge;
  if (!isWithinLimit(edge) || !countsAsItShould(edge)) return false;
  if (decision.reason === 'stable' && ended !== 'stable') return false;
  return event._tag !== 'Observed' || !isUnblocked(edge) || ended !== null;
};

const isWithinLimit = ({ policy: { maxAttempts, limitInterval }, after: { counted } }: Edge): boolean => {
  if (maxAttempts === 0 || counted.length <= maxAttempts) return true;
  return limitInterval !== undefined && counted.filter((since) => since < limitInterval).length <= maxAttempts;
};

/** All attempts count, but for the first after an end that a rule says so of. */
const countsAsItShould = (edge: Edge): boolean => {
  const { policy, status, event, now, decision, before } = edge;
  if (event._tag !== 'Observed' || decision.actions.length === 0) return true;
  const { state, startedAt } = event.instance;
  const { attempts } = decision.status;
  const isFirst =
    state === 'stopped' &&
    startedAt !== null &&
    startedAt <= now &&
    startedAt > (lastAttemptOf(status, now) ?? Number.NEGATIVE_INFINITY);
  if (isFirst && ruleFor(policy, event.instance) === 'restart_uncounted') {
    return attempts === attemptsBefore(edge) && (before.answeredRun === null || startedAt > before.answeredRun);
  }
  return attempts === Math.min(attemptsBefore(edge) + 1, Number.MAX_SAFE_INTEGER);
};

/** The attempts of the window in which an action is made, without it. */
const attemptsBefore = ({ status, ended }: Edge): number => (ended === null ? status.attempts : 0);

/**
 * G3: an action is one wait away from the one before, the wait of the window in which it is made, and no observation sets a
 * wait that is longer than the longest (cooling: than the cooldown).
 */
export const spacingHolds = (edge: Edge): boolean => {
  const { policy, status, event, now, decision, before } = edge;
  if (event._tag !== 'Observed') return true;
  const { instance } = event;
  if (decision.actions.length > 0 && before.sinceAction !== null) {
    if (before.sinceAction < wait(policy, attemptsBefore(edge), instance.salt ?? 0)) return false;
  }
  if (decision.status === status || decision.status.nextAttemptAt === null) return true;
  const longest = isBlockedByLimit(decision.status)
    ? Math.ceil(policy.cooldown ?? 0)
    : longestWait(policy, decision.status.attempts);
  return decision.status.nextAttemptAt - now <= longest;
};

/**
 * Only an observation leads to an action, to one, and to one that fits it; it bears the number that the status counts.
 */
export const actionFits = ({ policy, status, event, now, decision }: Edge): boolean => {
  const [action, ...more] = decision.actions;
  if (action === undefined) return true;
  if (event._tag !== 'Observed' || more.length > 0 || action.attempt !== decision.status.attempts) return false;
  const { state, startedAt, health } = event.instance;
  if (action._tag === 'Start') return state === 'stopped';
  if (state === 'running') return health === 'unhealthy';
  const since = Math.max(startedAt ?? Number.NEGATIVE_INFINITY, lastAttemptOf(status, now) ?? Number.NEGATIVE_INFINITY);
  return state === 'initializing' && policy.startTimeout !== undefined && now - since >= policy.startTimeout;
};

/** G5: the same observation at the same moment changes nothing more. */
export const isIdempotent = ({ policy, event, now, decision }: Edge): boolean =>
  decision.actions.length > 0 || event._tag !== 'Observed' || !wouldChange(policy, decision.status, event, now);

/** G4: the first later moment at which the same observation would change something is not before the wake-up. */
export const losesNoWakeUp = (edge: Edge, later: ReadonlyArray<Timestamp>): boolean => {
  if (isOver(edge)) return true;
  const wakeAt = wakeUpOf(edge);
  const first = firstChange(edge, later);
  return first === null || (wakeAt !== null && wakeAt <= first);
};

/** More than G4 asks: the wake-up is the very moment of the first change, so no wake-up is for nothing. */
export const wakesExactly = (edge: Edge, later: ReadonlyArray<Timestamp>): boolean =>
  isOver(edge) || firstChange(edge, later) === wakeUpOf(edge);

const isOver = ({ event, decision }: Edge): boolean => event._tag !== 'Observed' || decision.actions.length > 0;

export const wakeUpOf = ({ policy, event, decision }: Edge): Timestamp | null =>
  event._tag === 'Observed' ? nextWakeAt(policy, decision.status, event.instance) : null;

const firstChange = ({ policy, event, decision }: Edge, later: ReadonlyArray<Timestamp>): Timestamp | null =>
  later.find((moment) => wouldChange(policy, decision.status, event, moment)) ?? null;

const wouldChange = (policy: RestartPolicy, status: RestartStatus, event: RestartEvent, now: Timestamp): boolean => {
  const decision = decide(policy, status, event, now);
  return decision.status !== status || decision.actions.length > 0;
};
