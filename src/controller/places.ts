/**
 * Places: how many reconciliations are under way at a time. One that takes long gives its place to the next and goes on
 * without: it waits for a port, and what hangs there must not hold up all the others.
 */
import type { Millis } from '../duration.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Timestamp } from '../status.js';
import { createChain, type Linked } from './chain.js';

export interface Place extends Linked<Place> {
  readonly since: Timestamp;
  isTaken: boolean;
}

export interface Places {
  readonly isFull: () => boolean;
  readonly take: () => Place;
  /** Idempotent, and nothing happens if it was given up before. */
  readonly leave: (place: Place) => void;
  /** Somebody waits for a place: answers through `onFree` when one is given up. */
  readonly wait: () => void;
  readonly close: () => void;
}

/** So long, in milliseconds, does a reconciliation keep its place when others wait for it. */
export const patience: Millis = 1_000;

export const createPlaces = (limit: number, clock: Clock, onFree: () => void): Places => {
  /** In the order in which they were taken. */
  const taken = createChain<Place>();
  let count = 0;
  let cancel: Cancel | null = null;

  const leave = (place: Place): void => {
    if (!place.isTaken) return;
    place.isTaken = false;
    taken.takeOut(place);
    count--;
  };

  const giveUpDue = (at: Timestamp): void => {
    cancel = null;
    const now = clock.now();
    for (let place = taken.oldest(); place !== null; place = taken.oldest()) {
      // What was taken at a moment that is still to come was taken before the clock was set back.
      if (place.since + patience > at && place.since <= now) break;
      leave(place);
    }
    onFree();
  };

  return {
    isFull: () => count >= limit,
    take: () => {
      const place: Place = { since: clock.now(), isTaken: true, older: null, newer: null };
      taken.push(place);
      count++;
      return place;
    },
    leave,
    wait: () => {
      const oldest = taken.oldest();
      if (cancel !== null || oldest === null) return;
      const at = Math.min(oldest.since, clock.now()) + patience;
      cancel = clock.wakeAt(at, () => giveUpDue(at));
    },
    close: () => {
      cancel?.();
      cancel = null;
    },
  };
};
