/**
 * Sections that all processes of a host share: of all the work under one key, one at a time, whoever does it.
 *
 * A lock of flock(2) belongs to an open file description, that is, to all processes that hold a descriptor of it. Node
 * cannot call flock(2), so the program `flock` does, on a descriptor that it inherits from us; it ends, and the lock is
 * ours, because we still hold the descriptor. Therefore
 * - no other process is needed inside a section, and none can end it: who kills `flock` kills a wait, not a lock;
 * - the kernel releases the lock when we close the file, or end, in whatever way; never because time passed: a holder
 *   that is stopped or slow keeps it;
 * - who gives up waiting ends its `flock`, and closes the file;
 * - whatever we spawn inside does not hold it, for Node opens every file to be closed on exec. A child between fork and
 *   exec does hold it: so whoever gets in after a holder's death finds that all it spawned has become its program.
 *
 * A socket in the abstract namespace would do without `flock`, and cost a tenth. But that namespace is of a network, and
 * who shares the directory need not share the network: two containers would both be in, and nobody would notice.
 *
 * Lock files are never removed: somebody may wait for the very file that is gone, while another locks its successor.
 */
import { spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { none, type Option, some } from 'fp-ts/lib/Option.js';
import type { CallSignal } from '../../ports/call.js';
import type { InstanceId } from '../../ports/store.js';
import { isGivenUp } from '../common/given-up.js';
import { createSection, notEntered, type Section } from '../common/section.js';
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
export const createFlockSection = (directory: string): FlockSection => {
  // Those of this process queue here, so that at most one `flock` per instance waits for it.
  const within = createSection<InstanceId>();
  const fileOf = (id: InstanceId): string => join(directory, recordName(id) + suffix);

  const section: Section<InstanceId> = (id, work, signal) =>
    within(
      id,
      async () => {
        const file = await open(fileOf(id), 'a');
        return closing(file, async () => {
          await lock(file, ['-x'], signal);
          return work();
        });
      },
      signal,
    );

  const ifFree: FlockSection['ifFree'] = async (id, work) => {
    const file = await open(fileOf(id), 'a');
    return closing(file, async () => ((await lock(file, ['-n', '-x'])) === 'taken' ? none : some(await work())));
  };

  return Object.assign(section, { ifFree });
};

/** Rejects when files in the directory cannot be locked: known when it is opened, and not at the first stop. */
export const checkFlock = async (directory: string): Promise<void> => {
  // A directory can be locked like a file. With `-n`, for others may be asking the same.
  const handle = await open(directory);
  await closing(handle, () => lock(handle, ['-n', '-x']));
};

const suffix = '.lock';

const closing = async <A>(file: FileHandle, work: () => Promise<A>): Promise<A> => {
  try {
    return await work();
  } finally {
    await file.close();
  }
};

/** What `flock` finds the file under, and answers with when it was told not to wait: the only options it needs. */
const inherited = 3;
const conflict = 1;

/**
 * Where the signal is aborted it ends the wait, and rejects once `flock` is gone. It may have had the lock by then; so who
 * waits no longer closes the file, as after every failure, and holds nothing.
 */
const lock = (file: FileHandle, options: ReadonlyArray<string>, signal?: CallSignal): Promise<'locked' | 'taken'> =>
  new Promise((resolve, reject) => {
    if (isGivenUp(signal)) return reject(notEntered());
    const flock = spawn('flock', [...options, String(inherited)], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', file.fd],
      // A session of its own: Ctrl-C in the host's terminal is no reason for a stop to fail.
      detached: true,
    });
    flock.once('error', (cause) => reject(new Error(`cannot run flock (of util-linux): ${cause.message}`, { cause })));
    const giveUp = (): void => void flock.kill('SIGKILL');
    signal?.addEventListener('abort', giveUp, { once: true });
    flock.once('exit', (code, killed) => {
      signal?.removeEventListener('abort', giveUp);
      if (isGivenUp(signal)) reject(notEntered());
      else if (code === 0) resolve('locked');
      else if (code === conflict && options.includes('-n')) resolve('taken');
      else reject(new Error(`the section could not be locked: flock ended with ${code ?? killed}`));
    });
  });
