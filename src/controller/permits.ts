/**
 * Permits: what must still be true of the record at the moment of the irreversible step. Once the controller has closed all are
 * void: what has not passed its check by then is not done.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option, Some } from 'fp-ts/lib/Option.js';
import { left, right } from '../either.js';
import { type Permit, type Superseded, superseded } from '../ports/hypervisor.js';
import type { Lease } from '../ports/leases.js';
import type { InstanceId, InvalidRecord, Revision, StoredRecord, StoreFailed } from '../ports/store.js';
import type { RestartStatus } from '../status.js';
import type { Ports } from './guarded-ports.js';

/** Stopped by a person: the record is gone, or says so. What is paused is not: nothing stops it because of the pause. */
export const isStopped = (record: Option<StoredRecord>): boolean => record._tag === 'None' || isMarked(record.value);

/** The same of a record that cannot be read whole: a stop is written over what could not be read, so it can be. */
export const isMarked = ({ status }: { readonly status: RestartStatus | null }): boolean =>
  status?.blockedReason === 'manual_stop';

/** What was answered in place of a record is one that cannot be read whole, and says that a person stopped the instance. */
export const isMarkedUnread = (error: StoreFailed | InvalidRecord): error is InvalidRecord =>
  error._tag === 'InvalidRecord' && isMarked(error);

/**
 * A person's start: the record is the very one that was saved, and nobody stopped the instance. A pause does not hold it
 * back: what that suspends is what is done without a person.
 */
export const startPermit = (ports: Ports, id: InstanceId, revision: Revision): Permit =>
  permit(
    ports,
    id,
    revision,
    whereRecord((record) => isAt(record, revision) && !isStopped(record)),
  );

/**
 * An automatic attempt, its start and the stop inside a restart: the record is the very one that was saved, and nothing
 * blocks it, a pause no less than a stop. Only the holder of the lease may make it: then one crash is answered by one
 * start. The record is checked last, because safety rests on the record.
 */
export const attemptPermit = (ports: Ports, id: InstanceId, revision: Revision, lease: Lease | null): Permit => {
  const permitted = permit(
    ports,
    id,
    revision,
    whereRecord((record) => isAt(record, revision) && record.value.status.blockedReason === null),
  );
  const { leases } = ports;
  if (lease === null || leases === null) return permitted;
  return {
    revision,
    check: async () => {
      const checked = await leases.check(lease);
      if (ports.isEnded()) return voided;
      if (checked._tag === 'Left') return checked;
      return checked.right ? permitted.check() : voided;
    },
  };
};

/** Whether nobody has saved since. */
const isAt = (record: Option<StoredRecord>, revision: Revision): record is Some<StoredRecord> =>
  record._tag === 'Some' && record.value.revision === revision;

/** The stop of a person or a repair: the instance is still stopped by a person, whoever it was that stopped it last. */
export const stopPermit = (ports: Ports, id: InstanceId, revision: Revision): Permit =>
  permit(ports, id, revision, (loaded) => {
    if (loaded._tag === 'Right') return isStopped(loaded.right) ? allowed : voided;
    return isMarkedUnread(loaded.left) ? allowed : loaded;
  });

const allowed: Either<never, void> = right(undefined);

const voided: Either<Superseded, never> = left(superseded);

type Loaded = Either<StoreFailed | InvalidRecord, Option<StoredRecord>>;

const permit = (
  ports: Ports,
  id: InstanceId,
  revision: Revision,
  judge: (loaded: Loaded) => Either<Superseded | StoreFailed | InvalidRecord, void>,
): Permit => ({
  revision,
  check: async () => {
    const loaded = await ports.load(id);
    return ports.isEnded() ? voided : judge(loaded);
  },
});

/** Of a record that can be read whole. */
const whereRecord =
  (holds: (record: Option<StoredRecord>) => boolean) =>
  (loaded: Loaded): Either<Superseded | StoreFailed | InvalidRecord, void> => {
    if (loaded._tag === 'Left') return loaded;
    return holds(loaded.right) ? allowed : voided;
  };
