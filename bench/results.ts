/**
 * All parts, one after another: at full size for the document, at a tiny one for the test.
 */
import { type EventCost, measureController } from './controller.js';
import type { LargerPathCost, PathCost } from './decide.js';
import { type DecodeCost, measureDecode } from './decode.js';
import { type EngineCosts, measureEngine } from './engine.js';
import { measureEvents, type SupervisionCost } from './event.js';
import { type FleetCost, measureFleets } from './fleet.js';
import { type HistoryCost, measureHistory } from './history.js';
import { type ImportCost, type ImportSizes, importedEntries, measureImports } from './imports.js';
import { measureInIsolates, measureLargerInIsolates } from './isolates.js';
import type { Effort } from './measure.js';
import { measureMillion, type Pass } from './million.js';
import { measureSupervisors, type RestartCosts, type RestartSizes } from './restarts.js';
import { measureSimulation, type SimulationCost } from './simulation.js';
import { measureStores, type SaveRate } from './stores.js';
import { measureWakeUps, type WakeUpCost } from './wake-ups.js';

export interface Results {
  readonly paths: ReadonlyArray<PathCost>;
  readonly larger: ReadonlyArray<LargerPathCost>;
  readonly wakeUps: ReadonlyArray<WakeUpCost>;
  readonly pass: Pass;
  readonly simulation: SimulationCost;
  readonly decoding: ReadonlyArray<DecodeCost>;
  readonly engines: EngineCosts;
  readonly history: HistoryCost;
  readonly supervision: ReadonlyArray<SupervisionCost>;
  readonly events: ReadonlyArray<EventCost>;
  readonly fleets: ReadonlyArray<FleetCost>;
  readonly stores: ReadonlyArray<SaveRate>;
  readonly imports: ReadonlyArray<ImportCost>;
  readonly restarts: RestartCosts;
}

export interface Sizes {
  readonly effort: Effort;
  /** In how many isolates the decision is measured. */
  readonly isolates: number;
  readonly instances: number;
  /** Crashes of one simulated instance, and instances of a simulated fleet. */
  readonly simulation: { readonly crashes: number; readonly instances: number };
  /** Crashes of one instance in a round, and entries that are kept. */
  readonly history: { readonly crashes: number; readonly entries: number };
  readonly controllers: ReadonlyArray<number>;
  readonly eventsPerRound: number;
  /** How many instances are supervised where nothing happens. */
  readonly fleets: ReadonlyArray<number>;
  readonly savesPerRound: number;
  readonly imports: ImportSizes;
  readonly restarts: RestartSizes;
}

export const fullSizes: Sizes = {
  effort: { rounds: 7, millis: 25 },
  isolates: 5,
  instances: 1_000_000,
  simulation: { crashes: 3_000, instances: 1_000 },
  history: { crashes: 1_000, entries: 20_000 },
  controllers: [1_000, 10_000, 100_000],
  eventsPerRound: 1_000,
  fleets: [100_000],
  savesPerRound: 200,
  imports: { rounds: 25, entries: importedEntries },
  restarts: { rounds: 3, restartsPerRound: 100, foreign: [0, 500], children: 200, withPm2: true },
};

/** As `fullSizes`, with the fleet that takes many minutes and some GiB. */
export const millionSizes: Sizes = { ...fullSizes, fleets: [100_000, 1_000_000] };

/** A resync of a fleet is long, and the noise of a moment is little in it. */
const fleetRounds = 3;

export const measureAll = async (sizes: Sizes, report: (what: string) => void): Promise<Results> => {
  const { effort, isolates, instances, controllers, eventsPerRound, fleets: fleetSizes, savesPerRound } = sizes;
  report('decide');
  const paths = await measureInIsolates(isolates, effort);
  report('decide, larger policies');
  const larger = await measureLargerInIsolates(isolates, effort);
  report('nextWakeAt');
  const wakeUps = measureWakeUps(effort);
  report(`one pass over ${instances}`);
  const pass = measureMillion(instances, effort.rounds);
  report('simulation');
  const simulation = measureSimulation(effort, sizes.simulation.crashes, sizes.simulation.instances);
  report('reading a policy or a status');
  const decoding = measureDecode(effort);
  report('the decision in other engines');
  const engines = await measureEngine(effort);
  report('history');
  const history = await measureHistory(effort, sizes.history.crashes, sizes.history.entries);
  report('controller and its floor');
  const supervision = await measureEvents([1, 100], effort.rounds, 10 * eventsPerRound);
  report('controller');
  const events = await measureController(controllers, effort.rounds, eventsPerRound);
  const fleets = await measureFleets(fleetSizes, fleetRounds, report);
  report('stores');
  const stores = await measureStores(effort.rounds, savesPerRound, report);
  report('imports');
  const imports = measureImports(sizes.imports);
  const restarts = await measureSupervisors(sizes.restarts, report);
  return {
    paths,
    larger,
    wakeUps,
    pass,
    simulation,
    decoding,
    engines,
    history,
    supervision,
    events,
    fleets,
    stores,
    imports,
    restarts,
  };
};
