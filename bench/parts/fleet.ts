/**
 * The part about a fleet of quiet instances.
 */
import { type FleetCost, measureFleets } from '../fleet.js';
import { partOf } from '../part.js';
import { fleetSizes } from './fleet-sizes.js';
import { resyncTable, startUpTable } from './fleet-tables.js';

const textOf = (
  costs: ReadonlyArray<FleetCost>,
): string => `Every instance runs, and there is nothing to do for it; each second one is in a failure window, and so has a wake-up.
The hypervisor answers at once. CPU is that of this process alone, its garbage collector and compiler included, and not
that of a database server. Each row has a process of its own.

### A resync

${resyncTable(costs)}

- *bare driver*: it reads id, policy, status and revision of all instances by one statement, and parses the JSON.
- *longest turn*: the longest time in which the event loop answered nothing else, of all rounds; where nothing holds it
  up, this is 1 to 2 ms, for it is looked at each millisecond.
- The aim is at most 15 µs of CPU an instance and no turn longer than 20 ms for 100,000 instances, on SQLite and
  PostgreSQL.

### Start-up

${startUpTable(costs)}

- From the making of the controller until every instance has been reconciled once. It is the process's first work, so
  the time to compile is in it.
- Memory is what the process has resident, with the code of Node, and garbage that was not collected yet.`;

export const fleet = partOf({
  title: 'A fleet of quiet instances',
  flag: '--fleet',
  sizes: fleetSizes,
  measure: ({ instances, rounds }, notify) => measureFleets([instances], rounds, notify),
  text: textOf,
});
