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
 * Every cause of an end there is.
 *
 * @since 0.2.0
 */
export const endCauses = ['exit', 'signal', 'out_of_memory', 'panic', 'host', 'unknown'] as const;

/**
 * Why a run ended. `exit`: the workload exited by itself, with a code. `signal`: a signal ended it. `out_of_memory`: the system
 * ended it for want of memory. `panic`: the guest's kernel panicked. `host`: the host or the hypervisor ended it (a drain, a
 * reboot, its death), not the workload. `unknown`: none of these is known.
 *
 * @since 0.2.0
 */
export type EndCause = (typeof endCauses)[number];

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
  /** Why the last run ended. Absent: `exit` where the exit code is known, else `unknown`. */
  readonly cause?: EndCause;
  /**
   * What tells instances apart for jitter: a whole number from 0 below 2^32, as `saltOf(id)` gives. Absent: 0. The controller
   * adds it.
   */
  readonly salt?: number;
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
  'Pause',
  'Resume',
  'PolicyUpdated',
  'Reset',
  'DeleteRequested',
] as const;

/** What each kind of event carries beside its tag. */
interface Facts {
  readonly Observed: { readonly instance: InstanceObservation };
  readonly AttemptFailed: { readonly attempt: number; readonly salt?: number };
  readonly ManualStop: unknown;
  readonly ManualStart: unknown;
  readonly Pause: unknown;
  readonly Resume: unknown;
  readonly PolicyUpdated: { readonly attemptUnderWay?: true };
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
 * The start (or the stop of a restart) that attempt number `attempt` asked for failed. `attempt` is 1-based; an uncounted
 * attempt bears the number of the last counted one, which may be 0. `salt` is the instance's, for jitter.
 *
 * @since 0.1.0
 */
export const attemptFailed = (attempt: number, salt?: number): RestartEvent =>
  salt === undefined ? { _tag: 'AttemptFailed', attempt } : { _tag: 'AttemptFailed', attempt, salt };

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
 * A person suspended supervision: nothing is restarted, whatever happens to the instance, until `supervisionResumed`. The
 * instance itself is left as it is.
 *
 * @since 0.2.0
 */
export const supervisionPaused: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'Pause' });

/**
 * A person took supervision up again. The failure window goes on where it was.
 *
 * @since 0.2.0
 */
export const supervisionResumed: RestartEvent = /* @__PURE__ */ Object.freeze({ _tag: 'Resume' });

/**
 * The policy passed to `decide` is a new one. An unchanged policy is not an update: do not send this for it. While a
 * `Restart` is between its stop and its start, send `{ _tag: 'PolicyUpdated', attemptUnderWay: true }`, so that what was
 * stopped comes back.
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
