import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const personStops = (id: InstanceId): Command =>
  isAsked(id, `a person stops ${id}`, {
    intent: 'stop',
    model: (model) => model.stop(id),
    system: (system) => system.ask(system.controller().manualStop(id)),
  });
