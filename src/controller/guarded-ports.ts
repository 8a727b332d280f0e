/**
 * The controller's view of its ports: plain promises that never reject, and are answered by their deadlines. A port that
 * breaks its contract by throwing or rejecting counts as a port that failed, and spoils one call only.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { Task } from 'fp-ts/lib/Task.js';
import { right, tryCatch } from '../either.js';
import type { InstanceObservation } from '../event.js';
import { constVoid } from '../function.js';
import type { CallSignal, PortCall } from '../ports/call.js';
import type { Cancel } from '../ports/clock.js';
import type { HostFault } from '../ports/host-fault.js';
import { type ActionError, type Failed, failed, type Hypervisor, type Permit } from '../ports/hypervisor.js';
import type { Lease, Leases } from '../ports/leases.js';
import {
  type Conflict,
  type InstanceId,
  type InvalidRecord,
  type ListedRecord,
  type RecordPage,
  type RecordToSave,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../ports/store.js';
import { textOfThrown } from '../thrown.js';
import type { Asker, CallOf, Calls } from './calls.js';
import type { FaultStep } from './fault-steps.js';
import {
  anything,
  type Flaw,
  flag,
  leaseOrNull,
  list,
  observation,
  page,
  recordOrNone,
  revision,
} from './port-answers.js';

export interface Ports {
  readonly load: (id: InstanceId) => Promise<Either<StoreFailed | InvalidRecord, Option<StoredRecord>>>;
  readonly save: (
    id: InstanceId,
    record: RecordToSave,
    expected: Revision | null,
  ) => Promise<Either<StoreFailed | Conflict, Revision>>;
  readonly list: () => Promise<Either<StoreFailed, ReadonlyArray<InstanceId>>>;
  /** null: the store lists ids only. */
  readonly listRecords: ((page: RecordPage) => Promise<Either<StoreFailed, ReadonlyArray<ListedRecord>>>) | null;
  readonly remove: (id: InstanceId, expected: Revision) => Promise<Either<StoreFailed | Conflict, void>>;
  readonly inspect: (id: InstanceId) => Promise<Either<Failed, InstanceObservation>>;
  readonly start: (id: InstanceId, permit: Permit, by: Asker) => Promise<Either<ActionError, void>>;
  readonly stop: (id: InstanceId, permit: Permit, by: Asker) => Promise<Either<ActionError, void>>;
  /** 'unfenced': the hypervisor has no tags to give. */
  readonly retag: (id: InstanceId, permit: Permit) => Promise<Either<ActionError, 'tagged' | 'gone' | 'unfenced'>>;
  /**
   * Subscribes to every port that notifies; the listener's null: any instance may have changed. Left: a port that threw,
   * whose changes are found by the next resync.
   */
  readonly subscribe: (
    onChange: (id: InstanceId | null) => void,
    onHostFault: (id: InstanceId | null, fault: HostFault) => void,
  ) => ReadonlyArray<Either<Failed | StoreFailed, Cancel>>;
  /** null: this controller is the only one, and may act on every instance. */
  readonly leases: LeasePorts | null;
  /** The controller has closed: no call is made any more, and no permit holds. */
  readonly isEnded: () => boolean;
}

export interface LeasePorts {
  readonly hold: (id: InstanceId) => Promise<Either<StoreFailed, Lease | null>>;
  readonly check: (lease: Lease) => Promise<Either<StoreFailed, boolean>>;
  readonly release: (id: InstanceId) => Promise<Either<StoreFailed, void>>;
}

