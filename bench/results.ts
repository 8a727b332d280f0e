/**
 * All parts, one after another: at full size for the document, at a tiny one for the test.
 */
import { type EventCost, measureController } from './controller.js';
import type { LargerPathCost, PathCost } from './decide.js';
import { measureInIsolates, measureLargerInIsolates } from './isolates.js';
import type { Effort } from './measure.js';
import { measureMillion, type Pass } from './million.js';
import { measureStores, type SaveRate } from './stores.js';
import { measureWakeUps, type WakeUpCost } from './wake-ups.js';

export interface Results {
  readonly paths: ReadonlyArray<PathCost>;
  readonly larger: ReadonlyArray<LargerPathCost>;
  readonly wakeUps: ReadonlyArray<WakeUpCost>;
  readonly pass: Pass;
  readonly events: ReadonlyArray<EventCost>;
  readonly stores: ReadonlyArray<SaveRate>;
}

export interface Sizes {
  readonly effort: Effort;
  /** In how many isolates the decision is measured. */
  readonly isolates: number;
  readonly instances: number;
  readonly controllers: ReadonlyArray<number>;
  readonly eventsPerRound: number;
  readonly savesPerRound: number;
}

export const fullSizes: Sizes = {
  effort: { rounds: 7, millis: 25 },
  isolates: 5,
  instances: 1_000_000,
  controllers: [1_000, 10_000, 100_000],
  eventsPerRound: 1_000,
  savesPerRound: 200,
};

export const measureAll = async (sizes: Sizes, report: (what: string) => void): Promise<Results> => {
  const { effort, isolates, instances, controllers, eventsPerRound, savesPerRound } = sizes;
  report('decide');
  const paths = await measureInIsolates(isolates, effort);
  report('decide, larger policies');
  const larger = await measureLargerInIsolates(isolates, effort);
  report('nextWakeAt');
  const wakeUps = measureWakeUps(effort);
  report(`one pass over ${instances}`);
  const pass = measureMillion(instances, effort.rounds);
  report('controller');
  const events = await measureController(controllers, effort.rounds, eventsPerRound);
  report('stores');
  const stores = await measureStores(effort.rounds, savesPerRound, report);
  return { paths, larger, wakeUps, pass, events, stores };
};
