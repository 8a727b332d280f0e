/** Control groups that limit how many processes may be in them, where the system has them (version 1, as root). */
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where the controller of the number of processes (of version 1) can be had: a group of it limits what is in it. */
export const pidsController = '/sys/fs/cgroup/pids';

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
