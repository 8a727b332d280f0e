/**
 * Wake-ups: any number of keys, one timer. At most one wake-up is armed per key; arming again replaces it.
 */
import type { Cancel, Clock } from '../ports/clock.js';
import type { Timestamp } from '../status.js';
import { createHeap, type HeapHandle } from './heap.js';

export interface WakeUps<K> {
  readonly arm: (key: K, at: Timestamp) => void;
  readonly disarm: (key: K) => void;
  readonly armedAt: (key: K) => Timestamp | null;
  readonly size: () => number;
  readonly close: () => void;
}

interface WakeUp<K> {
  readonly key: K;
  readonly at: Timestamp;
}

/** A clock that went back by fewer milliseconds than this was not set: then nothing wakes up before its time. */
const negligible = 1_000;

export const createWakeUps = <K>(clock: Clock, wake: (key: K) => void): WakeUps<K> => {
  const heap = createHeap<WakeUp<K>>((a, b) => a.at - b.at);
  const handles = new Map<K, HeapHandle<WakeUp<K>>>();
  let timer: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;
  /** What the clock showed when it was last asked. */
  let seen: Timestamp = Number.NEGATIVE_INFINITY;
  /** The clock was set back. Then every armed moment is wrong, so all wake up: their decisions repair what is stored, and arm anew. */
  let allAreDue = false;
  let closed = false;

  const look = (expected: Timestamp): Timestamp => {
    const now = clock.now();
    if (now + negligible < expected) allAreDue = true;
    seen = now;
    return now;
  };

  /** The timer stands at the earliest wake-up, and is touched only when that changes. */
  const setTimer = (): void => {
    // The timer that stands would say that the clock was set back, but it may be gone now: one that is moved would come too late.
    look(seen);
    const earliest = heap.peek();
    const at = earliest !== undefined && allAreDue ? seen : earliest?.at;
    if (timer !== null && timer.at === at) return;
    timer?.cancel();
    timer = at === undefined ? null : { at, cancel: clock.wakeAt(at, fire) };
  };

  const fire = (): void => {
    // A timer that comes well before its time by the clock says that the clock was set back.
    const now = look(timer?.at ?? seen);
    const upTo = allAreDue ? Number.POSITIVE_INFINITY : now;
    allAreDue = false;
    timer = null;
    // All are taken out before any wakes up: what one of them arms anew is not due again, however far ahead it lies.
    const due: Array<K> = [];
    for (let next = heap.peek(); next !== undefined && next.at <= upTo; next = heap.peek()) {
      heap.pop();
      handles.delete(next.key);
      due.push(next.key);
    }
    due.forEach(wake);
    setTimer();
  };

  /** Answers whether there was one. */
  const drop = (key: K): boolean => {
    const handle = handles.get(key);
    return handle !== undefined && handles.delete(key) && heap.remove(handle);
  };

  return {
    arm: (key, at) => {
      if (closed) return;
      const armed = handles.get(key);
      // In its place: most instances have a wake-up all the time, and it is moved at every event.
      if (armed === undefined) handles.set(key, heap.push({ key, at }));
      else heap.replace(armed, { key, at });
      setTimer();
    },
    disarm: (key) => {
      if (drop(key)) setTimer();
    },
    armedAt: (key) => {
      const handle = handles.get(key);
      return handle === undefined ? null : handle.value.at;
    },
    size: () => heap.size(),
    close: () => {
      closed = true;
      timer?.cancel();
      timer = null;
      handles.clear();
      heap.clear();
    },
  };
};
