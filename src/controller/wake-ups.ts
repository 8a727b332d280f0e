/**
 * Wake-ups: any number of keys, one timer. At most one wake-up is armed per key; arming again replaces it. Keys are found by
 * their salts.
 */
import type { Cancel, Clock } from '../ports/clock.js';
import { saltOf } from '../salt.js';
import type { Timestamp } from '../status.js';
import { createHeap, type Heap, type HeapHandle } from './heap.js';
import { createSaltedMap } from './salted-map.js';

export interface WakeUps<K> {
  /** `salt`: of the key, where it is at hand; it is worked out otherwise. */
  readonly arm: (key: K, at: Timestamp, salt?: number) => void;
  readonly disarm: (key: K, salt?: number) => void;
  /** null: none is armed, or it is about to wake up because the clock was set back. */
  readonly armedAt: (key: K) => Timestamp | null;
  /** How many have a moment at which they are armed. */
  readonly size: () => number;
  readonly close: () => void;
}

interface WakeUp<K> {
  readonly key: K;
  readonly at: Timestamp;
}

/** A clock that went back by fewer milliseconds than this was not set: then nothing wakes up before its time. */
const negligible = 1_000;

/**
 * So many wake up in one turn of the event loop. Where the clock was set, or the machine has slept, all of a fleet may be due
 * at once.
 */
const mostAtOnce = 500;

const saltOfKey = (key: string | symbol): number => saltOf(String(key));

export const createWakeUps = <K extends string | symbol>(clock: Clock, wake: (key: K) => void): WakeUps<K> => {
  const emptyHandles = () => createSaltedMap<K, HeapHandle<WakeUp<K>>>(({ value }) => value.key);
  const emptyHeap = () => createHeap<WakeUp<K>>((a, b) => a.at - b.at);
  let heap = emptyHeap();
  let handles = emptyHandles();
  let timer: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;
  /** What the clock showed when it was last asked. */
  let seen: Timestamp = Number.NEGATIVE_INFINITY;
  /**
   * What was armed before the clock was set back. All of those moments are wrong, so all wake up, also what is armed anew
   * or called off meanwhile: their decisions repair what is stored, and arm anew.
   */
  let overdue: ReadonlyArray<Heap<WakeUp<K>>> = [];
  let closed = false;

  const look = (expected: Timestamp): Timestamp => {
    const now = clock.now();
    if (now + negligible < expected && heap.size() > 0) {
      overdue = [...overdue, heap];
      heap = emptyHeap();
      handles = emptyHandles();
    }
    seen = now;
    return now;
  };

  /** The timer stands at the earliest wake-up, and is touched only when that changes. */
  const setTimer = (): void => {
    // The timer that stands would say that the clock was set back, but it may be gone now: one that is moved would come too late.
    look(seen);
    // One that rings as soon as it can is left to do so.
    const at = overdue.length > 0 ? Math.min(seen, timer?.at ?? seen) : heap.peek()?.at;
    if (timer !== null && timer.at === at) return;
    timer?.cancel();
    timer = at === undefined ? null : { at, cancel: clock.wakeAt(at, fire) };
  };

  /** Takes out the next that is due; undefined: none is. */
  const takeDue = (now: Timestamp): WakeUp<K> | undefined => {
    const [first, ...others] = overdue;
    if (first !== undefined) {
      const next = first.pop();
      if (first.size() === 0) overdue = others;
      return next;
    }
    const next = heap.peek();
    if (next === undefined || next.at > now) return undefined;
    heap.pop();
    handles.delete(next.key, saltOfKey(next.key));
    return next;
  };

  const fire = (): void => {
    // A timer that comes well before its time by the clock says that the clock was set back.
    const now = look(timer?.at ?? seen);
    timer = null;
    // They are taken out before any wakes up: what one of them arms anew is not due again in this turn.
    const due: Array<K> = [];
    while (due.length < mostAtOnce) {
      const next = takeDue(now);
      if (next === undefined) break;
      due.push(next.key);
    }
    due.forEach(wake);
    setTimer();
  };

  return {
    arm: (key, at, salt = saltOfKey(key)) => {
      if (closed) return;
      const armed = handles.get(key, salt);
      // In its place: most instances have a wake-up all the time. An event moves it, and a look at a quiet one leaves it.
      if (armed === undefined) handles.add(key, salt, heap.push({ key, at }));
      else if (armed.value.at !== at) heap.replace(armed, { key, at });
      setTimer();
    },
    disarm: (key, salt = saltOfKey(key)) => {
      const armed = handles.get(key, salt);
      if (armed === undefined) return;
      handles.delete(key, salt);
      heap.remove(armed);
      setTimer();
    },
    armedAt: (key) => handles.get(key, saltOfKey(key))?.value.at ?? null,
    size: () => heap.size(),
    close: () => {
      closed = true;
      timer?.cancel();
      timer = null;
      handles = emptyHandles();
      heap = emptyHeap();
      overdue = [];
    },
  };
};
