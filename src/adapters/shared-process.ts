/**
 * A hypervisor whose instances are processes of this host, shared by any number of controller processes, for Linux.
 *
 * What it promises, and how:
 * - Runs outlive the controller that started them, and every controller that has the directory open sees, starts and
 *   stops them. Of one instance, one call at a time on the whole host (`linux/flock.ts`).
 * - A run's identity is on disk and in its environment before it begins, so that whoever comes later finds it (A3).
 * - How a run ended is known also when its controller is gone: a small shell waits for it (`shared-process/shim.ts`).
 * - Of an instance, nothing outlives a stop. What a run that ends by itself leaves behind in its process group is told
 *   to end (SIGTERM), and ended before the next start; what left the group is ended by the next stop. Out of reach is
 *   only a process that cleared its environment, and left its group or lost every other member of it.
 * - That a run was told to end is on disk before it is. So a start that finds such a run still living (a stop gave up, failed
 *   or died half-way) ends it for good, whoever told it, and is a run of its own. A call that is given up has done by its
 *   answer all that it will do.
 *
 * A host that lets its instances die with it uses `adapters/process`.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto';
import { type Either, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { aFunction, checkOptions, type InvalidOptions } from '../options.js';
import type { InstanceId } from '../ports/store.js';
import { machineClock } from './common/machine-clock.js';
import { type OpenFailed, openDirectory, type UnsupportedPlatform } from './linux/directory.js';
import { checkFlock, createFlockSection } from './linux/flock.js';
import { readHostLife } from './linux/host-life.js';
import { createMoments } from './linux/moments.js';
import { type Checked, directoryOption, graceOption } from './linux/options.js';
import { createScan } from './linux/processes.js';
import type { ProcessCommand } from './linux/spawn.js';
import { watchFiles } from './linux/watch.js';
import { createRunFiles } from './shared-process/files.js';
import { createSharedProcessHypervisor, type SharedProcessHypervisor } from './shared-process/hypervisor.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { OpenFailed, UnsupportedPlatform } from './linux/directory.js';
export type { ProcessCommand, ProcessOutput } from './linux/spawn.js';
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
   * Keeps four small files per instance; created if missing. On a local disk, for this use alone, and under the same
   * path for all who share it. They run as one user, and see each other's processes (one PID namespace).
   */
  readonly directory: string;
  /**
   * What an instance runs; asked at every start, in the process that starts. null: no such instance, and its start is
   * refused. The command gets its environment through a shell: a variable with a name that no shell has (with a dot,
   * for example) is lost, and PWD is set.
   */
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  /** Milliseconds from SIGTERM to SIGKILL: from 0, which is none at all, to 2^31-1. Default 10,000. */
  readonly graceMs?: Millis | undefined;
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
 * Why a run ended is `exit` with any exit code from 0 to 255, `signal`, `out_of_memory` (with a control group, see
 * `ProcessCommand`), or `host`: it was stopped, or it ended with the machine (a boot, a restart of the container). The exit
 * code is null for all but the first. The end of a controller ends no run. To know a code above 128 from a signal, and
 * want of memory, takes a `perl` in the PATH of the command, for a shell cannot; without one such an end is `unknown`.
 *
 * Neither this nor its runs keep the process alive. A service manager that ends a controller must let its other
 * processes be (systemd: `KillMode=process`). It needs `/bin/sh` and the program `flock` of util-linux.
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
});

const open = async ({
  directory,
  commandOf,
  graceMs,
}: CheckedOptions): Promise<Either<never, SharedProcessHypervisor>> => {
  await checkFlock(directory);
  const moments = createMoments(machineClock.now);
  // Other than the tags of `adapters/process`, which ends what an earlier owner left behind.
  const key = createHash('sha256').update(`shared:${directory}`).digest('hex');
  return right(
    createSharedProcessHypervisor({
      directory,
      commandOf,
      moments,
      graceMs,
      scan: createScan(),
      section: createFlockSection(directory),
      files: createRunFiles(directory, moments),
      tagPrefix: `${key}:`,
      life: await readHostLife(),
      watch: (onChange) => watchFiles(directory, onChange),
    }),
  );
};
