/**
 * The moment at which a run begins.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Timestamp } from '../../status.js';

/**
 * A reading of the clock that is later than another. A run that began in the very millisecond of its attempt could not
 * be told from one that began before it, and an end that costs no attempt would cost one: so it begins in the next. A
 * clock that does not go on by itself (a test's) is not waited for.
 */
export const momentAfter = async (earlier: Timestamp, now: () => Timestamp): Promise<Timestamp> => {
  if (now() <= earlier) await sleep(2); // a timer may fire a millisecond early
  return now();
};
