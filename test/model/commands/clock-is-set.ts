import type { Millis } from '../../../src/duration.js';
import type { Model } from '../model.js';
import { type Command, happens } from './command.js';

/** Everything is reconciled then, as it is at the next resync at the latest. */
export const clockIsSet = (by: Millis): Command =>
  happens(`the clock is set ${by < 0 ? 'back' : 'forward'} by ${Math.abs(by)} ms`, {
    check: (model) => model.instances.every(isMeaningful),
    model: (model) => model.setClock(model.now() + by),
    system: async (system, model) => {
      system.clock.jump(model.now());
      await system.clock.settle();
      await system.ask(system.controller().reconcileAll());
    },
  });

/** A start under way fails at a moment of its own. */
const isMeaningful = ({ isBlind, failsAt }: Model['instances'][number]): boolean => !isBlind && failsAt === null;
