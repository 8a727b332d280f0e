/**
 * The admission of a fleet's starts: who waits, who is in flight, and when to ask again. What is admitted is decided in
 * `src/admission.ts`, as for a controller.
 */
import {
  type AdmissionState,
  admit,
  afterStarts,
  byUrgency,
  nothingAdmitted,
  type WaitingAttempt,
} from '../admission.js';
import type { Timestamp } from '../status.js';
import type { Gate } from './gate.js';
import type { FleetStarts } from './options.js';

export interface FleetAdmission {
  readonly gateOf: (id: string) => Gate;
  /** Calls whoever there is room for now, one after another: each begins before the next is asked about. */
  readonly callAll: (now: Timestamp) => void;
  /** When one more may begin if nothing but time happens; Infinity: never. */
  readonly askAgainAt: () => Timestamp;
}

/** `clock` says what time it is in the simulation; `call` lets an instance be looked at, for there is room for its attempt. */
export const createFleetAdmission = (
  { priority, ...limits }: FleetStarts,
  clock: () => Timestamp,
  call: (id: string) => void,
): FleetAdmission => {
  /** In the order in which they are admitted. */
  const queue: Array<WaitingAttempt> = [];
  const waiting = new Map<string, WaitingAttempt>();
  const inFlight = new Set<string>();
  /** Of `inFlight` the set knows better. */
  let state: AdmissionState = nothingAdmitted;
  let askAgainAt = Number.POSITIVE_INFINITY;
  let called: string | null = null;

  /** Where an attempt stands in the queue, or would stand. */
  const placeOf = (attempt: WaitingAttempt): number => {
    let [low, high] = [0, queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byUrgency(queue[middle] as WaitingAttempt, attempt) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const drop = (id: string): void => {
    const attempt = waiting.get(id);
    if (attempt === undefined) return;
    waiting.delete(id);
    queue.splice(placeOf(attempt), 1);
  };

  /** Whether there is room for the most urgent; else when time alone makes it. */
  const isRoom = (now: Timestamp): boolean => {
    const {
      admitted,
      askAgainAt: again,
      state: after,
    } = admit(limits, { ...state, inFlight: inFlight.size }, queue.slice(0, 1), now);
    askAgainAt = again ?? Number.POSITIVE_INFINITY;
    if (admitted.length === 0) state = after;
    return admitted.length > 0;
  };

  return {
    gateOf: (id) => ({
      ask: (dueAt) => {
        if (called === id) return true;
        drop(id);
        const attempt = { id, priority: priorityOf(priority, id), dueAt };
        const place = placeOf(attempt);
        queue.splice(place, 0, attempt);
        waiting.set(id, attempt);
        const isAdmitted = place === 0 && isRoom(clock());
        if (isAdmitted) drop(id);
        return isAdmitted;
      },
      begin: (by) => {
        called = null;
        drop(id);
        inFlight.add(id);
        if (by === 'person') return;
        const { state: now } = admit(limits, { ...state, inFlight: 0 }, [], clock());
        state = afterStarts(limits, now, 1);
      },
      see: (is) => {
        if (is === 'landed') inFlight.delete(id);
        else inFlight.add(id);
      },
      withdraw: () => drop(id),
    }),
    callAll: (now) => {
      askAgainAt = Number.POSITIVE_INFINITY;
      for (let next = queue[0]; next !== undefined && isRoom(now); next = queue[0]) {
        drop(next.id);
        called = next.id;
        call(next.id);
        called = null;
      }
    },
    askAgainAt: () => askAgainAt,
  };
};

/** As for a controller: what throws or is no number counts as 0. */
const priorityOf = (priority: FleetStarts['priority'], id: string): number => {
  try {
    const given: unknown = priority?.(id);
    return typeof given === 'number' && !Number.isNaN(given) ? given : 0;
  } catch {
    return 0;
  }
};
