/**
 * Listeners: who is notified of changes.
 */
import type { Cancel } from '../../ports/clock.js';
import { swallowErrors } from '../../swallow-errors.js';

export interface Listeners<A> {
  /** A function that subscribes twice is called twice, and each subscription ends by itself. */
  readonly subscribe: (listener: (what: A) => void) => Cancel;
  /** Calls all who listen now. What one of them throws, or rejects with, is its own business, and keeps nobody else from being called. */
  readonly notify: (what: A) => void;
  readonly isEmpty: () => boolean;
}

export const createListeners = <A>(): Listeners<A> => {
  const listeners = new Set<{ readonly call: (what: A) => void }>();
  return {
    subscribe: (call) => {
      const listener = { call };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    notify: (what) => {
      for (const { call } of [...listeners]) {
        swallowErrors(() => call(what));
      }
    },
    isEmpty: () => listeners.size === 0,
  };
};
