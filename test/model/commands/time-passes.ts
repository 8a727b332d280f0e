import type { Millis } from '../../../src/duration.js';
import { type Command, happens } from './command.js';

export const timePasses = (ms: Millis): Command =>
  happens(`${ms} ms pass`, {
    model: (model) => model.advanceTo(model.now() + ms),
    system: (system, model) => system.clock.advanceTo(model.now()),
  });
