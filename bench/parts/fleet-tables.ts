/**
 * The tables about fleets, which two parts have.
 */
import type { FleetCost } from '../fleet.js';
import { tableOf } from '../table.js';

const count = (instances: number): string => instances.toLocaleString('en-US');

/** A figure of the whole fleet, by that of the size before. */
type GrowthOf = (cost: FleetCost, figure: (cost: FleetCost) => number) => string;

const cpuOf = ({ instances, resync }: FleetCost): number => instances * resync.cpuMicros;

/** Without growth: there is no size before. */
export const resyncTable = (costs: ReadonlyArray<FleetCost>, growthOf?: GrowthOf): string =>
  tableOf(
    [
      ...['store', 'instances', 'µs CPU per instance', 'bare driver', 'times the driver', 'longest turn, ms', 's'],
      ...(growthOf === undefined ? [] : ['growth of CPU', 'growth of s']),
    ],
    costs.map((cost) => {
      const { store, instances, resync, bareCpuMicros } = cost;
      return [
        store,
        count(instances),
        resync.cpuMicros,
        bareCpuMicros ?? '–',
        bareCpuMicros === null ? '–' : (resync.cpuMicros / bareCpuMicros).toFixed(2),
        resync.longestTurn,
        resync.millis / 1_000,
        ...(growthOf === undefined ? [] : [growthOf(cost, cpuOf), growthOf(cost, (one) => one.resync.millis)]),
      ];
    }),
  );

/** Without growth: there is no size before. */
export const startUpTable = (costs: ReadonlyArray<FleetCost>, growthOf?: GrowthOf): string =>
  tableOf(
    [
      ...['store', 'instances', 's'],
      ...(growthOf === undefined ? [] : ['growth']),
      ...['µs CPU per instance', 'longest turn, ms', 'MiB before', 'MiB at most', 'bytes per instance'],
    ],
    costs.map((cost) => {
      const { store, instances, startUp } = cost;
      const { millis, cpuMicros, longestTurn, memoryBefore, peakMemory } = startUp;
      return [
        store,
        count(instances),
        millis / 1_000,
        ...(growthOf === undefined ? [] : [growthOf(cost, (one) => one.startUp.millis)]),
        cpuMicros,
        longestTurn,
        memoryBefore,
        peakMemory,
        ((peakMemory - memoryBefore) * 2 ** 20) / instances,
      ];
    }),
  );
