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

export interface CountedDown {
  /** When it runs out; the countdown sets it. */
  dueAt: Timestamp;
}

export interface Countdown<A extends CountedDown> {
  readonly begin: (item: A) => void;
  /** It has ended in time. */
  readonly end: (item: A) => void;
  /** Those that have neither ended nor run out, the oldest first. */
  readonly items: () => Iterable<A>;
  /** From now on no timer stands that nothing waits for: it would keep the process alive. */
  readonly rest: () => void;
  /** Forgets all, without a word to anybody. */
  readonly clear: () => void;
}

export const createCountdown = <A extends CountedDown>(
  clock: Clock,
  span: Millis,
  onDue: (item: A) => void,
): Countdown<A> => {
  /** In the order in which they began. */
  const items = new Set<A>();
  let timer: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;
  let rests = false;

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
    const [oldest] = items;
    const due = oldest !== undefined && oldest.dueAt <= at ? oldest : null;
    if (due !== null) items.delete(due);
    armNext();
    // The last, for it may begin another one.
    if (due !== null) onDue(due);
  };

  const armNext = (): void => {
    const [next] = items;
    if (next === undefined) return;
    // Nothing is due later than a span from now, unless the clock was set back. Then nobody knows what is left of the spans
    // of those that began before, and each gets a whole one.
    const latest = clock.now() + span;
    if (next.dueAt > latest) for (const item of items) item.dueAt = Math.min(item.dueAt, latest);
    arm(next.dueAt);
  };

  return {
    begin: (item) => {
      items.add(item);
      if (span === Number.POSITIVE_INFINITY) return;
      item.dueAt = clock.now() + span;
      if (timer === null) arm(item.dueAt);
    },
    end: (item) => {
      items.delete(item);
      if (rests && items.size === 0) disarm();
    },
    items: () => items,
    rest: () => {
      rests = true;
      if (items.size === 0) disarm();
    },
    clear: () => {
      items.clear();
      disarm();
    },
  };
};
