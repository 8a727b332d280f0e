/**
 * The decision, measured in several isolates one after another: V8 decides anew in each what it inlines where, which
 * moves a path by up to a quarter, and a host gets one of these outcomes. What is reported is the median of them.
 */
import { Worker } from 'node:worker_threads';
import type { Cost, LargerPathCost, PathCost } from './decide.js';
import { type Effort, median } from './measure.js';

const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;

/** What an isolate measures: the four paths, or those of larger policies. */
export interface Order {
  readonly what: 'paths' | 'larger';
  readonly effort: Effort;
}

const measureInOne = <A>(order: Order): Promise<ReadonlyArray<A>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('decide-worker.ts', import.meta.url), {
      workerData: order,
      execArgv: ['--import', loader],
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

const measureInTurn = async <A>(isolates: number, order: Order): Promise<ReadonlyArray<ReadonlyArray<A>>> => {
  const measured: Array<ReadonlyArray<A>> = [];
  for (let n = 0; n < isolates; n++) measured.push(await measureInOne(order));
  return measured;
};

const medianOf = (costs: ReadonlyArray<Cost>): Cost => ({
  nanos: median(costs.map(({ nanos }) => nanos)),
  bytes: median(costs.map(({ bytes }) => bytes)),
});

export const measureInIsolates = async (isolates: number, effort: Effort): Promise<ReadonlyArray<PathCost>> => {
  const measured = await measureInTurn<PathCost>(isolates, { what: 'paths', effort });
  const costOf = (index: number, side: 'decide' | 'floor' | 'chart' | 'codec'): Cost =>
    medianOf(measured.flatMap((paths) => paths[index]?.[side] ?? []));
  return (measured[0] ?? []).map(({ path }, index) => ({
    path,
    decide: costOf(index, 'decide'),
    floor: costOf(index, 'floor'),
    chart: costOf(index, 'chart'),
    codec: costOf(index, 'codec'),
  }));
};

export const measureLargerInIsolates = async (
  isolates: number,
  effort: Effort,
): Promise<ReadonlyArray<LargerPathCost>> => {
  const measured = await measureInTurn<LargerPathCost>(isolates, { what: 'larger', effort });
  const costOf = (index: number, side: 'decide' | 'floor'): Cost =>
    medianOf(measured.flatMap((paths) => paths[index]?.[side] ?? []));
  return (measured[0] ?? []).map(({ path }, index) => ({
    path,
    decide: costOf(index, 'decide'),
    floor: costOf(index, 'floor'),
  }));
};
