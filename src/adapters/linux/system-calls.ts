/**
 * Calls of the operating system that Node has no function for, made through the package `koffi`, where the host has it.
 *
 * - flock(2) locks without a program that must be forked first. Only the call that does not wait: one that waits would
 *   occupy a thread of libuv's pool, and four of them would stop all work on files.
 * - pidfd_open(2) and pidfd_send_signal(2) signal the very process that was meant: a number that was given to another
 *   process meanwhile is seen by its start time, between the two.
 * - waitpid(2) takes note of a child that nobody else waits for.
 *
 * The package is asked for when a hypervisor is opened, and all of it is described here, so that neither our code nor our
 * types need it.
 */
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { oneOf, optional } from '../../options.js';
import type { Check } from '../../validation.js';
import { messageOf } from '../common/answers.js';

/** Each call answers at once, and throws an error with a `code` where the system fails it in a way that is not listed. */
export interface SystemCalls {
  /** On the open file description of the descriptor; never waits. */
  readonly flock: (fd: number, kind: 'exclusive' | 'shared') => 'locked' | 'taken';
  /** Signals the process only if it is the one that began at this time (field 22 of /proc/PID/stat). */
  readonly signal: (pid: number, startTime: number, signal: NodeJS.Signals) => 'sent' | 'gone' | 'forbidden';
  /**
   * Whether a child that has ended was taken note of, and its number is free. False: it has not ended, or it is no child
   * of this process. Of a child that Node spawned, Node would never hear the end.
   */
  readonly reap: (pid: number) => boolean;
}

/** What to do with calls of the system: use them where they can be had, not open without them, or never load the package. */
export type SystemCallsUse = 'auto' | 'required' | 'off';

/** Default `auto`. */
export const systemCallsOption: Check<SystemCallsUse> = optional<SystemCallsUse>(
  'auto',
  oneOf('auto', 'required', 'off'),
);

/**
 * null: there are none, or they are not wanted. Left: they are required, and cannot be had. Also where the package is there
 * and the system refuses pidfd_open: a kernel before 5.3, or a filter of system calls.
 */
export const loadSystemCalls = async (use: SystemCallsUse): Promise<Either<Error, SystemCalls | null>> => {
  if (use === 'off') return right(null);
  try {
    const calls = bind(await loadKoffi());
    if (calls.signal(process.pid, startTimeOf(process.pid) ?? Number.NaN, noSignal) !== 'sent') {
      throw new Error('this process could not be signalled');
    }
    return right(calls);
  } catch (cause) {
    if (use === 'auto') return right(null);
    const what = 'systemCalls is "required": install the package koffi (npm install koffi), which could not be used';
    return left(new Error(`${what}: ${messageOf(cause)}`, { cause }));
  }
};

/** When a process began, in ticks since the boot of its time namespace; null: there is none of this number. */
export const startTimeOf = (pid: number): number | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name, which may hold anything, brackets too. What follows begins with the third.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3]);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
};

// ---------------------------------------------------------------------------
// koffi
// ---------------------------------------------------------------------------

/** As much of the package as is used here. */
interface Koffi {
  readonly load: (path: null) => {
    readonly func: (declaration: string) => (...args: ReadonlyArray<unknown>) => number;
  };
  /** Of the last call. */
  readonly errno: () => number;
}

const loadKoffi = async (): Promise<Koffi> => {
  const loaded: object = await import('koffi');
  // It is one object for `require`, and the default of a module for `import`.
  return ('default' in loaded ? loaded.default : loaded) as Koffi;
};

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
    startTime: number,
    signal: NodeJS.Signals | typeof noSignal,
  ) => 'sent' | 'gone' | 'forbidden';
};

const bind = (koffi: Koffi): Calls => {
  // What this program has loaded: its C library, whichever that is.
  const libc = koffi.load(null);
  const flock = libc.func('int flock(int fd, int operation)');
  const waitpid = libc.func('int waitpid(int pid, void *status, int options)');
  const syscall = libc.func('long syscall(long number, ...)');
  const call = (number: number, ...args: ReadonlyArray<number>): number =>
    syscall(number, ...args.flatMap((arg) => ['long', arg]));

  return {
    flock: (fd, kind) => {
      for (;;) {
        if (flock(fd, lockKinds[kind] | withoutWaiting) === 0) return 'locked';
        const errno = koffi.errno();
        if (errno === EAGAIN) return 'taken';
        if (errno !== EINTR) throw failure('flock', errno);
      }
    },

    signal: (pid, startTime, signal) => {
      const pidfd = call(pidfdOpen, pid, 0);
      if (pidfd === -1) {
        const errno = koffi.errno();
        // EINVAL: the number is that of a thread now, or cannot be one of a process.
        if (errno === ESRCH || errno === EINVAL) return 'gone';
        throw failure('pidfd_open', errno);
      }
      try {
        if (startTimeOf(pid) !== startTime) return 'gone';
        if (call(pidfdSendSignal, pidfd, signal === noSignal ? noSignal : constants.signals[signal], 0, 0) === 0) {
          return 'sent';
        }
        const errno = koffi.errno();
        if (errno === ESRCH) return 'gone';
        if (errno === EPERM) return 'forbidden';
        throw failure('pidfd_send_signal', errno);
      } finally {
        closeSync(pidfd);
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

/** As Node's own are, with a `code`. */
const failure = (call: string, errno: number): NodeJS.ErrnoException => {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${call} failed with ${code}`), { code, errno: -errno, syscall: call });
};
