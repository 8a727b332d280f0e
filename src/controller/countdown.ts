/**
 * A countdown: every item is given the same span of time. So they run out in the order in which they began, and one timer
 * does for all of them.
 *
 * That timer stands at the moment of the item which was the oldest when it was armed, and stays there when that item ends:
 * hardly any item ever runs out, and to arm a timer for each would cost more than most of the calls that are counted down.
 */

import type { Millis } from '../duration.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Timestamp } from '../status.js';

/** The items stand in a list through themselves: nothing is made for one that begins, or looked for when it ends. */
export interface CountedDown<A> {
  /** When it runs out; the countdown sets it, and the rest. */
  dueAt: Timestamp;
  older: A | null;
  newer: A | null;
}

export interface Countdown<A> {
  readonly begin: (item: A) => void;
  /** It has ended in time: to be called once, for an item that has begun and has not run out. */
  readonly end: (item: A) => void;
  /** Those that have neither ended nor run out, the oldest first. */
  readonly items: () => ReadonlyArray<A>;
  /** From now on no timer stands that nothing waits for: it would keep the process alive. */
  readonly rest: () => void;
  /** Forgets all, without a word to anybody. */
  readonly clear: () => void;
}

export const createCountdown = <A extends CountedDown<A>>(
  clock: Clock,
  span: Millis,
  onDue: (item: A) => void,
): Countdown<A> => {
  let oldest: A | null = null;
  let newest: A | null = null;
  let timer: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;
  let rests = false;

  const takeOut = (item: A): void => {
    const { older, newer } = item;
    if (older === null) oldest = newer;
    else older.newer = newer;
    if (newer === null) newest = older;
    else newer.older = older;
    item.older = null;
    item.newer = null;
  };

  const arm = (at: Timestamp): void => {
    timer = { at, cancel: clock.wakeAt(at, () => fire(at)) };
  };

  const disarm = (): void => {
    timer?.cancel();
    timer = null;
  };

  // By the moment it was armed for, and not by the clock, which may have been set back since: a span has passed all the
  // same. One at a time, for the answer to one may be the end of another.
  const fire = (at: Timestamp): void => {
    timer = null;
    const due = oldest !== null && oldest.dueAt <= at ? oldest : null;
    if (due !== null) takeOut(due);
    armNext();
    // The last, for it may begin another one.
    if (due !== null) onDue(due);
  };

  const armNext = (): void => {
    if (oldest === null) return;
    // Nothing is due later than a span from now, unless the clock was set back. Then nobody knows what is left of the spans
    // of those that began before, and each gets a whole one.
    const latest = clock.now() + span;
    if (oldest.dueAt > latest) {
      for (let item: A | null = oldest; item !== null; item = item.newer) item.dueAt = Math.min(item.dueAt, latest);
    }
    arm(oldest.dueAt);
  };

  return {
    begin: (item) => {
      item.older = newest;
      if (newest === null) oldest = item;
      else newest.newer = item;
      newest = item;
      if (span === Number.POSITIVE_INFINITY) return;
      item.dueAt = clock.now() + span;
      if (timer === null) arm(item.dueAt);
    },
    end: (item) => {
      takeOut(item);
      if (rests && oldest === null) disarm();
    },
    items: () => {
      const items: Array<A> = [];
      for (let item = oldest; item !== null; item = item.newer) items.push(item);
      return items;
    },
    rest: () => {
      rests = true;
      if (oldest === null) disarm();
    },
    clear: () => {
      oldest = null;
      newest = null;
      disarm();
    },
  };
};
