/**
 * Locks of flock(2) on files that we hold open, by a call of the system where there are calls, else by the program
 * `flock`. Both take the same lock, so a process that has calls and one that has none keep each other out.
 *
 * A call must not wait: it would stop the event loop, or in libuv's pool all work on files. So a wait asks again and
 * again, soon at first. That is too seldom against a neighbour who is inside nearly always. So who was out of luck for
 * a second joins the kernel's own queue, through the program, and is woken whenever the lock is free. The kernel does
 * not hand it over: who comes at that very moment may be faster, but not time after time. Where that program cannot be
 * run, the wait goes on asking, and gets in when a question meets a moment in which nobody is inside.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../duration.js';
import { constVoid } from '../../function.js';
import type { CallSignal } from '../../ports/call.js';
import { isGivenUp } from '../common/given-up.js';
import { notEntered } from '../common/section.js';
import { lockByProgram } from './flock-program.js';
import type { SystemCalls } from './system-calls.js';

/** The lock is held as long as any process has the file open under a descriptor that comes from this one. */
export interface FileLocks {
  /** Does not wait. Rejects where the file cannot be locked. */
  readonly ifFree: (fd: number, kind: 'exclusive' | 'shared') => Promise<'locked' | 'taken'>;
  /** For oneself alone. Rejects where it cannot be locked, or the wait was given up: then close the file. */
  readonly wait: (fd: number, signal?: CallSignal) => Promise<void>;
}

export const createFileLocks = (calls: SystemCalls | null): FileLocks =>
  calls === null
    ? {
        ifFree: (fd, kind) => lockByProgram(fd, { kind, waits: false }),
        wait: async (fd, signal) => void (await lockByProgram(fd, { kind: 'exclusive', waits: true, signal })),
      }
    : {
        ifFree: async (fd, kind) => calls.flock(fd, kind),
        wait: (fd, signal) => waitByCalls(calls, fd, signal),
      };

/** Between two questions. */
const firstPause: Millis = 1;
const longestPause: Millis = 50;

/** Of questions without luck. */
const patience: Millis = 1_000;

const waitByCalls = async (calls: SystemCalls, fd: number, signal: CallSignal | undefined): Promise<void> => {
  let queueAt = performance.now() + patience;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    if (isGivenUp(signal)) throw notEntered();
    if (calls.flock(fd, 'exclusive') === 'locked') return;
    if (performance.now() < queueAt) {
      // This timer keeps the event loop alive: somebody waits. It ends where nobody does any more.
      await sleep(pause, undefined, { signal: signal as AbortSignal | undefined }).catch(constVoid);
    } else if (await queue(fd, signal)) {
      return;
    } else {
      queueAt = Number.POSITIVE_INFINITY;
    }
  }
};

/** False: the program cannot be run, or was killed, or the wait was given up; what it may have locked is locked. */
const queue = (fd: number, signal: CallSignal | undefined): Promise<boolean> =>
  lockByProgram(fd, { kind: 'exclusive', waits: true, signal }).then(
    () => true,
    () => false,
  );
