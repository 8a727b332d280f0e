/**
 * How long the wait before an automatic attempt is: how it grows, and how jitter spreads it.
 *
 * Law: a wait depends on the policy, on the number of the attempt and on the instance's salt alone, so that a decision
 * stays deterministic and a simulation replays it. It is the same number on every engine: the power is multiplied out in a
 * fixed order, for `Math.pow` may differ in the last digit, and jitter is a hash and not a random number.
 */
import { type Millis, roundToNanos } from './duration.js';
import type { RestartPolicy } from './policy.js';
import { shareOf } from './salt.js';

/**
 * The wait after attempt number `attempts`; 0 is before the first. Whole milliseconds, rounded up: never cut short. Most
 * policies need no more than the first line, and it is small enough to be inlined: it is on every path that waits.
 */
export const waitAfterAttempt = (policy: RestartPolicy, attempts: number, salt: number | undefined): Millis =>
  policy.maxBackoff === undefined && policy.jitter === undefined
    ? Math.ceil(policy.backoff)
    : lengthened(policy, stepsBefore(attempts), shareOf(attempts, salt));

/** The wait after the end of a run, where waits begin at the exit: there is one before the first attempt too. */
export const waitAfterExit = (policy: RestartPolicy, attempts: number, salt: number | undefined): Millis =>
  lengthened(policy, attempts, shareOf(attempts, salt));

/** The longest that any of the policy's waits is after so many attempts, whatever the salt. */
export const longestWait = (policy: RestartPolicy, attempts: number): Millis =>
  lengthened(policy, policy.backoffFrom === 'exit' ? attempts : stepsBefore(attempts), 1);

/** From attempt to attempt the first wait is after the first, and the second one is the first that has grown. */
const stepsBefore = (attempts: number): number => Math.max(attempts, 1) - 1;

/** The wait after so many steps of growth, lengthened by a share of its jitter. */
const lengthened = (policy: RestartPolicy, steps: number, share: number): Millis =>
  Math.ceil(grown(policy, steps) * (1 + (policy.jitter ?? 0) * share));

/** The wait after so many steps of growth, before jitter lengthens it and before it is rounded up. */
export const grown = ({ backoff, maxBackoff, backoffFactor = 2 }: RestartPolicy, steps: number): Millis =>
  maxBackoff === undefined ? backoff : Math.min(maxBackoff, wholeNanos(backoff * power(backoffFactor, steps)));

/** Most waits are whole already, and rounding by text is slow. */
const wholeNanos = (wait: Millis): Millis => (Number.isInteger(wait) ? wait : roundToNanos(wait));

/** Square and multiply, from the lowest bit of the exponent: the same product everywhere. */
const power = (base: number, exponent: number, product = 1): number =>
  // A number of attempts that is none, from JavaScript, ends it too.
  exponent >= 1 && exponent < Infinity
    ? power(base * base, Math.floor(exponent / 2), exponent % 2 === 1 ? product * base : product)
    : product;
