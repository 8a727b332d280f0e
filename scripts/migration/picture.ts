/**
 * A crash loop under both: as the system itself waits by what it publishes, and as the simulation of its translation does.
 */
import { initialStatus, observed, type RestartPolicy } from 'restart-policy';
import { orThrow } from 'restart-policy/promises';
import { drawTimeline, fixedRuns, simulate, type TimelineEntry } from 'restart-policy/simulate';
import { summaryOf } from '../../src/simulate/tally.js';
import type { Table, Wait } from '../../test/translate/published.js';

/** What it is drawn with where a wait is a span: its middle. */
const middle = (wait: Exclude<Wait, null>): number =>
  typeof wait === 'number' ? wait : (wait[0] + (wait[1] ?? wait[0])) / 2;

/** The timeline of what is published: no decision of ours is in it. */
const published = ({ runs, waits }: Table): ReadonlyArray<TimelineEntry> => {
  const entries: Array<TimelineEntry> = [];
  let at = 0;
  for (const [index, { runsFor, exitCode }] of runs.entries()) {
    const instance = {
      startedAt: at,
      stoppedAt: null,
      exitCode: null,
      health: 'unknown',
    } as const;
    entries.push({
      at,
      state: 'running',
      event: observed({ ...instance, state: 'running' }),
      reason: 'running',
      status: initialStatus,
      action: null,
    });
    at += runsFor ?? 0;
    const wait = waits[index] ?? null;
    const ended = observed({ ...instance, state: 'stopped', stoppedAt: at, exitCode: exitCode ?? null });
    const isBlocked = wait === null;
    entries.push({
      at,
      state: 'stopped',
      event: ended,
      reason: isBlocked ? 'max_attempts_exceeded' : 'waiting_for_backoff',
      status: isBlocked ? { ...initialStatus, blockedReason: 'max_attempts_exceeded' } : initialStatus,
      action: null,
    });
    if (isBlocked) break;
    at += middle(wait);
    entries.push({
      at,
      state: 'stopped',
      event: ended,
      reason: 'restart_after_exit',
      status: initialStatus,
      action: { _tag: 'Start', attempt: index + 1 },
    });
  }
  return entries;
};

/** Both, over the same time. */
export const drawBoth = (title: string, system: string, table: Table, policy: RestartPolicy): string => {
  const all = published(table);
  const length = Math.max(1, all.at(-1)?.at ?? 0);
  // What stays down is shown staying down for a while; an attempt at the very end would stand on the edge.
  const end = Math.ceil(all.at(-1)?.action === null ? length * 1.25 : length);
  const entries = all.filter(({ at }) => at < end);
  const ours = orThrow(simulate({ policy, workload: fixedRuns(table.runs, table.runs.at(-1)), for: end }));
  return drawTimeline([{ entries, summary: summaryOf(entries, end) }, ours], {
    title,
    labels: [`${system}, as it is documented`, 'its translation, simulated'],
    width: 860,
  });
};
