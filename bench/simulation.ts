/**
 * The simulation, beside loops over the same decisions: `decide` alone, which drops what it answers; and the least that a simulation
 * needs besides, `nextWakeAt` after each quiet look and every answer kept.
 */
import { decide, initialStatus, nextWakeAt, type RestartPolicy } from 'restart-policy';
import {
  crashLoop,
  type FleetOptions,
  fixedRuns,
  randomFailures,
  simulate,
  simulateFleet,
  type Timeline,
  type TimelineEntry,
  type Workload,
} from 'restart-policy/simulate';
import { policyOf } from './cases.js';
import { collectGarbage, cpuTimesOf, type Effort, median, type Side } from './measure.js';

export interface SimulationCost {
  readonly decisions: number;
  /** Nanoseconds of CPU per decision. */
  readonly simulate: number;
  /** The same, and the entries read. */
  readonly read: number;
  /** After the fleets, when V8 has seen more than one kind of workload and moments of any size. */
  readonly afterFleets: {
    readonly simulate: number;
    readonly bare: number;
    /** Of runs of which each differs from the one before. */
    readonly simulateOthers: number;
    readonly bareOthers: number;
  };
  readonly bare: number;
  readonly kept: number;
  /** That stay in memory, until the entries are read and after it. */
  readonly bytesPerEntry: number;
  readonly bytesPerReadEntry: number;
  readonly fleet: {
    readonly instances: number;
    readonly entries: number;
    readonly millis: number;
    /** The same under limits of starts. */
    readonly limitedMillis: number;
  };
}

const sink: { last: unknown } = { last: null };
const day = 86_400_000;
const backoff = 5_000;

const policy: RestartPolicy = policyOf({ backoff });

const simulateLoop = (crashes: number, workload: Workload = crashLoop({ runsFor: 1_000 })): Timeline => {
  const simulated = simulate({ policy, workload, for: backoff * crashes });
  if (simulated._tag === 'Left') throw new Error(simulated.left.message);
  return simulated.right;
};

const bare = (entries: ReadonlyArray<TimelineEntry>): void => {
  let status = initialStatus;
  for (const { event, at } of entries) {
    const decision = decide(policy, status, event, at);
    status = decision.status;
    sink.last = decision;
  }
};

const kept = (entries: ReadonlyArray<TimelineEntry>): void => {
  let status = initialStatus;
  const made: Array<TimelineEntry> = [];
  for (const { event, at, state } of entries) {
    const decision = decide(policy, status, event, at);
    status = decision.status;
    const action = decision.actions[0] ?? null;
    made.push({ at, state, event, reason: decision.reason, status, action });
    if (event._tag === 'Observed' && action === null) sink.last = nextWakeAt(policy, status, event.instance);
  }
  sink.last = made;
};

/** Both loops must decide what the simulation decided, or they are not of the same data. */
const checkAgreement = (entries: ReadonlyArray<TimelineEntry>): void => {
  kept(entries);
  bare(entries);
  const last = entries.at(-1);
  if ((sink.last as TimelineEntry).reason !== last?.reason) throw new Error('the loop decides something else');
};

/** Bytes that a timeline keeps per entry. Numbers outside the heap count as well. */
const bytesOf = (crashes: number, entries: number, rounds: number, see: (timeline: Timeline) => unknown): number => {
  const bytes = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const samples: Array<number> = [];
  for (let round = -1; round < rounds; round++) {
    sink.last = null;
    const before = bytes();
    // Nothing of it stays in a variable here, where V8 would hold it for the next round.
    keepTimelines(crashes, see);
    const taken = bytes() - before;
    if (round >= 0) samples.push(taken / timelinesKept / entries);
  }
  return Math.round(median(samples));
};

/** So many that what V8 keeps of code does not show. */
const timelinesKept = 5;

const keepTimelines = (crashes: number, see: (timeline: Timeline) => unknown): void => {
  const timelines = Array.from({ length: timelinesKept }, () => simulateLoop(crashes));
  for (const timeline of timelines) see(timeline);
  sink.last = timelines;
};

const measureFleet = (instances: number, rounds: number): SimulationCost['fleet'] => {
  const options: FleetOptions = {
    policies: [policy],
    instances,
    workload: randomFailures({ meanUptime: day }),
    for: 30 * day,
    seed: 1,
  };
  const millisOf = (given: FleetOptions): { readonly millis: number; readonly entries: number } => {
    const begun = process.cpuUsage();
    const simulated = simulateFleet(given);
    const { user, system } = process.cpuUsage(begun);
    const millis = (user + system) / 1_000;
    if (simulated._tag === 'Left') throw new Error(simulated.left.message);
    const entries = simulated.right.instances.reduce((sum, { timeline }) => sum + timeline.entries.length, 0);
    return { millis, entries };
  };
  const limited = { ...options, starts: { perSecond: 10, inFlight: 20 } };
  const plain = Array.from({ length: rounds }, () => millisOf(options));
  return {
    instances,
    entries: plain[0]?.entries ?? 0,
    millis: median(plain.map(({ millis }) => millis)),
    limitedMillis: median(Array.from({ length: rounds }, () => millisOf(limited).millis)),
  };
};

/** It takes V8 about a second of simulations to have compiled what they call for good. */
const untilSteady = (effort: Effort): Effort => ({ ...effort, millis: 4 * effort.millis });

/** A crash loop of so many crashes: three decisions each. */
export const measureSimulation = (effort: Effort, crashes: number, instances: number): SimulationCost => {
  const { entries } = simulateLoop(crashes);
  checkAgreement(entries);
  const simulation: Side = { items: entries.length, run: () => (sink.last = simulateLoop(crashes)) };
  const alone: Side = { items: entries.length, run: () => bare(entries) };
  const keeping: Side = { items: entries.length, run: () => kept(entries) };
  const reading: Side = { items: entries.length, run: () => (sink.last = simulateLoop(crashes).entries) };
  const [simulateNanos = Number.NaN, readNanos = Number.NaN, bareNanos = Number.NaN, keptNanos = Number.NaN] =
    cpuTimesOf([simulation, reading, alone, keeping], untilSteady(effort));
  const fleet = measureFleet(instances, effort.rounds);
  const others = fixedRuns(
    Array.from({ length: crashes + 1 }, (_, run) => ({ runsFor: 1_000 + (run % 1_000), exitCode: 1 + (run % 3) })),
  );
  const { entries: otherEntries } = simulateLoop(crashes, others);
  const [simulateLater = Number.NaN, bareLater = Number.NaN, simulateOthers = Number.NaN, bareOthers = Number.NaN] =
    cpuTimesOf(
      [
        simulation,
        alone,
        { items: otherEntries.length, run: () => (sink.last = simulateLoop(crashes, others)) },
        { items: otherEntries.length, run: () => bare(otherEntries) },
      ],
      untilSteady(effort),
    );
  return {
    decisions: entries.length,
    simulate: simulateNanos,
    read: readNanos,
    afterFleets: { simulate: simulateLater, bare: bareLater, simulateOthers, bareOthers },
    bare: bareNanos,
    kept: keptNanos,
    bytesPerEntry: bytesOf(crashes, entries.length, effort.rounds, () => {}),
    bytesPerReadEntry: bytesOf(crashes, entries.length, effort.rounds, ({ entries: made }) => made),
    fleet,
  };
};
