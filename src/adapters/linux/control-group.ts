/**
 * A run as a control group (version 2): the kernel's own list of all that a run has forked, whatever it does to its session,
 * its group, its title or its environment. To end it is one write, and the kernel says when nothing of it lives any more.
 *
 * A group is removed only when nothing lives in it, and nobody can enter what was removed: so whoever removes the group of a
 * run that may be about to begin knows that it never will.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { constVoid } from 'fp-ts/lib/function.js';
import type { Cancel } from '../../ports/clock.js';
import { type LiveProcess, readProcess } from './processes.js';

export interface ControlGroup {
  /** Where it is mounted. */
  readonly path: string;
  /** Throws when it cannot be made. One that is there already is taken as it is. */
  readonly make: () => void;
  /** Whether anything lives in it, in the groups below it too. No: also where there is no such group. Throws when it is not known. */
  readonly isPopulated: () => boolean;
  /** What lives in it. */
  readonly processes: () => ReadonlyArray<LiveProcess>;
  /** Ends by SIGKILL all that lives in it. Throws where that is not allowed. */
  readonly kill: () => void;
  /** Removes it, and the groups below it. No: something lives in it. */
  readonly remove: () => boolean;
  /** Calls back when nothing lives in it any more; it may call again. Ask `isPopulated` after it was called. */
  readonly whenEmpty: (onEmpty: () => void) => Cancel;
}

/** What all groups of ours are called after: a path from a record leads to nothing else. */
export const groupPrefix = 'restart-policy.';

/** Of a path that a record names. null: it leads to no group of a run, so nothing in it is ever signalled. */
export const recordedGroup = (path: string): ControlGroup | null =>
  normalize(path) === path && basename(dirname(path)).startsWith(groupPrefix) ? controlGroup(path) : null;

/** What a shell runs to enter the group whose path the word, such as `$1`, stands for. It fails where the group is gone. */
export const enterGroup = (path: string): string => `echo 0 >"${path}/cgroup.procs"`;

export const controlGroup = (path: string): ControlGroup => ({
  path,

  make: () => void mkdirSync(path, { recursive: true }),

  isPopulated: () => isPopulated(path),

  processes: () =>
    pidsIn(path).flatMap((pid) => {
      const found = readProcess(pid);
      return found === null ? [] : [found];
    }),

  kill: () => {
    unlessGone(() => writeFileSync(join(path, 'cgroup.kill'), '1'), constVoid);
    // The kernel passes over a process whose first thread has ended, though others of its threads work on.
    for (const pid of pidsIn(path)) killIfThere(pid);
  },

  remove: () => removeGroup(path),

  whenEmpty: (onEmpty) => {
    try {
      const watcher = watch(join(path, 'cgroup.events'), { persistent: false }, () => {
        if (!isPopulated(path)) onEmpty();
      });
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      return constVoid; // it is gone, or there are no more watches: whoever waits asks again after a while
    }
  },
});

const isPopulated = (path: string): boolean =>
  unlessGone(
    () => /^populated 1$/m.test(readFileSync(join(path, 'cgroup.events'), 'latin1')),
    () => false,
  );

/** In it and below it: what a run does with its own group is its own business. */
const pidsIn = (path: string): ReadonlyArray<number> =>
  unlessGone(
    () => [
      ...readFileSync(join(path, 'cgroup.procs'), 'latin1')
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0),
      ...groupsBelow(path).flatMap(pidsIn),
    ],
    () => [],
  );

const groupsBelow = (path: string): ReadonlyArray<string> =>
  unlessGone(
    () =>
      readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(path, name)),
    () => [],
  );

const removeGroup = (path: string): boolean => {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (isGone(error)) return true;
    const below = groupsBelow(path);
    return below.length > 0 && below.map(removeGroup).every(Boolean) && removeGroup(path);
  }
};

const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended; or it is not ours to kill, and stays in the group for everybody to see.
  }
};

const unlessGone = <A>(work: () => A, otherwise: () => A): A => {
  try {
    return work();
  } catch (error) {
    if (isGone(error)) return otherwise();
    throw error;
  }
};

/** A file of a group that was removed while it was open answers that there is no such device. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV');
