import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, happensTo } from './command.js';

export const inspectionsFail = (id: InstanceId): Command =>
  happensTo(id, `inspections of ${id} fail from now on`, {
    check: (model) => model.of(id).isSeen && !model.of(id).isBlind,
    model: (model) => model.see(id, false),
    system: async (system) => system.hypervisor.failInspect(id, Number.POSITIVE_INFINITY),
  });
