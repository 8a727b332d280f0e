import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, happensTo } from './command.js';

/** A code of null: killed, or nobody knows. */
export const instanceExits = (id: InstanceId, exitCode: number | null): Command =>
  happensTo(id, `${id} exits with ${exitCode ?? 'an unknown code'}`, {
    check: (model) => model.of(id).run !== null,
    model: (model) => model.exit(id, exitCode),
    system: async (system) => system.hypervisor.exit(id, exitCode),
  });
