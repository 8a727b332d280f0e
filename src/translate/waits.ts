/**
 * Waits and windows that several systems share.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicyInput } from '../policy.js';

/** A window that no run is long enough to end: these systems never forget what they counted. */
export const tenYears: Millis = 87_600 * 3_600_000;

/** The shortest wait that a policy can have: for systems that do not wait. A run is longer, so it is restarted at once. */
export const noWait = { backoff: 1 } as const;

/**
 * Waits after each end that double. Under a limit of attempts they go no further than that lets them: a longest wait that is never
 * reached would say what does not happen. `attempts` 0: there is no limit.
 */
export const doubling = (
  first: Millis,
  longest: Millis,
  attempts: number,
): Pick<RestartPolicyInput, 'backoff' | 'maxBackoff' | 'backoffFrom'> => {
  const reached = attempts === 0 ? longest : Math.min(longest, first * 2 ** (attempts - 1));
  return reached > first
    ? { backoff: first, maxBackoff: reached, backoffFrom: 'exit' }
    : { backoff: Math.min(first, longest), backoffFrom: 'exit' };
};
