/**
 * Events of Docker as runs: what `docker events --format '{{json .}}'` prints, one start and one end after another.
 */
import type { LogRow } from './log-rows.js';

/** null: these are no events of Docker. */
export const runsOfDockerEvents = (rows: ReadonlyArray<LogRow>): ReadonlyArray<LogRow> | null => {
  if (!rows.some((row) => row.fields.has('action') && row.fields.has('timenano'))) return null;
  const runs: Array<LogRow> = [];
  const open = new Map<string, { readonly start: LogRow; isOutOfMemory: boolean }>();
  for (const row of rows) {
    const id = nameOf(row);
    const begun = open.get(id);
    switch (row.fields.get('action')) {
      case 'start':
        if (begun !== undefined) runs.push(runOf(id, begun.start, null, false));
        open.set(id, { start: row, isOutOfMemory: false });
        break;
      case 'oom':
        if (begun !== undefined) begun.isOutOfMemory = true;
        break;
      case 'die':
        // One that began before the first event has no beginning.
        if (begun !== undefined) runs.push(runOf(id, begun.start, row, begun.isOutOfMemory));
        open.delete(id);
        break;
      default:
        break;
    }
  }
  for (const [id, { start }] of open) runs.push(runOf(id, start, null, false));
  return runs;
};

const runOf = (id: string, start: LogRow, end: LogRow | null, isOutOfMemory: boolean): LogRow => ({
  fields: new Map<string, unknown>([
    ['instance', id],
    ['startedat', momentIn(start)],
    ['stoppedat', end === null ? null : momentIn(end)],
    ['exitcode', end === null ? null : attributesOf(end)['exitCode']],
    ['oomkilled', isOutOfMemory],
  ]),
  placeOf: (field) => (field === 'startedat' || end === null ? start : end).placeOf('action'),
});

/** Nanoseconds since the epoch, of which a number holds the milliseconds. */
const momentIn = (row: LogRow): number => Math.floor(Number(row.fields.get('timenano')) / 1_000_000);

const nameOf = (row: LogRow): string => attributesOf(row)['name'] ?? String(row.fields.get('id'));

const attributesOf = (row: LogRow): Readonly<Record<string, string | undefined>> => {
  const actor = row.fields.get('actor') as { readonly Attributes?: Record<string, string> } | undefined;
  return actor?.Attributes ?? {};
};
