/**
 * What hypeman's states and health mean for the decision.
 */
import { type Health, healths, type InstanceObservation, type InstanceState } from '../event.js';
import type { Timestamp } from '../status.js';
import { isOneOf } from '../validation.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/** What each of hypeman's states means for the decision. */
const meanings = {
  // The VMM exists and has not booted yet: a step inside a create or a start, on its way to Initializing.
  Created: 'initializing',
  // The VM runs, the guest's program does not yet.
  Initializing: 'initializing',
  Running: 'running',
  // A step inside a standby or a restore, or somebody's wish; hypeman neither starts nor stops it from here.
  Paused: 'other',
  // The guest is down and the VMM is still there: on its way to Stopped. hypeman's policy waits for Stopped, and its
  // start refuses from here: to act now would waste an attempt.
  Shutdown: 'other',
  // No VMM and no snapshot: the one state that a run ends in, and the one that a start begins from.
  Stopped: 'stopped',
  // No VMM, but a snapshot to go on from: the run is suspended and not over. A start in its place would lose it.
  Standby: 'other',
  // hypeman itself could not find out.
  Unknown: 'other',
} as const satisfies Readonly<Record<string, InstanceState>>;

/**
 * hypeman's eight states of an instance.
 *
 * @since 0.2.0
 */
export type HypemanState = keyof typeof meanings;

/**
 * The health of a workload as hypeman has it; ours is among it.
 *
 * @since 0.2.0
 */
export type HypemanHealth = 'disabled' | 'starting' | Health;

/**
 * An instance as an API server in hypeman's manner knows it. Times are whole milliseconds since the epoch.
 *
 * @since 0.2.0
 */
export interface HypemanInstanceView {
  readonly state: HypemanState;
  /** When the current or last run began; null: it never ran. */
  readonly startedAt: Timestamp | null;
  /** When a run last ended, of whichever run; null: unknown. */
  readonly stoppedAt: Timestamp | null;
  /** null: unknown. */
  readonly exitCode: number | null;
  readonly health: HypemanHealth;
}

// ---------------------------------------------------------------------------
// mappings
// ---------------------------------------------------------------------------

/**
 * The state as the decision sees it. One that is not hypeman's (a later version's, perhaps) is `other`: never acted
 * on.
 *
 * @since 0.2.0
 */
export const observedState = (state: string): InstanceState => states.get(state) ?? 'other';

// A map, so that "constructor" and its kin are no states.
const states: ReadonlyMap<string, InstanceState> = new Map(Object.entries(meanings));

export const isHypemanState = (state: string): state is HypemanState => states.has(state);

/**
 * The health as the decision sees it: `disabled` and `starting` are no verdict.
 *
 * @since 0.2.0
 */
export const observedHealth = (health: string): Health => (isOneOf(healths, health) ? health : 'unknown');

/** Whether a run goes on in a state, so that no end can be its own. */
const goesOn: Readonly<Record<InstanceState, boolean>> = {
  initializing: true,
  running: true,
  stopped: false,
  other: false,
};

/**
 * An instance as the decision sees it. hypeman keeps one `stopped_at` across runs and renews it only at some ends, so
 * one from before the run began, or beside a run that goes on, says nothing about it: null. The same holds for the exit
 * code of a run that goes on.
 *
 * @since 0.2.0
 */
export const toObservation = (instance: HypemanInstanceView): InstanceObservation => {
  const state = observedState(instance.state);
  const { startedAt, stoppedAt } = instance;
  const runs = goesOn[state];
  const ofThisRun = !runs && startedAt !== null && stoppedAt !== null && stoppedAt >= startedAt;
  return {
    state,
    startedAt,
    stoppedAt: ofThisRun ? stoppedAt : null,
    exitCode: runs ? null : instance.exitCode,
    health: observedHealth(instance.health),
  };
};
