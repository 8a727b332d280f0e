/**
 * A hypervisor whose instances are processes of this host, shared by any number of controller processes, for Linux.
 *
 * What it promises, and how:
 * - Runs outlive the controller that started them, and every controller that has the directory open sees, starts and
 *   stops them. Of one instance, one call at a time on the whole host (`linux/flock.ts`).
 * - A run's identity is on disk and in its environment before it begins, so that whoever comes later finds it (A3): as a
 *   control group, or as processes (see below).
 * - How a run ended is known also when its controller is gone: a small shell waits for it (`shared-process/shim.ts`).
 * - Of an instance, nothing outlives a stop. What a run that ends by itself leaves behind in its process group is told
 *   to end (SIGTERM). What cannot be ended (a stopped tracer holds it, a disk does not answer) makes the stop fail, within
 *   the grace and five seconds, and is named in the answer.
 * - Nothing else is signalled, whoever was given a number since: a process is known by its number and its beginning.
 * - That a run was told to end is on disk before it is. So a start that finds such a run still living (a stop gave up, failed
 *   or died half-way) ends it for good, whoever told it, and is a run of its own. A call that is given up has done by its
 *   answer all that it will do.
 * - The room for the end of a run is taken before it begins, so a disk that is full by then does not lose it. What a
 *   controller found out of an end and cannot write down, it keeps in memory, tells by `onFault`, and writes when it can. What
 *   the shell could not write (a disk that is read-only by then) nobody knows: such an end is `unknown`.
 *
 * By what a run is known (`capabilities.runsKnownBy`):
 * - `control_group`, where version 2 of control groups is mounted and this process may make one in its own. All that a run
 *   forks is in its group, whatever it does to its session, its title or its environment: it is found after any crash, all
 *   of it is ended by a stop, and whatever a run left behind is ended before the next start. Only who is allowed to can leave
 *   the group (root), and is then known as without one.
 * - `process`. Known are the shell that waits for the command, and the command, by number and beginning; while that shell
 *   lives, its process group; whoever has the run variable in its environment; what any of these forked, and who shares a
 *   session with one of them. So a command is found after a crash whatever it does. Out of reach is a process that hides or
 *   clears its environment, when it is not the command itself, and its parent has ended, and it has left its session or is
 *   the last that is known of it: a daemon that forks twice, for example. It outlives a stop, and a start runs beside it.
 *   What left the process group of a run that ended by itself is ended by the next stop, not by the next start.
 *
 * With calls of the system (`systemCalls`) a lock needs no other program. Without them each start and each stop forks the
 * program `flock`; so where the system has no room for another process, as under a fork bomb, nothing can be stopped; and to
 * a host that is the first process of a container its runs leave ended processes, which nobody takes note of until the
 * container ends.
 *
 * A host that lets its instances die with it uses `adapters/process`.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto';
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { aFunction, checkOptions, type InvalidOptions } from '../options.js';
import type { InstanceId } from '../ports/store.js';
import { machineClock } from './common/machine-clock.js';
import { type ControlGroupsUse, controlGroupsOption } from './linux/control-groups.js';
import { type OpenFailed, openDirectory, type UnsupportedPlatform } from './linux/directory.js';
import { createMoments } from './linux/moments.js';
import { type Checked, directoryOption, graceOption } from './linux/options.js';
import { createScan } from './linux/processes.js';
import { createReaper } from './linux/reap.js';
import { shareDirectory } from './linux/share-directory.js';
import type { ProcessCommand } from './linux/spawn.js';
import { type SystemCallsUse, systemCallsOption } from './linux/system-calls.js';
import { watchFiles } from './linux/watch.js';
import { createRunFiles } from './shared-process/files.js';
import { createSharedProcessHypervisor, type SharedProcessHypervisor } from './shared-process/hypervisor.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { LinuxCapabilities } from './linux/capabilities.js';
export type { ControlGroupsUse } from './linux/control-groups.js';
export type { OpenFailed, UnsupportedPlatform } from './linux/directory.js';
export type { ProcessCommand, ProcessOutput } from './linux/spawn.js';
export type { SystemCallsUse } from './linux/system-calls.js';
export type { SharedProcessHypervisor } from './shared-process/hypervisor.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Where and what to run. All who share a directory give the same.
 *
 * @since 0.2.0
 */
