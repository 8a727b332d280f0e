/**
 * One owner of a directory at a time.
 *
 * A socket in Linux's abstract namespace is taken atomically, leaves nothing behind on disk, and is released by the
 * kernel when its holder ends, in whatever way. A child holds a copy of it between fork and exec: so whoever gets the
 * socket after a crash knows that all that the owner before it spawned has become its program, and can be found.
 *
 * The namespace is that of a network namespace: hosts in different containers are kept apart only if they share one.
 */
import { createServer } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';

export interface Ownership {
  readonly release: () => Promise<void>;
}

/** Left: what `listen` failed with; `EADDRINUSE` when there is an owner already. */
export const takeOwnership = (key: string): Promise<Either<NodeJS.ErrnoException, Ownership>> =>
  new Promise((resolve) => {
    const server = createServer((visitor) => visitor.destroy());
    // Once it listens, errors are of connections, which nobody of ours makes.
    server.on('error', (error) => resolve(left(error)));
    // Exclusive: the workers of a cluster would share the socket otherwise.
    server.listen({ path: addressOf(key), exclusive: true }, () => {
      server.unref();
      resolve(right({ release: () => new Promise((released) => server.close(() => released())) }));
    });
  });

/** As long as an address can be: newer versions of Node take it as it is, older ones fill it up with zeros. */
const addressLength = 108;

const addressOf = (key: string): string => `\0restart-policy/${key}`.padEnd(addressLength, '/');
