/**
 * The real parts: a controller on a store in memory and a scripted hypervisor, all on one virtual clock.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { createMemoryStore } from '../../src/adapters/memory.js';
import type { Controller, DecisionRecord, Exclusion, HealthReport, InstanceId } from '../../src/controller.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { Revision, Store, StoredRecord } from '../../src/ports/store.js';
import type { Timestamp } from '../../src/status.js';
import { type FaultyStore, withFaults } from '../../src/testing/faulty-store.js';
import {
  createScriptedHypervisor,
  type HypervisorConnection,
  type ScriptedHypervisor,
  type StartScript,
  type StopScript,
} from '../../src/testing/scripted-hypervisor.js';
import { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import type { Findings } from './model.js';

/** A controller, and the way in which its process reaches the rest of the world. */
interface Host {
  readonly controller: Controller;
  readonly faults: FaultyStore;
  readonly connection: HypervisorConnection;
}

/** What people asked for, and were answered, of an instance. */
interface Asked {
  /** Starts by people that were made. */
  starts: number;
  /** The highest that was seen. */
  revision: Revision;
  /** The last verdict that the living controller took; null: none. */
  health: HealthReport | null;
}

/** The latest automatic attempt that a controller counted. */
interface CountedAttempt {
  /** Of all attempts of the instance, by any controller: from 1. */
  readonly ordinal: number;
  /** In its window. */
  readonly attempts: number;
  readonly policy: RestartPolicy;
}

export interface System {
  readonly clock: VirtualClock;
  readonly hypervisor: ScriptedHypervisor;
  /** The one that lives. */
  readonly controller: () => Controller;
  /** Of the store, as the living controller has it. */
  readonly faults: () => FaultyStore;
  /** null: none was counted yet. */
  readonly lastAttempt: (id: InstanceId) => CountedAttempt | null;
  readonly asked: (id: InstanceId) => Asked;
  /** Of each instance: how its next starts go, and all stops of its runs. */
  readonly startsGo: (id: InstanceId, script: StartScript, times: number) => void;
  readonly stopsGo: (id: InstanceId, script: StopScript) => void;
  /** Makes a call, and moves time on for as long as it takes to be answered. */
  readonly ask: <E, A>(call: TaskEither<E, A>) => Promise<Either<E, A>>;
  readonly crash: () => void;
  /** A new controller on the same store and hypervisor. */
  readonly open: () => void;
  readonly record: (id: InstanceId) => Promise<StoredRecord | null>;
  /** The hypervisor forgets that it ever ran. */
  readonly forget: (id: InstanceId) => void;
  /** When the run that goes on began; null: none does. */
  readonly runningSince: (id: InstanceId) => Timestamp | null;
  readonly starts: (id: InstanceId) => number;
  readonly runs: (id: InstanceId) => number;
  readonly findings: (id: InstanceId) => Promise<Findings>;
}

/** Longer than any start takes: milliseconds. */
const patience = 3_600_000;

export const createSystem = (
  exclusion: Exclusion,
  ids: ReadonlyArray<InstanceId>,
  store: Store = createMemoryStore(),
): System => {
  const clock = createVirtualClock();
  const hypervisor = right(createScriptedHypervisor({ clock, exclusion }));
  const starts = new Map<InstanceId, Array<StartScript>>(ids.map((id) => [id, []]));
  const stops = new Map<InstanceId, StopScript>();
  const ending = new Map<InstanceId, NonNullable<StartScript['exits']>>();
  const attempts = new Map<InstanceId, CountedAttempt>();
  const asked = new Map<InstanceId, Asked>();

  hypervisor.everyStart((id) => {
    const script = starts.get(id)?.shift() ?? {};
    if (hypervisor.running(id) === 0) ending.delete(id);
    if (script.exits !== undefined && hypervisor.running(id) === 0) ending.set(id, script.exits);
    return script;
  });
  // Nothing to stop is no failure, and nothing to refuse (A2).
  hypervisor.everyStop((id) => (hypervisor.running(id) === 0 ? {} : (stops.get(id) ?? {})));

  const createHost = (): Host => {
    const faults = withFaults(store);
    const connection = hypervisor.connect();
    const onDecision = ({ id, policy, after, actions }: DecisionRecord): void => {
      if (actions.length === 0) return;
      attempts.set(id, { ordinal: (attempts.get(id)?.ordinal ?? 0) + 1, attempts: after.attempts, policy });
    };
    return {
      controller: controllerOf({ store: faults.store, hypervisor: connection, clock, onDecision }),
      faults,
      connection,
    };
  };
  let host = createHost();

  const record = async (id: InstanceId): Promise<StoredRecord | null> => {
    const loaded = right(await store.load(id)());
    return loaded._tag === 'Some' ? loaded.value : null;
  };

  const askedOf = (id: InstanceId): Asked => {
    const known = asked.get(id) ?? { starts: 0, revision: 0, health: null };
    asked.set(id, known);
    return known;
  };

  const startsOf = (id: InstanceId): number =>
    hypervisor.calls.filter((call) => call.operation === 'start' && call.id === id).length;

  const runsOf = (id: InstanceId): number => hypervisor.runs.filter((run) => run.id === id).length;

  return {
    clock,
    hypervisor,
    controller: () => host.controller,
    faults: () => host.faults,
    lastAttempt: (id) => attempts.get(id) ?? null,
    asked: askedOf,
    startsGo: (id, script, times) => void starts.get(id)?.push(...new Array<StartScript>(times).fill(script)),
    stopsGo: (id, script) => void stops.set(id, script),
    ask: async (call) => {
      let isAnswered = false;
      const answer = call().finally(() => {
        isAnswered = true;
      });
      await clock.settle();
      const until = clock.now() + patience;
      while (!isAnswered) {
        if (clock.nextAt === null || clock.nextAt > until) throw new Error(`no answer within ${patience} ms`);
        await clock.advanceTo(clock.nextAt);
      }
      return answer;
    },
    crash: () => {
      host.connection.crash();
      host.faults.crash();
    },
    open: () => {
      for (const id of ids) askedOf(id).health = null;
      host = createHost();
    },
    record,
    forget: (id) => hypervisor.set(id, { state: 'stopped', startedAt: null, stoppedAt: null, exitCode: null }),
    runningSince: (id) => {
      const { state, startedAt } = hypervisor.observation(id);
      return state === 'stopped' ? null : startedAt;
    },
    starts: startsOf,
    runs: runsOf,
    findings: async (id) => {
      const seen = right(await hypervisor.inspect(id)());
      const { health } = askedOf(id);
      const exits = ending.get(id);
      return {
        record: await record(id),
        verdict: health,
        seen: health !== null && health.startedAt === seen.startedAt ? { ...seen, health: health.health } : seen,
        endsAt: exits === undefined || seen.startedAt === null ? null : seen.startedAt + exits.afterMs,
        exitCode: exits?.exitCode ?? null,
        scripts: starts.get(id) ?? [],
        starts: startsOf(id),
        runs: runsOf(id),
      };
    },
  };
};
