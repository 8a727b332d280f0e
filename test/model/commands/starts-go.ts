import type { InstanceId } from '../../../src/ports/store.js';
import type { StartScript } from '../../../src/testing/scripted-hypervisor.js';
import { type Command, happensTo } from './command.js';

export const startsGo = (id: InstanceId, script: StartScript, times: number): Command =>
  happensTo(id, `the next ${times} starts of ${id} go like ${JSON.stringify(script)}`, {
    model: (model) => model.startsGo(id, script, times),
    system: async (system) => system.startsGo(id, script, times),
  });
