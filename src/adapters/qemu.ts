/**
 * A hypervisor whose instances are virtual machines of QEMU, for Linux. docs/qemu.md is for whoever runs one.
 *
 * What it promises, and how:
 * - A machine outlives its host. Whoever opens the directory next finds it running, and how it ended if it has.
 * - One run per instance, whoever starts it: all processes of a host that have the directory open share one section
 *   per instance (`linux/flock.ts`).
 * - A run's identity is on disk and in its environment before it begins (A3), and its guest does nothing before QEMU's
 *   events are being written down (`qemu/machine.ts`).
 * - The guest's own reset ends the run: there is one owner, and the policy decides what follows.
 * - QEMU is asked over QMP, and only when a file shows that something has changed.
 * - A start that nobody waits for any more is undone before it answers; such a stop ends the run at once, by force.
 *
 * @packageDocumentation
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { aFunction, checkOptions, type InvalidOptions, invalidOptions } from '../options.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceId } from '../ports/store.js';
import { type OpenFailed, openDirectory, type UnsupportedPlatform } from './linux/directory.js';
import { createFlockSection } from './linux/flock.js';
import { readHostLife } from './linux/host-life.js';
import { createMoments } from './linux/moments.js';
import { type Checked, clockOption, directoryOption, graceOption } from './linux/options.js';
import { createEndings } from './qemu/end.js';
import { createQemuHypervisor, type QemuHypervisor } from './qemu/hypervisor.js';
import type { QemuMachine } from './qemu/machine.js';
import { excessOf } from './qemu/run-files.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { OpenFailed, UnsupportedPlatform } from './linux/directory.js';
export type { QemuExit } from './qemu/exit.js';
export type { QemuHypervisor } from './qemu/hypervisor.js';
export type { QemuMachine } from './qemu/machine.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Where and what to run.
 *
 * @since 0.2.0
 */
export interface QemuHypervisorOptions {
  /**
   * Keeps what is known of each instance; created if missing. On a local disk, for this use alone, and with a path of
   * at most 70 bytes or so: it holds sockets, whose paths are short. Any number of processes may have it open.
   */
  readonly directory: string;
  /** What an instance runs; asked at every start. null: no such instance, and its start is refused. */
  readonly machineOf: (id: InstanceId) => QemuMachine | null;
  /**
   * What dates the runs: the controller's clock. Default: the machine's. How old a run is goes by the time since the
   * machine booted, so that a step of this clock changes nothing about it.
   */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /**
   * Milliseconds that a guest has from the press of its power button until QEMU is told to quit, up to 2^31-1. 0: the
   * button is not pressed. Default 10,000.
   */
  readonly graceMs?: Millis | undefined;
  /** Milliseconds that QEMU has from `quit` (it flushes its disks) to SIGKILL, up to 2^31-1. Default 10,000. */
  readonly quitMs?: Millis | undefined;
}

/**
 * Why a directory could not be opened. Nothing is left open.
 *
 * @since 0.2.0
 */
export type QemuOpenError = InvalidOptions | UnsupportedPlatform | OpenFailed;

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * Opens a directory of instances. Machines that run there are found at the first inspection of them, whoever
 * started them, and followed from then on.
 *
 * The exit code is the guest's own where it wrote one to an isa-debug-exit device (1 to 127), 0 where the guest powered
 * itself off, and null otherwise: after a reset, a panic, a kill, and where nobody can tell. A run that was told to end
 * (a stop) has none, whatever it answered. `lastExit` tells more.
 *
 * Why a run ended is `exit` (a code, a power-off, a reset), `panic`, `signal`, `out_of_memory` (with a control group, see
 * `QemuMachine`), or `host`: it was stopped, someone told QEMU to quit, or it ended with the machine that it ran on.
 *
 * It keeps the host's process alive only while a call is under way. Closed or not, the machines go on.
 *
 * @example
 * import { mkdtempSync, rmSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openQemuHypervisor } from 'restart-policy/adapters/qemu'
 *
 * const directory = mkdtempSync(join(tmpdir(), 'machines-'))
 * const disk = (id: string) => `file=/var/lib/machines/${id}.qcow2,if=virtio`
 * const opened = await openQemuHypervisor({
 *   directory,
 *   machineOf: (id) => ({ args: ['-m', '512', '-display', 'none', '-drive', disk(id)] }),
 * })()
 * assert.strictEqual(opened._tag, 'Right')
 * if (opened._tag === 'Right') await opened.right.close()
 * rmSync(directory, { recursive: true })
 *
 * @since 0.2.0
 */
export const openQemuHypervisor = (options: QemuHypervisorOptions): TaskEither<QemuOpenError, QemuHypervisor> =>
  openDirectory(checkQemuOptions(options), open);

type CheckedOptions = Checked<QemuHypervisorOptions>;

const checkQemuOptions = checkOptions<CheckedOptions>({
  directory: directoryOption,
  machineOf: aFunction(),
  clock: clockOption,
  graceMs: graceOption,
  quitMs: graceOption,
});

const open = async ({
  directory,
  machineOf,
  clock,
  graceMs,
  quitMs,
}: CheckedOptions): Promise<Either<InvalidOptions, QemuHypervisor>> => {
  // Known only now: the path that was given may lead to a shorter or a longer one.
  const excess = excessOf(directory);
  if (excess > 0) {
    const message = `directory ${directory} is ${excess} bytes too long to hold the sockets of its machines`;
    return left(invalidOptions([{ option: 'directory', message }]));
  }
  const section = createFlockSection(directory);
  // Whether sections can be had at all is better known now than at the first stop. No instance has this name.
  await section('', async () => {});
  const endings = createEndings(directory, { graceMs, quitMs });
  return right(
    createQemuHypervisor({
      directory,
      machineOf,
      moments: createMoments(() => clock.now()),
      section,
      endings,
      life: await readHostLife(),
    }),
  );
};
