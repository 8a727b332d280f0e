/**
 * Sections that all processes of a host share: of all the work under one key, one at a time, whoever does it.
 *
 * A lock of flock(2) belongs to an open file description, that is, to all processes that hold a descriptor of it
 * (`file-locks.ts`). Therefore
 * - no other process is needed inside a section, and none can end it;
 * - the kernel releases the lock when we close the file, or end, in whatever way; never because time passed: a holder
 *   that is stopped or slow keeps it;
 * - who gives up waiting closes the file;
 * - whatever we spawn inside does not hold it, for Node opens every file to be closed on exec. A child between fork and
 *   exec does hold it: so whoever gets in after a holder's death finds that all it spawned has become its program.
 * - where there are calls of the system, a section that nobody else is in needs no process and no thread that is not
 *   there yet (libuv's pool is, since the directory was made): it is entered also where the system has no room for one
 *   more, as under a fork bomb. Without them `flock` must be forked, and there it cannot be.
 *
 * A socket in the abstract namespace would do without either. But that namespace is of a network, and who shares the
 * directory need not share the network: two containers would both be in, and nobody would notice. A lock of fcntl(2)
 * would be lost as soon as anything in this process closes the same file, and `flock` would not see it.
 *
 * Lock files are never removed: somebody may wait for the very file that is gone, while another locks its successor.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Option } from 'fp-ts/lib/Option.js';
import { none, some } from '../../option.js';
import type { InstanceId } from '../../ports/store.js';
import { createSection, type Section } from '../common/section.js';
import type { FileLocks } from './file-locks.js';
import { recordName } from './run-record.js';

/**
 * Rejects when the lock cannot be had (no `flock`, no right to write, somebody killed the wait, it was given up); then the
 * work was not begun. Otherwise it answers as the work does.
 */
export interface FlockSection extends Section<InstanceId> {
  /** Does not wait. None: somebody is inside, in this process or another, and the work was not begun. */
  readonly ifFree: <A>(id: InstanceId, work: () => Promise<A>) => Promise<Option<A>>;
}

/** The directory exists, on a local disk; it gets one empty file per instance, `<record name>.lock`. */
export const createFlockSection = (directory: string, locks: FileLocks): FlockSection => {
  // Those of this process queue here, so that at most one per instance waits for the file.
  const within = createSection<InstanceId>();
  const fileOf = (id: InstanceId): string => join(directory, recordName(id) + suffix);

  const section: Section<InstanceId> = (id, work, signal) =>
    within(
      id,
      async () => {
        const file = await open(fileOf(id), toLock);
        return closing(file, async () => {
          await locks.wait(file.fd, signal);
          return work();
        });
      },
      signal,
    );

  const ifFree: FlockSection['ifFree'] = async (id, work) => {
    const file = await open(fileOf(id), toLock);
    return closing(file, async () =>
      (await locks.ifFree(file.fd, 'exclusive')) === 'taken' ? none : some(await work()),
    );
  };

  return Object.assign(section, { ifFree });
};

const suffix = '.lock';

/** Not to write: a stop needs its section also where the disk has become read-only. */
const toLock = constants.O_RDONLY | constants.O_CREAT;

const closing = async <A>(file: FileHandle, work: () => Promise<A>): Promise<A> => {
  try {
    return await work();
  } finally {
    await file.close();
  }
};
