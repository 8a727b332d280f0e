/** One isolate of `isolates.ts`: measures what it is asked for, and posts what it took. */
import { parentPort, workerData } from 'node:worker_threads';
import { measureDecide, measureLarger } from './decide.js';
import type { Order } from './isolates.js';

const { what, effort }: Order = workerData;
parentPort?.postMessage(what === 'larger' ? measureLarger(effort) : measureDecide(effort));
