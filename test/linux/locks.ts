/** Sections by each kind of lock, which say when somebody else was in the way. */
import { createFileLocks, type FileLocks } from '../../src/adapters/linux/file-locks.js';
import { createFlockSection, type FlockSection } from '../../src/adapters/linux/flock.js';
import { loadSystemCalls, type SystemCalls } from '../../src/adapters/linux/system-calls.js';
import { right } from '../support/either.js';

export type LocksBy = 'system_call' | 'program';

export const systemCalls = async (): Promise<SystemCalls> => {
  const calls = right(await loadSystemCalls('required'));
  if (calls === null) throw new Error('there are no calls of the system');
  return calls;
};

export const fileLocks = async (by: LocksBy): Promise<FileLocks> =>
  createFileLocks(by === 'program' ? null : await systemCalls());

export interface WatchedSection {
  readonly section: FlockSection;
  /** A call was told that somebody else has the lock. By the program it never is: the kernel lists who waits. */
  readonly isRefused: Promise<void>;
}

export const flockSection = async (directory: string, by: LocksBy): Promise<WatchedSection> => {
  if (by === 'program') {
    return { section: createFlockSection(directory, await fileLocks(by)), isRefused: new Promise(() => {}) };
  }
  const calls = await systemCalls();
  let section: FlockSection | null = null;
  const isRefused = new Promise<void>((refused) => {
    const flock: SystemCalls['flock'] = (fd, kind) => {
      const answer = calls.flock(fd, kind);
      if (answer === 'taken') refused();
      return answer;
    };
    section = createFlockSection(directory, createFileLocks({ ...calls, flock }));
  });
  if (section === null) throw new Error('there is no section');
  return { section, isRefused };
};
