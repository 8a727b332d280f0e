/**
 * Answers of calls on Linux: a failure for want of what the host lacks says so.
 */

import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { mapLeft } from '../../either.js';
import type { Failed } from '../../ports/hypervisor.js';
import { answered as answeredAnywhere } from '../common/answers.js';
import { causeOf } from './host-fault.js';

/** Never rejects. What the work throws, or fails with, for want of what the host lacks has a `HostFault` as its cause. */
export const answered =
  <E, A>(work: () => Promise<Either<E, A>>): TaskEither<E | Failed, A> =>
  async () =>
    mapLeft<E | Failed, E | Failed>(withHostFault)(await answeredAnywhere(work)());

const withHostFault = <E>(error: E | Failed): E | Failed => {
  if (!isFailed(error)) return error;
  const cause = causeOf(error.message, error.cause);
  return cause === error.cause ? error : { ...error, cause };
};

const isFailed = (error: unknown): error is Failed =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'Failed';
