/**
 * How a run of a virtual machine ended, from what QEMU and its shell left behind.
 */
import type { EndCause } from '../../event.js';
import type { QmpEvent } from './messages.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * How the last run of an instance ended.
 *
 * - `GuestExit`: the guest wrote `code` to an isa-debug-exit device. 1 to 127: QEMU's exit status is `2 * code + 1`,
 *   of eight bits, and that of 0 is the one of a QEMU that failed.
 * - `GuestShutdown`: the guest powered itself off.
 * - `GuestReset`: the guest reset itself, or its processor did (a triple fault).
 * - `GuestPanicked`: the guest reported a panic, through a pvpanic device for one.
 * - `HostQuit`: QEMU ended in order because someone on the host said so: `quit` over QMP, SIGTERM, a closed window.
 *   `reason` is QEMU's own, such as `host-qmp-quit`.
 * - `Killed`: a signal ended QEMU; `signal` is its number.
 * - `Unknown`: nobody can tell; `explanation` says what is known.
 *
 * @since 0.2.0
 */
export type QemuExit =
  | { readonly _tag: 'GuestExit'; readonly code: number }
  | { readonly _tag: 'GuestShutdown' }
  | { readonly _tag: 'GuestReset' }
  | { readonly _tag: 'GuestPanicked' }
  | { readonly _tag: 'HostQuit'; readonly reason: string }
  | { readonly _tag: 'Killed'; readonly signal: number }
  | { readonly _tag: 'Unknown'; readonly explanation: string };

/** What is left of a run that is over. */
export interface Remains {
  /** As the shell has it: 128 and the signal's number, when a signal ended QEMU. null: the shell was killed too. */
  readonly exitStatus: number | null;
  /** The file is there that QEMU removes whenever it ends by itself, in whatever way. */
  readonly hasPidFile: boolean;
  /** QEMU's events, or the last of them, in their order. */
  readonly events: ReadonlyArray<QmpEvent>;
}

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

const firstSignal = 129;

export const exitOf = ({ exitStatus, hasPidFile, events }: Remains): QemuExit => {
  const reason = shutdownReason(events);
  if (reason !== null) return exitFor(reason);
  if (exitStatus === null) return unknown('QEMU is gone, and so is the shell that would have told how it ended');
  // 137 is SIGKILL, and the guest's 68 as well: what tells them apart is that QEMU had time to remove its file.
  if (exitStatus >= firstSignal && hasPidFile) return { _tag: 'Killed', signal: exitStatus - 128 };
  // isa-debug-exit ends QEMU on the spot, without an event.
  if (exitStatus > 1 && exitStatus % 2 === 1) return { _tag: 'GuestExit', code: (exitStatus - 1) / 2 };
  return unknown(`QEMU ended with status ${exitStatus} and gave no reason`);
};

/** QEMU's events say that it is about to end: nothing of the guest runs any more. */
export const isLeaving = (events: ReadonlyArray<QmpEvent>): boolean => shutdownReason(events) !== null;

const shutdownReason = (events: ReadonlyArray<QmpEvent>): string | null => {
  const reasons = events.filter(({ name }) => name === 'SHUTDOWN').map(({ data }) => data['reason']);
  const last = reasons.at(-1);
  return typeof last === 'string' ? last : null;
};

const exitFor = (reason: string): QemuExit => {
  switch (reason) {
    case 'guest-shutdown':
      return { _tag: 'GuestShutdown' };
    case 'guest-reset':
      return { _tag: 'GuestReset' };
    case 'guest-panic':
      return { _tag: 'GuestPanicked' };
    default:
      return reason.startsWith('host-') ? { _tag: 'HostQuit', reason } : unknown(`QEMU's reason is ${reason}`);
  }
};

const unknown = (explanation: string): QemuExit => ({ _tag: 'Unknown', explanation });

/**
 * The exit code for a policy. 0, a clean exit, only when the guest powered itself off: that is how the work of a
 * machine ends well. The guest's own code, when it gave one. Everything else is null, which counts as failure: a guest
 * that reset wants to run again (under `on_failure` a 0 would keep it down), a panic has no code, and a QEMU that
 * someone or something ended from outside has not ended its work.
 */
export const exitCodeOf = (exit: QemuExit): number | null => {
  switch (exit._tag) {
    case 'GuestExit':
      return exit.code;
    case 'GuestShutdown':
      return 0;
    case 'GuestReset':
    case 'GuestPanicked':
    case 'HostQuit':
    case 'Killed':
    case 'Unknown':
      return null;
  }
};

/**
 * Why the run ended, for a policy's rules. A guest that reset ended by itself as one that powered off did, though it has
 * no code. What someone on the host told QEMU is the host's doing; a signal that gave it no time to say so is a signal.
 */
export const causeOf = (exit: QemuExit): EndCause => {
  switch (exit._tag) {
    case 'GuestExit':
    case 'GuestShutdown':
    case 'GuestReset':
      return 'exit';
    case 'GuestPanicked':
      return 'panic';
    case 'HostQuit':
      return 'host';
    case 'Killed':
      return 'signal';
    case 'Unknown':
      return 'unknown';
  }
};
