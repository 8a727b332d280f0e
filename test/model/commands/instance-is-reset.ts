import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const instanceIsReset = (id: InstanceId): Command =>
  isAsked(id, `${id} is reset`, {
    intent: 'start',
    model: (model) => model.reset(id),
    system: (system) => system.ask(system.controller().reset(id)),
  });
