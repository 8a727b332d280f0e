import type { Millis } from '../../../src/duration.js';
import { type Command, happens } from './command.js';

export const controllerCrashes = (downFor: Millis): Command =>
  happens(`the controller crashes, and ${downFor} ms later a new one comes`, {
    model: (model) => model.restartController(model.now() + downFor),
    system: async (system, model) => {
      system.crash();
      await system.clock.advanceTo(model.now());
      system.open();
    },
  });
