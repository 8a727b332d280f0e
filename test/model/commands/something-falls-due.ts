import { type Command, happens } from './command.js';

/** Time passes to the next moment at which something is to happen, or to the last one before it. */
export const somethingFallsDue = (isAlmost: boolean): Command =>
  happens(isAlmost ? 'something almost falls due' : 'something falls due', {
    check: (model) => model.nextMoment() !== null,
    model: (model) => model.advanceTo(Math.max(model.now(), (model.nextMoment() ?? 0) - (isAlmost ? 1 : 0))),
    system: (system, model) => system.clock.advanceTo(model.now()),
  });
