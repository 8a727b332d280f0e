/**
 * Calls whose caller waits no longer (`PortCall.signal`).
 */
import { type Either, left } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';

/** The answer of a call that was given up. Nobody hears it; but it comes when nothing more will come of the call. */
export const givenUp: Failed = Object.freeze(failed('given up: nobody waits for the answer any more'));

export const isGivenUp = (signal: CallSignal | undefined): boolean => signal?.aborted === true;

/** What {@link untilAborted} answers where nobody waits any more. */
export const aborted = Symbol('aborted');

/**
 * Answers as the work does, or that nobody waits any more, as soon as that is so. Then nothing is begun; but it ends nothing
 * either: give it what may go on after the answer.
 */
export const untilAborted = async <A>(
  signal: CallSignal | undefined,
  begin: () => Promise<A>,
): Promise<A | typeof aborted> => {
  if (signal === undefined) return begin();
  if (signal.aborted) return aborted;
  let onAbort = (): void => {};
  const abort = new Promise<typeof aborted>((resolve) => {
    onAbort = () => resolve(aborted);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([begin(), abort]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

/** The same of work that is under way and answers an Either: {@link givenUp}. */
export const orGivenUp = async <E, A>(
  work: Promise<Either<E, A>>,
  signal: CallSignal | undefined,
): Promise<Either<E | Failed, A>> => {
  // It may fail when nobody waits for it any more.
  work.catch(constVoid);
  const answer = await untilAborted(signal, () => work);
  return answer === aborted ? left(givenUp) : answer;
};
