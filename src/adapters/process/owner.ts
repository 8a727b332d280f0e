/**
 * One owner of a directory at a time.
 *
 * A lock on the directory itself, of the open file description (`linux/file-locks.ts`), is taken atomically, leaves
 * nothing behind on disk, and is released by the kernel when its holder ends, in whatever way. A child holds it too
 * between fork and exec: so whoever gets it after a crash knows that all that the owner before it spawned has become
 * its program, and can be found. It goes with the directory, so that hosts in different containers are kept apart,
 * whatever else they share.
 *
 * Released versions know only a socket in Linux's abstract namespace, which is that of a network namespace. It is taken
 * as well, for such a host may still run on the directory, or be started on it.
 */
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { FileLocks } from '../linux/file-locks.js';

/**
 * Another process (or this one) has the directory open.
 *
 * @since 0.1.0
 */
export interface DirectoryInUse {
  readonly _tag: 'DirectoryInUse';
  readonly message: string;
}

export interface Ownership {
  readonly release: () => Promise<void>;
}

/**
 * Left: there is an owner already. Rejects where the directory cannot be owned at all. `key` is the same for all who
 * share it.
 */
export const takeOwnership = async (
  directory: string,
  key: string,
  locks: FileLocks,
): Promise<Either<'owned', Ownership>> => {
  const fd = openSync(directory, 'r');
  let isTaken = false;
  try {
    if ((await locks.ifFree(fd, 'exclusive')) === 'taken') return left('owned');
    const socket = await listen(key);
    if (socket === null) return left('owned');
    isTaken = true;
    const release = async (): Promise<void> => {
      await socket.release();
      closeSync(fd);
    };
    return right({ release });
  } finally {
    if (!isTaken) closeSync(fd);
  }
};

/** null: somebody else does. Rejects with what else `listen` failed with. */
const listen = (key: string): Promise<Ownership | null> =>
  new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.destroy());
    // Once it listens, errors are of connections, which nobody of ours makes.
    server.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    // Exclusive: the workers of a cluster would share the socket otherwise.
    server.listen({ path: addressOf(key), exclusive: true }, () => {
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });

/** As long as an address can be: newer versions of Node take it as it is, older ones fill it up with zeros. */
const addressLength = 108;

const addressOf = (key: string): string => `\0restart-policy/${key}`.padEnd(addressLength, '/');
