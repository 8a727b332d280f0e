/** The last decision on each instance and its last fault, in memory: why it is as it is. */
import type { RestartReason, Timestamp } from 'restart-policy';
import type { DecisionRecord, Fault, InstanceId } from 'restart-policy/controller';

export interface Latest {
  readonly reason: RestartReason | null;
  /** What did not work since the last decision that went well; null: nothing. */
  readonly fault: { readonly at: Timestamp; readonly text: string } | null;
}

export interface LatestOfEach {
  readonly addDecision: (decision: DecisionRecord) => void;
  readonly addFault: (fault: Fault, now: Timestamp) => void;
  readonly of: (id: InstanceId) => Latest;
  readonly forget: (id: InstanceId) => void;
}

const nothing: Latest = { reason: null, fault: null };

export const createLatest = (): LatestOfEach => {
  const latest = new Map<InstanceId, Latest>();
  const of = (id: InstanceId): Latest => latest.get(id) ?? nothing;
  return {
    addDecision: ({ id, reason, event }) => {
      // That an attempt failed is decided right after the fault, and does not mend it.
      const fault = event._tag === 'AttemptFailed' ? of(id).fault : null;
      latest.set(id, { reason, fault });
    },
    addFault: ({ id, during, error }, now) => {
      if (id === null) return;
      const problem = 'message' in error ? error.message : error._tag;
      latest.set(id, { ...of(id), fault: { at: now, text: `${during} failed: ${problem}` } });
    },
    of,
    forget: (id) => void latest.delete(id),
  };
};
