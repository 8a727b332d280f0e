/**
 * The clock port: what time it is, and a wake-up.
 *
 * @since 0.1.0
 */
import type { Timestamp } from '../status.js';

/**
 * A host's clock.
 *
 * Contract:
 * 1. `now` gives whole milliseconds since the epoch. It may go back (someone sets the clock); policies cope (SPEC G3).
 * 2. `wakeAt` calls back once, at or after `at` by this clock, never before it returns, and never after `cancel`.
 *    A moment in the past means as soon as possible. Waits longer than a timer can hold are chained.
 * 3. `cancel` is idempotent, also after the callback ran.
 *
 * @since 0.1.0
 */
export interface Clock {
  readonly now: () => Timestamp;
  readonly wakeAt: (at: Timestamp, callback: () => void) => Cancel;
}

/**
 * Calls a wake-up or a subscription off.
 *
 * @since 0.1.0
 */
export type Cancel = () => void;
