/**
 * What a start and a stop do with their permit, for authors of hypervisors: read, check, act, put back, give up.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isLeft, left } from '../either.js';
import type { ActionError, Exclusion, Permit } from '../ports/hypervisor.js';
import { givenUp, isGivenUp, orGivenUp } from './common/given-up.js';

/**
 * A start or a stop, in the two parts between which its permit is checked.
 *
 * @since 0.2.0
 */
export interface PermittedSteps<S, A> {
  /**
   * Reads what the instance is like. It changes nothing that a permit is needed for, and may take its time. What may be
   * over by the time that the check answers is read in `act` instead, with {@link nothingBefore} here.
   */
  readonly read: () => Promise<S>;
  /**
   * Starts or stops. `again`: it has only waited, for a former run to be gone for example. Before its irreversible step
   * it waits for nothing else. Where it does wait, it heeds the permit's `signal`: it ends what it has begun, and answers
   * `Failed` when nothing more will come of it.
   */
  readonly act: (seen: S) => Promise<Either<ActionError, A> | 'again'>;
}

/**
 * The `read` of a start or a stop that reads in its `act`: in class `section` that is as safe, because whoever decides
 * otherwise after the check waits for the section.
 *
 * @since 0.2.0
 */
export const nothingBefore = async (): Promise<void> => {};

/**
 * Carries out a start or a stop under its permit (A4), in this order:
 *
 * 1. `read`. Before the check, because it takes time in which a person may decide otherwise.
 * 2. The permit's check. What it answers other than Right is the answer, and nothing is done.
 * 3. `act`, so that nothing stands between the check and the irreversible step. `again` leads back to 1, because what
 *    was read and checked before the wait may be over.
 * 4. `onRefused`, where `act` answered `Refused`: in class `section` before the answer, so that no repair comes in
 *    between. In the other classes the controller does it.
 *
 * Once the permit's `signal` is aborted none of the first three begins: the answer is `Failed`, nothing has been done, and
 * nothing will be. A check that does not answer is not waited for then, for nothing follows from it; `read` and `act` are.
 *
 * In class `section` call it inside the section of the instance. It rejects only when one of the four does, and then
 * does not go on.
 *
 * @example
 * import { right } from 'fp-ts/lib/Either.js'
 * import { permitted } from 'restart-policy/adapters/permitted'
 *
 * const running = new Set<string>()
 * const start = (id: string) =>
 *   permitted('none', permit, {
 *     read: async () => running.has(id),
 *     act: async (runs) => {
 *       if (!runs) running.add(id) // a call of your API
 *       return right(undefined)
 *     },
 *   })
 * const permit = { revision: 1, check: async () => right(undefined) } // a controller draws real ones
 * assert.deepStrictEqual(await start('web-1')(), right(undefined))
 * assert.ok(running.has('web-1'))
 *
 * @since 0.2.0
 */
export const permitted =
  <S, A>(exclusion: Exclusion, permit: Permit, { read, act }: PermittedSteps<S, A>): TaskEither<ActionError, A> =>
  async () => {
    for (;;) {
      if (isGivenUp(permit.signal)) return left(givenUp);
      const seen = await read();
      if (isGivenUp(permit.signal)) return left(givenUp);
      const checked = await orGivenUp(permit.check(), permit.signal);
      if (isLeft(checked)) return checked;
      // The last moment for it: once it acts, it is for `act` to know how to end what it has begun.
      if (isGivenUp(permit.signal)) return left(givenUp);
      const answer = await act(seen);
      if (answer === 'again') continue;
      const wasRefused = isLeft(answer) && answer.left._tag === 'Refused';
      if (wasRefused && exclusion === 'section') await permit.onRefused?.();
      return answer;
    }
  };
