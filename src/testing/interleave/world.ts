/**
 * The outside world of an exploration: one store, one hypervisor with one instance, one clock. Nothing in it happens by
 * itself: every effect of a port is a pending step until the scheduler takes it, with one of its outcomes.
 *
 * The world is also the witness. It keeps what no controller can see (whether a stop was acknowledged, which permit a
 * run was started under, how many starts were paid for) and names the first violation of a guarantee.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { none, type Option, some } from 'fp-ts/lib/Option.js';
import type { Clock } from '../../adapters/clock.js';
import {
  type ActionError,
  failed,
  type Hypervisor,
  type Permit,
  refused,
  superseded,
} from '../../adapters/hypervisor.js';
import {
  conflict,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../adapters/store.js';
import type { InstanceObservation } from '../../event.js';
import { initialStatus, type Timestamp } from '../../status.js';
import type { Scenario } from './scenario.js';

export const instanceId = 'vm';

/** `c0` a controller, `p0` a person, `world` what nobody does. */
export type Actor = string;

export interface PendingStep {
  readonly actor: Actor;
  readonly label: string;
  /** In the order in which they are explored; the first is the good one. */
  readonly outcomes: ReadonlyArray<Outcome>;
  readonly isEnabled: () => boolean;
  readonly take: (outcome: Outcome) => void;
}

export type Outcome = 'ok' | 'fails' | 'done, but fails' | 'refused';

interface WakeUp {
  readonly actor: Actor;
  readonly at: Timestamp;
  readonly fire: () => void;
}

interface Run {
  readonly startedAt: Timestamp;
  /** The highest revision under which a start was answered with this run: who owns it. */
  tag: Revision;
}

export interface World {
  readonly pending: ReadonlyArray<PendingStep>;
  /** Adds a step, and answers with its result once it is taken. */
  readonly step: <A>(
    actor: Actor,
    label: string,
    outcomes: ReadonlyArray<Outcome>,
    effect: (outcome: Outcome) => A,
    isEnabled?: () => boolean,
  ) => Promise<A>;
  readonly portsOf: (actor: Actor) => { readonly store: Store; readonly hypervisor: Hypervisor; readonly clock: Clock };
  readonly canExit: () => boolean;
  readonly exit: (isNotified: boolean) => void;
  readonly nextWakeUp: () => WakeUp | null;
  readonly fireNextWakeUp: () => void;
  /** The controller dies: its steps and wake-ups are gone, its section is free. */
  readonly crash: (actor: Actor) => void;
  /** A person is about to say a word: a start has to be paid for, a stop may be acknowledged. */
  readonly says: (word: 'start' | 'other') => void;
  /** A person's stop or delete was answered with Right. */
  readonly acknowledgeStop: () => void;
  /** A deletion was acknowledged: the hypervisor forgets the instance, as a host makes it do. */
  readonly forgetInstance: () => void;
  readonly violation: () => string | null;
  readonly record: () => StoredRecord | null;
  readonly isRunning: () => boolean;
  /** It has run before, so that starting it again is not up to a person. */
  readonly canRun: () => boolean;
  /** What tells two moments of the outside world apart. */
  readonly fingerprint: () => string;
  /** Adds to what an actor has learnt: what it does next is a function of that. */
  readonly learnt: (actor: Actor, what: string) => void;
  /** What the actor has learnt no longer matters: it has come to an end, and keeps nothing. */
  readonly forget: (actor: Actor) => void;
  /** Runs a command; until it is answered, what its calls learn is told apart from what looks learn. */
  readonly asCommand: <A>(actor: Actor, run: () => Promise<A>) => Promise<A>;
}

// One for all worlds: Node asks every storage that was ever made at every promise.
const commands = new AsyncLocalStorage<{ readonly actor: Actor; answered: boolean }>();

