/** The last events of each instance, for people: why it is as it is, and what happened before. In memory, bounded. */
import { explainReason, type RestartReason, type Timestamp } from 'restart-policy';
import type { DecisionRecord, Fault, InstanceId } from 'restart-policy/controller';

export interface TimelineEntry {
  readonly at: Timestamp;
  /** null: not a decision, but something that did not work. */
  readonly reason: RestartReason | null;
  readonly text: string;
}

export interface Timeline {
  readonly addDecision: (decision: DecisionRecord) => void;
  readonly addFault: (fault: Fault, now: Timestamp) => void;
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
      // A look that found what the one before it found is no event.
      const isNew = before !== after || of(id)[0]?.reason !== reason;
      if (isNew) add(id, { at: now, reason, text: explainReason(reason) });
    },
    addFault: ({ id, during, error }, now) => {
      if (id === null) return;
      add(id, { at: now, reason: null, text: `${during} failed: ${'message' in error ? error.message : error._tag}` });
    },
    of,
    forget: (id) => void entries.delete(id),
  };
};
