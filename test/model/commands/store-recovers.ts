import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, happensTo } from './command.js';

/** The instance is reconciled then, as it is at the next resync at the latest; and from then on all is known again. */
export const storeRecovers = (id: InstanceId): Command =>
  happensTo(id, `the store works again for ${id}`, {
    check: (model) => model.of(id).isBlind,
    model: () => undefined,
    system: async (system, model) => {
      system.faults().clear();
      await system.ask(system.controller().reconcile(id));
      await system.clock.settle();
      // The reconcile waits for a start under way: what is found is of that later moment.
      model.advanceTo(system.clock.now());
      model.adopt(id, await system.findings(id));
    },
  });
