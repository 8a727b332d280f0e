/** How often each instance was attempted within the last hour. The history knows it too, but is not asked every second. */
import type { Timestamp } from 'restart-policy';
import type { InstanceId } from 'restart-policy/controller';
import type { History } from 'restart-policy/history';

export interface RecentAttempts {
  readonly add: (id: InstanceId, at: Timestamp) => void;
  /** At most `most`. */
  readonly count: (id: InstanceId, now: Timestamp) => number;
  readonly forget: (id: InstanceId) => void;
}

const anHour = 3_600_000;
/** Whatever is attempted more often than that flaps all the same. */
export const most = 100;

export const createRecentAttempts = (): RecentAttempts => {
  /** The oldest first. */
  const attempts = new Map<InstanceId, ReadonlyArray<Timestamp>>();
  return {
    add: (id, at) => {
      attempts.set(id, [...(attempts.get(id) ?? []).slice(1 - most), at]);
    },
    count: (id, now) => (attempts.get(id) ?? []).filter((at) => at > now - anHour).length,
    forget: (id) => void attempts.delete(id),
  };
};

/** What a server before this one attempted; of a fleet that did nothing else, the newest thousand. */
export const recall = async (recent: RecentAttempts, history: History, now: Timestamp): Promise<void> => {
  const page = await history.ofSpan({ from: now - anHour, tags: ['Attempt'], limit: 1_000 })();
  if (page._tag === 'Left') return;
  for (const { id, at } of [...page.right.entries].reverse()) recent.add(id, at);
};
