/**
 * The controller's view of its ports: plain promises that never reject. A port that breaks its contract by throwing or
 * rejecting counts as a port that failed, and spoils one call only.
 */
import { type Either, left, right, tryCatch } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InstanceObservation } from '../event.js';
import type { Cancel } from '../ports/clock.js';
import { type ActionError, type Failed, failed, type Hypervisor, type Permit } from '../ports/hypervisor.js';
import type { Lease, Leases } from '../ports/leases.js';
import {
  type Conflict,
  type InstanceId,
  type InvalidRecord,
  type RestartRecord,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../ports/store.js';

export interface Ports {
  readonly load: (id: InstanceId) => Promise<Either<StoreFailed | InvalidRecord, Option<StoredRecord>>>;
  readonly save: (
    id: InstanceId,
    record: RestartRecord,
    expected: Revision | null,
  ) => Promise<Either<StoreFailed | Conflict, Revision>>;
  readonly list: () => Promise<Either<StoreFailed, ReadonlyArray<InstanceId>>>;
  readonly remove: (id: InstanceId, expected: Revision) => Promise<Either<StoreFailed | Conflict, void>>;
  readonly inspect: (id: InstanceId) => Promise<Either<Failed, InstanceObservation>>;
  readonly start: (id: InstanceId, permit: Permit) => Promise<Either<ActionError, void>>;
  readonly stop: (id: InstanceId, permit: Permit) => Promise<Either<ActionError, void>>;
  /** 'unfenced': the hypervisor has no tags to give. */
  readonly retag: (id: InstanceId, permit: Permit) => Promise<Either<ActionError, 'tagged' | 'gone' | 'unfenced'>>;
  /**
   * Subscribes to every port that notifies; the listener's null: any instance may have changed. Left: a port that threw,
   * whose changes are found by the next resync.
   */
  readonly subscribe: (
    onChange: (id: InstanceId | null) => void,
  ) => ReadonlyArray<Either<Failed | StoreFailed, Cancel>>;
  /** null: this controller is the only one, and may act on every instance. */
  readonly leases: LeasePorts | null;
}

export interface LeasePorts {
  readonly hold: (id: InstanceId) => Promise<Either<StoreFailed, Lease | null>>;
  readonly check: (lease: Lease) => Promise<Either<StoreFailed, boolean>>;
  readonly release: (id: InstanceId) => Promise<Either<StoreFailed, void>>;
  readonly close: () => Promise<void>;
}

export const guardPorts = (store: Store, hypervisor: Hypervisor, leases?: Leases): Ports => ({
  load: (id) => guarded(() => store.load(id), brokenStore),
  save: (id, record, expected) => guarded(() => store.save(id, record, expected), brokenStore),
  list: () => guarded(() => () => store.list(), brokenStore),
  remove: (id, expected) => guarded(() => store.remove(id, expected), brokenStore),
  inspect: (id) => guarded(() => hypervisor.inspect(id), brokenHypervisor),
  start: (id, permit) => guarded(() => hypervisor.start(id, permit), brokenHypervisor),
  stop: (id, permit) => guarded(() => hypervisor.stop(id, permit), brokenHypervisor),
  retag: (id, permit) =>
    guarded<ActionError, 'tagged' | 'gone' | 'unfenced'>(
      () => hypervisor.retag?.(id, permit) ?? unfenced,
      brokenHypervisor,
    ),
  subscribe: (onChange) => [
    tryCatch(() => hypervisor.subscribe(onChange), brokenHypervisor),
    tryCatch(() => store.subscribe?.(onChange) ?? constVoid, brokenStore),
    tryCatch(() => leases?.subscribe(onChange) ?? constVoid, brokenLeases),
  ],
  leases: leases === undefined ? null : guardLeases(leases),
});

const guardLeases = (leases: Leases): LeasePorts => ({
  hold: (id) => guarded(() => leases.hold(id), brokenLeases),
  check: (lease) => guarded(() => leases.check(lease), brokenLeases),
  release: (id) => guarded(() => leases.release(id), brokenLeases),
  close: async () => {
    // Leases that could not be released lapse.
    await guarded(() => async () => right(await leases.close()), brokenLeases);
  },
});

const guarded = async <E, A>(call: () => TaskEither<E, A>, broken: (cause: unknown) => E): Promise<Either<E, A>> => {
  try {
    return await call()();
  } catch (cause) {
    return left(broken(cause));
  }
};

const brokenStore = (cause: unknown): StoreFailed => storeFailed(`the store threw: ${String(cause)}`, cause);

const brokenLeases = (cause: unknown): StoreFailed => storeFailed(`the leases threw: ${String(cause)}`, cause);

const brokenHypervisor = (cause: unknown): Failed => failed(`the hypervisor threw: ${String(cause)}`, cause);

const unfenced: TaskEither<never, 'unfenced'> = async () => ({ _tag: 'Right', right: 'unfenced' });
