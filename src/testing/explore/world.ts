/**
 * The outside world of an exploration: one store, one hypervisor with one instance, one clock. Nothing in it happens by
 * itself: every effect of a port is a pending step until the scheduler takes it, with one of its outcomes.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { none, type Option, some } from 'fp-ts/lib/Option.js';
import type { Health, InstanceObservation } from '../../event.js';
import type { Clock } from '../../ports/clock.js';
import { type ActionError, failed, type Hypervisor, type Permit, refused, superseded } from '../../ports/hypervisor.js';
import {
  conflict,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../status.js';
import type { Scenario } from './scenario.js';
import { type Actor, isAction, type Outcome, type Steps } from './steps.js';
import type { Moment, Witness } from './witness.js';

export const instanceId = 'vm';

interface WakeUp {
  readonly actor: Actor;
  readonly at: Timestamp;
  readonly fire: () => void;
}

interface Run {
  readonly startedAt: Timestamp;
  /** The highest revision under which a start was answered with this run: who owns it. */
  tag: Revision;
  health: Health;
}

export interface World {
  readonly portsOf: (actor: Actor) => { readonly store: Store; readonly hypervisor: Hypervisor; readonly clock: Clock };
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
  const { exclusion, policy, defect } = scenario;
  const wakeUps: Array<WakeUp> = [];
  const listeners = new Map<Actor, (id: string) => void>();

  let now: Timestamp = 1_000;
  let revisions: Revision = 1;
  let record: StoredRecord | null =
    scenario.status === null ? null : { policy, status: scenario.status ?? initialStatus, revision: 1 };
  let run: Run | null =
    scenario.instance === 'running' || scenario.instance === 'unhealthy'
      ? { startedAt: 500, tag: 1, health: scenario.instance === 'running' ? 'unknown' : 'unhealthy' }
      : null;
  let ended: { readonly startedAt: Timestamp; readonly stoppedAt: Timestamp; readonly exitCode: number | null } | null =
    scenario.instance === 'ended' ? { startedAt: 500, stoppedAt: 900, exitCode: 1 } : null;
  let fence: Revision = 0;
  let section: Actor | null = null;
  /** The check that is about to load the record, and whose. */
  let checking: { readonly actor: Actor; readonly label: string } | null = null;

  const moment = (): Moment => ({ record, isRunning: run !== null });

  // -------------------------------------------------------------------------
  // store
  // -------------------------------------------------------------------------

  const write = (next: StoredRecord): void => {
    const before = record;
    record = next;
    witness.wrote(before, next, steps.current(), steps.before());
  };

  const nextRevision = (): Revision => {
    revisions = defect === 'revisions reused' ? (record?.revision ?? 0) + 1 : revisions + 1;
    return revisions;
  };

  const load =
    (enters: Actor | null) =>
    (outcome: Outcome): Either<StoreFailed, Option<StoredRecord>> => {
      if (enters !== null) section = enters;
      return outcome === 'ok' ? right(record === null ? none : some(record)) : left(storeFailed('injected'));
    };