export const createWorld = (scenario: Scenario): World => {
  const { exclusion, policy, defect } = scenario;
  const pending: Array<PendingStep> = [];
  const wakeUps: Array<WakeUp> = [];
  const listeners = new Map<Actor, (id: string) => void>();
  const histories = new Map<Actor, number>();

  let now: Timestamp = 1_000;
  let record: StoredRecord | null = { policy, status: scenario.status ?? initialStatus, revision: 1 };
  let revisions: Revision = 1;
  let run: Run | null = scenario.instance === 'running' ? { startedAt: 500, tag: 1 } : null;
  let extraRuns = 0;
  let ended: { readonly startedAt: Timestamp; readonly stoppedAt: Timestamp; readonly exitCode: number | null } | null =
    scenario.instance === 'ended' ? { startedAt: 500, stoppedAt: 900, exitCode: 1 } : null;
  let fence: Revision = 0;
  let section: Actor | null = null;
  /**
   * Whose next load is the first thing it does in the section. Entering and that load are one step: to enter earlier
   * only keeps others out, and shows nothing that entering later does not.
   */
  let entering: Actor | null = null;

  let acknowledged = false;
  let paidStarts = 0;
  let spawns = 0;
  let violation: string | null = null;

  const violate = (what: string): void => {
    violation ??= what;
  };

  // Not cryptographic: two 26-bit halves in one double, mixed by multiplication; a collision would only prune a branch.
  const learnt = (actor: Actor, what: string): void => {
    let hash = histories.get(actor) ?? 17;
    for (let i = 0; i < what.length; i++) hash = (hash * 131 + what.charCodeAt(i)) % 4_503_599_627_370_449;
    histories.set(actor, hash);
  };

  const step: World['step'] = (actor, label, outcomes, effect, isEnabled = () => true) =>
    new Promise((resolve) => {
      const command = commands.getStore();
      const entry: PendingStep = {
        actor,
        label,
        outcomes,
        isEnabled,
        take: (outcome) => {
          pending.splice(pending.indexOf(entry), 1);
          const result = effect(outcome);
          // A look that a command asked for runs in its context, but only after the command was answered.
          const learner = command === undefined || command.answered ? actor : `${actor}/${command.actor}`;
          learnt(learner, `${now} ${label}>${outcome}>${JSON.stringify(result) ?? ''}`);
          checkAlways();
          resolve(result);
        },
      };
      pending.push(entry);
    });

  /** What must hold after every single step. */
  const checkAlways = (): void => {
    if (extraRuns > 0) violate('A1: two runs of one instance at once');
    if (exclusion !== 'none' && acknowledged && run !== null) {
      violate('G9: the instance runs after an acknowledged stop, and nobody has started it since');
    }
    if (spawns > paidStarts) violate('G8: a start was made that no attempt and no person paid for');
    const limit = record?.policy.maxAttempts ?? 0;
    if (limit > 0 && (record?.status.attempts ?? 0) > limit) violate('G2: more attempts than the limit');
  };

  /** At once or never: a late notification is no different from a look that anything else led to at that time. */
  const notifyAll = (): void => {
    for (const listener of listeners.values()) listener(instanceId);
  };

  const endRun = (exitCode: number | null, isNotified: boolean): void => {
    if (run === null) return;
    ended = { startedAt: run.startedAt, stoppedAt: now, exitCode };
    run = null;
    if (isNotified) notifyAll();
  };

  const write = (next: StoredRecord): void => {
    const before = record;
    // An attempt pays for one start.
    if (next.status.attempts > 0 && next.status.lastAttemptAt !== (before?.status.lastAttemptAt ?? null)) paidStarts++;
    const wasStopped = before === null || before.status.blockedReason === 'manual_stop';
    if (wasStopped && next.status.blockedReason === null) acknowledged = false; // a later start is recorded
    record = next;
  };

  const nextRevision = (): Revision => (defect === 'revisions reused' ? (record?.revision ?? 0) + 1 : ++revisions);

  const storeOf = (actor: Actor): Store => ({
    load: () => () => {
      const enters = entering === actor;
      entering = null;
      return step(
        actor,
        enters ? 'enters the section, load' : 'load',
        ['ok', 'fails'],
        (outcome): Either<StoreFailed, Option<StoredRecord>> => {
          if (enters) enter(actor);
          return outcome === 'ok' ? right(record === null ? none : some(record)) : left(storeFailed('injected'));
        },
        enters ? isFree : undefined,
      );
    },
    save: (_, next, expected) => () =>
      step(actor, 'save', ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return left(storeFailed('injected'));
        if ((record?.revision ?? null) !== expected) return left(conflict);
        const revision = nextRevision();
        write({ ...next, revision });
        return outcome === 'ok' ? right(revision) : left(storeFailed('injected after the write'));
      }),
    list: () => step(actor, 'list', ['ok'], () => right(record === null ? [] : [instanceId])),
    remove: (_, expected) => () =>
      step(actor, 'remove', ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return left(storeFailed('injected'));
        if (record?.revision !== expected) return left(conflict);
        record = null;
        return outcome === 'ok' ? right(undefined) : left(storeFailed('injected after the write'));
      }),
  });

  const observe = (): InstanceObservation =>
    run !== null
      ? { state: 'running', startedAt: run.startedAt, stoppedAt: null, exitCode: null, health: 'unknown' }
      : {
          state: 'stopped',
          startedAt: ended?.startedAt ?? null,
          stoppedAt: ended?.stoppedAt ?? null,
          exitCode: ended?.exitCode ?? null,
          health: 'unknown',
        };

  const spawn = (revision: Revision): void => {
    if (run !== null && defect !== 'two runs at once') {
      run.tag = Math.max(run.tag, revision);
      return;
    }
    if (run !== null) extraRuns++;
    run = { startedAt: now, tag: revision };
    spawns++;
  };

  const kill = (revision: Revision): void => {
    if (run === null) return;
    if (exclusion !== 'none' && run.tag > revision) {
      violate(`G9: a stop under revision ${revision} ended a run that a start under revision ${run.tag} owns`);
    }
    endRun(null, true);
  };

  const isFree = (): boolean => section === null;
  const enter = (actor: Actor): void => {
    section = actor;
  };

  /** The class of exclusion, around a permit's check and an effect. */
  const under = async (
    actor: Actor,
    label: string,
    permit: Permit,
    isAsked: boolean,
    effect: () => Promise<Either<ActionError, void>>,
  ): Promise<Either<ActionError, void>> => {
    const asks = async (): Promise<Either<ActionError, void>> => (isAsked ? permit.check() : right(undefined));
    if (exclusion !== 'section') {
      const checked = await asks();
      return checked._tag === 'Left' ? checked : effect();
    }
    const early = defect === 'check outside the section' ? await asks() : null;
    if (early?._tag === 'Left') return early;
    if (early === null && isAsked) entering = actor;
    else await step(actor, `${label} enters the section`, ['ok'], () => enter(actor), isFree);
    const checked = early ?? (await asks());
    const answer = checked._tag === 'Left' ? checked : await effect();
    if (answer._tag === 'Left' && answer.left._tag === 'Refused' && defect !== 'undo outside the section') {
      await permit.onRefused?.();
    }
    section = null;
    return answer;
  };

  const hypervisorOf = (actor: Actor): Hypervisor => ({
    capabilities: { exclusion, guestReboot: 'exit' },
    inspect: () => () =>
      step(actor, 'inspect', ['ok', 'fails'], (outcome) =>
        outcome === 'ok' ? right(observe()) : left(failed('injected')),
      ),
    start: (_, permit) => () => {
      const label = `start(${permit.revision})`;
      return under(actor, label, permit, defect !== 'permit ignored on start', () =>
        step(actor, label, ['ok', 'fails', 'done, but fails', 'refused'], (outcome) => {
          if (exclusion === 'fenced' && permit.revision < fence) return left(superseded);
          if (outcome === 'refused') return left(refused('injected'));
          if (outcome === 'fails') return left(failed('injected'));
          fence = Math.max(fence, permit.revision);
          spawn(permit.revision);
          return outcome === 'ok' ? right(undefined) : left(failed('injected after the spawn'));
        }),
      );
    },
    stop: (_, permit) => () => {
      const label = `stop(${permit.revision})`;
      return under(actor, label, permit, defect !== 'permit ignored on stop', async () => {
        const outcome = await step(actor, label, ['ok', 'fails', 'refused'], (taken) => {
          if (taken === 'refused') return left(refused('injected'));
          if (taken === 'fails') return left(failed('injected'));
          fence = Math.max(fence, permit.revision);
          const spared = exclusion === 'fenced' && run !== null && run.tag >= permit.revision;
          if (spared) return left(superseded);
          if (defect !== 'stop answers before the run is gone') kill(permit.revision);
          return right(undefined);
        });
        if (defect === 'stop answers before the run is gone' && outcome._tag === 'Right') {
          void step('world', `${label} takes effect`, ['ok'], () => kill(permit.revision));
        }
        return outcome;
      });
    },
    ...(exclusion === 'fenced' && {
      retag: (_: string, permit: Permit) => () =>
        step(actor, `retag(${permit.revision})`, ['ok'], () => {
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

  const clockOf = (actor: Actor): Clock => ({
    now: () => now,
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
    pending,
    step,
    learnt,
    forget: (actor) => void histories.delete(actor),
    asCommand: async (actor, run) => {
      const command = { actor, answered: false };
      const answer = await commands.run(command, run);
      command.answered = true;
      for (const learner of [...histories.keys()]) if (learner.endsWith(`/${actor}`)) histories.delete(learner);
      return answer;
    },
    portsOf: (actor) => ({ store: storeOf(actor), hypervisor: hypervisorOf(actor), clock: clockOf(actor) }),
    canExit: () => run !== null,
    exit: (isNotified) => {
      endRun(1, isNotified);
      checkAlways();
    },
    nextWakeUp,
    fireNextWakeUp: () => {
      const wakeUp = nextWakeUp();
      if (wakeUp === null) return;
      wakeUps.splice(wakeUps.indexOf(wakeUp), 1);
      now = Math.max(now, wakeUp.at);
      learnt(wakeUp.actor, `woken at ${now}`);
      wakeUp.fire();
    },
    crash: (actor) => {
      listeners.delete(actor);
      for (let i = pending.length - 1; i >= 0; i--) {
        const entry = pending[i];
        if (entry?.actor !== actor) continue;
        pending.splice(i, 1);
        // Without exclusion a call that was sent is not called back by its sender's death.
        if (exclusion === 'none' && /^(start|stop)\(\d+\)$/.test(entry.label)) {
          pending.push({
            ...entry,
            actor: 'world',
            take: (outcome) => {
              pending.splice(
                pending.findIndex((other) => other.label === entry.label && other.actor === 'world'),
                1,
              );
              pending.push(entry);
              entry.take(outcome);
            },
          });
        }
      }
      for (let i = wakeUps.length - 1; i >= 0; i--) if (wakeUps[i]?.actor === actor) wakeUps.splice(i, 1);
      if (section === actor) section = null;
      if (defect === 'fence not durable') fence = 0;
      for (const learner of [...histories.keys()]) if (learner.startsWith(actor)) histories.delete(learner);
    },
    says: (word) => {
      if (word === 'start') paidStarts++;
    },
    acknowledgeStop: () => {
      if (exclusion !== 'none' && run !== null) {
        violate('G9: a stop was acknowledged while the instance runs');
      }
      if (record === null || record.status.blockedReason === 'manual_stop') acknowledged = true;
      checkAlways();
    },
    forgetInstance: () => {
      ended = null;
    },
    violation: () => violation,
    record: () => record,
    isRunning: () => run !== null,
    canRun: () => run !== null || ended !== null,
    fingerprint: () =>
      JSON.stringify([
        now,
        record,
        revisions,
        run,
        ended,
        fence,
        section,
        acknowledged,
        paidStarts - spawns,
        wakeUps.map(({ actor, at }) => [actor, at]).sort(),
        [...histories].sort(),
        pending.map(({ actor, label }) => actor + label).sort(),
      ]),
  };
};
