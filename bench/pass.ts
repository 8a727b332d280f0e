/**
 * One pass over very many instances, each with a status of its own, as a host makes one after a restart: most are
 * quiet, some wait, a few are due or turn out stable.
 */
import { decide, type RestartStatus } from 'restart-policy';
import { type Case, casesOf } from './cases.js';
import { collectGarbage, median } from './measure.js';

export interface Pass {
  readonly instances: number;
  readonly millis: number;
  /** Heap that one status takes, the numbers in it included. */
  readonly bytesPerStatus: number;
  readonly actions: number;
}

/** Of each hundred instances; what is decided on is shared, the statuses are not. */
const mixture: ReadonlyArray<Case> = [
  ...casesOf('quiet', 94),
  ...casesOf('waiting', 3),
  ...casesOf('attempt', 2),
  ...casesOf('stable', 1),
];

export const measurePass = (instances: number, rounds: number): Pass => {
  const of = (index: number): Case => mixture[index % mixture.length] as Case;

  // Made in full length first, so that what is counted is the statuses alone.
  const statuses: Array<RestartStatus | null> = new Array(instances).fill(null);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < instances; index++) statuses[index] = { ...of(index).status };
  collectGarbage();
  const bytesPerStatus = (process.memoryUsage().heapUsed - before) / instances;

  const samples: Array<number> = [];
  let actions = 0;
  for (let round = 0; round < rounds; round++) {
    actions = 0;
    const began = performance.now();
    for (let index = 0; index < instances; index++) {
      const status = statuses[index];
      if (status === null || status === undefined) continue;
      const { policy, event, now } = of(index);
      actions += decide(policy, status, event, now).actions.length;
    }
    samples.push(performance.now() - began);
  }
  return { instances, millis: median(samples), bytesPerStatus: Math.round(bytesPerStatus), actions };
};
