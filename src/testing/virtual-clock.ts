/**
 * A clock that moves only when the test moves it: hours of backoff pass in a test without a moment of real time.
 *
 * @since 0.1.0
 */

import { nextTurn } from '../adapters/common/machine-turn.js';
import type { Millis } from '../duration.js';
import type { Clock } from '../ports/clock.js';
import type { Timestamp } from '../status.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A clock under the test's control.
 *
 * Its steps run one after another, in the order in which they were called. Each rejects with what a wake-up threw, and
 * with an error when wake-ups keep arming wake-ups for moments that have passed: a busy loop that would never end.
 *
 * @since 0.1.0
 */
export interface VirtualClock extends Clock {
  /** `advanceTo` the moment `ms` milliseconds from now. */
  readonly advance: (ms: Millis) => Promise<void>;
  /**
   * Moves forward to `at` and fires what is due on the way: in the order of time (of equal moments, in the order in
   * which they were armed), one by one, with `now` at the moment of each, and settling after each. A moment in the past
   * moves nothing; use `jump` to step back.
   */
  readonly advanceTo: (at: Timestamp) => Promise<void>;
  /**
   * Sets the time, forward or back, as someone does who sets a host's clock. Nothing fires between: what has become
   * due fires at the next step, all of it at the new time. A step back delays no wake-up: each still fires once the
   * span that it had left has passed, so at a moment before its own.
   */
  readonly jump: (to: Timestamp) => void;
  /**
   * Milliseconds that have passed since the clock was made, whatever it was set to: the clock that nobody sets, by which
   * a scripted hypervisor measures its runs (A6).
   *
   * @since 0.2.0
   */
  readonly elapsed: () => Millis;
  /** Lets the code under test run until it waits for the clock, and fires what is due. Moves no time. */
  readonly settle: () => Promise<void>;
  /** Number of wake-ups that are armed. */
  readonly pending: number;
  /** The moment at which the earliest armed wake-up fires, by this clock as it stands; null: none is armed. */
  readonly nextAt: Timestamp | null;
}

interface WakeUp {
  readonly at: Timestamp;
  readonly callback: () => void;
  /** When it fires, in elapsed time, which nobody can set: a clock that is set back delays no wake-up. */
  due: Millis;
}

/** 2025-01-01T00:00:00Z: a round moment that reads well in a failed test. */
const defaultStart: Timestamp = 1_735_689_600_000;

/**
 * More than any test needs at one moment (10,000 instances that do ten things each), and soon reached by a loop.
 */
const mostWakeUpsAtOneMoment = 100_000;

// ---------------------------------------------------------------------------
// clock
// ---------------------------------------------------------------------------

/**
 * A virtual clock that stands at `start`: whole milliseconds since the epoch, default 2025-01-01T00:00:00Z. Code under
 * test may wait for promises and for this clock; the clock's steps do not wait for real timers or files.
 *
 * @example
 * import { createVirtualClock } from 'restart-policy/testing'
 *
 * const clock = createVirtualClock(0)
 * const seen: Array<number> = []
 * clock.wakeAt(5_000, () => seen.push(clock.now()))
 * await clock.advance(60_000)
 * assert.deepStrictEqual([seen, clock.now()], [[5_000], 60_000])
 *
 * @since 0.1.0
 */
export const createVirtualClock = (start: Timestamp = defaultStart): VirtualClock => {
  /** In the order in which they fire. */
  const wakeUps: Array<WakeUp> = [];
  let now = start;
  /** Time that has passed, whatever the clock was set to. */
  let elapsed: Millis = 0;
  /** Counts what the code under test did to the clock: as long as it does something, it has not settled. */
  let uses = 0;
  let lastStep: Promise<void> = Promise.resolve();

  /** Runs a step when the steps before it are over, however they ended. */
  const step = (run: () => Promise<void>): Promise<void> => {
    lastStep = lastStep.then(run, run);
    return lastStep;
  };

  const drain = async (): Promise<void> => {
    // A turn runs every promise that can run, however long the chain. The second and later ones are for code that waits
    // itself.
    let before: number;
    do {
      before = uses;
      await nextTurn();
      await nextTurn();
    } while (uses !== before);
  };

  const dueOf = (at: Timestamp): Millis => elapsed + Math.max(0, at - now);

  /** Where a wake-up of that moment belongs: behind those of the same moment that were armed before it. */
  const placeFor = (due: Millis): number => {
    let [low, high] = [0, wakeUps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((wakeUps[middle]?.due ?? due) <= due) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const pass = (ms: Millis): void => {
    elapsed += ms;
    now += ms;
  };

  /** Fires what is due until `until` in elapsed time, the clock moving along. */
  const fireUpTo = async (until: Millis): Promise<void> => {
    await drain();
    let fired = 0;
    for (let next = wakeUps[0]; next !== undefined && next.due <= until; next = wakeUps[0]) {
      wakeUps.shift();
      if (next.due > elapsed) {
        pass(next.due - elapsed);
        fired = 0;
      }
      if (++fired > mostWakeUpsAtOneMoment) {
        throw new Error(`${mostWakeUpsAtOneMoment} wake-ups at ${now}: each wake-up arms another one in the past`);
      }
      next.callback();
      await drain();
    }
  };

  const moveBy = async (ms: Millis): Promise<void> => {
    const until = elapsed + Math.max(0, Math.ceil(ms));
    await fireUpTo(until);
    pass(until - elapsed);
  };

  return {
    now: () => now,
    elapsed: () => elapsed,
    wakeAt: (at, callback) => {
      uses++;
      // The clock shows whole milliseconds, and a wake-up is never early.
      const whole = Math.ceil(at);
      const wakeUp: WakeUp = { at: whole, callback, due: dueOf(whole) };
      wakeUps.splice(placeFor(wakeUp.due), 0, wakeUp);
      return () => {
        uses++;
        const place = wakeUps.indexOf(wakeUp);
        if (place >= 0) wakeUps.splice(place, 1);
      };
    },
    advance: (ms) => step(() => moveBy(ms)),
    advanceTo: (at) => step(() => moveBy(at - now)),
    jump: (to) => {
      now = Math.ceil(to);
      // A leap forward brings moments nearer; a step back takes none away.
      for (const wakeUp of wakeUps) wakeUp.due = Math.min(wakeUp.due, dueOf(wakeUp.at));
      wakeUps.sort((a, b) => a.due - b.due);
    },
    settle: () => step(() => fireUpTo(elapsed)),
    get pending() {
      return wakeUps.length;
    },
    get nextAt() {
      const [next] = wakeUps;
      return next === undefined ? null : now + (next.due - elapsed);
    },
  };
};
