/**
 * Calls whose caller waits no longer (`PortCall.signal`).
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left } from '../../either.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';

/** The answer of a call that was given up. Nobody hears it; but it comes when nothing more will come of the call. */
export const givenUp: Failed = Object.freeze(failed('given up: nobody waits for the answer any more'));

export const isGivenUp = (signal: CallSignal | undefined): boolean => signal?.aborted === true;

/**
 * Answers as `work` does, or `instead` as soon as nobody waits any more. It ends nothing: give it what may go on after the
 * answer.
 */
export const unlessAborted = <A, B>(work: Promise<A>, signal: CallSignal | undefined, instead: B): Promise<A | B> =>
  signal === undefined
    ? work
    : new Promise((resolve, reject) => {
        const giveUp = (): void => resolve(instead);
        if (signal.aborted) giveUp();
        else signal.addEventListener('abort', giveUp, { once: true });
        work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
      });

/** The same of work that answers an Either: {@link givenUp}. */
export const orGivenUp = <E, A>(
  work: Promise<Either<E, A>>,
  signal: CallSignal | undefined,
): Promise<Either<E | Failed, A>> => unlessAborted(work, signal, left(givenUp));
