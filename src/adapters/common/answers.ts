/**
 * What hypervisors answer alike.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { left, right } from '../../either.js';
import { type Failed, failed, type Refused, refused } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import { textOfThrown } from '../../thrown.js';

export const done: Either<never, void> = right(undefined);

/** What is to be forgotten has to be stopped before. */
export const stillRunning = (id: InstanceId): Refused => refused(`instance ${id} is running: stop it first`);

/** What a start does after something is gone that it had to wait for: it reads and checks `again`, unless that failed. */
export const againAfter = async (
  ending: Promise<Either<Failed, unknown>>,
): Promise<Either<Failed, never> | 'again'> => {
  const ended = await ending;
  return ended._tag === 'Left' ? ended : 'again';
};

/** Never rejects: what the host's own parts throw (a permit, for example) is an answer like any other. */
export const answered =
  <E, A>(work: () => Promise<Either<E, A>>): TaskEither<E | Failed, A> =>
  async () => {
    try {
      return await work();
    } catch (cause) {
      return left(failed(messageOf(cause), cause));
    }
  };

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : textOfThrown(error));
