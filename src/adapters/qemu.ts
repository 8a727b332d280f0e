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
 * - A directory is open in one PID namespace at a time, for what runs in one is not seen from another.
 * - A start that nobody waits for any more is undone before it answers; such a stop ends the run at once, by force.
 * - The room for all that is written of the end of a run is taken before it begins, so a disk that is full by then does not
 *   lose it. That it was told to end, or lost, is written when it can be, where the disk cannot be written; and told by
 *   `onFault`.
 *
 * What a run is known by, when its host and its shell are dead, is one of two (`capabilities.runsKnownBy`):
 * - `control_group`: its group, in which everything is that its shell, its binary and QEMU start. Nothing of it is missed,
 *   whatever it does to its session, name or environment; a stop, and the next start, end what QEMU left behind; and a run
 *   that was found to be gone cannot begin any more. A binary that moves QEMU to another group of version 2 takes that away
 *   for what QEMU starts there; QEMU itself is known all the same.
 * - `process`: the numbers of its shell and of QEMU with the moments at which they began, which no other process shares;
 *   what these have forked; and the run variable in the environment. A program besides QEMU that left its parents, and has
 *   no environment of theirs, is not found; what QEMU leaves behind when it ends in order is not looked for; and a shell that
 *   was forked at the very moment its host died may be missed.
 *
 * With calls of the system (`systemCalls`) a lock needs no other program. Without them each start and each stop forks the
 * program `flock`, which cannot be where the system has no room for another process.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { left } from '../either.js';
import { aFunction, checkOptions, type InvalidOptions, invalidOptions } from '../options.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceId } from '../ports/store.js';
import { type ControlGroupsUse, controlGroupsOption } from './linux/control-groups.js';
import { type OpenFailed, openDirectory, type UnsupportedPlatform } from './linux/directory.js';
import { createEndsToWrite } from './linux/ends-to-write.js';
import { createMoments } from './linux/moments.js';
import { type Checked, clockOption, directoryOption, graceOption, spanOption } from './linux/options.js';
import { createReaper } from './linux/reap.js';
import { shareDirectory } from './linux/share-directory.js';
import { type SystemCallsUse, systemCallsOption } from './linux/system-calls.js';
import { createEndings } from './qemu/end.js';
import { createQemuHypervisor, type QemuHypervisor } from './qemu/hypervisor.js';
import { createLeftChildren } from './qemu/left-children.js';
import type { QemuMachine } from './qemu/machine.js';
import { excessOf } from './qemu/run-files.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { LinuxCapabilities } from './linux/capabilities.js';
export type { ControlGroupsUse } from './linux/control-groups.js';
export type { OpenFailed, UnsupportedPlatform } from './linux/directory.js';
export type { SystemCallsUse } from './linux/system-calls.js';
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
   * button is not pressed. Default 10,000. A function is asked when a machine is told to end; a throw and any other answer
   * count as the default.
   */
  readonly graceMs?: Millis | ((id: InstanceId) => Millis) | undefined;
  /** Milliseconds that QEMU has from `quit` (it flushes its disks) to SIGKILL, up to 2^31-1. Default 10,000. */
  readonly quitMs?: Millis | undefined;
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
  quitMs: spanOption,
  controlGroups: controlGroupsOption,
  systemCalls: systemCallsOption,
});

const open = async (options: CheckedOptions): Promise<Either<InvalidOptions | OpenFailed, QemuHypervisor>> => {
  const { directory, machineOf, clock, graceMs, quitMs } = options;
  // Known only now: the path that was given may lead to a shorter or a longer one.
  const excess = excessOf(directory);
  if (excess > 0) {
    const message = `directory ${directory} is ${excess} bytes too long to hold the sockets of its machines`;
    return left(invalidOptions([{ option: 'directory', message }]));
  }
  const unwritten = createEndsToWrite();
  return shareDirectory(options, 'qemu', (shared) => {
    const leftChildren = createLeftChildren(directory, createReaper(shared.calls));
    return createQemuHypervisor({
      ...shared,
      directory,
      machineOf,
      moments: createMoments(() => clock.now()),
      endings: createEndings(directory, { graceMs, quitMs }, { ...shared, unwritten, leftChildren }),
      leftChildren,
      unwritten,
    });
  });
};
