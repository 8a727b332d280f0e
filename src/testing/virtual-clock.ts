/**
 * A clock that moves only when it is told to: hours of backoff pass in a test without a moment of real time.
 *
 * @since 0.1.0
 */

import { createHeap, type HeapHandle } from '../controller/heap.js';
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
   * due fires at the next step, all of it at the new time. A step back holds no wake-up up: each still fires when the
   * span has passed that it had left, then at a moment before its own.
   */
  readonly jump: (to: Timestamp) => void;
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
  /** When it fires, in time that nobody can set: a clock that is set back holds no wake-up up. */
  due: Millis;
  handle: HeapHandle<WakeUp> | null;
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
 * A virtual clock that stands at `start`: whole milliseconds since the epoch, 2025-01-01T00:00:00Z where nothing is
 * said. Code under test may wait for promises, and for this clock; what it awaits from real timers or files is not
 * waited for.
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
  const wakeUps = createHeap<WakeUp>((a, b) => a.due - b.due);
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
    // A hop runs every promise that can run, whatever the length of the chain. The second and further ones are for
    // code that hops itself.
    let before: number;
    do {
      before = uses;
      await hop();
      await hop();
    } while (uses !== before);
  };

  const dueOf = (at: Timestamp): Millis => elapsed + Math.max(0, at - now);

  const pass = (ms: Millis): void => {
    elapsed += ms;
    now += ms;
  };

  /** Fires what is due until `until` in elapsed time, the clock moving along. */
  const fireUpTo = async (until: Millis): Promise<void> => {
    await drain();
    let fired = 0;
    for (let next = wakeUps.peek(); next !== undefined && next.due <= until; next = wakeUps.peek()) {
      wakeUps.pop();
      if (next.due > elapsed) {
        pass(next.due - elapsed);
        fired = 0;
      }
      if (++fired > mostWakeUpsAtOneMoment) {
        throw new Error(`${mostWakeUpsAtOneMoment} wake-ups at ${now}: each arms another for a moment that has passed`);
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
    wakeAt: (at, callback) => {
      uses++;
      // The clock shows whole milliseconds, and a wake-up is never early.
      const whole = Math.ceil(at);
      const wakeUp: WakeUp = { at: whole, callback, due: dueOf(whole), handle: null };
      wakeUp.handle = wakeUps.push(wakeUp);
      return () => {
        uses++;
        if (wakeUp.handle !== null) wakeUps.remove(wakeUp.handle);
      };
    },
    advance: (ms) => step(() => moveBy(ms)),
    advanceTo: (at) => step(() => moveBy(at - now)),
    jump: (to) => {
      now = Math.ceil(to);
      // A leap forward brings moments nearer; a step back takes none away.
      const armed: Array<WakeUp> = [];
      for (let next = wakeUps.pop(); next !== undefined; next = wakeUps.pop()) armed.push(next);
      for (const wakeUp of armed) {
        wakeUp.due = Math.min(wakeUp.due, dueOf(wakeUp.at));
        wakeUp.handle = wakeUps.push(wakeUp);
      }
    },
    settle: () => step(() => fireUpTo(elapsed)),
    get pending() {
      return wakeUps.size();
    },
    get nextAt() {
      const next = wakeUps.peek();
      return next === undefined ? null : now + (next.due - elapsed);
    },
  };
};

// ---------------------------------------------------------------------------
// letting others run
// ---------------------------------------------------------------------------

/** One turn of the event loop; all promises that can go on have gone on when it resolves. */
const hop: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : // Browsers: a message is the one macrotask that is not slowed down when it is nested.
      () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          // Assigned from the side: Node's types know only its own way to listen, browsers only this one.
          const onmessage = (): void => {
            port1.close();
            resolve();
          };
          Object.assign(port1, { onmessage });
          port2.postMessage(null);
        });
