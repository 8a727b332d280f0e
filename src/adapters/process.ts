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
 *
 * @packageDocumentation
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceId } from '../ports/store.js';
import { endProcesses, graceOf } from './linux/end-processes.js';
import { createScan } from './linux/processes.js';
import { readRecords } from './linux/run-record.js';
import type { ProcessCommand } from './linux/spawn.js';
import { startGuardian } from './process/guardian.js';
import { createProcessHypervisor, type ProcessHypervisor } from './process/hypervisor.js';
import { takeOwnership } from './process/owner.js';
import { systemClock } from './system-clock.js';

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
  /** What dates the runs: the controller's clock. Default `systemClock`. */
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
 * Not on this operating system: what keeps the promises is Linux's own.
 *
 * @since 0.1.0
 */
export interface UnsupportedPlatform {
  readonly _tag: 'UnsupportedPlatform';
  readonly message: string;
}

/**
 * The directory cannot be used, or something that the promises rest on cannot be had.
 *
 * @since 0.1.0
 */
export interface OpenFailed {
  readonly _tag: 'OpenFailed';
  readonly message: string;
  readonly cause: unknown;
}

/**
 * Why a directory could not be opened. Nothing is left open.
 *
 * @since 0.1.0
 */
export type OpenError = DirectoryInUse | UnsupportedPlatform | OpenFailed;

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * Opens a directory of instances, and answers when nothing of its earlier owners' runs lives any more (which may take
 * the grace). Their last runs are known: `startedAt`, and, where the owner lived to see it, `stoppedAt` and `exitCode`.
 *
 * The exit code of a run that was told to end (a stop, a close) is null, like that of one that a signal ended: what a
 * program answers to SIGTERM is not how its work ended.
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
export const openProcessHypervisor =
  (options: ProcessHypervisorOptions): TaskEither<OpenError, ProcessHypervisor> =>
  async () => {
    if (process.platform !== 'linux') {
      return left({
        _tag: 'UnsupportedPlatform',
        message: `instances as child processes need Linux; this is ${process.platform}`,
      });
    }
    try {
      await mkdir(options.directory, { recursive: true });
      const directory = await realpath(options.directory);
      const key = createHash('sha256').update(directory).digest('hex');
      const owned = await takeOwnership(key);
      if (owned._tag === 'Left') {
        return owned.left.code === 'EADDRINUSE'
          ? left({ _tag: 'DirectoryInUse', message: `${directory} is in use by another hypervisor` })
          : left(openFailed(owned.left));
      }
      const { release } = owned.right;
      const opened = await openOwned(options, directory, key, release).catch((cause) => left(openFailed(cause)));
      if (opened._tag === 'Left') await release();
      return opened;
    } catch (cause) {
      return left(openFailed(cause));
    }
  };

const openOwned = async (
  options: ProcessHypervisorOptions,
  directory: string,
  key: string,
  giveUp: () => Promise<void>,
): Promise<Either<OpenError, ProcessHypervisor>> => {
  const { commandOf, clock = systemClock } = options;
  const graceMs = graceOf(options.graceMs);
  const scan = createScan();

  const alive = await endProcesses({
    find: async () => (await scan()).filter(({ tag }) => tag?.startsWith(`${key}:`)),
    graceMs,
  });
  if (alive.length > 0) {
    const pids = alive.map(({ pid }) => pid).join(', ');
    return left(openFailed(new Error(`not allowed to end what an earlier owner left behind: process ${pids}`)));
  }

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
      now: () => clock.now(),
      graceMs,
      scan,
      tagPrefix,
      records,
      invalid,
      release,
    }),
  );
};

const openFailed = (cause: unknown): OpenFailed => ({
  _tag: 'OpenFailed',
  message: cause instanceof Error ? cause.message : String(cause),
  cause,
});
