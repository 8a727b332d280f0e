/**
 * The clock of the machine: what adapters take by default, and what `restart-policy/adapters/system-clock` exports.
 */
import type { Clock } from '../../ports/clock.js';
import { nextTurn } from './machine-turn.js';

/**
 * The longest single timer, in milliseconds. Timers count neither a leap of the clock nor the time a machine slept, so
 * the time of day is checked this often at least. (A timer could not hold more than 2^31-1 ms anyway.)
 */
const longestSleep = 60_000;

export const machineClock: Clock = Object.freeze<Clock>({
  now: () => Date.now(),
  wakeAt: (at, callback) => {
    // The span is measured on a clock that nobody sets: a wake-up does not wait for a time of day that went away.
    const elapsed = performance.now() + (at - Date.now());
    const remaining = (): number => Math.min(at - Date.now(), elapsed - performance.now());

    const sleep = (): NodeJS.Timeout => setTimeout(check, Math.min(Math.max(0, Math.ceil(remaining())), longestSleep));
    const check = (): void => {
      // Timers may fire a fraction early. Not a number counts as a moment in the past.
      if (remaining() > 0) timer = sleep();
      else callback();
    };

    let timer = sleep();
    return () => clearTimeout(timer);
  },
  nextTurn,
});
