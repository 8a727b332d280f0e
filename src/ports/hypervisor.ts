/**
 * The hypervisor port: inspects instances, starts and stops them under a permit.
 *
 * @since 0.1.0
 */
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InstanceObservation } from '../event.js';
import type { CallSignal, PortCall } from './call.js';
import type { Cancel } from './clock.js';
import type { HostFault } from './host-fault.js';
import type { InstanceId, InvalidRecord, Revision, StoreFailed } from './store.js';

// ---------------------------------------------------------------------------
// permits
// ---------------------------------------------------------------------------

/**
 * The right to start or to stop, valid as long as `check` says so. A permit is asked at the last moment: between the
 * decision and its effect a person may have decided otherwise.
 *
 * @since 0.1.0
 */
export interface Permit {
  /** The revision of the record that this permit was drawn from; what a fence compares. */
  readonly revision: Revision;
  /**
   * Right: go ahead. `Superseded`: the record says otherwise by now. A store's fault: nobody knows, so do nothing.
   * Hypervisors of class `section` run it inside the section, directly before the irreversible step.
   */
  readonly check: TaskEither<Superseded | StoreFailed | InvalidRecord, void>;
  /**
   * What to run when the call is refused after its check: it puts back the record as it was before the call.
   * Hypervisors of class `section` run it still inside the section; the others leave it to the controller.
   */
  readonly onRefused?: Task<void>;
  /**
   * Aborted when nobody waits for the answer any more: the call's deadline has passed, or the controller has closed. What
   * comes of the call after that is nobody's acknowledgement, and leads to a new look at the instance.
   *
   * Hypervisors of class `section` must heed it: give up waiting for the section, end what they have begun, and answer (and
   * leave the section) only when nothing more will happen. Else a call that never ends keeps its instance until the process
   * is restarted. In the other classes it is a courtesy. Absent: the call is never given up.
   *
   * @since 0.2.0
   */
  readonly signal?: CallSignal | undefined;
}

// ---------------------------------------------------------------------------
// errors
// ---------------------------------------------------------------------------

/**
 * A later command won: nothing was done.
 *
 * @since 0.1.0
 */
export interface Superseded {
  readonly _tag: 'Superseded';
}

/**
 * The hypervisor will not do it, and nothing was done: no such instance, no such command, not allowed in this state; or
 * it could not even begin, for want of what the host lacks.
 *
 * @since 0.1.0
 */
export interface Refused {
  readonly _tag: 'Refused';
  readonly message: string;
  /**
   * A `HostFault`: it is the host that lacks something, and no workload that cannot be run. Absent: nothing more is known.
   *
   * @since 0.2.0
   */
  readonly cause?: unknown;
}

/**
 * It went wrong on the way: what was asked for may have happened or not.
 *
 * @since 0.1.0
 */
export interface Failed {
  readonly _tag: 'Failed';
  readonly message: string;
  /** A `HostFault` where the host lacked something; otherwise whatever went wrong. */
  readonly cause: unknown;
}

/**
 * How a start or a stop can end other than well.
 *
 * @since 0.1.0
 */
export type ActionError = Superseded | Refused | Failed | StoreFailed | InvalidRecord;

/**
 * What a hypervisor answers whose permit no longer held.
 *
 * @since 0.1.0
 */
export const superseded: Superseded = /* @__PURE__ */ Object.freeze({ _tag: 'Superseded' });

/**
 * What a hypervisor answers that will not do it, with a message for people that says why, and the cause, where there is one.
 *
 * @since 0.1.0
 */
export const refused = (message: string, cause?: unknown): Refused =>
  cause === undefined ? { _tag: 'Refused', message } : { _tag: 'Refused', message, cause };

/**
 * What a hypervisor answers when it went wrong, with a message and the cause.
 *
 * @since 0.1.0
 */
export const failed = (message: string, cause?: unknown): Failed => ({ _tag: 'Failed', message, cause });

// ---------------------------------------------------------------------------
// capabilities
// ---------------------------------------------------------------------------

/**
 * Every class of exclusion there is.
 *
 * @since 0.2.0
 */
export const exclusions = ['section', 'fenced', 'none'] as const;

/**
 * What keeps a start and a stop of one instance apart, and so which guarantee follows (G9).
 *
 * - `section`: check and irreversible step lie in one section per instance that every starter and stopper shares. It
 *   is released by its holder or by the holder's death, never by time. From the acknowledgement of a stop the instance
 *   does not run.
 * - `fenced`: the hypervisor durably keeps the highest revision F that it has seen, atomically with the effect.
 *   `start(r)` is refused as superseded when r < F, and re-tags a running run with r; `stop(r)` sets F and kills only
 *   a run with a tag below r. The same guarantee.
 * - `none`: everything else. A start in flight at the acknowledgement of a stop may still take effect, and is stopped
 *   at the next reconciliation, at most one resync later, while a controller is alive.
 *
 * @since 0.1.0
 */
