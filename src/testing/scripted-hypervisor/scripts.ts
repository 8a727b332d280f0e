/**
 * What the next call for an instance does: the scripts of a test, each taken by one call.
 */
import type { InstanceId } from '../../ports/store.js';

export interface Scripts<S> {
  readonly next: (id: InstanceId, script: S, times?: number) => void;
  readonly every: (script: (id: InstanceId) => S) => void;
  readonly take: (id: InstanceId) => S;
}

export const createScripts = <S>(plain: S): Scripts<S> => {
  const queues = new Map<InstanceId, Array<{ readonly script: S; left: number }>>();
  let fallback: (id: InstanceId) => S = () => plain;
  return {
    next: (id, script, times = 1) => {
      const queue = queues.get(id) ?? [];
      queue.push({ script, left: times });
      queues.set(id, queue);
    },
    every: (script) => {
      fallback = script;
    },
    take: (id) => {
      const queue = queues.get(id) ?? [];
      const first = queue[0];
      if (first === undefined) return fallback(id);
      first.left--;
      if (first.left <= 0) queue.shift();
      return first.script;
    },
  };
};
