/**
 * A pause for the event loop. Ports that answer at once, as a store in memory or in SQLite does, would let any amount of
 * work run in one turn, in which no timer fires and no request is served.
 */
import type { Clock } from '../ports/clock.js';

export interface Breath {
  /** To be called before each piece of work. True: not now, for this turn has lasted long enough; `onTurn` is called in the next. */
  readonly isDue: () => boolean;
}

/**
 * A turn between a conflict and the next try. A store that answers at once, and always with a conflict, would let nothing else be
 * done, be it to close the controller.
 */
export const afterConflict = async (clock: Clock): Promise<void> => clock.nextTurn?.();

/** The longest that one turn is worked in, in milliseconds, but for the piece of work that outlasts it. */
const longestTurn = 5;

/** So many pieces of work are done at least: a clock that is read for each, and a turn for each, cost more than they save. */
const leastWork = 4;

export const createBreath = (clock: Clock, onTurn: () => void): Breath => {
  let work = 0;
  let began = 0;
  let waits = false;
  return {
    isDue: () => {
      if (waits) return true;
      if (clock.nextTurn === undefined) return false;
      if (work++ === 0) began = clock.now();
      // Also where the clock was set back: then it says nothing.
      if (work <= leastWork || Math.abs(clock.now() - began) < longestTurn) return false;
      waits = true;
      void clock.nextTurn().then(() => {
        waits = false;
        work = 0;
        onTurn();
      });
      return true;
    },
  };
};
