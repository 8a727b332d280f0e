/**
 * What happened: the facts that `decide` decides on, and their constructors.
 *
 * @since 0.1.0
 */
import type { Timestamp } from './status.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Every state of an instance there is.
 *
 * @since 0.2.0
 */
export const instanceStates = ['initializing', 'running', 'stopped', 'other'] as const;

/**
 * `other` is paused, standby, unknown and the like: never acted on.
 *
 * @since 0.1.0
 */
export type InstanceState = (typeof instanceStates)[number];

/**
 * Every health there is.
 *
 * @since 0.2.0
 */
export const healths = ['healthy', 'unhealthy', 'unknown'] as const;

/**
 * Of the current run: `unknown` until its first verdict, and always where there are no checks.
 *
 * @since 0.1.0
 */
export type Health = (typeof healths)[number];

/**
 * What an instance looks like at one moment.
 *
 * @since 0.1.0
 */
export interface InstanceObservation {
  readonly state: InstanceState;
  /**
   * When the current or last run began, by the clock that `now` comes from (a coarser clock rounds up, so that a run
   * never seems to begin before the attempt that started it). null: it never ran (created, forked, restored).
   */
  readonly startedAt: Timestamp | null;
  /** When the last run ended, where known; null: unknown, or the run has not ended. */
  readonly stoppedAt: Timestamp | null;
  /** Exit code of the last run. null: unknown (killed, the host died), which counts as a failure. */
  readonly exitCode: number | null;
  readonly health: Health;
}

/**
 * Every kind of event there is.
 *
 * @since 0.2.0
 */
export const restartEventTags = [
  'Observed',
  'AttemptFailed',
  'ManualStop',
  'ManualStart',
  'PolicyUpdated',
  'Reset',
  'DeleteRequested',
] as const;

/** What each kind of event carries beside its tag. */
interface Facts {
  readonly Observed: { readonly instance: InstanceObservation };
  readonly AttemptFailed: { readonly attempt: number };
  readonly ManualStop: unknown;
  readonly ManualStart: unknown;
  readonly PolicyUpdated: unknown;
  readonly Reset: unknown;
  readonly DeleteRequested: unknown;
}

/**
 * `Observed` is level-triggered: it says what the instance looks like now, not what changed. It is the only event
 * that can lead to an action.
 *
 * @since 0.1.0
 */
export type RestartEvent = {
  [Tag in (typeof restartEventTags)[number]]: { readonly _tag: Tag } & Facts[Tag];
}[(typeof restartEventTags)[number]];

// ---------------------------------------------------------------------------
// constructors
// ---------------------------------------------------------------------------

/**
 * This is what the instance looks like now.
 *
 * @since 0.1.0
 */
export const observed = (instance: InstanceObservation): RestartEvent => ({ _tag: 'Observed', instance });

/**
 * The start (or the stop of a restart) that attempt number `attempt` (1-based) asked for failed.
 *
 * @since 0.1.0
 */
export const attemptFailed = (attempt: number): RestartEvent => ({ _tag: 'AttemptFailed', attempt });

/**
 * A person stopped the instance.
 *
 * @since 0.1.0
 */
export const manuallyStopped: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'ManualStop' });

/**
 * A person started the instance.
 *
 * @since 0.1.0
 */
export const manuallyStarted: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'ManualStart' });

/**
 * The policy passed to `decide` is a new one. An unchanged policy is not an update: do not send this for it.
 *
 * @since 0.1.0
 */
export const policyUpdated: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'PolicyUpdated' });

/**
 * The instance was forked, or restored from a snapshot: what was counted belongs to another life.
 *
 * @since 0.1.0
 */
export const instanceReset: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'Reset' });

/**
 * A person asked for the instance to be deleted.
 *
 * @since 0.1.0
 */
export const deleteRequested: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'DeleteRequested' });
