/** Waits until an instance is in a state, or cannot get there any more without a person. */
import type { Hypeman } from '@onkernel/hypeman';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Millis } from 'restart-policy';
import type { HypemanState } from 'restart-policy/hypeman';
import { type Refusal, refuse } from '../answers.js';
import type { Parts } from '../parts.js';
import type { Definition } from './definition.js';
import { goesOnByItself, type Known, stateOf } from './state.js';

export interface Wait {
  readonly target: HypemanState;
  readonly timeout: Millis;
  /** The client is gone, or the server is closing: then it answers as if the time were over. */
  readonly signals: ReadonlyArray<AbortSignal>;
}

export const waitForState = async (
  parts: Parts,
  definition: Definition,
  { target, timeout, signals }: Wait,
): Promise<Either<Refusal, Hypeman.WaitForStateResponse>> => {
  const { clock, changes, definitions } = parts;
  // A change while the state is read is not lost: the state is read again.
  let isStale = false;
  let isOver = false;
  let wake = (): void => {};
  const rouse = (): void => {
    isStale = true;
    wake();
  };
  const giveUp = (): void => {
    isOver = true;
    rouse();
  };
  const unsubscribe = changes.subscribe(definition.id, rouse);
  const cancel = clock.wakeAt(clock.now() + timeout, giveUp);
  for (const signal of signals) signal.addEventListener('abort', giveUp);

  try {
    for (;;) {
      isStale = false;
      const known = await stateOf(parts, definition);
      if (definitions.get(definition.id) === null) {
        return left(refuse(404, 'not_found', 'instance was deleted while waiting'));
      }
      const { state, stateError } = known;
      const isThere = state === target;
      const timedOut = isOver || signals.some(({ aborted }) => aborted);
      if (isThere || isFinal(known, clock.now()) || timedOut) {
        return right({
          state,
          timed_out: timedOut && !isThere,
          ...(stateError !== null && { state_error: stateError }),
        });
      }
      if (!isStale) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    unsubscribe();
    cancel();
    for (const signal of signals) signal.removeEventListener('abort', giveUp);
  }
};

/** As in hypeman, but that a stopped instance whose next attempt is due is not at its end. */
const isFinal = ({ state, report }: Known, now: number): boolean =>
  state === 'Unknown' || (state === 'Stopped' && (report === null || !goesOnByItself(report, now)));
