/**
 * The outside world of an exploration: one store, one hypervisor with one instance, one clock. Nothing in it happens by
 * itself: every effect of a port is a pending step until the scheduler takes it, with one of its outcomes.
 */
import type { InstanceObservation } from '../../event.js';
import type { Clock } from '../../ports/clock.js';
import type { Hypervisor } from '../../ports/hypervisor.js';
import type { Store } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import type { Life } from './call.js';
import type { Scenario } from './scenario.js';
import { type Actor, isAction, type Steps } from './steps.js';
import type { Moment, Witness } from './witness.js';
import { type Calls, createCalls } from './world/calls.js';
import { createClocks, type WakeUp } from './world/clock.js';
import { factsAtFirst, momentOf, observe } from './world/facts.js';
import { createHypervisors } from './world/hypervisor.js';
import { createStores } from './world/store.js';

export interface World {
  readonly portsOf: (life: Life) => { readonly store: Store; readonly hypervisor: Hypervisor; readonly clock: Clock };
  readonly calls: Calls;
  readonly now: () => Timestamp;
  readonly moment: () => Moment;
  readonly observe: () => InstanceObservation;
  /** The instance has run before, so that starting it again is not up to a person. */
  readonly hasRun: () => boolean;
  readonly exit: (isNotified: boolean) => void;
  readonly canSicken: () => boolean;
  readonly sicken: () => void;
  readonly nextWakeUp: () => WakeUp | null;
  readonly fireNextWakeUp: () => void;
  /** The controller dies: its steps and wake-ups are gone, its section is free. */
  readonly crash: (actor: Actor) => void;
  /** A deletion was acknowledged: the hypervisor forgets the instance, as a host makes it do. */
  readonly forgetInstance: () => void;
  /** What tells two moments of the outside world apart. */
  readonly fingerprint: () => string;
}

export const createWorld = (scenario: Scenario, steps: Steps, witness: Witness): World => {
  const { exclusion, defect } = scenario;
  const facts = factsAtFirst(scenario);
  const clocks = createClocks(facts, steps);
  const calls = createCalls(scenario, facts, steps, clocks, witness);
  const storeOf = createStores(scenario, facts, steps, calls, witness);
  const { hypervisorOf, end, notifyAll, disconnect } = createHypervisors(scenario, facts, steps, calls, witness);

  return {
    portsOf: (life) => ({ store: storeOf(life), hypervisor: hypervisorOf(life), clock: clocks.clockOf(life.actor) }),
    calls,
    now: () => facts.now,
    moment: () => momentOf(facts),
    observe: () => observe(facts),
    hasRun: () => facts.run !== null || facts.ended !== null,
    exit: (isNotified) => {
      steps.interrupt();
      end(1, isNotified);
    },
    canSicken: () => facts.run !== null && facts.run.health !== 'unhealthy',
    sicken: () => {
      steps.interrupt();
      if (facts.run !== null) facts.run.health = 'unhealthy';
      notifyAll();
    },
    nextWakeUp: clocks.next,
    fireNextWakeUp: () => {
      const wakeUp = clocks.next();
      if (wakeUp === null) return;
      steps.interrupt();
      clocks.fire(wakeUp);
    },
    crash: (actor) => {
      steps.interrupt();
      disconnect(actor);
      clocks.cancelAllOf(actor);
      for (const { label, effect } of steps.bury(actor)) {
        // Without a section a call that was sent may still arrive when its sender is dead.
        const wasSent = exclusion !== 'section' && isAction(label);
        if (wasSent) void steps.add('world', label, ['ok', 'lost'], effect);
      }
      if (facts.section === actor) {
        facts.section = null;
        facts.holder = null;
      }
      if (facts.checking?.life.actor === actor) facts.checking = null;
      calls.bury(actor);
      if (defect === 'fence not durable') facts.fence = 0;
    },
    forgetInstance: () => {
      facts.ended = null;
    },
    fingerprint: () => {
      const { checking: _, holder: __, ...lasting } = facts;
      return JSON.stringify([
        lasting,
        calls.fingerprint(),
        clocks.armed.map(({ actor, at }) => `${actor}@${at}`).sort(),
      ]);
    },
  };
};
