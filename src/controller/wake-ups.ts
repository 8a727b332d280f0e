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

/** A timer that comes early by fewer milliseconds than this is armed again, and nothing wakes up. */
const negligible = 1_000;

export const createWakeUps = <K>(clock: Clock, wake: (key: K) => void): WakeUps<K> => {
  const heap = createHeap<WakeUp<K>>((a, b) => a.at - b.at);
  const handles = new Map<K, HeapHandle<WakeUp<K>>>();
  let timer: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;
  let closed = false;

  /** The timer stands at the earliest wake-up, and is touched only when that changes. */
  const setTimer = (): void => {
    const earliest = heap.peek();
    if (timer !== null && timer.at === earliest?.at) return;
    timer?.cancel();
    timer = earliest === undefined ? null : { at: earliest.at, cancel: clock.wakeAt(earliest.at, fire) };
  };

  const fire = (): void => {
    // A timer that comes well before its time by the clock says that the clock was set back. Then every armed moment is
    // wrong, so all wake up: their decisions repair what is stored, and arm anew.
    const setBack = timer !== null && clock.now() + negligible < timer.at;
    const upTo = setBack ? Number.POSITIVE_INFINITY : clock.now();
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

  const drop = (key: K): void => {
    const handle = handles.get(key);
    if (handle === undefined) return;
    handles.delete(key);
    heap.remove(handle);
  };

  return {
    arm: (key, at) => {
      if (closed) return;
      const armed = handles.get(key);
      if (armed?.value.at === at) return;
      // In its place: most instances have a wake-up all the time, and it is moved at every event.
      if (armed === undefined) handles.set(key, heap.push({ key, at }));
      else heap.replace(armed, { key, at });
      setTimer();
    },
    disarm: (key) => {
      drop(key);
      setTimer();
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
