/**
 * Notifications from an API that has none: hypeman answers `wait` when an instance reaches a state, so one call of it
 * stands open for each instance that was last seen starting or running, as long as somebody listens.
 *
 * A call that breaks (hypeman restarts, the network) ends its watch silently. The next inspection of the instance, that
 * of the next resync at the latest, begins a new one: nothing here repeats itself.
 */
import { formatDuration, type Millis } from '../../duration.js';
import type { Cancel } from '../../ports/clock.js';
import type { InstanceId } from '../../ports/store.js';
import { createListeners } from '../common/listeners.js';
import type { HypemanClient } from './client.js';
import { isNotFound } from './errors.js';

/** Below the minute after which hypeman's server, and the client by default, give any call up. */
export const longestWait: Millis = 50_000;

/** What a call of `wait` may take beyond the wait itself before the client gives it up. */
export const waitOverhead: Millis = 10_000;

type Target = 'Running' | 'Stopped';

interface Open {
  readonly target: Target;
  readonly abort: () => void;
}

export interface Watch {
  /**
   * The instance was seen starting (so wait for Running), running (wait for Stopped), or neither (null). hypeman
   * answers at rest in any case: a start that fails does not hold a wait for Running up. `remoteId` is hypeman's own.
   */
  readonly seen: (id: InstanceId, remoteId: string, target: Target | null) => void;
  readonly subscribe: (listener: (id: InstanceId) => void) => Cancel;
}

export const createWatch = (client: HypemanClient): Watch => {
  const targets = new Map<InstanceId, { readonly remoteId: string; readonly target: Target }>();
  const open = new Map<InstanceId, Open>();
  const { subscribe, notify, isEmpty } = createListeners<InstanceId>();

  const ensureOpen = (id: InstanceId): void => {
    const wanted = targets.get(id);
    if (wanted === undefined || isEmpty()) return;
    const former = open.get(id);
    if (former?.target === wanted.target) return;
    const controller = new AbortController();
    const watching: Open = { target: wanted.target, abort: () => controller.abort() };
    open.set(id, watching);
    former?.abort();
    void reached(wanted.remoteId, wanted.target, controller.signal).then((mayHaveChanged) => {
      if (open.get(id) !== watching) return;
      open.delete(id);
      if (mayHaveChanged) notify(id);
    });
  };

  /** Whether the instance reached the state, or was deleted, before the call broke or was called off. */
  const reached = async (remoteId: string, state: Target, signal: AbortController['signal']): Promise<boolean> => {
    const query = { state, timeout: formatDuration(longestWait) };
    try {
      for (;;) {
        const answer = await client.instances.wait(remoteId, query, {
          maxRetries: 0,
          timeout: longestWait + waitOverhead,
          signal,
        });
        if (!answer.timed_out) return true;
      }
    } catch (error) {
      return isNotFound(error);
    }
  };

  return {
    seen: (id, remoteId, target) => {
      // An open call is left to end by itself: it is about to, and its end is what listeners are notified of.
      if (target === null) targets.delete(id);
      else targets.set(id, { remoteId, target });
      ensureOpen(id);
    },
    subscribe: (listener) => {
      const cancel = subscribe(listener);
      for (const id of targets.keys()) ensureOpen(id);
      return () => {
        cancel();
        if (!isEmpty()) return;
        for (const watching of open.values()) watching.abort();
        open.clear();
      };
    },
  };
};
