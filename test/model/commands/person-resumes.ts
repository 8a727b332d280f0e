import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const personResumes = (id: InstanceId): Command =>
  isAsked(id, `a person resumes the supervision of ${id}`, {
    model: (model) => model.resume(id),
    system: (system) => system.ask(system.controller().resume(id)),
  });
