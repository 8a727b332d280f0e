import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const personDeletes = (id: InstanceId): Command =>
  isAsked(id, `a person deletes ${id}`, {
    intent: 'stop',
    model: (model) => model.remove(id),
    system: async (system, model) => {
      const answered = await system.ask(system.controller().requestDelete(id));
      // A host makes the hypervisor forget what was deleted.
      if (answered._tag === 'Right') system.forget(id);
      // Nobody knows whether it was done. If it was, the record is gone, with what was asked for before, and the next
      // policy is its first.
      else model.of(id).isPromisedStopped = false;
      return answered;
    },
  });
