/**
 * Permits: what must still be true of the record at the moment of the irreversible step.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Option } from 'fp-ts/lib/Option.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Permit, superseded } from '../ports/hypervisor.js';
import type { Lease } from '../ports/leases.js';
import type { InstanceId, Revision, StoredRecord } from '../ports/store.js';
import type { Ports } from './guarded-ports.js';

/** Stopped by a person: the record is gone, or says so. */
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
 * The same for an automatic attempt, which only the holder of the lease may make: then one crash is answered by one
 * start. The record is checked last, because safety rests on the record.
 */
export const attemptPermit = (ports: Ports, id: InstanceId, revision: Revision, lease: Lease | null): Permit => {
  const permitted = startPermit(ports, id, revision);
  const { leases } = ports;
  if (lease === null || leases === null) return permitted;
  return {
    ...permitted,
    check: pipe(
      () => leases.check(lease),
      TE.filterOrElseW(
        (isGood) => isGood,
        () => superseded,
      ),
      TE.flatMap(() => permitted.check),
    ),
  };
};

/** The stop of a person or a repair: the instance is still stopped by a person, whoever it was that stopped it last. */
export const stopPermit = (ports: Ports, id: InstanceId, revision: Revision): Permit =>
  permit(ports, id, revision, isStopped);

const permit = (
  ports: Ports,
  id: InstanceId,
  revision: Revision,
  holds: (record: Option<StoredRecord>) => boolean,
): Permit => ({
  revision,
  // A pipe of an Either: that of a TaskEither would begin the load one turn after the call.
  check: async () =>
    pipe(
      await ports.load(id),
      E.filterOrElseW(holds, () => superseded),
      E.map(() => undefined),
    ),
});
