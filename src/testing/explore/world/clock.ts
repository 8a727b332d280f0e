/**
 * The one clock of an exploration, and the wake-ups that controllers armed on it. The timers of deadlines are kept apart:
 * a deadline is so far ahead that time never passes to it; it passes where the scheduler says so, in any order with all
 * else, for the clock may be set back meanwhile.
 */
import type { Clock } from '../../../ports/clock.js';
import type { Timestamp } from '../../../status.js';
import { aeon, type CallKind, deadlines } from '../call.js';
import type { Actor, Steps } from '../steps.js';
import type { Facts } from './facts.js';

const kindOf = (wait: number): CallKind | null => {
  for (const kind of ['store', 'inspect', 'start', 'stop'] as const) {
    if (wait <= deadlines[kind] && wait > deadlines[kind] - aeon) return kind;
  }
  return null;
};

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
  /** The timer fires at which the controller's oldest call of that kind may have reached its deadline. */
  readonly passDeadline: (actor: Actor, kind: CallKind) => void;
  readonly cancelAllOf: (actor: Actor) => void;
}

export const createClocks = (facts: Facts, steps: Steps): Clocks => {
  const armed: Array<WakeUp> = [];
  const timers = new Map<string, () => void>();

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
        const kind = kindOf(at - facts.now);
        if (kind !== null) {
          const key = `${actor} ${kind}`;
          timers.set(key, callback);
          return () => {
            if (timers.get(key) === callback) timers.delete(key);
          };
        }
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
    passDeadline: (actor, kind) => {
      const key = `${actor} ${kind}`;
      const timer = timers.get(key);
      if (timer === undefined) throw new Error(`no deadline stands for the ${kind} of ${actor}`);
      timers.delete(key);
      timer();
    },
    cancelAllOf: (actor) => {
      for (const key of [...timers.keys()]) if (key.startsWith(`${actor} `)) timers.delete(key);
      for (const wakeUp of armed.filter((each) => each.actor === actor)) cancel(wakeUp);
    },
  };
};
