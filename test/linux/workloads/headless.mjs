/**
 * A program whose first thread ends while another one works on, as after pthread_exit in main.
 *
 *   node headless.mjs FILE    the other thread adds its process number to the file, again and again
 */
import { appendFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import koffi from 'koffi';

/** exit(2), which ends one thread, by its number on x86-64 and on arm64. */
const exitOfThread = process.arch === 'x64' ? 60 : 93;

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  worker.once('message', () => koffi.load(null).func('long syscall(long number, long status)')(exitOfThread, 0));
} else {
  const beat = () => appendFileSync(workerData, `${process.pid}\n`);
  // Before the first thread ends: from then on nothing else tells of it.
  beat();
  setInterval(beat, 10);
  parentPort?.postMessage('at work');
}
