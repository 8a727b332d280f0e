import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, happensTo } from './command.js';

/** `other`: it is paused, say. */
export const instanceTurns = (id: InstanceId, state: 'running' | 'initializing' | 'other'): Command =>
  happensTo(id, `${id} turns ${state}`, {
    check: (model) => model.of(id).run !== null,
    model: (model) => model.turn(id, state),
    system: async (system) => {
      if (system.hypervisor.running(id) > 0) system.hypervisor.set(id, { state });
    },
  });
