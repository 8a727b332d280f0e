/**
 * How the time was spent, as rows: what is asked, and the answer of each policy.
 */
import type { FleetSummary, Summary } from '../../simulate.js';
import { shareText, spanText } from '../../span-text.js';
import type { Timestamp } from '../../status.js';
import type { Simulated } from '../simulated.js';
import { rows } from './rows.js';

interface SummaryRow {
  readonly label: string;
  /** One for each policy. `share`: of the whole time; null: it is no part of it. */
  readonly values: ReadonlyArray<{ readonly share: string | null; readonly text: string }>;
}

const alone = (text: string): SummaryRow['values'][number] => ({ share: null, text });

const parts = ['uptime', 'booting', 'waiting', 'blocked', 'done'] as const;

const partLabels: Readonly<Record<(typeof parts)[number], string>> = {
  uptime: 'up',
  booting: 'booting',
  waiting: 'waiting',
  blocked: 'blocked',
  done: 'done',
};

/** Parts that no policy has are left out. */
const summaryRows = (all: ReadonlyArray<Simulated>): ReadonlyArray<SummaryRow> => {
  const summaries = all.map(summaryIn);
  const spent = parts
    .filter((part) => part === 'uptime' || summaries.some((summary) => summary[part] > 0))
    .map((part) => ({
      label: partLabels[part],
      values: summaries.map((summary) => ({
        share: shareText(summary[part] / summary.for),
        text: spanText(summary[part]),
      })),
    }));
  const isLimited = summaries.some(({ blockedAt }) => blockedAt !== null);
  return [
    ...spent,
    { label: 'attempts', values: summaries.map(({ attempts }) => alone(`${attempts}`)) },
    ...(isLimited ? [{ label: 'limit reached', values: all.map((one) => alone(limitText(one))) }] : []),
    { label: 'longest outage', values: summaries.map(({ longestOutage }) => alone(spanText(longestOutage))) },
    ...all.flatMap(fleetRows(all)),
  ];
};

export const summaryIn = (one: Simulated): Summary => (one._tag === 'One' ? one.timeline.summary : one.fleet.summary);

const limitText = (one: Simulated): string => {
  const { blockedAt } = summaryIn(one);
  if (blockedAt === null) return 'never';
  if (one._tag === 'One') return `at ${spanText(blockedAt - startOf(one))}`;
  return `by ${one.fleet.summary.blockedInstances}, first at ${spanText(blockedAt)}`;
};

const startOf = (one: Simulated): Timestamp => (one._tag === 'One' ? (one.timeline.entries[0]?.at ?? 0) : 0);

/** Once for all of them: they are all of a fleet, or none is. */
const fleetRows =
  (all: ReadonlyArray<Simulated>) =>
  (one: Simulated): ReadonlyArray<SummaryRow> => {
    if (one !== all[0] || one._tag === 'One') return [];
    const row = (label: string, of: (summary: FleetSummary) => string): SummaryRow => ({
      label,
      values: all.map((each) => alone(each._tag === 'Fleet' ? of(each.fleet.summary) : '')),
    });
    return [
      row('outages, median', ({ outageP50 }) => spanText(outageP50)),
      row('outages, 99 of 100', ({ outageP99 }) => spanText(outageP99)),
      row('most starts in 1 s', ({ peakStarts }) => `${peakStarts}`),
    ];
  };

// ---------------------------------------------------------------------------
// as a table
// ---------------------------------------------------------------------------

/** Side by side where there is room, else under each other. */
export const summaryTable = (all: ReadonlyArray<Simulated>, columns: number): ReadonlyArray<string> => {
  const table = summaryRows(all);
  const names = all.length === 1 ? [] : shortNames(all.map(({ given }) => given.name));
  const cells = all.map((_, index) => cellsOf(table, index));
  const labels = table.map(({ label }) => label);
  const body = labels.map((label, row) => [label, ...cells.map((column) => column[row] ?? '')]);
  const wide = rows(names.length === 0 ? body : [['', ...names], ...body], [], 3);
  if (names.length === 0 || wide.every((row) => row.length <= columns)) return wide;
  return names.flatMap((name, index) => [
    ...(index === 0 ? [] : ['']),
    name,
    ...rows(labels.map((label, row) => [`  ${label}`, cells[index]?.[row] ?? ''])),
  ]);
};

/** Those of one policy: shares stand under each other. */
const cellsOf = (table: ReadonlyArray<SummaryRow>, index: number): ReadonlyArray<string> => {
  const widest = Math.max(0, ...table.map(({ values }) => values[index]?.share?.length ?? 0));
  return table.map(({ values }) => {
    const { share, text } = values[index] ?? alone('');
    return share === null ? text : `${share.padStart(widest)}  ${text}`;
  });
};

/** Without their folders, where they are told apart without them. */
const shortNames = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const short = names.map((name) => name.replace(/^.*\//, ''));
  return new Set(short).size === names.length ? short : names;
};
