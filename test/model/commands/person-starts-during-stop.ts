import { expect } from 'vitest';
import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

/** The stop is recorded, and the start after it: the later one wins, and nothing is stopped. */
export const personStartsDuringStop = (id: InstanceId): Command =>
  isAsked(id, `a person stops ${id}, and before that is carried out another starts it`, {
    intent: 'start',
    check: (model) =>
      !model.of(id).isBlind && (model.of(id).scripts[0]?.exits !== undefined || model.of(id).scripts.length === 0),
    model: (model) => model.start(id),
    system: async (system) => {
      const held = system.hypervisor.hold('stop', id, 'before_check');
      const stopped = system.controller().manualStop(id)();
      await system.clock.settle();
      system.asked(id).starts++;
      const started = system.controller().manualStart(id)();
      await system.clock.settle();
      held.release();
      expect(await system.ask(() => stopped)).toMatchObject({ left: { _tag: 'Superseded' } });
      return system.ask(() => started);
    },
  });
