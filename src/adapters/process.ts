/**
 * A hypervisor whose instances are child processes, for Linux.
 *
 * What it promises, and how:
 * - One owner of a directory at a time, whose death frees it, also across containers that share nothing but the directory
 *   (`process/owner.ts`). What a dead owner left behind keeps those out who cannot see it (`linux/pid-namespace.ts`).
 * - A run's identity is on disk before it begins, so that any later owner finds it (A3).
 * - No instance outlives its host: a guardian ends what a host that died left behind (`process/guardian.ts`), and
 *   whoever opens the directory ends what is still there, before anything is started.
 * - Of a run, nothing outlives a stop, nor the end of its first process. What is of a run depends on the host:
 *   - A run is a control group (cgroup v2) where the system allows it: all that it has forked is of it, whatever that does to
 *     its session, title or environment. A command that root lets enter another group is found as without one.
 *   - Without one, it is what bears the mark of the run in its environment, what those have forked, and the process group of
 *     its first process, for as long as that number is certainly its own. Out of reach is a process that lost its mark, and
 *     its parent, and left the group, such as a daemon that cleared its environment; and, once the host has died, what lost
 *     its mark when the first process is gone.
 *   `capabilities.runsKnownBy` says which it is. A process that is not certainly of the run is never signalled.
 * - A process that does not end though it was killed (a disk that does not answer, a debugger) is told: the stop is `Failed`,
 *   and names it. News of an end that a debugger holds back is not waited for.
 * - A start that finds a run on its way out (a stop gave up or failed half-way, what it left behind is being ended) ends it
 *   for good, and is a run of its own. A call that is given up has done by its answer all that it will do.
 * - The room for the end of a run is taken before it begins, so a disk that is full by then does not lose it. An end that
 *   cannot be written all the same is kept in memory, told by `onFault`, and written when it can be, at the latest at the
 *   close (`linux/ends-to-write.ts`). A host that dies before takes it along: the next one takes the run for one that its
 *   host ended.
 *
 * With calls of the system (`systemCalls`) it needs no other program for a lock, and a host that is the first process
 * of a container takes note of what its runs left to it. Without them it needs the program `flock` of util-linux when
 * it is opened, and there such processes stay as ended ones, one for each, until the container ends.
 *
 * @packageDocumentation
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { aFunction, checkOptions, type InvalidOptions } from '../options.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceId } from '../ports/store.js';
import { type ControlGroupsUse, controlGroupsOption } from './linux/control-groups.js';
import { type OpenFailed, openDirectory, type UnsupportedPlatform } from './linux/directory.js';
import { type Checked, clockOption, directoryOption, graceOption } from './linux/options.js';
import type { ProcessCommand } from './linux/spawn.js';
import { type SystemCallsUse, systemCallsOption } from './linux/system-calls.js';
import type { ProcessHypervisor } from './process/hypervisor.js';
import { openOwned } from './process/opening.js';
import type { DirectoryInUse } from './process/owner.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { LinuxCapabilities } from './linux/capabilities.js';
export type { ControlGroupsUse } from './linux/control-groups.js';
export type { OpenFailed, UnsupportedPlatform } from './linux/directory.js';
export type { ProcessCommand, ProcessOutput } from './linux/spawn.js';
export type { SystemCallsUse } from './linux/system-calls.js';
export type { ProcessHypervisor } from './process/hypervisor.js';
export type { DirectoryInUse } from './process/owner.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Where and what to run.
 *
 * @since 0.1.0
 */
export interface ProcessHypervisorOptions {
  /** Keeps one or two small files per instance; created if missing. On a local disk, and for this use alone. */
  readonly directory: string;
  /**
   * What an instance runs; asked at every start. null: no such instance, and its start is refused, as it is for an answer with a
   * field that no `ProcessCommand` has.
   */
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  /**
   * What dates the runs: the controller's clock. Default: the machine's. How old a run is, and how long it was, is measured
   * since the boot of the machine, whatever this clock is set to meanwhile.
   */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /**
   * Milliseconds from SIGTERM to SIGKILL: from 0, which is none at all, to 2^31-1. Default 10,000. A function is asked when a
   * run is told to end, so that a host can have one killed at once; a throw and any other answer count as the default, which
   * also holds for what a host that has ended left behind.
   */
  readonly graceMs?: Millis | ((id: InstanceId) => Millis) | undefined;
  /**
   * Whether each run is a control group of its own (version 2), below the one that the host is in. `auto`: where the system
   * allows it. `required`: the directory is not opened where it does not. `off`: none is made; a run that has one keeps it.
   * `capabilities.runsKnownBy` says which it is. Default `auto`.
   *
   * @since 0.2.0
   */
  readonly controlGroups?: ControlGroupsUse | undefined;
  /**
   * Calls of the system for locks, for signals, for starts that copy nothing of the host, and for the children of others
   * that are left to it; through the package `koffi`, which the host installs. `auto`: where it can be used. `required`:
   * the directory is not opened without. `off`: the package is not loaded. `capabilities.locksBy` says which it is.
   * Default `auto`.
   *
   * @since 0.2.0
   */
  readonly systemCalls?: SystemCallsUse | undefined;
}

/**
 * Why a directory could not be opened. Nothing is left open.
 *
 * @since 0.1.0
 */
export type OpenError = InvalidOptions | DirectoryInUse | UnsupportedPlatform | OpenFailed;

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * Opens a directory of instances, and answers when nothing of its earlier owners' runs lives any more (which may take
 * the grace). Their last runs are known: `startedAt`, and, where the owner lived to see it, `stoppedAt` and `exitCode`.
 *
 * Why a run ended is `exit` with any exit code from 0 to 255, `signal`, `out_of_memory` (with a control group, see
 * `ProcessCommand`), or `host`: it was told to end (a stop, a close), or its host died. The exit code is null for all but
 * the first: what a program answers to SIGTERM is not how its work ended. A rule for `host` lets drains and deaths of the
 * host cost no attempt.
 *
 * Running instances keep the host's process alive, an idle hypervisor does not. The host closes it to end in order.
 *
 * @example
 * import { mkdtempSync, rmSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openProcessHypervisor } from 'restart-policy/adapters/process'
 *
 * const directory = mkdtempSync(join(tmpdir(), 'instances-'))
 * const opened = await openProcessHypervisor({ directory, commandOf: () => ({ command: 'sleep', args: ['60'] }) })()
 * assert.strictEqual(opened._tag, 'Right')
 * if (opened._tag === 'Right') await opened.right.close()
 * rmSync(directory, { recursive: true })
 *
 * @since 0.1.0
 */
export const openProcessHypervisor = (options: ProcessHypervisorOptions): TaskEither<OpenError, ProcessHypervisor> =>
  openDirectory(checkProcessOptions(options), openOwned);

const checkProcessOptions = checkOptions<Checked<ProcessHypervisorOptions>>({
  directory: directoryOption,
  commandOf: aFunction(),
  clock: clockOption,
  graceMs: graceOption,
  controlGroups: controlGroupsOption,
  systemCalls: systemCallsOption,
});
