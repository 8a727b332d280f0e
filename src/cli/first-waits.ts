/**
 * The first waits of an instance that ends at once each time, without the jitter that lengthens them.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import { grown } from '../waits.js';

const most = 8;

export interface FirstWaits {
  /** Before the first attempt, the second one and so on, in milliseconds; empty: there is no attempt. */
  readonly waits: ReadonlyArray<Millis>;
  /** Whether there are more attempts. */
  readonly goesOn: boolean;
}

export const firstWaits = (policy: RestartPolicy): FirstWaits => {
  const { mode, maxAttempts, limitInterval, backoff, maxBackoff = backoff } = policy;
  if (mode === 'never') return { waits: [], goesOn: false };
  const isLimited = maxAttempts > 0 && limitInterval === undefined;
  const waits: Array<Millis> = [];
  while (waits.length < most && !(isLimited && waits.length === maxAttempts)) {
    waits.push(waitBefore(policy, waits.length + 1));
    // Where there is no end to show, it is shown once that from here on they are all as long.
    const isEndShown = isLimited && maxAttempts <= most;
    if (!isEndShown && waits.at(-1) === waits.at(-2) && waits.at(-1) === Math.ceil(maxBackoff)) break;
  }
  return { waits, goesOn: !(isLimited && waits.length === maxAttempts) };
};

const waitBefore = (policy: RestartPolicy, attempt: number): Millis => {
  if (policy.backoffFrom === 'exit') return Math.ceil(grown(policy, attempt - 1));
  return attempt === 1 ? 0 : Math.ceil(grown(policy, attempt - 2));
};
