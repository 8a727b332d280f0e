/**
 * What a fleet of quiet instances costs: at start-up, when every record is looked at once, and at each resync. Each size
 * and store has a process of its own, so that its peak of memory is its own; in that process resyncs and the bare driver
 * take turns.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { findPostgres } from '../scripts/postgres.mjs';
import { type FleetStore, fillStore, fleetStores, type Place } from './fleet-stores.js';

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

export interface FleetCost {
  readonly store: FleetStore;
  readonly instances: number;
  readonly startUp: StartUpCost;
  readonly resync: ResyncCost;
  /** For each instance, of the bare driver that reads and parses the same rows; null: there is no driver. */
  readonly bareCpuMicros: number | null;
}

export interface FleetOrder {
  readonly store: FleetStore;
  readonly place: Place;
  readonly instances: number;
  readonly rounds: number;
}

const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;

const answerOf = (child: ChildProcess): Promise<FleetCost> =>
  new Promise((resolve, reject) => {
    child.once('message', (cost: FleetCost) => resolve(cost));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the process ended by ${signal ?? code}`)));
  });

const measureFleet = async (store: FleetStore, instances: number, rounds: number): Promise<FleetCost> => {
  const { place, remove } = await fillStore(store, instances);
  try {
    const child = fork(new URL('fleet-process.ts', import.meta.url), { execArgv: ['--import', loader] });
    const answer = answerOf(child);
    const order: FleetOrder = { store, place, instances, rounds };
    child.send(order);
    return await answer;
  } finally {
    await remove();
  }
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
    for (const instances of sizes) {
      notify(`${instances} quiet instances, ${store}`);
      costs.push(await measureFleet(store, instances, rounds));
    }
  }
  return costs;
};
