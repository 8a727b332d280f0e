import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

/** As a host does it: with the instance stopped, so that it is made anew, has never run, and stays down. */
export const snapshotIsRestored = (id: InstanceId): Command =>
  isAsked(id, `${id}, which is stopped, is restored from a snapshot`, {
    intent: 'start',
    check: (model) => {
      const { intent, run, isBlind } = model.of(id);
      return intent === 'stopped' && run === null && !isBlind;
    },
    model: (model) => {
      model.forget(id);
      return model.reset(id);
    },
    system: (system) => {
      system.forget(id);
      return system.ask(system.controller().reset(id));
    },
  });
