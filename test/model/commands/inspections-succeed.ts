import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, happensTo } from './command.js';

/** The instance is reconciled then, as it is at the next resync at the latest. */
export const inspectionsSucceed = (id: InstanceId): Command =>
  happensTo(id, `inspections of ${id} succeed again`, {
    check: (model) => !model.of(id).isSeen,
    model: (model) => model.see(id, true),
    system: async (system) => {
      system.hypervisor.failInspect(id, 0);
      await system.ask(system.controller().reconcile(id));
    },
  });
