/** One after the other, per instance: requests that take several steps and must not mix. */
import type { InstanceId } from 'restart-policy/controller';

export type Turns = <A>(id: InstanceId, work: () => Promise<A>) => Promise<A>;

export const createTurns = (): Turns => {
  const last = new Map<InstanceId, Promise<unknown>>();
  return async (id, work) => {
    const mine = (last.get(id) ?? Promise.resolve()).then(work, work);
    last.set(id, mine);
    try {
      return await mine;
    } finally {
      if (last.get(id) === mine) last.delete(id);
    }
  };
};
