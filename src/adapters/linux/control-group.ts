/**
 * A run as a control group (version 2): the kernel's own list of all that a run has forked, whatever it does to its session,
 * its group, its title or its environment. To end it is one write, and the kernel says when nothing of it lives any more.
 *
 * A group is removed only when nothing lives in it, and nobody can enter what was removed: so whoever removes the group of a
 * run that may be about to begin knows that it never will.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { constVoid } from '../../function.js';
import { isNone, tryCatch } from '../../option.js';
import type { Cancel } from '../../ports/clock.js';
import { messageOf } from '../common/answers.js';
import { type LiveProcess, readProcess } from './processes.js';

export interface ControlGroup {
  /** Where it is mounted. */
  readonly path: string;
  /** As the kernel names it to those in it; null: not known, for it was found in a record. */
  readonly name: string | null;
  /** Throws when it cannot be made. One that is there already is taken as it is. */
  readonly make: () => void;
  /** Whether anything lives in it, in the groups below it too. No: also where there is no such group. Throws when it is not known. */
  readonly isPopulated: () => boolean;
  /** What lives in it. Throws when it is not known. */
  readonly processes: () => ReadonlyArray<LiveProcess>;
  /** Ends by SIGKILL all that lives in it. Throws where that is not allowed. */
  readonly kill: () => void;
  /** Removes it, and the groups below it. No: something lives in it, or it is not known. Never throws. */
  readonly remove: () => boolean;
  /** Removes those below it in which nothing lives. Throws when it is not known which there are. */
  readonly removeBelow: () => void;
  /**
   * Calls back when nothing lives in it any more, or that is not known; it may call again. Ask `isPopulated` after it was
   * called.
   */
  readonly whenEmpty: (onEmpty: () => void) => Cancel;
}

/** What all groups of ours are called after: a path from a record leads to nothing else. */
export const groupPrefix = 'restart-policy.';

/**
 * The group that the record of a run names. null: none, or none that is seen from here (it was removed; or it lies in the
 * mounts of another container), and then nothing follows from that; or the path leads to no group of a run, so nothing in it
 * is ever signalled.
 */
export const recordedGroup = ({ group }: { readonly group?: string }): ControlGroup | null =>
  group !== undefined && isOfRun(group) && existsSync(group) ? controlGroup(group) : null;

const isOfRun = (path: string): boolean => normalize(path) === path && basename(dirname(path)).startsWith(groupPrefix);

/** The group of a run that is about to be spawned. Left: it could not be made. null: it has none. */
export const makeGroup = (group: ControlGroup | null): Either<Error, void> => {
  try {
    return right(group?.make());
  } catch (cause) {
    // Without the code of the cause: that there is no such file says nothing of the program that was to run.
    return left(new Error(`its control group could not be made: ${messageOf(cause)}`, { cause }));
  }
};

/** What a shell runs to enter the group whose path the word, such as `$1`, stands for. It fails where the group is gone. */
export const enterGroup = (path: string): string => `echo 0 >"${path}/cgroup.procs"`;

export const controlGroup = (path: string, name: string | null = null): ControlGroup => ({
  path,
  name,

  make: () => {
    const made = tryCatch(() => mkdirSync(path, { recursive: true }));
    // The one above it may have been removed in between, by somebody who has closed.
    if (isNone(made)) mkdirSync(path, { recursive: true });
  },

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

  removeBelow: () => groupsBelow(path).forEach(removeGroup),

  whenEmpty: (onEmpty) => {
    try {
      const watcher = watch(join(path, 'cgroup.events'), { persistent: false }, () => {
        const populated = tryCatch(() => isPopulated(path));
        if (isNone(populated) || !populated.value) onEmpty();
      });
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      return constVoid; // it is gone, or there are no more watches: whoever waits asks again after a while
    }
  },
});

/** Not known: then something may live in it. */
export const mayBePopulated = (group: ControlGroup): boolean => {
  const populated = tryCatch(() => group.isPopulated());
  return isNone(populated) || populated.value;
};

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
    const below = tryCatch(() => groupsBelow(path));
    if (isNone(below) || below.value.length === 0) return false;
    return below.value.map(removeGroup).every(Boolean) && removeGroup(path);
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
