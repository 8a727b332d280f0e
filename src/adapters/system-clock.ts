/**
 * The clock of the machine.
 *
 * @packageDocumentation
 */
import type { Clock } from '../ports/clock.js';

/**
 * The longest single timer, in milliseconds. Timers count neither a leap of the clock nor the time a machine slept, so
 * the time of day is looked at this often at least. (A timer could not hold more than 2^31-1 ms anyway.)
 */
const longestSleep = 60_000;

/**
 * `Date.now` and `setTimeout`. A wake-up never comes early by this clock, unless the clock was set back; after a leap
 * forward, or after the machine slept, it comes at most one minute late.
 *
 * An armed wake-up keeps the process alive, for a host that waits for a backoff has nothing else to wait for. A host
 * ends by closing its controller, which calls its wake-ups off.
 *
 * @example
 * import { systemClock } from 'restart-policy/adapters/system-clock'
 *
 * const at = systemClock.now() + 20
 * await new Promise<void>((resolve) => systemClock.wakeAt(at, resolve))
 * assert.ok(systemClock.now() >= at)
 *
 * @since 0.1.0
 */
export const systemClock: Clock = Object.freeze<Clock>({
  now: () => Date.now(),
  wakeAt: (at, callback) => {
    // The span is measured on a clock that nobody sets: a wake-up does not wait for a time of day that went away.
    const elapsed = performance.now() + (at - Date.now());
    const remaining = (): number => Math.min(at - Date.now(), elapsed - performance.now());

    const sleep = (): NodeJS.Timeout =>
      setTimeout(onTimer, Math.min(Math.max(0, Math.ceil(remaining())), longestSleep));
    const onTimer = (): void => {
      // Timers may fire a fraction early. Not a number counts as a moment in the past.
      if (remaining() > 0) timer = sleep();
      else callback();
    };

    let timer = sleep();
    return () => clearTimeout(timer);
  },
});
