import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const personStarts = (id: InstanceId): Command =>
  isAsked(id, `a person starts ${id}`, {
    intent: 'start',
    // One that takes its time is for the attempts: nothing else can be asked meanwhile.
    check: (model) => model.of(id).scripts[0]?.wait === undefined,
    model: (model) => model.start(id),
    system: async (system) => {
      const before = system.starts(id);
      const answered = await system.ask(system.controller().manualStart(id));
      system.asked(id).starts += Math.min(1, system.starts(id) - before);
      return answered;
    },
  });
