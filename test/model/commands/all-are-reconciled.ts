import { expect } from 'vitest';
import type { Model } from '../model.js';
import type { System } from '../system.js';
import { type Command, happens } from './command.js';

/** A reconcile for which there is no reason finds nothing to do, and nothing to write. */
export const allAreReconciled = (): Command =>
  happens('all are reconciled for no reason', {
    check: (model) => model.instances.every(({ failsAt, isBlind }) => failsAt === null && !isBlind),
    model: () => undefined,
    system: async (system, model) => {
      const before = await recordsOf(system, model);
      await system.ask(system.controller().reconcileAll());
      expect(await recordsOf(system, model)).toEqual(before);
    },
  });

const recordsOf = (system: System, model: Model) => Promise.all(model.instances.map(({ id }) => system.record(id)));
