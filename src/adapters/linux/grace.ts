/**
 * How long a run has from being told to end until it is killed, in milliseconds: the same for all, or asked for each.
 */
import type { Millis } from '../../duration.js';
import { isNone, tryCatch } from '../../option.js';
import type { InstanceId } from '../../ports/store.js';

export type Grace = Millis | ((id: InstanceId) => Millis);

/** The most that a timer can hold. */
export const longestGrace: Millis = 2 ** 31 - 1;

/** Where nothing else is said; also where no host is left to be asked. */
export const usualGrace: Millis = 10_000;

/** Of that instance, now. A question that throws, or whose answer is no such span, is one that was not answered. */
export const graceOf = (grace: Grace, id: InstanceId): Millis => {
  if (typeof grace === 'number') return grace;
  const answer = tryCatch(() => grace(id));
  return isNone(answer) || !isGrace(answer.value) ? usualGrace : answer.value;
};

/** Of whatever a host that has ended left behind. */
export const graceWithoutHost = (grace: Grace): Millis => (typeof grace === 'number' ? grace : usualGrace);

const isGrace = (u: unknown): u is Millis => Number.isInteger(u) && Number(u) >= 0 && Number(u) <= longestGrace;
