/**
 * The decision, measured in several isolates one after another: V8 decides anew in each what it inlines where, which
 * moves a path by up to a quarter, and a host gets one of these outcomes. What is reported is the median of them.
 */
import { Worker } from 'node:worker_threads';
import type { Cost, PathCost } from './decide.js';
import { type Effort, median } from './measure.js';

const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;

const measureInOne = (effort: Effort): Promise<ReadonlyArray<PathCost>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('decide-worker.ts', import.meta.url), {
      workerData: effort,
      execArgv: ['--import', loader],
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

export const measureInIsolates = async (isolates: number, effort: Effort): Promise<ReadonlyArray<PathCost>> => {
  const measured: Array<ReadonlyArray<PathCost>> = [];
  for (let n = 0; n < isolates; n++) measured.push(await measureInOne(effort));

  const costOf = (index: number, side: 'decide' | 'floor' | 'chart' | 'codec'): Cost => {
    const costs = measured.flatMap((paths) => paths[index]?.[side] ?? []);
    return { nanos: median(costs.map(({ nanos }) => nanos)), bytes: median(costs.map(({ bytes }) => bytes)) };
  };
  return (measured[0] ?? []).map(({ path }, index) => ({
    path,
    decide: costOf(index, 'decide'),
    floor: costOf(index, 'floor'),
    chart: costOf(index, 'chart'),
    codec: costOf(index, 'codec'),
  }));
};
