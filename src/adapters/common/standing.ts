/**
 * Parts of a record that a save leaves as they stand.
 */
import {
  asItStands,
  type InstanceId,
  type RecordToSave,
  type RestartRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';

/** Whether a save leaves a part of the record as it is, and so needs one that is there. */
export const leavesAPart = ({ policy, status }: RecordToSave): boolean =>
  policy === asItStands || status === asItStands;

/** The record that a save makes of the one that stands; null: it leaves a part as it is, and there is none. */
export const savedOver = (
  { policy, status }: RecordToSave,
  standing: RestartRecord | undefined,
): RestartRecord | null => {
  const saved = {
    policy: policy === asItStands ? standing?.policy : policy,
    status: status === asItStands ? standing?.status : status,
  };
  return saved.policy === undefined || saved.status === undefined
    ? null
    : { policy: saved.policy, status: saved.status };
};

/** What a save of a new record is answered that leaves a part as it is. */
export const nothingStands = (id: InstanceId): StoreFailed =>
  storeFailed(`nothing of ${JSON.stringify(id)} can stay as it stands in a record that must not exist yet`);
