/**
 * What a fleet of quiet instances costs: at start-up, when every record is looked at once, and at each resync. Each size
 * and store has a process of its own, so that its peak of memory is its own; resyncs and the bare driver take turns, and so do
 * the sizes of one store, so that what else the machine does falls on all of them.
 */
import { fork } from 'node:child_process';
import { findPostgres } from '../scripts/postgres.mjs';
import { ask } from './ask.js';
import { type FleetStore, fillStore, fleetStores, type Place } from './fleet-stores.js';
import { median } from './measure.js';

export interface StartUpCost {
  /** Until every instance is supervised. */
  readonly millis: number;
  /** For each instance. */
  readonly cpuMicros: number;
  /** Resident, in MiB: before the controller is made, and the most until every instance is supervised. */
  readonly memoryBefore: number;
  readonly peakMemory: number;
  /** Milliseconds. */
  readonly longestTurn: number;
}

export interface ResyncCost {
  readonly millis: number;
  /** For each instance. */
  readonly cpuMicros: number;
  /** Milliseconds; of all rounds, not their median. */
  readonly longestTurn: number;
}

/** One resync, and the bare driver after it. */
export interface Round {
  readonly resync: ResyncCost;
  /** As in `FleetCost`. */
  readonly bareCpuMicros: number | null;
}

export interface FleetCost {
  readonly store: FleetStore;
  readonly instances: number;
  readonly startUp: StartUpCost;
  readonly resync: ResyncCost;
  /** For each instance, of the bare driver that reads and parses the same rows; null: there is no driver. */
  readonly bareCpuMicros: number | null;
}

export interface FleetOrder {
  readonly place: Place;
  readonly instances: number;
}

/** What the process of a fleet is told after its order. It answers the order with a `StartUpCost`, this with a `Round` or null. */
export type FleetRequest = 'resync' | 'close';

const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;

interface Fleet {
  readonly instances: number;
  readonly startUp: StartUpCost;
  readonly resync: () => Promise<Round>;
  readonly close: () => Promise<void>;
}

/** Starts a fleet up, which takes all of the machine. */
const openFleet = async (store: FleetStore, instances: number): Promise<Fleet> => {
  const { place, remove } = await fillStore(store, instances);
  const child = fork(new URL('fleet-process.ts', import.meta.url), { execArgv: ['--import', loader] });
  const tell = <A>(message: FleetOrder | FleetRequest): Promise<A> => ask(child, message);
  const close = async (): Promise<void> => {
    try {
      if (child.connected) await tell('close');
    } finally {
      child.kill();
      await remove();
    }
  };
  try {
    return { instances, startUp: await tell({ place, instances }), resync: () => tell('resync'), close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** So often in its turn is a fleet resynced that is not the largest: in what is short, the noise of a moment is more. */
const timesInTurn = 3;

const measureStore = async (
  store: FleetStore,
  sizes: ReadonlyArray<number>,
  rounds: number,
  notify: (message: string) => void,
): Promise<ReadonlyArray<FleetCost>> => {
  const fleets: Array<Fleet & { readonly measured: Array<Round> }> = [];
  try {
    for (const instances of sizes) {
      notify(`${instances} quiet instances, ${store}`);
      fleets.push({ ...(await openFleet(store, instances)), measured: [] });
    }
    const largest = Math.max(...sizes);
    for (let round = 0; round < rounds; round++) {
      for (const { instances, resync, measured } of fleets) {
        const times = instances < largest ? timesInTurn : 1;
        for (let time = 0; time < times; time++) measured.push(await resync());
      }
    }
  } finally {
    await Promise.all(fleets.map(({ close }) => close()));
  }
  return fleets.map(({ instances, startUp, measured }) => ({ store, instances, startUp, ...costOf(measured) }));
};

const costOf = (rounds: ReadonlyArray<Round>): Pick<FleetCost, 'resync' | 'bareCpuMicros'> => {
  const resyncs = rounds.map(({ resync }) => resync);
  const bare = rounds.flatMap(({ bareCpuMicros }) => bareCpuMicros ?? []);
  return {
    resync: {
      millis: median(resyncs.map(({ millis }) => millis)),
      cpuMicros: median(resyncs.map(({ cpuMicros }) => cpuMicros)),
      longestTurn: Math.max(...resyncs.map(({ longestTurn }) => longestTurn)),
    },
    bareCpuMicros: bare.length === 0 ? null : median(bare),
  };
};

/** Where PostgreSQL is not installed, `notify` is called with a message, and its rows are missing. */
export const measureFleets = async (
  sizes: ReadonlyArray<number>,
  rounds: number,
  notify: (message: string) => void,
): Promise<ReadonlyArray<FleetCost>> => {
  const hasPostgres = (await findPostgres()) !== null;
  if (!hasPostgres) {
    notify('POSTGRESQL IS NOT INSTALLED, so no fleet is measured on it (Debian: apt-get install postgresql)');
  }
  const costs: Array<FleetCost> = [];
  for (const store of fleetStores) {
    if (store === 'PostgreSQL (pg)' && !hasPostgres) continue;
    costs.push(...(await measureStore(store, sizes, rounds, notify)));
  }
  return costs;
};
