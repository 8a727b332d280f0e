/**
 * `nextWakeAt` on each path: the floor of asking when to decide again is the call itself.
 */
import { nextWakeAt } from 'restart-policy';
import { type Case, casesOf, type PathName, pathNames } from './cases.js';
import { allocationOf, type Effort, type Side, timesOf } from './measure.js';

export interface WakeUpCost {
  readonly path: PathName;
  readonly nanos: number;
  readonly bytes: number;
}

const sink: { last: number | null } = { last: null };

const sideOf = (cases: ReadonlyArray<Case>): Side => ({
  items: cases.length,
  run: () => {
    for (const { policy, status, instance } of cases) sink.last = nextWakeAt(policy, status, instance);
  },
});

export const measureWakeUps = (effort: Effort): ReadonlyArray<WakeUpCost> => {
  const sides = pathNames.map((path) => sideOf(casesOf(path, 1_000)));
  const nanos = timesOf(sides, effort);
  return sides.map((side, index) => ({
    path: pathNames[index] ?? 'quiet',
    nanos: nanos[index] ?? Number.NaN,
    bytes: allocationOf(side, effort),
  }));
};
