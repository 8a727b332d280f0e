/**
 * The part about a controller of few or many instances.
 */
import { type EventCost, measureController } from '../controller.js';
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { tableOf } from '../table.js';

const textOf = (costs: ReadonlyArray<EventCost>): string => {
  const smallest = costs[0];
  return `An event is an exit that is answered by a start: two reconciliations, one save, one start with its permit, and a wake-up armed
among those of all other instances; on the virtual clock, with store and hypervisor in memory. Growth by log n would be
the last column.

${tableOf(
  ['instances', 'µs per event', 'growth', 'log n'],
  costs.map(({ instances, microsPerEvent }) => [
    instances.toLocaleString('en-US'),
    microsPerEvent,
    (microsPerEvent / (smallest?.microsPerEvent ?? Number.NaN)).toFixed(2),
    (Math.log(instances) / Math.log(smallest?.instances ?? Number.NaN)).toFixed(2),
  ]),
)}`;
};

export const growth = partOf({
  title: 'The controller, by the number of instances',
  flag: '--growth',
  sizes: {
    full: { instances: [1_000, 10_000, 100_000], rounds: efforts.full.rounds, eventsPerRound: 1_000 },
    tiny: { instances: [100, 200], rounds: efforts.tiny.rounds, eventsPerRound: 100 },
  },
  measure: ({ instances, rounds, eventsPerRound }) => measureController(instances, rounds, eventsPerRound),
  text: textOf,
});
