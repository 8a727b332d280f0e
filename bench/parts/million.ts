/**
 * The part about a million quiet instances. It takes many minutes and some GiB, so it is measured by its flag alone.
 */
import { type FleetCost, measureFleets } from '../fleet.js';
import { partOf } from '../part.js';
import { fleetSizes, million as most } from './fleet-sizes.js';
import { resyncTable, startUpTable } from './fleet-tables.js';

interface Costs {
  readonly costs: ReadonlyArray<FleetCost>;
  /** Of the smaller fleet, on the same stores. */
  readonly before: ReadonlyArray<FleetCost>;
}

const textOf = ({ costs, before }: Costs): string => {
  const growthOf = (cost: FleetCost, figure: (cost: FleetCost) => number): string => {
    const smaller = before.find(({ store }) => store === cost.store);
    return smaller === undefined ? '–' : (figure(cost) / figure(smaller)).toFixed(2);
  };
  return `As the part above, with ten times as many. A whole run leaves this part as it stands, and only \`npm run bench -- --million\`
measures it: it takes many minutes, and some GiB of memory.

### A resync of as many

${resyncTable(costs, growthOf)}

- *growth*: of the whole fleet, by that of a tenth of the instances. The two take turns in the same run, each in a process of
  its own, and the smaller one is measured three times in each of its turns. Ten times the instances should take at most ten
  times as long.
- The store in memory keeps every record in the heap of the process, and the collection of what is young takes longer the
  larger that heap is. It is meant for tests.

### Start-up of as many

${startUpTable(costs, growthOf)}`;
};

export const million = partOf({
  title: `A fleet of ${most.toLocaleString('en-US')} quiet instances`,
  flag: '--million',
  isByFlagAlone: true,
  sizes: fleetSizes,
  measure: async ({ instances, million: many, millionRounds }, notify): Promise<Costs> => {
    const all = await measureFleets([instances, many], millionRounds, notify);
    return {
      costs: all.filter((cost) => cost.instances === many),
      before: all.filter((cost) => cost.instances === instances),
    };
  },
  text: textOf,
});
