/**
 * What the cases of the hypervisor's contract are run on.
 */
import type { Millis } from '../../duration.js';
import type { Hypervisor } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import type { CaseMaker } from '../contract.js';

/**
 * A hypervisor under test. The optional parts let the suite check more; without one, the cases that need it answer
 * `not_applicable`.
 *
 * @since 0.1.0
 */
export interface HypervisorUnderTest {
  readonly hypervisor: Hypervisor;
  /** An instance that never ran, can be started, and then runs until it is stopped. */
  readonly id: InstanceId;
  /** Lets the run of `id` end by itself with this exit code, within `exitRange`. */
  readonly exit?: ((exitCode: number) => Promise<void>) | undefined;
  /** The exit codes that `exit` can end a run with, from the lowest to the highest; default 1 to 100. 3, 5 and 7 are among them. */
  readonly exitRange?: readonly [low: number, high: number] | undefined;
  /** Lets a signal end the run of `id`, from outside, as an operator's `kill` does. */
  readonly kill?: (() => Promise<void>) | undefined;
  /**
   * Ends the host of `id`, and its run with it, as a drain, a crash of the host or a boot does; answers with the hypervisor
   * as a later process finds it. `hypervisor` is over by then.
   */
  readonly endHost?: (() => Promise<Hypervisor>) | undefined;
  /**
   * Makes the run of `id` slow to heed a stop; answers with what lets it heed again. The hypervisor may end it by force
   * before that. Without this part the suite tries its luck with a run as quick as it is.
   *
   * @since 0.2.0
   */
  readonly slowToStop?: (() => Promise<() => Promise<void>>) | undefined;
  /**
   * The clock that the hypervisor was given, where it can be set: what it shows, and a step of it by so many milliseconds
   * (back: below 0), which leaves alone what the machine has that nobody sets.
   *
   * @since 0.2.0
   */
  readonly clock?: { readonly now: () => Timestamp; readonly step: (byMs: Millis) => Promise<void> } | undefined;
  /** How many runs of `id` there are, counted in some other way than by asking the hypervisor. */
  readonly countRuns?: (() => Promise<number>) | undefined;
  /** An instance whose starts are refused, all of them, after their check. */
  readonly refusingStart?: InstanceId | undefined;
  /** Lets the next stop of `id` be refused, after its check. */
  readonly refuseNextStop?: (() => Promise<void>) | undefined;
  /**
   * The hypervisor as a later process finds it. The process of `hypervisor` is over by then: the suite does not use it
   * any more. Whether the runs outlive it is the adapter's business.
   */
  readonly reopen?: (() => Promise<Hypervisor>) | undefined;
  /**
   * Makes an instance of an id that the suite chose, of the same kind as `id`: it never ran, and can be started. Where
   * there can be none of that id, it makes none and resolves, and the start has to be refused. Not for hypervisors that name
   * their instances themselves.
   */
  readonly create?: ((id: InstanceId) => Promise<void>) | undefined;
  /**
   * Takes away what the hypervisor works with (its service, its directory) while `id` runs: from now on it can neither
   * inspect `id` nor start nor stop it.
   */
  readonly breakDown?: (() => Promise<void>) | undefined;
  /**
   * How long the suite waits for an answer, and for what must come after it, in real milliseconds; default 10,000. Let
   * your test runner wait longer, 30 s say: at its own time limit (vitest and Jest: 5 s) it ends a case before the
   * suite can say what did not come.
   */
  readonly patienceMs?: number | undefined;
  /** Called at the end of each case, after `breakDown` too; ends what still runs. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** Makes a case of this suite. */
export type Rule = CaseMaker<HypervisorUnderTest>;
