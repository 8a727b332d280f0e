/**
 * The entries that the cases tell, and what they ask.
 */
import type { History, HistoryEntry, HistoryPage, HistoryPageOptions, HistorySpan } from '../../ports/history.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import type { Expect } from '../contract.js';

/** The moment that all cases begin at. Not now, for a history takes its times from whoever tells it. */
export const start: Timestamp = 1_735_689_600_000;

export const attempt = (id: InstanceId, at: Timestamp, n = 1): HistoryEntry => ({
  _tag: 'Attempt',
  id,
  at,
  attempt: n,
  action: 'Start',
  why: 'exit',
  counted: true,
});

export const ended = (
  id: InstanceId,
  at: Timestamp,
  startedAt: Timestamp,
  exitCode: number | null = 1,
): HistoryEntry => ({
  _tag: 'RunEnded',
  id,
  at,
  startedAt,
  stoppedAt: at,
  lasted: at - startedAt,
  exitCode,
  cause: exitCode === null ? 'unknown' : 'exit',
  by: 'itself',
  reason: 'restart_after_exit',
});

/** One entry of every kind, with everything that may be null once set and once not. */
export const everyKind = (id: InstanceId): ReadonlyArray<HistoryEntry> => {
  let at = start;
  const base = (): { readonly id: InstanceId; readonly at: Timestamp } => ({ id, at: ++at });
  return [
    { _tag: 'Command', ...base(), command: 'policy', reason: 'policy_updated' },
    ended(id, ++at, start - 5_000, -1),
    {
      ...ended(id, ++at, start - 2_000, null),
      stoppedAt: null,
      lasted: null,
      by: 'policy',
      reason: null,
    } as HistoryEntry,
    { _tag: 'Attempt', ...base(), attempt: 0, action: 'Restart', why: 'start_timeout', counted: false },
    { _tag: 'AttemptFailed', ...base(), attempt: 1, during: 'stop', message: 'it\'s "busy" \\ ☃ 𝄞', nextAttemptAt: at },
    { _tag: 'AttemptFailed', ...base(), attempt: 2, during: null, message: null, nextAttemptAt: null },
    { _tag: 'Unwell', ...base(), why: 'unhealthy', nextAttemptAt: start + 5_000 },
    { _tag: 'Recovered', ...base() },
    { _tag: 'Blocked', ...base(), attempts: 3, why: 'exit', until: null },
    { _tag: 'Blocked', ...base(), attempts: 3, why: 'unhealthy', until: start + 60_000 },
    { _tag: 'WindowOver', ...base(), why: 'cooldown', attempts: 3 },
    { _tag: 'CommandFailed', ...base(), command: 'stop', error: 'Refused', message: null },
  ];
};

export const newestFirst = (entries: ReadonlyArray<HistoryEntry>): ReadonlyArray<HistoryEntry> =>
  [...entries].reverse();

/** Attempts, each so much later than the one before. */
export const attempts = (id: InstanceId, n: number, from: Timestamp, apart = 1_000): ReadonlyArray<HistoryEntry> =>
  Array.from({ length: n }, (_, k) => attempt(id, from + k * apart, k + 1));

/** All pages of an instance, or of a span. */
export const allPages = async (
  expect: Expect,
  history: History,
  of: InstanceId | HistorySpan,
  options: HistoryPageOptions = {},
  between: () => void = () => {},
): Promise<ReadonlyArray<HistoryEntry>> => {
  const all: Array<HistoryEntry> = [];
  const limit = options.limit ?? 100;
  for (let before: HistoryPageOptions['before'] = null; ; ) {
    const ask: HistoryPageOptions = { ...options, before };
    const page: HistoryPage = await expect.right(
      `page of ${limit}`,
      typeof of === 'string' ? history.ofInstance(of, ask) : history.ofSpan({ ...of, ...ask }),
    );
    expect.that(page.entries.length <= limit, `a page of ${limit} has no more`, page.entries.length);
    all.push(...page.entries);
    // One that does not end is found out here.
    expect.that(all.length <= 1_000, 'pages come to an end', all.length);
    if (page.next === null) return all;
    expect.equal('how many entries a page has that others come after', page.entries.length, limit);
    before = page.next;
    between();
  }
};
