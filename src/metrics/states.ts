/**
 * How many instances are held back by what, read from the store whenever it is asked.
 */
import type { ListedRecord, Store } from '../ports/store.js';
import type { RestartStatus } from '../status.js';

/** No instance is in two of these. */
export const countedStates = [
  'manual_stop',
  'paused',
  'max_attempts_exceeded',
  'cooling_down',
  'waiting_for_backoff',
  'supervised',
  'unreadable',
] as const;

export type CountedState = (typeof countedStates)[number];

/** What reads statuses needs no more of a store. */
export type StoreToCount = Pick<Store, 'load' | 'list' | 'listRecords'>;

export const stateOf = ({ blockedReason, nextAttemptAt }: RestartStatus): CountedState => {
  // What cools down comes back by itself, and is counted apart.
  if (blockedReason === 'max_attempts_exceeded' && nextAttemptAt !== null) return 'cooling_down';
  if (blockedReason !== null) return blockedReason;
  return nextAttemptAt === null ? 'supervised' : 'waiting_for_backoff';
};

export type StateCounts = Readonly<Record<CountedState, number>>;

const pageSize = 500;
/** Loads at a time, where a store has no pages. */
const atOnce = 16;

/** null: the store did not answer, so nothing is known of anybody. */
export const countStates = async (store: StoreToCount): Promise<StateCounts | null> => {
  const counts: Record<CountedState, number> = {
    manual_stop: 0,
    paused: 0,
    max_attempts_exceeded: 0,
    cooling_down: 0,
    waiting_for_backoff: 0,
    supervised: 0,
    unreadable: 0,
  };
  const add = (record: ListedRecord['record']): void => {
    // A person's stop holds, whatever else cannot be read.
    if (record._tag === 'Right') counts[stateOf(record.right.status)]++;
    else counts[record.left.status?.blockedReason === 'manual_stop' ? 'manual_stop' : 'unreadable']++;
  };
  return (await (store.listRecords === undefined ? readOneByOne(store, add) : readPages(store, add))) ? counts : null;
};

type Add = (record: ListedRecord['record']) => void;

const readPages = async (store: StoreToCount, add: Add): Promise<boolean> => {
  let after: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<ReturnType<NonNullable<Store['listRecords']>>>> | undefined =
      await store.listRecords?.({ after, limit: pageSize })();
    if (page === undefined || page._tag === 'Left') return false;
    for (const { record } of page.right) add(record);
    const last = page.right.at(-1);
    if (page.right.length < pageSize || last === undefined) return true;
    after = last.id;
  }
};

const readOneByOne = async (store: StoreToCount, add: Add): Promise<boolean> => {
  const ids = await store.list();
  if (ids._tag === 'Left') return false;
  for (let from = 0; from < ids.right.length; from += atOnce) {
    const loaded = await Promise.all(ids.right.slice(from, from + atOnce).map((id) => store.load(id)()));
    for (const record of loaded) {
      if (record._tag === 'Right') {
        if (record.right._tag === 'Some') add({ _tag: 'Right', right: record.right.value });
      } else if (record.left._tag === 'InvalidRecord') add({ _tag: 'Left', left: record.left });
      else return false;
    }
  }
  return true;
};
