/**
 * Checks of the options that the Linux adapters share.
 */
import type { Millis } from '../../duration.js';
import { millis, optional, port, text } from '../../options.js';
import type { Clock } from '../../ports/clock.js';
import type { Check } from '../../validation.js';
import { machineClock } from '../common/machine-clock.js';

/** Options that were checked: what was absent has its default. */
export type Checked<Options> = { readonly [K in keyof Options]-?: Exclude<Options[K], undefined> };

export const directoryOption: Check<string> = text('the path of a directory');

/** Default: the machine's. */
export const clockOption: Check<Pick<Clock, 'now'>> = optional<Pick<Clock, 'now'>>(
  { now: machineClock.now },
  port('a clock', 'now'),
);

/** The most that a timer can hold. */
const longestGrace: Millis = 2 ** 31 - 1;

/** Default 10,000. */
export const graceOption: Check<Millis> = optional(10_000, millis(0, longestGrace));