export const guardPorts = (calls: Calls, store: Store, hypervisor: Hypervisor, leases?: Leases): Ports => {
  const { listRecords } = store;
  return {
    load: (id) => calls.make(ofLoad, id, (call) => store.load(id, call)()),
    save: (id, record, expected) =>
      calls.make(expected === null ? ofCreation : ofSave, id, (call) => store.save(id, record, expected, call)()),
    list: () => calls.make(ofList, null, (call) => store.list(call)),
    listRecords:
      listRecords === undefined
        ? null
        : (which) => calls.make(ofPage, null, (call) => listRecords.call(store, which, call)()),
    remove: (id, expected) => calls.make(ofRemove, id, (call) => store.remove(id, expected, call)()),
    inspect: (id) => calls.make(ofInspect, id, (call) => hypervisor.inspect(id, call)()),
    start: (id, permit, by) =>
      calls.make(ofStart[by], id, (call) => hypervisor.start(id, new SignalledPermit(permit, call))()),
    stop: (id, permit, by) =>
      calls.make(ofStop[by], id, (call) => hypervisor.stop(id, new SignalledPermit(permit, call))()),
    retag: (id, permit) =>
      hypervisor.retag === undefined
        ? unfenced
        : calls.make(ofRetag, id, (call) => hypervisor.retag?.(id, new SignalledPermit(permit, call))() ?? unfenced),
    subscribe: (onChange, onHostFault) => [
      tryCatch(() => hypervisor.subscribe(onChange), threw('the hypervisor', failed)),
      tryCatch(() => hypervisor.onFault?.(onHostFault) ?? constVoid, threw('the hypervisor', failed)),
      tryCatch(() => store.subscribe?.(onChange) ?? constVoid, threw('the store', storeFailed)),
      tryCatch(() => leases?.subscribe(onChange) ?? constVoid, threw('the leases', storeFailed)),
    ],
    leases: leases === undefined ? null : guardLeases(calls, leases),
    isEnded: calls.isEnded,
  };
};

const guardLeases = (calls: Calls, leases: Leases): LeasePorts => ({
  hold: (id) => calls.make(ofHold, id, (call) => leases.hold(id, call)()),
  check: (lease) => calls.make(ofCheck, lease.id, (call) => leases.check(lease, call)()),
  release: (id) => calls.make(ofRelease, id, (call) => leases.release(id, call)()),
});

const unfenced: Promise<Either<never, 'unfenced'>> = Promise.resolve(right('unfenced'));

/** The permit as the hypervisor gets it: it tells when the call that it is for is given up. */
class SignalledPermit implements Permit {
  readonly revision: Revision;
  readonly check: Permit['check'];
  readonly onRefused?: Task<void>;
  readonly #call: PortCall;

  constructor({ revision, check, onRefused }: Permit, call: PortCall) {
    this.revision = revision;
    this.check = check;
    if (onRefused !== undefined) this.onRefused = onRefused;
    this.#call = call;
  }

  get signal(): CallSignal | undefined {
    return this.#call.signal;
  }
}

// ---------------------------------------------------------------------------
// whose call it is
// ---------------------------------------------------------------------------

const ofStore = (during: FaultStep, flaw: Flaw, other: string | null, creates = false): CallOf<StoreFailed> => ({
  kind: 'store',
  during,
  by: 'policy',
  creates,
  port: 'the store',
  fail: storeFailed,
  flaw,
  failures: other === null ? ['StoreFailed'] : ['StoreFailed', other],
});

const ofLoad = ofStore('load', recordOrNone, 'InvalidRecord');
const ofSave = ofStore('save', revision, 'Conflict');
const ofCreation = ofStore('save', revision, 'Conflict', true);
const ofList = ofStore('list', list, null);
const ofPage = ofStore('list', page, null);
const ofRemove = ofStore('remove', anything, 'Conflict');

const ofLeases = (during: FaultStep, flaw: Flaw): CallOf<StoreFailed> => ({
  kind: 'leases',
  during,
  by: 'policy',
  creates: false,
  port: 'the leases',
  fail: storeFailed,
  flaw,
  failures: ['StoreFailed'],
});

const ofHold = ofLeases('hold', leaseOrNull);
const ofCheck = ofLeases('check', flag);
const ofRelease = ofLeases('release', anything);

const ofHypervisor = (during: 'inspect' | 'start' | 'stop' | 'retag', by: Asker = 'policy'): CallOf<Failed> => ({
  kind: during === 'retag' ? 'start' : during,
  during,
  by,
  creates: false,
  port: 'the hypervisor',
  fail: failed,
  flaw: during === 'inspect' ? observation : anything,
  failures: during === 'inspect' ? ['Failed'] : ['Failed', 'Refused', 'Superseded', 'StoreFailed', 'InvalidRecord'],
});

const byAsker = <A>(of: (by: Asker) => A): Readonly<Record<Asker, A>> => ({
  person: of('person'),
  policy: of('policy'),
});

const ofInspect = ofHypervisor('inspect');
const ofStart = byAsker((by) => ofHypervisor('start', by));
const ofStop = byAsker((by) => ofHypervisor('stop', by));
const ofRetag = ofHypervisor('retag');

const threw =
  <F>(port: string, fail: (message: string, cause: unknown) => F) =>
  (cause: unknown): F =>
    fail(`${port} threw: ${textOfThrown(cause)}`, cause);
