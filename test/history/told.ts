/**
 * A host whose controller tells a history in memory.
 */

import type { Controller, ControllerOptions } from '../../src/controller.js';
import { createMemoryHistory, type History, type HistoryEntry, recordHistory } from '../../src/history.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { createHost, type Host } from '../support/host.js';

export interface ToldHost extends Host {
  readonly history: History;
  readonly beginTold: (options?: Pick<ControllerOptions, 'deadlines'>) => Promise<Controller>;
  /** What was told of an instance, the oldest first. */
  readonly told: (id: string) => Promise<ReadonlyArray<HistoryEntry>>;
}

export const createToldHost = (exclusion?: Exclusion): ToldHost => {
  const host = createHost(exclusion);
  const history = right(createMemoryHistory());
  return {
    ...host,
    history,
    beginTold: async (options = {}) => {
      const controller = controllerOf({
        store: host.faulty.store,
        hypervisor: host.hypervisor,
        clock: host.clock,
        ...recordHistory(history),
        ...options,
      });
      await host.clock.settle();
      return controller;
    },
    told: async (id) => [...right(await history.ofInstance(id)()).entries].reverse(),
  };
};

/** Only what a test speaks of: without the instance, and without what is null. */
export const inBrief = (entries: ReadonlyArray<HistoryEntry>): ReadonlyArray<Record<string, unknown>> =>
  entries.map(({ id: _, ...entry }) => Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)));
