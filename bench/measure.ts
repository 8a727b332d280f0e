/**
 * How everything here is measured: sides that are compared take turns, round by round, so that what else the machine
 * does falls on all of them; what is reported is the median of the rounds.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bench } from 'tinybench';

/** What is timed: `run` does `items` things of the kind that the result is counted in. */
export interface Side {
  readonly run: () => void;
  readonly items: number;
}

/** How long to measure: rounds, and milliseconds per side in each of them. */
export interface Effort {
  readonly rounds: number;
  readonly millis: number;
}

export const efforts = {
  full: { rounds: 7, millis: 25 },
  tiny: { rounds: 1, millis: 1 },
} satisfies Readonly<Record<string, Effort>>;

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Nanoseconds per item, side by side. */
export const timesOf = (sides: ReadonlyArray<Side>, { rounds, millis }: Effort): ReadonlyArray<number> => {
  const inOrder = sides.map((side, index) => ({ ...side, name: String(index), samples: [] as Array<number> }));
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: millis, iterations: 1, warmupTime: millis / 4, warmupIterations: 1, throws: true });
    // Turned around every other round: nobody always comes after the one that left the heap full.
    for (const { name, run } of round % 2 === 0 ? inOrder : [...inOrder].reverse()) bench.add(name, run);
    bench.runSync();
    for (const { name, items, samples } of inOrder) {
      const result = bench.getTask(name)?.result;
      if (result?.state !== 'completed') throw new Error(`side ${name} was not measured: ${result?.state}`);
      samples.push((result.latency.p50 * 1e6) / items);
    }
  }
  return inOrder.map(({ samples }) => median(samples));
};

/**
 * Nanoseconds of CPU per item, side by side, collections of garbage included: for what allocates so much that waiting for a core
 * would be most of what a clock says.
 */
export const cpuTimesOf = (sides: ReadonlyArray<Side>, { rounds, millis }: Effort): ReadonlyArray<number> => {
  const inOrder = sides.map((side) => ({ ...side, samples: [] as Array<number> }));
  // The first rounds warm up.
  for (let round = -Math.ceil(rounds / 3); round < rounds; round++) {
    for (const { run, items, samples } of round % 2 === 0 ? inOrder : [...inOrder].reverse()) {
      const begun = process.cpuUsage();
      let micros = 0;
      let runs = 0;
      while (micros < 1_000 * millis) {
        run();
        runs++;
        const { user, system } = process.cpuUsage(begun);
        micros = user + system;
      }
      if (round >= 0) samples.push((1_000 * micros) / runs / items);
    }
  }
  return inOrder.map(({ samples }) => median(samples));
};

/** Collects all garbage. The flag is set here and not on the command line, so that tests have it too. */
export const collectGarbage: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/**
 * Bytes of heap that one item takes. A run should stay below half a megabyte: what is collected before it ends is not
 * counted, and only the median of some rounds forgives a collection.
 */
export const allocationOf = ({ run, items }: Side, { rounds }: Effort): number => {
  const samples: Array<number> = [];
  // Of the first ones some is V8's own: what it keeps of code that has just been compiled.
  for (let round = -rounds; round < rounds; round++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    run();
    const taken = process.memoryUsage().heapUsed - before;
    if (round >= 0) samples.push(taken / items);
  }
  return Math.max(0, Math.round(median(samples)));
};
