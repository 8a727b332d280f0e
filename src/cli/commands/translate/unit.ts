/**
 * What of the input is translated: one thing that is restarted by itself, and where its fields stand.
 */
import type { Translated, Translation } from '../../../translate.js';
import type { Parsed } from '../../input/document.js';
import { type Place, type Problem, problem } from '../../problem.js';

export interface Unit {
  /** The file, or whatever else it was read from. */
  readonly source: string;
  /** What it is called in there. Empty: it is all of it. */
  readonly label: string;
  readonly translated: Translated<Translation>;
  /** Where a field stands, in which file. */
  readonly placeOf: (field: string) => { readonly source: string; readonly place: Place | null };
}

export interface Units {
  readonly units: ReadonlyArray<Unit>;
  readonly problems: ReadonlyArray<Problem>;
}

export const noUnits: Units = { units: [], problems: [] };

export const together = (all: ReadonlyArray<Units>): Units => ({
  units: all.flatMap(({ units }) => units),
  problems: all.flatMap(({ problems }) => problems),
});

/** Of a file that was not read whole nothing is translated; but what else is wrong in it is told, too. */
export const wrongAlone = (units: ReadonlyArray<Unit>, problems: ReadonlyArray<Problem>): ReadonlyArray<Unit> =>
  problems.length === 0 ? units : units.filter(({ translated }) => translated._tag === 'Left');

export const onlyProblem = (source: string | null, message: string, place: Place | null = null): Units => ({
  units: [],
  problems: [problem(source, message, place)],
});

/** "deploy.delay" and "rules[1].action" as steps. */
export const stepsOf = (field: string): ReadonlyArray<string> => [...field.matchAll(/[^.[\]]+/g)].map(([step]) => step);

/** Where fields of the value at a path of a document stand. */
export const placesIn =
  (source: string, { placeOf }: Parsed, path: ReadonlyArray<PropertyKey>): Unit['placeOf'] =>
  (field) => ({ source, place: placeOf([...path, ...stepsOf(field)], 'value') });

export const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null && !Array.isArray(u);

/** What stands at a path; undefined: nothing does. */
export const valueAt = (u: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    u,
  );
