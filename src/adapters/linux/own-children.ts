/**
 * The children of this process that were spawned by posix_spawn, and how each ended.
 *
 * The system says by SIGCHLD that some child has ended, and only these are asked then: whose end Node waits for is Node's, as
 * these are never Node's. All hypervisors of a process share one listener, which is there only as long as there are such
 * children.
 */

import { isMainThread } from 'node:worker_threads';
import { constVoid } from '../../function.js';
import type { ChildEnd, ProgramToSpawn, SpawnCalls } from './posix-spawn.js';

export interface OwnChild {
  readonly pid: number;
  /** Resolves once, when it has ended; its number is free from then on. */
  readonly exited: Promise<ChildEnd>;
  /** From now on the host may end while the child goes on. */
  readonly unref: () => void;
}

interface Followed {
  readonly wait: SpawnCalls['wait'];
  readonly ended: (end: ChildEnd) => void;
}

const followed = new Map<number, Followed>();

/** null: it cannot be spawned so here, and was not. Throws where the program cannot be run, as Node does. */
export const spawnOwn = (calls: SpawnCalls, program: ProgramToSpawn): OwnChild | null => {
  // To another thread no signal is told.
  if (!isMainThread) return null;
  // Before the spawn, so that no end is missed; and a host that was begun with SIGCHLD ignored would not keep any end.
  listen();
  try {
    const pid = calls.spawn(program);
    return pid === null ? null : follow(pid, calls.wait);
  } finally {
    fallSilent();
  }
};

const follow = (pid: number, wait: SpawnCalls['wait']): OwnChild => {
  // Node's listeners for signals do not keep a process alive, and its children do.
  const alive = setInterval(constVoid, longestInterval);
  const unref = (): void => clearInterval(alive);
  const exited = new Promise<ChildEnd>((resolve) => {
    const ended = (end: ChildEnd): void => {
      unref();
      resolve(end);
    };
    followed.set(pid, { wait, ended });
  });
  return { pid, exited, unref };
};

/** In milliseconds, the longest that Node knows. */
const longestInterval = 2 ** 31 - 1;

// ---------------------------------------------------------------------------
// SIGCHLD
// ---------------------------------------------------------------------------

/** Also where somebody has taken all listeners away. */
const listen = (): void => {
  if (!process.listeners('SIGCHLD').includes(onSignal)) process.on('SIGCHLD', onSignal);
};

const fallSilent = (): void => {
  if (followed.size === 0) process.off('SIGCHLD', onSignal);
};

let isLookDue = false;

/** Many that end at once cost one look. */
const onSignal = (): void => {
  if (isLookDue) return;
  isLookDue = true;
  setImmediate(() => {
    isLookDue = false;
    for (const [pid, { wait, ended }] of followed) {
      const end = wait(pid);
      if (end === null) continue;
      followed.delete(pid);
      ended(end);
    }
    fallSilent();
  });
};