export type Exclusion = (typeof exclusions)[number];

/**
 * Every kind of guest reboot there is.
 *
 * @since 0.2.0
 */
export const guestReboots = ['exit', 'event', 'invisible'] as const;

/**
 * What a guest's reset looks like from outside: the run ends, an event is seen, or nothing at all.
 *
 * @since 0.1.0
 */
export type GuestReboot = (typeof guestReboots)[number];

/**
 * What a hypervisor says of itself, once and for all of its instances.
 *
 * @since 0.1.0
 */
export interface HypervisorCapabilities {
  readonly exclusion: Exclusion;
  readonly guestReboot: GuestReboot;
}

// ---------------------------------------------------------------------------
// port
// ---------------------------------------------------------------------------

/**
 * A hypervisor. `restart-policy/testing` has the contract as a suite (`hypervisorContract`).
 *
 * Contract:
 * - A1 One run per instance: `start` on a starting or running instance answers started (Right) and starts nothing. Of one
 *   that is being stopped it waits for the end and then starts it, or answers `Failed`: it never answers started for a run
 *   that is about to end.
 * - A2 `stop` acts on a starting instance too, and answers only when the run is gone. Nothing to stop is Right.
 * - A3 A run can be found by any later process: its identity is written before, or atomically with, the spawn.
 * - A4 Both take a permit, run its check and act only when it passes; what the check answered otherwise is the answer.
 * - A5 `capabilities` says which class of exclusion holds.
 * - A6 `startedAt` and `stoppedAt` are given by the clock that `now` comes from, as it stands at the answer. Where the machine
 *   has a clock that nobody sets, a run's age and length come from that one, so that a step of the wall clock ages no run.
 * - A7 Two ids are never one instance: an id that would be cut or changed on its way is refused with an error that names it.
 * - An end says why, where that is known (`cause`): `exit` beside an exit code, `signal` and `out_of_memory` without one,
 *   `host` for what the host or the hypervisor ended, a stop included. It is that of the last run, and a run that goes on
 *   has none. What is not known is `unknown` or left out, and never guessed.
 * - What the host lacks (room on the disk, descriptors, processes, memory) is told apart from what a workload refuses: the
 *   answer's `cause` is a `HostFault`. An end that could not be written down is told by `onFault`, kept, and written when
 *   there is room.
 * - One owner: the hypervisor's own restart is switched off.
 * - `subscribe` calls the listener with the id of an instance that may have changed. It may be late, repeated, or (for
 *   what resync finds) missing; it never waits for the listener.
 * - Nothing throws or rejects.
 *
 * @since 0.1.0
 */
export interface Hypervisor {
  readonly capabilities: HypervisorCapabilities;
  /** An id that the hypervisor does not know is an instance that never ran: stopped, with everything else null. */
  readonly inspect: (id: InstanceId, call?: PortCall) => TaskEither<Failed, InstanceObservation>;
  readonly start: (id: InstanceId, permit: Permit) => TaskEither<ActionError, void>;
  readonly stop: (id: InstanceId, permit: Permit) => TaskEither<ActionError, void>;
  readonly subscribe: (listener: (id: InstanceId) => void) => Cancel;
  /**
   * Calls the listener with what the host lacks where no call is answered with it: the end of a run that could not be
   * written down, for example. Once for each such end, and never waiting for the listener. `id` null: not of one instance.
   * Absent: there is no such fault.
   *
   * @since 0.2.0
   */
  readonly onFault?: (listener: (id: InstanceId | null, fault: HostFault) => void) => Cancel;
  /**
   * Class `fenced` only: tags the run with the permit's revision, if there is a run, so that stops drawn before it
   * leave it alone; F becomes at least that revision. It starts nothing.
   */
  readonly retag?: (id: InstanceId, permit: Permit) => TaskEither<ActionError, 'tagged' | 'gone'>;
}

// ---------------------------------------------------------------------------
// observations
// ---------------------------------------------------------------------------

/** What an instance looks like that has never run, or of which nothing is known any more. */
export const neverRan: InstanceObservation = /* @__PURE__ */ Object.freeze({
  state: 'stopped',
  startedAt: null,
  stoppedAt: null,
  exitCode: null,
  health: 'unknown',
});
