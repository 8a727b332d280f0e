/**
 * Calls of the operating system that Node has no function for, made through the package `koffi`, where the host has it.
 *
 * - flock(2) locks without a program that must be forked first. Only the call that does not wait: one that waits would
 *   occupy a thread of libuv's pool, and four of them would stop all work on files.
 * - pidfd_open(2) and pidfd_send_signal(2) signal the very process that was meant: a number that was given to another
 *   process meanwhile is seen by its start time, between the two.
 * - waitpid(2) takes note of a child that nobody else waits for.
 * - posix_spawn(3) spawns without a copy of this process (posix-spawn.ts).
 *
 * The package is asked for when a hypervisor is opened, and all of it is described here, so that neither our code nor
 * our types need it.
 */
import { constants } from 'node:os';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { oneOf, optional } from '../../options.js';
import type { Check } from '../../validation.js';
import { messageOf } from '../common/answers.js';
import { failure, type Koffi } from './c-library.js';
import { bindSpawn, type SpawnCalls } from './posix-spawn.js';
import { startTicksOf } from './processes.js';

/**
 * Each call answers at once, or when a program has begun, and throws an error with a `code` where the system fails it in a way
 * that is not listed.
 */
export interface SystemCalls extends SpawnCalls {
  /** On the open file description of the descriptor; never waits. */
  readonly flock: (fd: number, kind: 'exclusive' | 'shared') => 'locked' | 'taken';
  /** Signals the process only if it is the one that began at this time (field 22 of /proc/PID/stat). */
  readonly signal: (pid: number, startTicks: number, signal: NodeJS.Signals) => 'sent' | 'gone' | 'forbidden';
  /**
   * Whether a child that has ended was taken note of, and its number is free. False: it has not ended, or it is no
   * child of this process. Of a child that Node spawned, Node would never hear the end.
   */
  readonly reap: (pid: number) => boolean;
}

/**
 * What to do with calls of the system: use them where they can be had, not open without them, or never load the
 * package.
 *
 * @since 0.2.0
 */
export type SystemCallsUse = 'auto' | 'required' | 'off';

/** Default `auto`. */
export const systemCallsOption: Check<SystemCallsUse> = optional<SystemCallsUse>(
  'auto',
  oneOf('auto', 'required', 'off'),
);

/**
 * null: there are none, or they are not wanted. Left: they are required, and cannot be had. Also where the package is
 * there and the system refuses pidfd_open: a kernel before 5.3, or a filter of system calls.
 */
export const loadSystemCalls = async (use: SystemCallsUse): Promise<Either<Error, SystemCalls | null>> => {
  if (use === 'off') return right(null);
  try {
    // Both `try` and `catch`: by one or the other a bundler knows that the package need not be there.
    const loaded: object = await import('koffi').catch((cause: unknown) => Promise.reject(cause));
    // It is one object for `require`, and the default of a module for `import`.
    const calls = bind(('default' in loaded ? loaded.default : loaded) as Koffi);
    if (calls.signal(process.pid, startTicksOf(process.pid) ?? Number.NaN, noSignal) !== 'sent') {
      throw new Error('this process could not be signalled');
    }
    return right(calls);
  } catch (cause) {
    if (use === 'auto') return right(null);
    const what = 'systemCalls is "required": install the package koffi (npm install koffi), which could not be used';
    return left(new Error(`${what}: ${messageOf(cause)}`, { cause }));
  }
};

// ---------------------------------------------------------------------------
// koffi
// ---------------------------------------------------------------------------

/** Not a signal: the kernel only looks whether one could be sent. */
const noSignal = 0;

/** LOCK_SH, LOCK_EX, LOCK_NB and WNOHANG. */
const lockKinds = { shared: 1, exclusive: 2 } as const;
const withoutWaiting = 4;
const ifEnded = 1;

/** Numbers of the newer calls, the same on every architecture that the package is made for. */
const pidfdOpen = 434;
const pidfdSendSignal = 424;

const { EAGAIN, EINVAL, EPERM, ESRCH, ECHILD, EINTR } = constants.errno;

type Calls = Omit<SystemCalls, 'signal'> & {
  readonly signal: (
    pid: number,
    startTicks: number,
    signal: NodeJS.Signals | typeof noSignal,
  ) => 'sent' | 'gone' | 'forbidden';
};

const bind = (koffi: Koffi): Calls => {
  // What this program has loaded: its C library, whichever that is.
  const libc = koffi.load(null);
  const flock = libc.func('int flock(int fd, int operation)');
  const waitpid = libc.func('int waitpid(int pid, void *status, int options)');
  // Node's own would warn, in another thread, of a descriptor that it did not open.
  const close = libc.func('int close(int fd)');
  const syscall = libc.func('long syscall(long number, ...)');
  const call = (number: number, ...args: ReadonlyArray<number>): number =>
    syscall(number, ...args.flatMap((arg) => ['long', arg]));

  return {
    ...bindSpawn(koffi, libc),

    flock: (fd, kind) => {
      for (;;) {
        if (flock(fd, lockKinds[kind] | withoutWaiting) === 0) return 'locked';
        const errno = koffi.errno();
        if (errno === EAGAIN) return 'taken';
        if (errno !== EINTR) throw failure('flock', errno);
      }
    },

    signal: (pid, startTicks, signal) => {
      const pidfd = call(pidfdOpen, pid, 0);
      if (pidfd === -1) {
        const errno = koffi.errno();
        // EINVAL: the number is that of a thread now, or cannot be one of a process.
        if (errno === ESRCH || errno === EINVAL) return 'gone';
        throw failure('pidfd_open', errno);
      }
      try {
        if (startTicksOf(pid) !== startTicks) return 'gone';
        if (call(pidfdSendSignal, pidfd, signal === noSignal ? noSignal : constants.signals[signal], 0, 0) === 0) {
          return 'sent';
        }
        const errno = koffi.errno();
        if (errno === ESRCH) return 'gone';
        if (errno === EPERM) return 'forbidden';
        throw failure('pidfd_send_signal', errno);
      } finally {
        close(pidfd);
      }
    },

    reap: (pid) => {
      const found = waitpid(pid, null, ifEnded);
      if (found !== -1) return found === pid;
      const errno = koffi.errno();
      if (errno !== ECHILD && errno !== EINTR) throw failure('waitpid', errno);
      return false;
    },
  };
};
