/**
 * The one clock of an exploration, and the wake-ups that controllers armed on it.
 */
import type { Clock } from '../../../ports/clock.js';
import type { Timestamp } from '../../../status.js';
import type { Actor, Steps } from '../steps.js';
import type { Facts } from './facts.js';

export interface WakeUp {
  readonly actor: Actor;
  readonly at: Timestamp;
  readonly fire: () => void;
}

export interface Clocks {
  readonly clockOf: (actor: Actor) => Clock;
  readonly armed: ReadonlyArray<WakeUp>;
  /** null: none is armed. */
  readonly next: () => WakeUp | null;
  /** Time passes to its moment, and it fires. */
  readonly fire: (wakeUp: WakeUp) => void;
  readonly cancelAllOf: (actor: Actor) => void;
}

export const createClocks = (facts: Facts, steps: Steps): Clocks => {
  const armed: Array<WakeUp> = [];

  const cancel = (wakeUp: WakeUp): void => {
    const index = armed.indexOf(wakeUp);
    if (index >= 0) armed.splice(index, 1);
  };

  return {
    clockOf: (actor) => ({
      now: () => {
        steps.clockRead(actor);
        return facts.now;
      },
      wakeAt: (at, callback) => {
        const wakeUp: WakeUp = { actor, at, fire: callback };
        armed.push(wakeUp);
        return () => cancel(wakeUp);
      },
    }),
    armed,
    next: () =>
      armed.reduce<WakeUp | null>((first, wakeUp) => (first === null || wakeUp.at < first.at ? wakeUp : first), null),
    fire: (wakeUp) => {
      cancel(wakeUp);
      facts.now = Math.max(facts.now, wakeUp.at);
      wakeUp.fire();
    },
    cancelAllOf: (actor) => {
      for (const wakeUp of armed.filter((each) => each.actor === actor)) cancel(wakeUp);
    },
  };
};
