/** Control groups that limit how many processes may be in them, where the system has them (as root). */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * The controller of version 1. A run that the library puts into a group of version 2 is still in its group here, so a limit here
 * is one for runs too.
 */
const pidsController = '/sys/fs/cgroup/pids';

const canWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

export const canLimitProcesses = (): boolean => canWrite(pidsController) && canWrite(`${pidsController}/cgroup.procs`);

/** Makes a group in which there may be so many processes and threads; called after the last part of the name. */
export const limitProcesses = (name: string, limit: number): string => {
  const group = join(pidsController, basename(name));
  mkdirSync(group);
  writeFileSync(join(group, 'pids.max'), String(limit));
  return group;
};

/**
 * A group for one process alone, which is not limited yet, in version 1 or else 2; null: there is none to be had. The library's
 * groups are of version 2, so what it starts may leave a group of that.
 */
export const makeGroupForHost = (name: string): string | null => {
  for (const root of [pidsController, '/sys/fs/cgroup']) {
    const group = join(root, basename(name));
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    if (existsSync(join(group, 'pids.max'))) return group;
    rmdirSync(group);
  }
  return null;
};

/** Puts a process into its group, where it can make no other, until the answer is called. */
export const limitToWhatItHas = (group: string, pid: number): (() => void) => {
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  writeFileSync(join(group, 'pids.max'), readFileSync(join(group, 'pids.current')));
  return () => writeFileSync(join(group, 'pids.max'), 'max');
};

export const membersOf = (group: string): ReadonlyArray<number> =>
  readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);

/** Whether somebody in it was refused another process. */
export const hasReachedLimit = (group: string): boolean =>
  !/^max 0$/m.test(readFileSync(join(group, 'pids.events'), 'utf8'));

/** No: something is in it still. */
export const removeLimit = (group: string): boolean => {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
};

/** What a shell does to enter such a group, whose path the word stands for. */
export const enterLimit = (word: string): string => `echo $$ >"${word}/cgroup.procs"`;
