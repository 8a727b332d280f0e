import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const personPauses = (id: InstanceId): Command =>
  isAsked(id, `a person pauses the supervision of ${id}`, {
    model: (model) => model.pause(id),
    system: (system) => system.ask(system.controller().pause(id)),
  });
