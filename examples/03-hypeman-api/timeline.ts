/** The last events of each instance, for people: why it is as it is, and what happened before. In memory, bounded. */
import { explainReason, type RestartReason, type Timestamp } from 'restart-policy';
import type { DecisionRecord, Fault, InstanceId } from 'restart-policy/controller';

export interface TimelineEntry {
  readonly at: Timestamp;
  readonly kind: 'decision' | 'fault' | 'verdict';
  /** null: it is no decision. */
  readonly reason: RestartReason | null;
  readonly text: string;
}

export interface Timeline {
  readonly addDecision: (decision: DecisionRecord) => void;
  readonly addFault: (fault: Fault, now: Timestamp) => void;
  readonly addVerdict: (id: InstanceId, verdict: 'healthy' | 'unhealthy', now: Timestamp) => void;
  /** The latest first. */
  readonly of: (id: InstanceId) => ReadonlyArray<TimelineEntry>;
  readonly forget: (id: InstanceId) => void;
}

export const createTimeline = (capacity = 12): Timeline => {
  const entries = new Map<InstanceId, ReadonlyArray<TimelineEntry>>();

  const of = (id: InstanceId): ReadonlyArray<TimelineEntry> => entries.get(id) ?? [];
  const add = (id: InstanceId, entry: TimelineEntry): void => {
    entries.set(id, [entry, ...of(id)].slice(0, capacity));
  };

  return {
    addDecision: ({ id, reason, before, after, now }) => {
      // A decision that changed nothing, for the same reason as the one before, is no event.
      const last = of(id).find(({ kind }) => kind === 'decision');
      const isNew = before !== after || last?.reason !== reason;
      if (isNew) add(id, { at: now, kind: 'decision', reason, text: explainReason(reason) });
    },
    addFault: ({ id, during, error }, now) => {
      if (id === null) return;
      const problem = 'message' in error ? error.message : error._tag;
      add(id, { at: now, kind: 'fault', reason: null, text: `${during} failed: ${problem}` });
    },
    addVerdict: (id, verdict, now) => {
      add(id, { at: now, kind: 'verdict', reason: null, text: `its health checks find it ${verdict}` });
    },
    of,
    forget: (id) => void entries.delete(id),
  };
};
