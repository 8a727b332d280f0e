/**
 * A hypervisor whose instances are child processes, for Linux.
 *
 * What it promises, and how:
 * - One owner of a directory at a time, whose death frees it (`process/owner.ts`).
 * - A run's identity is on disk and in its environment before it begins, so that any later owner finds it (A3).
 * - No instance outlives its host: a guardian ends what a host that died left behind (`process/guardian.ts`), and
 *   whoever opens the directory ends what is still there, before anything is started.
 * - Of a run, nothing outlives a stop, nor the end of its first process: neither its process group nor whoever
 *   inherited its environment. Out of reach is only a process that left its group and cleared its environment as well;
 *   and, for the guardian, a command whose first process cleared it.
 * - A start that finds a run on its way out (a stop gave up or failed half-way, what it left behind is being ended) ends it
 *   for good, and is a run of its own. A call that is given up has done by its answer all that it will do.
 *
 * @packageDocumentation
 */
import { createHash, randomUUID } from 'node:crypto';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { aFunction, checkOptions, type InvalidOptions } from '../options.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceId } from '../ports/store.js';
import { type OpenFailed, openDirectory, openFailed, type UnsupportedPlatform } from './linux/directory.js';
import { endProcesses } from './linux/end-processes.js';
import { readHostLife } from './linux/host-life.js';
import { createMoments } from './linux/moments.js';
import { type Checked, clockOption, directoryOption, graceOption } from './linux/options.js';
import { createScan } from './linux/processes.js';
import type { ProcessCommand } from './linux/spawn.js';
import { startGuardian } from './process/guardian.js';
import { createProcessHypervisor, type ProcessHypervisor } from './process/hypervisor.js';
import { takeOwnership } from './process/owner.js';
import { readRecords } from './process/records.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { OpenFailed, UnsupportedPlatform } from './linux/directory.js';
export type { ProcessCommand, ProcessOutput } from './linux/spawn.js';
export type { ProcessHypervisor } from './process/hypervisor.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Where and what to run.
 *
 * @since 0.1.0
 */
export interface ProcessHypervisorOptions {
  /** Keeps one small file per instance; created if missing. On a local disk, and for this use alone. */
  readonly directory: string;
  /** What an instance runs; asked at every start. null: no such instance, and its start is refused. */
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  /**
   * What dates the runs: the controller's clock. Default: the machine's. How old a run is, and how long it was, is measured
   * since the boot of the machine, whatever this clock is set to meanwhile.
   */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /** Milliseconds from SIGTERM to SIGKILL: from 0, which is none at all, to 2^31-1. Default 10,000. */
  readonly graceMs?: Millis | undefined;
}

/**
 * Another process (or this one) has the directory open.
 *
 * @since 0.1.0
 */
export interface DirectoryInUse {
  readonly _tag: 'DirectoryInUse';
  readonly message: string;
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
  openDirectory(checkProcessOptions(options), open);

type CheckedOptions = Checked<ProcessHypervisorOptions>;

const checkProcessOptions = checkOptions<CheckedOptions>({
  directory: directoryOption,
  commandOf: aFunction(),
  clock: clockOption,
  graceMs: graceOption,
});

const open = async (options: CheckedOptions): Promise<Either<OpenError, ProcessHypervisor>> => {
  const key = createHash('sha256').update(options.directory).digest('hex');
  const owned = await takeOwnership(key);
  if (owned._tag === 'Left') {
    return owned.left.code === 'EADDRINUSE'
      ? left({ _tag: 'DirectoryInUse', message: `${options.directory} is in use by another hypervisor` })
      : left(openFailed(owned.left));
  }
  const { release } = owned.right;
  const opened = await openOwned(options, key, release).catch((cause) => left(openFailed(cause)));
  if (opened._tag === 'Left') await release();
  return opened;
};

const openOwned = async (
  { directory, commandOf, clock, graceMs }: CheckedOptions,
  key: string,
  giveUp: () => Promise<void>,
): Promise<Either<OpenFailed, ProcessHypervisor>> => {
  const scan = createScan();

  const ended = await endProcesses({
    find: async () => (await scan()).filter(({ tag }) => tag?.startsWith(`${key}:`)),
    graceMs,
  });
  if (ended._tag === 'Left')
    return left(openFailed(new Error(`what an earlier owner left behind: ${ended.left.message}`)));

  const { records, invalid } = await readRecords(directory);
  // Of this owner alone: the guardian that follows an earlier one to its end must not take our runs for its own.
  const tagPrefix = `${key}:${randomUUID()}:`;
  const guardian = await startGuardian(tagPrefix, graceMs);
  if (guardian._tag === 'Left') return left(openFailed(guardian.left));

  const release = async (): Promise<void> => {
    await guardian.right.close();
    await giveUp();
  };
  return right(
    createProcessHypervisor({
      directory,
      commandOf,
      moments: createMoments(() => clock.now()),
      life: await readHostLife(),
      graceMs,
      scan,
      tagPrefix,
      records,
      invalid,
      release,
    }),
  );
};
