import type { Controller, ControllerOptions, DecisionRecord, Fault } from '../../src/controller.js';
import { initialStatus, type RestartPolicy, type RestartStatus } from '../../src/index.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import type { InstanceId, Revision, Store, StoredRecord } from '../../src/ports/store.js';
import {
  createMemoryStore,
  createScriptedHypervisor,
  createVirtualClock,
  type FaultyStore,
  type ScriptedHypervisor,
  type VirtualClock,
  withFaults,
} from '../../src/testing.js';
import { controllerOf } from './controller.js';
import { right } from './either.js';
import { observationWith, policyWith } from './values.js';

/** A host in a test: everything that a controller needs, and what it said. */
export interface Host {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly faulty: FaultyStore;
  readonly hypervisor: ScriptedHypervisor;
  readonly decisions: Array<DecisionRecord>;
  readonly faults: Array<Fault>;
  /** Begins a controller; a second call begins another one beside it. */
  readonly begin: (
    options?: Partial<Pick<ControllerOptions, 'store'>> &
      Pick<ControllerOptions, 'concurrency' | 'resyncEvery' | 'starts' | 'deadlines' | 'leases'>,
  ) => Promise<Controller>;
  /** Writes a record as an earlier life of the host left it. */
  readonly seed: (id: InstanceId, policy: RestartPolicy, status?: RestartStatus) => Promise<void>;
  /** Writes over whatever is stored, as another controller does; answers with the new revision. */
  readonly overwrite: (id: InstanceId, status: RestartStatus, policy?: RestartPolicy) => Promise<Revision>;
  /** Removes the record, as another controller's delete does in the end. */
  readonly remove: (id: InstanceId) => Promise<void>;
  readonly record: (id: InstanceId) => Promise<StoredRecord | null>;
  readonly status: (id: InstanceId) => Promise<RestartStatus | null>;
  /** The starts and stops of an instance so far, with their answers. */
  readonly calls: (id: InstanceId) => ReadonlyArray<string>;
}

export const always: RestartPolicy = policyWith();
export const onFailure: RestartPolicy = { ...always, mode: 'on_failure', maxAttempts: 3 };
export const never: RestartPolicy = { ...always, mode: 'never' };

/** The clock of every host begins here. */
export const midnight = 1_735_689_600_000;

/** A store in memory that lists no records: so a test decides over each load by itself. */
const createStoreOfIds = (): Store => {
  const { listRecords: _, ...store } = createMemoryStore();
  return store;
};

export const createHost = (exclusion: Exclusion = 'section', store: Store = createStoreOfIds()): Host => {
  const clock = createVirtualClock(midnight);
  const faulty = withFaults(store);
  const hypervisor = right(createScriptedHypervisor({ clock, exclusion }));
  const decisions: Array<DecisionRecord> = [];
  const faults: Array<Fault> = [];

  const record = async (id: InstanceId): Promise<StoredRecord | null> => {
    const loaded = right(await store.load(id)());
    return loaded._tag === 'Some' ? loaded.value : null;
  };

  return {
    clock,
    store,
    faulty,
    hypervisor,
    decisions,
    faults,
    begin: async (options = {}) => {
      const controller = controllerOf({
        store: faulty.store,
        hypervisor,
        clock,
        onDecision: (decision) => decisions.push(decision),
        onFault: (fault) => faults.push(fault),
        ...options,
      });
      await clock.settle();
      return controller;
    },
    seed: async (id, policy, status = initialStatus) => {
      right(await store.save(id, { policy, status }, null)());
    },
    overwrite: async (id, status, policy = always) =>
      right(await store.save(id, { policy, status }, (await record(id))?.revision ?? null)()),
    remove: async (id) => {
      right(await store.remove(id, (await record(id))?.revision ?? 0)());
    },
    record,
    status: async (id) => (await record(id))?.status ?? null,
    calls: (id) =>
      hypervisor.calls.filter((call) => call.id === id).map(({ operation, answer }) => `${operation} ${answer}`),
  };
};

/** An instance that ran for a second and exited with that code, a second before the host's clock began. */
export const exited = (exitCode: number | null) =>
  observationWith({ startedAt: midnight - 2_000, stoppedAt: midnight - 1_000, exitCode });
