import type { InstanceId } from '../../../src/ports/store.js';
import type { StopScript } from '../../../src/testing/scripted-hypervisor.js';
import { type Command, happensTo } from './command.js';

/** The instance is reconciled then, as it is at the next resync at the latest. */
export const stopsGo = (id: InstanceId, script: StopScript): Command =>
  happensTo(id, `from now on stops of ${id} go like ${JSON.stringify(script)}`, {
    model: (model) => model.stopsGo(id, script),
    system: async (system) => {
      system.stopsGo(id, script);
      await system.ask(system.controller().reconcile(id));
    },
  });
