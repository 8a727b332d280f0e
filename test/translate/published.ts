/**
 * What the systems themselves publish of their waits, as data: the facts of their documentation, of their source, and of their own
 * tests, each with its origin. A file of published/ for each system that publishes any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Millis, RestartPolicy, Timestamp } from 'restart-policy';
import { orThrow } from 'restart-policy/promises';
import { fixedRuns, type Run, simulate, type TimelineEntry } from 'restart-policy/simulate';

/** A wait in milliseconds; between two bounds, of which null is none; null: it is not restarted. */
export type Wait = Millis | readonly [Millis, Millis | null] | null;

export interface Table {
  readonly name: string;
  readonly source: string;
  readonly given: unknown;
  readonly options?: unknown;
  readonly runs: ReadonlyArray<Run>;
  /** Theirs, from the end of each run to the start of the next. They stop where it stays down. */
  readonly waits: ReadonlyArray<Wait>;
  /** Ours, where it differs, by the index of the run; and the loss that says so, by its field. */
  readonly ours?: Readonly<Record<string, Wait>>;
  readonly loss?: string;
  /** The title of the picture that is drawn of it for the system's page. */
  readonly picture?: string;
}

const folder = new URL('published/', import.meta.url);

export const publishing = readdirSync(folder)
  .map((name) => name.slice(0, -'.json'.length))
  .sort();

export const tablesOf = (system: string): ReadonlyArray<Table> =>
  (JSON.parse(readFileSync(new URL(`${system}.json`, folder), 'utf8')) as { tables: ReadonlyArray<Table> }).tables;

const longEnough = 365 * 86_400_000;

/** Ours: the wait after each of the runs that is made. null ends them: it stays down. */
export const waitsOf = (policy: RestartPolicy, runs: ReadonlyArray<Run>): ReadonlyArray<Millis | null> => {
  const { entries } = orThrow(simulate({ policy, workload: fixedRuns(runs), for: longEnough }));
  const restarts = entries.filter(({ action }) => action !== null);
  const waits: Array<Millis | null> = [];
  for (const index of runs.keys()) {
    if (index > restarts.length) break;
    const restart = restarts[index];
    waits.push(restart === undefined ? null : restart.at - endOf(restart));
  }
  return waits;
};

/** Of the run that an attempt follows. */
const endOf = ({ at, event }: TimelineEntry): Timestamp =>
  event._tag === 'Observed' ? (event.instance.stoppedAt ?? at) : at;
