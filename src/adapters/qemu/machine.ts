/**
 * The machine that the host describes, and what the adapter adds to it.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { otherFields } from '../linux/other-fields.js';
import type { RunFiles } from './run-files.js';

/**
 * What an instance runs.
 *
 * `args` is the machine itself: memory, disks, devices, display. What makes it an instance is added: the QMP socket,
 * the file of its process, and that a reset or a shutdown of the guest ends QEMU. Arguments that contradict that are
 * refused: `-daemonize`, `-pidfile`, `-S`, `-preconfig`, `-no-shutdown`, and `-action` for anything but the watchdog.
 *
 * @since 0.2.0
 */
export interface QemuMachine {
  /** A path, or a name that is looked for in PATH. Default `qemu-system-x86_64`. */
  readonly binary?: string | undefined;
  readonly args: ReadonlyArray<string>;
  /**
   * The directory of a control group of this instance alone (version 2, or the memory controller of version 1), which
   * `binary` enters by itself. A QEMU that SIGKILL ended while the kernel counted an end for want of memory in it has the
   * cause `out_of_memory`. Default: none, and then such an end is told as a signal.
   */
  readonly cgroup?: string | undefined;
}

export const defaultBinary = 'qemu-system-x86_64';

// ---------------------------------------------------------------------------
// refusals
// ---------------------------------------------------------------------------

/** Without their dashes, of which QEMU takes one or two. */
const contradictions: Readonly<Record<string, string>> = {
  daemonize: 'its end could not be seen',
  pidfile: 'by that file the adapter tells its end from a kill',
  S: 'the adapter starts the guest when it is ready to see its end',
  preconfig: 'the adapter starts the guest as soon as QEMU is up',
  'no-shutdown': 'a guest that has shut down would never be seen to end',
};

const ownAction = /(^|,)(reboot|shutdown|panic)=/;

/** A field that is added to the type and not here does not compile. */
const machineFields: Readonly<Record<keyof QemuMachine, true>> = { binary: true, args: true, cgroup: true };

/** Left: what is no machine, or contradicts the adapter, for people. */
export const checkMachine = (machine: QemuMachine): Either<string, void> => {
  const { args } = machine;
  const others = otherFields(machine, Object.keys(machineFields));
  const areTexts = Array.isArray(args) && args.every((arg) => typeof arg === 'string');
  if (others !== null || !areTexts) {
    return left([areTexts ? [] : 'args must be an array of texts', others ?? []].flat().join('; '));
  }
  for (const [index, arg] of args.entries()) {
    if (arg.includes('\0')) return left(`argument ${index + 1} has a zero byte in it`);
    const option = /^--?(.*)$/s.exec(arg)?.[1] ?? '';
    const why = Object.hasOwn(contradictions, option) ? contradictions[option] : undefined;
    if (why !== undefined) return left(`${arg} is not for the host to give: ${why}`);
    if (option === 'action' && ownAction.test(args[index + 1] ?? '')) {
      return left(`-action ${args[index + 1]} is not for the host to give: what the guest does must end the run`);
    }
  }
  return right(undefined);
};

// ---------------------------------------------------------------------------
// arguments
// ---------------------------------------------------------------------------

/**
 * Ours come last: of an option that can be given once, QEMU takes the last.
 *
 * There are two QMP monitors. One is the socket. The other speaks with two files: it reads its one command, the
 * agreement on the protocol, and from then on writes every event. A socket serves one client at a time, and forgets
 * what it could not send; the file is there for every controller that shares the directory, and for the one that comes
 * after the end. `pipe` is QEMU's name for a pair of paths; it does not ask what kind of file they are.
 */
export const argumentsOf = ({ args }: QemuMachine, files: RunFiles): ReadonlyArray<string> => [
  ...args,
  '-chardev',
  `socket,id=restart-policy-qmp,path=${quoted(files.socket)},server=on,wait=off`,
  '-mon',
  'chardev=restart-policy-qmp,mode=control',
  '-chardev',
  `pipe,id=restart-policy-events,path=${quoted(files.events)}`,
  '-mon',
  'chardev=restart-policy-events,mode=control',
  '-pidfile',
  files.pid,
  // One owner: a reset ends the run, and the policy decides what follows.
  '-no-reboot',
  '-action',
  'reboot=shutdown,shutdown=poweroff,panic=shutdown',
  // The guest does nothing before we let it go: no event is missed, and it never runs before its run is recorded.
  '-S',
];

/** In QEMU's lists a comma ends a value, and two are one. */
const quoted = (path: string): string => path.replaceAll(',', ',,');
