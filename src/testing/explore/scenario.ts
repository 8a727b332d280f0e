/**
 * What an exploration is of: the parts, what people ask for, what may go wrong, and how often.
 *
 * @since 0.1.0
 */

import type { Controller, ControllerOptions } from '../../controller.js';
import type { RestartPolicy } from '../../policy.js';
import type { Exclusion } from '../../ports/hypervisor.js';
import type { RestartStatus } from '../../status.js';

/** The one instance of every exploration. */
export const instanceId = 'vm';

/**
 * A person's command, given through one of the controllers. `update`: the policy to set.
 *
 * @since 0.1.0
 */
export type PersonCommand =
  | 'stop'
  | 'start'
  | 'pause'
  | 'resume'
  | 'delete'
  | 'reset'
  | { readonly update: RestartPolicy };

/**
 * A person gives commands one after the other, each after the answer to the one before.
 *
 * @since 0.1.0
 */
export interface Person {
  /** Index of the controller that is asked. */
  readonly via: number;
  readonly says: ReadonlyArray<PersonCommand>;
}

/**
 * How often each thing may happen in one schedule. Each is explored at every moment at which it can happen.
 *
 * @since 0.1.0
 */
export interface Budgets {
  /** The run ends by itself, with exit code 1. */
  readonly exits: number;
  /** The run turns unhealthy, and the hypervisor's `inspect` says so. */
  readonly illnesses: number;
  /** A wake-up fires, and time passes to its moment. */
  readonly wakeUps: number;
  /** A controller dies, with all that it was about to do, and a new one begins. */
  readonly crashes: number;
  /**
   * A port's call fails: before or after its effect, or (a start or stop outside a section) with the effect still to
   * come.
   */
  readonly faults: number;
  /** The hypervisor refuses, with nothing done. */
  readonly refusals: number;
  /**
   * A call outlasts its deadline: its caller is answered, and it may take effect at any later moment, end without an
   * effect, or never end. Without this (and `closes`) the controllers have no deadlines.
   *
   * @since 0.2.0
   */
  readonly deadlines: number;
  /**
   * A controller is closed, without waiting for what has begun, and a new one begins in the same process.
   *
   * @since 0.2.0
   */
  readonly closes: number;
}

/**
 * A way in which the outside world may break its contract; for tests that show that the checks notice.
 *
 * @since 0.1.0
 */
export type WorldDefect =
  | 'permit ignored on start'
  | 'permit ignored on stop'
  | 'check outside the section'
  | 'undo outside the section'
  | 'two runs at once'
  | 'stop answers before the run is gone'
  | 'fence not durable'
  | 'revisions reused'
  | 'section left at the deadline';

/**
 * A scenario.
 *
 * @since 0.1.0
 */
export interface Scenario {
  readonly name: string;
  readonly exclusion: Exclusion;
  readonly policy: RestartPolicy;
  /** In the record at the beginning; default: the initial status; null: there is no record. */
  readonly status?: RestartStatus | null;
  /** The instance at the beginning: `ended` ran, and exited with code 1; `unhealthy` runs. */
  readonly instance: 'running' | 'unhealthy' | 'ended' | 'never ran';
  /** The exit code of a run that is stopped; absent: unknown, as of one that is killed. */
  readonly stopExitCode?: number;
  /** How many controllers share the store and the hypervisor. */
  readonly controllers: number;
  readonly people: ReadonlyArray<Person>;
  /** Whether the hypervisor notifies the controllers of changes; default true. They must do without. */
  readonly notifies?: boolean;
  /**
   * Class `section`: whether a call that was given up gives up waiting for the section; default true. It must, but nothing
   * may go wrong if it does not.
   *
   * @since 0.2.0
   */
  readonly heeds?: boolean;
  /** A budget that is absent is 0. */
  readonly budgets: Partial<Budgets>;
  /** Absent: the world keeps its contract. */
  readonly defect?: WorldDefect;
  /** Default: `createController`. A test of the checks puts a broken one here. */
  readonly create?: (options: ControllerOptions) => Controller;
}
