import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

/** The attempt is counted, and the start is on its way; so the stop comes too late for all but the permit. */
export const personStopsAnAttempt = (id: InstanceId): Command =>
  isAsked(id, `a person stops ${id} between the next attempt's record and its start`, {
    intent: 'stop',
    check: (model) => {
      const i = model.of(id);
      return (
        !i.isBlind && i.run === null && !i.isUsedUp && model.owedAt(i) !== null && i.scripts[0]?.wait === undefined
      );
    },
    model: (model) => {
      const due = model.owedAt(model.of(id)) ?? model.now();
      model.advanceTo(due - 1);
      const answer = model.stopAttempt(id);
      model.advanceTo(due);
      return answer;
    },
    system: async (system, model) => {
      const held = system.hypervisor.hold('start', id, 'before_check');
      await system.clock.advanceTo(model.now());
      const stopped = system.controller().manualStop(id)();
      await system.clock.settle();
      held.release();
      return system.ask(() => stopped);
    },
  });
