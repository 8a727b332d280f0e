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
import { createChain, type Linked } from './chain.js';

export interface CountedDown<A> extends Linked<A> {
  /** When it runs out; the countdown sets it. */
  dueAt: Timestamp;
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
  const chain = createChain<A>();
  let timer: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;
  let rests = false;

  const arm = (at: Timestamp): void => {
    timer = { at, cancel: clock.wakeAt(at, () => fire(at)) };
  };

  const disarm = (): void => {
    timer?.cancel();
    timer = null;
  };

  // What it was armed for is due whatever the clock says, which may have been set back since: a span has passed all the same.
  // What is due before that has begun after the clock was set back, and there it is the clock that knows.
  const isDue = (dueAt: Timestamp, at: Timestamp): boolean => dueAt === at || (dueAt < at && dueAt <= clock.now());

  // One at a time, for the answer to one may be the end of another.
  const fire = (at: Timestamp): void => {
    timer = null;
    const oldest = chain.oldest();
    const due = oldest !== null && isDue(oldest.dueAt, at) ? oldest : null;
    if (due !== null) chain.takeOut(due);
    armNext();
    // The last, for it may begin another one.
    if (due !== null) onDue(due);
  };

  const armNext = (): void => {
    const oldest = chain.oldest();
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
      chain.push(item);
      if (span === Number.POSITIVE_INFINITY) return;
      item.dueAt = clock.now() + span;
      if (timer === null) arm(item.dueAt);
    },
    end: (item) => {
      chain.takeOut(item);
      if (rests && chain.oldest() === null) disarm();
    },
    items: () => {
      const items: Array<A> = [];
      for (let item = chain.oldest(); item !== null; item = item.newer) items.push(item);
      return items;
    },
    rest: () => {
      rests = true;
      if (chain.oldest() === null) disarm();
    },
    clear: () => {
      chain.clear();
      disarm();
    },
  };
};
