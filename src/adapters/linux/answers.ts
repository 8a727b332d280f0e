/**
 * What the hypervisors that are made of processes answer alike, and whom they tell.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Failed, failed, type Hypervisor, type HypervisorCapabilities } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';

export const capabilities: HypervisorCapabilities = Object.freeze({ exclusion: 'section', guestReboot: 'exit' });

export const done: Either<never, void> = right(undefined);

/** Whatever the host's own parts throw (a permit, say) is an answer like any other. */
export const settled =
  <E, A>(work: () => Promise<Either<E, A>>): TaskEither<E | Failed, A> =>
  () =>
    work().catch((cause: unknown) => left(failed(messageOf(cause), cause)));

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface Listeners {
  readonly subscribe: Hypervisor['subscribe'];
  readonly notify: (id: InstanceId) => void;
}

export const createListeners = (): Listeners => {
  const listeners = new Set<{ readonly call: (id: InstanceId) => void }>();
  return {
    subscribe: (call) => {
      const listener = { call };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    notify: (id) => {
      for (const listener of [...listeners]) {
        try {
          listener.call(id);
        } catch {
          // Its own business: there is nobody left to tell.
        }
      }
    },
  };
};
