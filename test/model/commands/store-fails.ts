import type { InstanceId } from '../../../src/ports/store.js';
import type { StoreFault } from '../../../src/testing/faulty-store.js';
import { type Command, happensTo } from './command.js';

/** How calls for an instance fail. A conflict when nobody wrote is against a store's contract, and must do no harm. */
export type Fault = Exclude<StoreFault, { readonly operation: 'list' }>;

export const storeFails = (id: InstanceId, fault: Fault): Command =>
  happensTo(id, `the store fails for ${id}: ${JSON.stringify(fault)}`, {
    check: (model) => model.of(id).isSeen,
    model: (model) => model.blind(id),
    system: async (system) => system.faults().inject({ ...fault, id }),
  });
