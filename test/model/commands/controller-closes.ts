import { expect } from 'vitest';
import type { Millis } from '../../../src/duration.js';
import { type Command, happens } from './command.js';

/** A drain is no command: instances run on. */
export const controllerCloses = (closedFor: Millis): Command =>
  happens(`the controller closes, and ${closedFor} ms later a new one comes`, {
    check: (model) => model.instances.every(({ failsAt, isBlind }) => failsAt === null && !isBlind),
    model: (model) => model.restartController(model.now() + closedFor),
    system: async (system, model) => {
      const former = system.controller();
      await former.close()();
      await system.clock.advanceTo(model.now());
      expect(former.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });
      system.open();
    },
  });
