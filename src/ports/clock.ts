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
 * 1. `now` gives whole milliseconds since the epoch. It may go back or leap (someone sets the clock); policies cope.
 * 2. `wakeAt` calls back once: when `now` has reached `at`, or when the span by which `at` lay ahead at the call has
 *    passed, whichever comes first. So a clock that is set back does not delay a wake-up by as much; a wake-up that
 *    comes early is harmless, but that it may end the deadline of a call. A moment in the past means as soon as possible,
 *    but never before `wakeAt` returns. Waits longer than a timer can hold are chained.
 * 3. Nothing is called after `cancel`, which is idempotent, also after the callback ran.
 * 4. `nextTurn` answers in the next turn of the event loop, after timers and requests had theirs. The controller takes it
 *    after some milliseconds of work, by `now`; without it, ports that answer at once let it do all its work in one turn.
 *
 * @since 0.1.0
 */
export interface Clock {
  readonly now: () => Timestamp;
  readonly wakeAt: (at: Timestamp, callback: () => void) => Cancel;
  /** @since 0.2.0 */
  readonly nextTurn?: () => Promise<void>;
}

/**
 * Cancels a wake-up or a subscription.
 *
 * @since 0.1.0
 */
export type Cancel = () => void;
