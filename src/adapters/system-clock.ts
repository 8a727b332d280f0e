/**
 * The clock of the machine.
 *
 * @packageDocumentation
 */
import type { Clock } from '../ports/clock.js';
import { machineClock } from './common/machine-clock.js';

/**
 * `Date.now` and `setTimeout`. A wake-up never comes early by this clock, unless the clock was set back; after a leap
 * forward, or after the machine slept, it comes at most one minute late.
 *
 * An armed wake-up keeps the process alive: a host that only waits for a backoff must not end before it. A host ends by
 * closing its controller, which cancels its wake-ups.
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
export const systemClock: Clock = machineClock;
