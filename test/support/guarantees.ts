/**
 * G1 to G5 as yes-or-no questions about one event in an instance's life. They are asked of the facts (what the
 * instance looks like, what the clock says, what was done before) and not of the reason that the decision gives.
 */
import type { Decision } from '../../src/decide.js';
import type { InstanceObservation, RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { RestartStatus, Timestamp } from '../../src/status.js';
import { decide, nextWakeAt } from './subject.js';

/** What no status remembers, and the guarantees speak of. */
export interface History {
  /** A person stopped it, and there was neither a start by a person nor a reset since. */
  readonly stopped: boolean;
  /** Actions in this failure window. */
  readonly actions: number;
  /**
   * Time that passed since the last action, a clock that goes back not counted; null: none since a person, a new
   * policy or a stable run began a new window.
   */
  readonly sinceAction: number | null;
}

/** One event, decided. */
export interface Edge {
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
  readonly event: RestartEvent;
  readonly now: Timestamp;
  readonly decision: Decision;
  readonly before: History;
  readonly after: History;
}

export const noHistory: History = Object.freeze({ stopped: false, actions: 0, sinceAction: null });

export const passed = (history: History, time: number): History =>
  history.sinceAction === null ? history : { ...history, sinceAction: history.sinceAction + Math.max(time, 0) };

/** Decides an event, and keeps the history that goes with it. */
export const live = (
  policy: RestartPolicy,
  status: RestartStatus,
  before: History,
  event: RestartEvent,
  now: Timestamp,
): Edge => {
  const decision = decide(policy, status, event, now);
  return {
    policy,
    status,
    event,
    now,
    decision,
    before,
    after: historyAfter(policy, status, before, event, now, decision),
  };
};

const historyAfter = (
  policy: RestartPolicy,
  status: RestartStatus,
  before: History,
  event: RestartEvent,
  now: Timestamp,
  decision: Decision,
): History => {
  switch (event._tag) {
    case 'ManualStop':
    case 'DeleteRequested':
      return { stopped: true, actions: 0, sinceAction: null };
    case 'ManualStart':
    case 'Reset':
      return noHistory;
    case 'PolicyUpdated':
      return { ...noHistory, stopped: before.stopped };
    case 'AttemptFailed':
    case 'Observed': {
      const stable = event._tag === 'Observed' && wasStable(policy, status, event.instance, now);
      const acts = decision.actions.length;
      if (!stable && acts === 0) return before;
      const actions = (stable ? 0 : before.actions) + acts;
      if (acts > 0) return { ...before, actions, sinceAction: 0 };
      // Row 10 keeps the spacing: only a run that is stable while it runs ends it.
      return { ...before, actions, sinceAction: decision.reason === 'stable' ? null : before.sinceAction };
    }
  }
};

/** A run that lasted as long as the policy asks, by the facts of rows 4 and 10. */
const wasStable = (
  policy: RestartPolicy,
  status: RestartStatus,
  { state, startedAt, stoppedAt, health }: InstanceObservation,
  now: Timestamp,
): boolean => {
  if (startedAt === null) return false;
  const last = status.lastAttemptAt === null ? startedAt : Math.min(status.lastAttemptAt, now);
  if (state === 'running') {
    const sound = health === 'healthy' || (health === 'unknown' && status.lastReason === null);
    return sound && now - Math.max(startedAt, last) >= policy.stableAfter;
  }
  return state === 'stopped' && stoppedAt !== null && startedAt >= last && stoppedAt - startedAt >= policy.stableAfter;
};

// ---------------------------------------------------------------------------
// the guarantees
// ---------------------------------------------------------------------------

/** G1: what a person stopped is not acted on, and its status says so. */
export const manualStopDominates = ({ after, decision }: Edge): boolean =>
  !after.stopped || (decision.actions.length === 0 && decision.status.blockedReason === 'manual_stop');

/** G2: no more actions in a window than the limit; and no window is called over that a stable run did not end. */
export const limitHolds = ({ policy, status, event, now, decision, after }: Edge): boolean =>
  (policy.maxAttempts === 0 || after.actions <= policy.maxAttempts) &&
  (decision.reason !== 'stable' || (event._tag === 'Observed' && wasStable(policy, status, event.instance, now)));

/**
 * G3: an action is one backoff away from the one before, and no observation sets a wait that is longer than one
 * backoff.
 */
export const spacingHolds = ({ policy, status, event, now, decision, before }: Edge): boolean => {
  const spaced = decision.actions.length === 0 || before.sinceAction === null || before.sinceAction >= policy.backoff;
  const waitSet = event._tag === 'Observed' && decision.status !== status ? decision.status.nextAttemptAt : null;
  return spaced && (waitSet === null || waitSet - now <= Math.ceil(policy.backoff));
};

/**
 * Only an observation leads to an action, to one, and to one that fits it; it bears the number that the status counts.
 */
export const actionFits = ({ event, decision: { actions, status } }: Edge): boolean => {
  const [action, ...more] = actions;
  if (action === undefined) return true;
  if (event._tag !== 'Observed' || more.length > 0 || action.attempt !== status.attempts) return false;
  const { state, health } = event.instance;
  return action._tag === 'Start' ? state === 'stopped' : state === 'running' && health === 'unhealthy';
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
