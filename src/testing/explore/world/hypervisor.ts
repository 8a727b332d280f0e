/**
 * The hypervisor of an exploration, as each controller has it, with its class of exclusion. It does not use the
 * adapters' own piece for checking a permit: it must not share the faults of what it checks.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../../either.js';
import {
  type ActionError,
  failed,
  type Hypervisor,
  type Permit,
  refused,
  superseded,
} from '../../../ports/hypervisor.js';
import type { Revision } from '../../../ports/store.js';
import type { Call, Life } from '../call.js';
import { instanceId, type Scenario } from '../scenario.js';
import type { Actor, Outcome, Steps } from '../steps.js';
import type { Witness } from '../witness.js';
import type { Calls } from './calls.js';
import { type Facts, momentOf, observe } from './facts.js';

export interface Hypervisors {
  readonly hypervisorOf: (life: Life) => Hypervisor;
  /** Ends the run, if there is one. */
  readonly end: (exitCode: number | null, isNotified: boolean) => void;
  readonly notifyAll: () => void;
  readonly disconnect: (actor: Actor) => void;
}

export const createHypervisors = (
  { exclusion, defect, notifies, stopExitCode, heeds = true }: Scenario,
  facts: Facts,
  steps: Steps,
  calls: Calls,
  witness: Witness,
): Hypervisors => {
  const listeners = new Map<Actor, (id: string) => void>();

  // -------------------------------------------------------------------------
  // runs
  // -------------------------------------------------------------------------

  /** At once or never: a late notification is no different from a reconcile that anything else led to at that time. */
  const notifyAll = (): void => {
    if (notifies === false) return;
    for (const listener of listeners.values()) listener(instanceId);
  };

  const end = (exitCode: number | null, isNotified: boolean): void => {
    if (facts.run === null) return;
    facts.ended = { startedAt: facts.run.startedAt, stoppedAt: facts.now, exitCode };
    facts.run = null;
    if (isNotified) notifyAll();
  };

  const spawn = (revision: Revision): Either<ActionError, void> => {
    if (exclusion === 'fenced' && revision < facts.fence) return left(superseded);
    facts.fence = Math.max(facts.fence, revision);
    const { run } = facts;
    const isNew = run === null || defect === 'two runs at once';
    if (run !== null && isNew) witness.violate('A1: two runs of one instance at once');
    if (run === null || isNew) facts.run = { startedAt: facts.now, tag: revision, health: 'unknown' };
    else run.tag = Math.max(run.tag, revision);
    witness.started(revision, isNew);
    witness.check(momentOf(facts));
    return right(undefined);
  };

  const kill = (revision: Revision): Either<ActionError, void> => {
    facts.fence = Math.max(facts.fence, revision);
    const { run } = facts;
    if (run === null) return right(undefined);
    if (exclusion === 'fenced' && run.tag >= revision) return left(superseded);
    witness.kills(revision, run.tag, run.startedAt, momentOf(facts));
    end(stopExitCode ?? null, true);
    return right(undefined);
  };

  // -------------------------------------------------------------------------
  // calls
  // -------------------------------------------------------------------------

  /** Without a section, what was asked for may still happen after the caller gave up. */
  const mayComeLate: ReadonlyArray<Outcome> = exclusion === 'section' ? [] : ['times out'];

  /** An irreversible step: at once, or given up and still to come. */
  const act = (
    call: Call,
    outcomes: ReadonlyArray<Outcome>,
    effect: () => Either<ActionError, void>,
  ): Promise<Either<ActionError, void>> =>
    calls.oneStep(call, call.label, [...outcomes, ...mayComeLate], (outcome) => {
      switch (outcome) {
        case 'refused':
          witness.refused(steps.current());
          return left(refused('injected'));
        case 'fails':
        case 'lost':
          return left(failed('injected'));
        case 'times out':
          void steps.add('world', call.label, ['ok'], effect);
          return left(failed('injected: given up'));
        case 'done, but fails': {
          const done = effect();
          return done._tag === 'Left' ? done : left(failed('injected after the effect'));
        }
        default:
          return effect();
      }
    });

  const isFree = (): boolean => facts.section === null;

  const leave = (call: Call): void => {
    if (facts.holder !== call) return;
    facts.section = null;
    facts.holder = null;
  };

  /** The class of exclusion, around a permit's check and an action. */
  const under = async (
    call: Call,
    permit: Permit,
    isAsked: boolean,
    action: () => Promise<Either<ActionError, void>>,
  ): Promise<Either<ActionError, void>> => {
    const { label, life } = call;
    const asks = async (): Promise<Either<ActionError, void>> => {
      if (!isAsked) return right(undefined);
      facts.checking = call;
      const checking = permit.check();
      facts.checking = null; // a check that does not load at once is not recognised
      const checked = await checking;
      if (checked._tag === 'Left') return checked;
      if (life.isClosed) witness.violate(`Deadline j: ${label} was permitted after its controller had closed`);
      witness.permitted(label, permit.revision, momentOf(facts));
      return checked;
    };
    if (exclusion !== 'section') {
      const checked = await asks();
      return checked._tag === 'Left' ? checked : action();
    }
    const enter = (): void => {
      facts.section = life.actor;
      facts.holder = call;
    };
    const isOutside = defect === 'check outside the section';
    if (isOutside || !isAsked) {
      const early = isAsked ? await permit.check() : right(undefined);
      if (early._tag === 'Left') return early;
      await calls.oneStep(call, `${label}: enters the section`, ['ok'], enter, isFree);
    } else {
      if (!heeds) await calls.oneStep(call, `${label}: enters the section`, ['ok'], enter, isFree);
      const checked = await asks();
      if (checked._tag === 'Left') {
        leave(call);
        return checked;
      }
    }
    const answer = await action();
    if (answer._tag === 'Left' && answer.left._tag === 'Refused' && defect !== 'undo outside the section') {
      await permit.onRefused?.();
    }
    leave(call);
    return answer;
  };

  return {
    hypervisorOf: (life) => ({
      capabilities: { exclusion, guestReboot: 'exit' },
      inspect: (_, port) => () =>
        calls.step(calls.begin(life, 'inspect', 'inspect', port?.signal), 'inspect', ['ok', 'fails'], (outcome) =>
          outcome === 'ok' ? right(observe(facts)) : left(failed('injected')),
        ),
      start: (_, permit) => () => {
        if (exclusion === 'section' && calls.isActionUnanswered(life)) {
          witness.violate('Deadline h: a start was made beside a call that has no answer');
        }
        const call = calls.begin(life, 'start', `start(${permit.revision})`, permit.signal);
        witness.starts(life.actor, permit.revision);
        const answer = under(call, permit, defect !== 'permit ignored on start', () =>
          act(call, ['ok', 'fails', 'done, but fails', 'refused'], () => spawn(permit.revision)),
        );
        return calls.until(call, answer);
      },
      stop: (_, permit) => () => {
        const call = calls.begin(life, 'stop', `stop(${permit.revision})`, permit.signal);
        const isLate = defect === 'stop answers before the run is gone';
        const answer = under(call, permit, defect !== 'permit ignored on stop', () =>
          act(call, ['ok', 'fails', 'refused'], () => {
            if (!isLate) return kill(permit.revision);
            void steps.add('world', `${call.label} takes effect`, ['ok'], () => kill(permit.revision));
            return right(undefined);
          }),
        );
        return calls.until(call, answer);
      },
      ...(exclusion === 'fenced' && {
        retag: (_: string, permit: Permit) => () => {
          const label = `retag(${permit.revision})`;
          return calls.step(calls.begin(life, 'start', label, permit.signal), label, ['ok'], () => {
            facts.fence = Math.max(facts.fence, permit.revision);
            if (facts.run === null) return right('gone' as const);
            facts.run.tag = Math.max(facts.run.tag, permit.revision);
            return right('tagged' as const);
          });
        },
      }),
      subscribe: (listener) => {
        listeners.set(life.actor, listener);
        return () => void listeners.delete(life.actor);
      },
    }),
    end,
    notifyAll,
    disconnect: (actor) => void listeners.delete(actor),
  };
};
