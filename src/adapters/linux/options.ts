/**
 * Checks of the options that the Linux adapters share.
 */
import type { Millis } from '../../duration.js';
import { right } from '../../either.js';
import { millis, optional, port, text } from '../../options.js';
import type { Clock } from '../../ports/clock.js';
import type { Check } from '../../validation.js';
import { machineClock } from '../common/machine-clock.js';
import { type Grace, longestGrace, usualGrace } from './grace.js';

/** Options that were checked: what was absent has its default. */
export type Checked<Options> = { readonly [K in keyof Options]-?: Exclude<Options[K], undefined> };

export const directoryOption: Check<string> = text('the path of a directory');

/** Default: the machine's. */
export const clockOption: Check<Pick<Clock, 'now'>> = optional<Pick<Clock, 'now'>>(
  { now: machineClock.now },
  port('a clock', 'now'),
);

/** Default {@link usualGrace}. */
export const spanOption: Check<Millis> = optional(usualGrace, millis(0, longestGrace));

/** Default as above. */
export const graceOption: Check<Grace> = (u) =>
  typeof u === 'function' ? right(u as Exclude<Grace, Millis>) : spanOption(u);
