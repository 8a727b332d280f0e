/**
 * How a crash loop goes under a policy: an instance of which every run ends in the same way after the same time, as soon as
 * it was started. What the lints say of a policy they say of such a loop.
 *
 * Reckoned without jitter, which only lengthens: with the least waits that an instance can have.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../waits.js';
import { isAnySoAnswered } from './ends.js';

/** The waits of a crash loop, in whole milliseconds, without jitter unless it says longest: then as long as jitter makes them. */
export interface Loop {
  /**
   * Whether its waits begin at the ends of runs. Where no end is answered by a counted attempt the loop is one of starts that
   * fail, whose waits begin at the attempt whatever `backoffFrom` says.
   */
  readonly isFromExit: boolean;
  /** After so many attempts of the loop: before the next one. */
  readonly wait: (attempts: number) => Millis;
  readonly longestWait: (attempts: number) => Millis;
  /** After so many attempts of any instance, before one that is not counted. */
  readonly waitUncounted: (attempts: number) => Millis;
  /** After so many attempts of any instance, from attempt to attempt. */
  readonly waitFromAttempt: (attempts: number) => Millis;
  readonly longestWaitFromAttempt: (attempts: number) => Millis;
  /** From the first attempt to the one after `count` of them, where each run lasts `run`. */
  readonly span: (count: number, run: Millis) => Millis;
  /** Where runs end at once. */
  readonly longestSpan: (count: number) => Millis;
}

export const loopOf = (policy: RestartPolicy): Loop => {
  const { jitter: _, ...steady } = policy;
  const { backoffFrom, ...fromAttempt } = policy;
  const isFromExit = backoffFrom === 'exit' && isAnySoAnswered(policy, 'restart');
  const waitFromAttempt = (attempts: number): Millis => waitAfterAttempt(steady, attempts, 0);
  const waitFromExit = (attempts: number): Millis => waitAfterExit(steady, attempts, 0);
  const longestWaitFromAttempt = (attempts: number): Millis => longestWait(fromAttempt, attempts);
  const wait = isFromExit ? waitFromExit : waitFromAttempt;
  const longest = isFromExit ? (attempts: number) => longestWait(policy, attempts) : longestWaitFromAttempt;
  const spanOf = (count: number, run: Millis, waitOf: (attempts: number) => Millis): Millis => {
    let span = 0;
    for (let attempts = 1; attempts <= count; attempts++) {
      span += isFromExit ? run + waitOf(attempts) : Math.max(run, waitOf(attempts));
    }
    return span;
  };
  return {
    isFromExit,
    wait,
    longestWait: longest,
    waitUncounted: backoffFrom === 'exit' ? waitFromExit : waitFromAttempt,
    waitFromAttempt,
    longestWaitFromAttempt,
    span: (count, run) => spanOf(count, run, wait),
    longestSpan: (count) => spanOf(count, 0, longest),
  };
};
