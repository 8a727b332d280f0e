import type { Millis } from '../../../src/duration.js';
import type { Model } from '../model.js';
import { type Command, happens } from './command.js';

/** Everything is reconciled then, as it is at the next resync at the latest. */
export const clockIsSet = (by: Millis): Command =>
  happens(`the clock is set ${by < 0 ? 'back' : 'forward'} by ${Math.abs(by)} ms`, {
    check: (model) => model.instances.every((instance) => isMeaningful(instance, model.now() + 1 + by)),
    model: (model) => model.setClock(model.now() + by),
    system: async (system, model) => {
      system.clock.jump(model.now());
      await system.clock.settle();
      await system.ask(system.controller().reconcileAll());
    },
  });

/**
 * How long a run lasts is known by when it began, and whether it is ours to bring back by whether it began before the
 * last attempt: neither means anything when the clock goes back past its beginning. A run that ends by itself at a
 * moment that the clock passes over ends before or after what else falls due there.
 */
const isMeaningful = (instance: Model['instances'][number], now: number): boolean => {
  const { run, past, isBlind, failsAt } = instance;
  return !isBlind && failsAt === null && (run?.endsAt ?? null) === null && (run?.since ?? past?.since ?? 0) < now;
};
