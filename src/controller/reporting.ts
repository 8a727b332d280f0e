/**
 * What a controller says of its instances. It goes on when the controller has closed, and nothing waits for it.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { right } from '../either.js';
import type { InstanceId, InvalidRecord, StoredRecord, StoreFailed } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import type { StartAdmission } from './admission.js';
import type { Calls } from './calls.js';
import type { Ports } from './guarded-ports.js';
import type { Observations } from './observations.js';
import type { InstanceReport } from './report.js';

export interface Reporting {
  /** By a record that was read just now. */
  readonly ofRecord: (id: InstanceId, record: StoredRecord) => Promise<InstanceReport>;
  /** null: it has no record. */
  readonly ofId: (id: InstanceId) => Promise<Either<InvalidRecord | StoreFailed, InstanceReport | null>>;
}

interface Surroundings {
  readonly ports: Pick<Ports, 'load' | 'inspect'>;
  /** Those that act, not those of reports. */
  readonly calls: Pick<Calls, 'unansweredSince'>;
  readonly observations: Observations;
  readonly wakesAt: (id: InstanceId) => Timestamp | null;
  /** null: nothing holds a start back. */
  readonly admission: Pick<StartAdmission, 'isWaiting'> | null;
}

export const createReporting = ({ ports, calls, observations, wakesAt, admission }: Surroundings): Reporting => {
  const ofRecord: Reporting['ofRecord'] = async (id, record) => {
    const inspected = await ports.inspect(id);
    return {
      ...record,
      instance: inspected._tag === 'Right' ? observations.complete(id, inspected.right) : null,
      wakesAt: wakesAt(id),
      waiting: admission?.isWaiting(id) ?? false,
      unansweredSince: calls.unansweredSince(id),
    };
  };

  return {
    ofRecord,
    ofId: async (id) => {
      const loaded = await ports.load(id);
      if (loaded._tag === 'Left') return loaded;
      return right(loaded.right._tag === 'None' ? null : await ofRecord(id, loaded.right.value));
    },
  };
};
