/**
 * One section per instance: whoever is inside is alone there, and whoever waits gets in in the order of arrival.
 */
import type { InstanceId } from '../ports/store.js';

export interface Sections {
  /** Resolves inside the section, with the way out; leaving twice is harmless. */
  readonly enter: (id: InstanceId) => Promise<() => void>;
}

export const createSections = (): Sections => {
  const lastInLine = new Map<InstanceId, Promise<void>>();
  return {
    enter: async (id) => {
      let leave = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        leave = resolve;
      });
      const before = lastInLine.get(id);
      lastInLine.set(id, left);
      // Nobody waits any more: a section that is not in use costs nothing.
      void left.then(() => lastInLine.get(id) === left && lastInLine.delete(id));
      await before;
      return () => leave();
    },
  };
};
