/** Notifies whoever waits that an instance may have changed, but not how: they find that out themselves. */
import type { Cancel, InstanceId } from 'restart-policy/controller';

export interface Changes {
  readonly notify: (id: InstanceId) => void;
  readonly subscribe: (id: InstanceId, listener: () => void) => Cancel;
}

export const createChanges = (): Changes => {
  const listeners = new Map<InstanceId, Set<() => void>>();
  return {
    notify: (id) => {
      for (const listener of [...(listeners.get(id) ?? [])]) listener();
    },
    subscribe: (id, listener) => {
      const those = listeners.get(id) ?? new Set();
      listeners.set(id, those.add(listener));
      return () => {
        those.delete(listener);
        if (those.size === 0 && listeners.get(id) === those) listeners.delete(id);
      };
    },
  };
};