export interface SharedProcessHypervisorOptions {
  /**
   * Keeps five small files per instance, at most; created if missing. On a local disk, for this use alone, and under the same
   * path for all who share it. They run as one user, and see each other's processes: while it is open in one PID
   * namespace, it cannot be opened in another.
   */
  readonly directory: string;
  /**
   * What an instance runs; asked at every start, in the process that starts. null: no such instance, and its start is
   * refused, as it is for an answer with a field that no `ProcessCommand` has. The command gets its environment through a
   * shell: a variable with a name that no shell has (with a dot, for example) is lost, and PWD is set.
   */
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  /**
   * Milliseconds from SIGTERM to SIGKILL: from 0, which is none at all, to 2^31-1. Default 10,000. A function is asked when a
   * run is told to end, so that a host can have one killed at once; a throw and any other answer count as the default.
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
 * @since 0.2.0
 */
export type SharedOpenError = InvalidOptions | UnsupportedPlatform | OpenFailed;

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * Opens a directory of instances, whoever else has it open. What runs goes on; nothing is started or stopped.
 *
 * Runs are dated by the system's clock, which the controllers use as well (`systemClock`), for it is the one that
 * processes share. How old a run is, and how long it was, is measured since the boot of the machine, whatever the clock is
 * set to meanwhile.
 *
 * Why a run ended is `exit` with any exit code from 0 to 255, `signal`, `out_of_memory` (with a control group whose memory
 * the kernel watches: its own, or that of `ProcessCommand`), or `host`: it was stopped, or it ended with the machine (a boot,
 * a restart of the container). The exit code is null for all but the first. The end of a controller ends no run. To know a
 * code above 128 from a signal, and want of memory, takes a `perl` in the PATH of the command, for a shell cannot; without
 * one such an end is `unknown`.
 *
 * Neither this nor its runs keep the process alive. A service manager that ends a controller must let its other
 * processes be (systemd: `KillMode=process`). It needs `/bin/sh`, and the package `koffi` or the program `flock` of
 * util-linux.
 *
 * @example
 * import { mkdtempSync, rmSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { right } from 'fp-ts/lib/Either.js'
 * import { openSharedProcessHypervisor } from 'restart-policy/adapters/shared-process'
 *
 * const directory = mkdtempSync(join(tmpdir(), 'instances-'))
 * const commandOf = () => ({ command: 'sleep', args: ['60'] })
 * const permit = { revision: 1, check: async () => right(undefined) } // a controller draws real ones
 *
 * const opened = await openSharedProcessHypervisor({ directory, commandOf })()
 * assert.strictEqual(opened._tag, 'Right')
 * if (opened._tag === 'Right') {
 *   await opened.right.start('web-1', permit)()
 *   await opened.right.close()
 * }
 *
 * // The run goes on, and whoever opens the directory next finds it.
 * const again = await openSharedProcessHypervisor({ directory, commandOf })()
 * if (again._tag === 'Right') {
 *   const seen = await again.right.inspect('web-1')()
 *   assert.strictEqual(seen._tag === 'Right' && seen.right.state, 'running')
 *   await again.right.stop('web-1', permit)()
 *   await again.right.close()
 * }
 * rmSync(directory, { recursive: true })
 *
 * @since 0.2.0
 */
export const openSharedProcessHypervisor = (
  options: SharedProcessHypervisorOptions,
): TaskEither<SharedOpenError, SharedProcessHypervisor> => openDirectory(checkSharedProcessOptions(options), open);

type CheckedOptions = Checked<SharedProcessHypervisorOptions>;

const checkSharedProcessOptions = checkOptions<CheckedOptions>({
  directory: directoryOption,
  commandOf: aFunction(),
  graceMs: graceOption,
  controlGroups: controlGroupsOption,
  systemCalls: systemCallsOption,
});

const open = (options: CheckedOptions): Promise<Either<OpenFailed, SharedProcessHypervisor>> => {
  const { directory, commandOf, graceMs } = options;
  const moments = createMoments(machineClock.now);
  // Other than the tags of `adapters/process`, which ends what an earlier owner left behind.
  const key = createHash('sha256').update(`shared:${directory}`).digest('hex');
  return shareDirectory(options, 'shared-process', (shared) =>
    createSharedProcessHypervisor({
      ...shared,
      directory,
      commandOf,
      moments,
      graceMs,
      scan: createScan(),
      reap: createReaper(shared.calls),
      files: createRunFiles(directory, moments),
      tagPrefix: `${key}:`,
      watch: (onChange) => watchFiles(directory, onChange),
    }),
  );
};
