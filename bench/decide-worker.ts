/** One isolate of `isolates.ts`: measures the decision, and prints what it took. */
import { parentPort, workerData } from 'node:worker_threads';
import { measureDecide } from './decide.js';

parentPort?.postMessage(measureDecide(workerData));
