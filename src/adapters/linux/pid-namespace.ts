/**
 * One PID namespace at a time has a directory open.
 *
 * Who opens it from another one, such as a container that shares the directory alone, does not see the processes of the
 * first: to it every run seems to be over, and it would start second copies. Each namespace has a file here, which each
 * who opens the directory keeps locked together with the others of the namespace. Whoever finds the file of another one
 * locked is refused.
 */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { FileLocks } from './file-locks.js';

/** The directory is open in this PID namespace. */
export interface Presence {
  /** Whoever inherits this descriptor keeps the others out as long as it lives. */
  readonly fd: number;
  /** Idempotent. */
  readonly leave: () => void;
}

const prefix = '.pid-namespace-';

/**
 * Left: it is open in another one. Rejects where that cannot be known. Only one at a time may be entering: two who look
 * at the same file, or at each other's, would take each other for whom they look for.
 */
export const enterPidNamespace = async (directory: string, locks: FileLocks): Promise<Either<Error, Presence>> => {
  const own = prefix + pidNamespace();
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix));
  let isThere = names.includes(own);
  for (const name of names.filter((other) => other !== own)) {
    const state = await lookAt(join(directory, name), locks, isThere ? null : join(directory, own));
    if (state === 'taken') {
      const why = 'in which what runs is not seen from here; all who share it need one PID namespace';
      return left(new Error(`${directory} is open in another PID namespace, ${why}`));
    }
    isThere = true;
  }
  const presence = open(join(directory, own));
  try {
    if ((await locks.ifFree(presence.fd, 'shared')) === 'locked') return right(presence);
    throw new Error(`${own} in ${directory} is locked by a stranger`);
  } catch (error) {
    presence.leave();
    throw error;
  }
};

const open = (path: string): Presence => {
  // Not to be written: a file that is open for that keeps its disk from being made read-only.
  const fd = openSync(path, constants.O_RDONLY | constants.O_CREAT);
  let isOpen = true;
  return {
    fd,
    leave: () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
};

/**
 * A file that nobody has locked is of a namespace that is gone, or left, and nobody else enters now: it goes, or becomes
 * ours where we have none, so that a new container gets the directory on a full disk too.
 */
const lookAt = async (path: string, locks: FileLocks, becomes: string | null): Promise<'locked' | 'taken'> => {
  const other = open(path);
  try {
    const answer = await locks.ifFree(other.fd, 'exclusive');
    if (answer === 'locked') await (becomes === null ? rm(path, { force: true }) : rename(path, becomes));
    return answer;
  } finally {
    other.leave();
  }
};

/** The number by which the kernel tells it from the others that are there. */
const pidNamespace = (): string => {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'only'; // a kernel without them
    throw error;
  }
};
