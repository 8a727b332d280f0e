/**
 * Permits: what must still be true of the record at the moment of the irreversible step.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import { type Permit, type Superseded, superseded } from '../ports/hypervisor.js';
import type { Lease } from '../ports/leases.js';
import type { InstanceId, InvalidRecord, Revision, StoredRecord, StoreFailed } from '../ports/store.js';
import type { Ports } from './guarded-ports.js';

/** Stopped by a person's word: the record is gone, or says so. */
export const isStopped = (record: Option<StoredRecord>): boolean =>
  record._tag === 'None' || record.value.status.blockedReason === 'manual_stop';

/** A start, and the stop inside a restart: the record is the very one that was saved, and nobody blocked it. */
export const startPermit = (ports: Ports, id: InstanceId, revision: Revision): Permit =>
  permit(
    ports,
    id,
    revision,
    (record) =>
      record._tag === 'Some' && record.value.revision === revision && record.value.status.blockedReason === null,
  );

/**
 * The same for an automatic attempt, which is for the holder of the lease alone: then one crash is answered by one
 * start. The record is asked last, for safety rests on the record.
 */
export const attemptPermit = (ports: Ports, id: InstanceId, revision: Revision, lease: Lease | null): Permit => {
  const permitted = startPermit(ports, id, revision);
  const { leases } = ports;
  if (lease === null || leases === null) return permitted;
  return {
    ...permitted,
    check: async () => {
      const good = await leases.check(lease);
      if (good._tag === 'Left') return good;
      return good.right ? permitted.check() : left(superseded);
    },
  };
};

/** The stop of a person or a repair: the word to stop still stands, whoever said it last. */
export const stopPermit = (ports: Ports, id: InstanceId, revision: Revision): Permit =>
  permit(ports, id, revision, isStopped);

const permit = (
  ports: Ports,
  id: InstanceId,
  revision: Revision,
  holds: (record: Option<StoredRecord>) => boolean,
): Permit => ({
  revision,
  check: async (): Promise<Either<Superseded | StoreFailed | InvalidRecord, void>> => {
    const loaded = await ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    return holds(loaded.right) ? right(undefined) : left(superseded);
  },
});