  const storeOf = (actor: Actor): Store => ({
    load: () => () => {
      const check = checking?.actor === actor ? checking.label : null;
      checking = null;
      if (check === null) return steps.add(actor, 'load', ['ok', 'fails'], load(null));
      // To enter the section and to load there are one step: to enter earlier only keeps others out, and shows nothing
      // that entering later does not.
      const enters = exclusion === 'section';
      return steps.add(
        actor,
        `${check}: load`,
        ['ok', 'fails'],
        load(enters ? actor : null),
        enters ? isFree : undefined,
      );
    },
    save: (_, next, expected) => () =>
      steps.add(actor, `save ${inShort(next.status)}`, ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return left(storeFailed('injected'));
        if ((record?.revision ?? null) !== expected) return left(conflict);
        const revision = nextRevision();
        write({ ...next, revision });
        return outcome === 'ok' ? right(revision) : left(storeFailed('injected after the write'));
      }),
    list: () => steps.add(actor, 'list', ['ok'], () => right(record === null ? [] : [instanceId])),
    remove: (_, expected) => () =>
      steps.add(actor, 'remove', ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return left(storeFailed('injected'));
        if (record?.revision !== expected) return left(conflict);
        record = null;
        witness.removed(expected);
        return outcome === 'ok' ? right(undefined) : left(storeFailed('injected after the write'));
      }),
  });

  // -------------------------------------------------------------------------
  // hypervisor
  // -------------------------------------------------------------------------

  /** At once or never: a late notification is no different from a look that anything else led to at that time. */
  const notifyAll = (): void => {
    if (scenario.notifies === false) return;
    for (const listener of listeners.values()) listener(instanceId);
  };

  const endRun = (exitCode: number | null, isNotified: boolean): void => {
    if (run === null) return;
    ended = { startedAt: run.startedAt, stoppedAt: now, exitCode };
    run = null;
    if (isNotified) notifyAll();
  };

  const observe = (): InstanceObservation =>
    run !== null
      ? { state: 'running', startedAt: run.startedAt, stoppedAt: null, exitCode: null, health: run.health }
      : {
          state: 'stopped',
          startedAt: ended?.startedAt ?? null,
          stoppedAt: ended?.stoppedAt ?? null,
          exitCode: ended?.exitCode ?? null,
          health: 'unknown',
        };

  const spawn = (revision: Revision): Either<ActionError, void> => {
    if (exclusion === 'fenced' && revision < fence) return left(superseded);
    fence = Math.max(fence, revision);
    const isNew = run === null || defect === 'two runs at once';
    if (run !== null && isNew) witness.violate('A1: two runs of one instance at once');
    if (run === null || isNew) run = { startedAt: now, tag: revision, health: 'unknown' };
    else run.tag = Math.max(run.tag, revision);
    witness.started(revision, isNew);
    witness.look(moment());
    return right(undefined);
  };

  const kill = (revision: Revision): Either<ActionError, void> => {
    fence = Math.max(fence, revision);
    if (run === null) return right(undefined);
    if (exclusion === 'fenced' && run.tag >= revision) return left(superseded);
    witness.kills(revision, run.tag, moment());
    endRun(null, true);
    return right(undefined);
  };

  /** Without a section, what was asked for may still happen after it was given up. */
  const mayComeLate: ReadonlyArray<Outcome> = exclusion === 'section' ? [] : ['times out'];

  /** An irreversible step: at once, or given up and still to come. */
  const act = (
    actor: Actor,
    label: string,
    outcomes: ReadonlyArray<Outcome>,
    effect: () => Either<ActionError, void>,
  ): Promise<Either<ActionError, void>> =>
    steps.add(actor, label, [...outcomes, ...mayComeLate], (outcome) => {
      switch (outcome) {
        case 'refused':
          witness.refused(steps.current());
          return left(refused('injected'));
        case 'fails':
        case 'lost':
          return left(failed('injected'));
        case 'times out':
          void steps.add('world', label, ['ok'], effect);
          return left(failed('injected: given up'));
        case 'done, but fails': {
          const done = effect();
          return done._tag === 'Left' ? done : left(failed('injected after the effect'));
        }
        default:
          return effect();
      }
    });

  const isFree = (): boolean => section === null;

  /** The class of exclusion, around a permit's check and an action. */
  const under = async (
    actor: Actor,
    label: string,
    permit: Permit,
    isAsked: boolean,
    action: () => Promise<Either<ActionError, void>>,
  ): Promise<Either<ActionError, void>> => {
    const asks = async (): Promise<Either<ActionError, void>> => {
      if (!isAsked) return right(undefined);
      checking = { actor, label };
      const checked = permit.check();
      checking = null; // a check that does not load at once is none that we know
      return checked;
    };
    if (exclusion !== 'section') {
      const checked = await asks();
      return checked._tag === 'Left' ? checked : action();
    }
    const isOutside = defect === 'check outside the section';
    if (isOutside || !isAsked) {
      const early = isAsked ? await permit.check() : right(undefined);
      if (early._tag === 'Left') return early;
      await steps.add(
        actor,
        `${label}: enters the section`,
        ['ok'],
        () => {
          section = actor;
        },
        isFree,
      );
    } else {
      const checked = await asks();
      // A check that loads nothing has not entered: a section without a holder.
      if (checked._tag === 'Left') {
        section = null;
        return checked;
      }
    }
    const answer = await action();
    if (answer._tag === 'Left' && answer.left._tag === 'Refused' && defect !== 'undo outside the section') {
      await permit.onRefused?.();
    }
    section = null;
    return answer;
  };

  const hypervisorOf = (actor: Actor): Hypervisor => ({
    capabilities: { exclusion, guestReboot: 'exit' },
    inspect: () => () =>
      steps.add(actor, 'inspect', ['ok', 'fails'], (outcome) =>
        outcome === 'ok' ? right(observe()) : left(failed('injected')),
      ),
    start: (_, permit) => () => {
      const label = `start(${permit.revision})`;
      return under(actor, label, permit, defect !== 'permit ignored on start', () =>
        act(actor, label, ['ok', 'fails', 'done, but fails', 'refused'], () => spawn(permit.revision)),
      );
    },
    stop: (_, permit) => () => {
      const label = `stop(${permit.revision})`;
      const isLate = defect === 'stop answers before the run is gone';
      return under(actor, label, permit, defect !== 'permit ignored on stop', () =>
        act(actor, label, ['ok', 'fails', 'refused'], () => {
          if (!isLate) return kill(permit.revision);
          void steps.add('world', `${label} takes effect`, ['ok'], () => kill(permit.revision));
          return right(undefined);
        }),
      );
    },
    ...(exclusion === 'fenced' && {
      retag: (_: string, permit: Permit) => () =>
        steps.add(actor, `retag(${permit.revision})`, ['ok'], () => {
          fence = Math.max(fence, permit.revision);
          if (run === null) return right('gone' as const);
          run.tag = Math.max(run.tag, permit.revision);
          return right('tagged' as const);
        }),
    }),
    subscribe: (listener) => {
      listeners.set(actor, listener);
      return () => void listeners.delete(actor);
    },
  });

  // -------------------------------------------------------------------------
  // clock
  // -------------------------------------------------------------------------

  const clockOf = (actor: Actor): Clock => ({
    now: () => {
      steps.tellTime(actor);
      return now;
    },
    wakeAt: (at, callback) => {
      const wakeUp: WakeUp = { actor, at, fire: callback };
      wakeUps.push(wakeUp);
      return () => {
        const index = wakeUps.indexOf(wakeUp);
        if (index >= 0) wakeUps.splice(index, 1);
      };
    },
  });

  const nextWakeUp = (): WakeUp | null =>
    wakeUps.reduce<WakeUp | null>((first, wakeUp) => (first === null || wakeUp.at < first.at ? wakeUp : first), null);

  return {
    portsOf: (actor) => ({ store: storeOf(actor), hypervisor: hypervisorOf(actor), clock: clockOf(actor) }),
    now: () => now,
    moment,
    observe,
    hasRun: () => run !== null || ended !== null,
    exit: (isNotified) => {
      steps.interrupt();
      endRun(1, isNotified);
    },
    canSicken: () => run !== null && run.health !== 'unhealthy',
    sicken: () => {
      steps.interrupt();
      if (run !== null) run.health = 'unhealthy';
      notifyAll();
    },
    nextWakeUp,
    fireNextWakeUp: () => {
      const wakeUp = nextWakeUp();
      if (wakeUp === null) return;
      steps.interrupt();
      wakeUps.splice(wakeUps.indexOf(wakeUp), 1);
      now = Math.max(now, wakeUp.at);
      wakeUp.fire();
    },
    crash: (actor) => {
      steps.interrupt();
      listeners.delete(actor);
      for (let i = wakeUps.length - 1; i >= 0; i--) if (wakeUps[i]?.actor === actor) wakeUps.splice(i, 1);
      for (const { label, effect } of steps.bury(actor)) {
        // Without a section a call that was sent is not called back by its sender's death.
        const wasSent = exclusion !== 'section' && isAction(label);
        if (wasSent) void steps.add('world', label, ['ok', 'lost'], effect);
      }
      if (section === actor) section = null;
      if (checking?.actor === actor) checking = null;
      if (defect === 'fence not durable') fence = 0;
    },
    forgetInstance: () => {
      ended = null;
    },
    fingerprint: () =>
      JSON.stringify([
        now,
        record,
        revisions,
        run,
        ended,
        fence,
        section,
        wakeUps.map(({ actor, at }) => `${actor}@${at}`).sort(),
      ]),
  };
};

/** `1 attempt at 1000, next at 1010`; `nothing` is the initial status. */
const inShort = ({ attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason }: RestartStatus): string => {
  const parts = [
    attempts > 0 || lastAttemptAt !== null ? `${attempts} attempts, last at ${lastAttemptAt}` : null,
    nextAttemptAt === null ? null : `next at ${nextAttemptAt}`,
    blockedReason,
    lastReason,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
};
