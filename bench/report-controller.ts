/**
 * The document's parts about the controller beside the least that it could cost: one event, and a whole fleet.
 */
import type { SupervisionCost, Supervisor } from './event.js';
import type { FleetCost } from './fleet.js';
import { tableOf } from './table.js';

const count = (instances: number): string => instances.toLocaleString('en-US');

export const eventText = (costs: ReadonlyArray<SupervisionCost>): string => {
  const microsOf = (supervisor: Supervisor, together: number): number =>
    costs.find((cost) => cost.supervisor === supervisor && cost.together === together)?.microsPerEvent ?? Number.NaN;
  const times = ({ together, microsPerEvent }: SupervisionCost, of: Supervisor): string =>
    (microsPerEvent / microsOf(of, together)).toFixed(2);
  return `## The controller, beside a function written by hand

An event is a run that ends and is answered by a start at once: it is notified, decided, saved, started under a permit whose
check is run, seen running, and a wake-up is armed. A thousand instances, on ports that do next to nothing
(\`bench/trivial-ports.ts\`): the testing ports of the part below copy, queue and record, and would hide what is measured here.

${tableOf(
  [
    '',
    'events at a time',
    'µs per event',
    'times the floor',
    'times with deadlines',
    'loads',
    'inspects',
    'saves',
    'starts',
    'timers',
  ],
  costs.map((cost) => [
    cost.supervisor,
    cost.together,
    cost.microsPerEvent,
    times(cost, 'floor'),
    times(cost, 'floor with deadlines'),
    cost.calls.loads,
    cost.calls.inspects,
    cost.calls.saves,
    cost.calls.starts,
    cost.calls.wakeUps,
  ]),
)}

- *floor*: one function that makes the port calls of the protocol in its order, and decides by \`decide\` and \`nextWakeAt\`
  as the controller does (\`bench/controller-floor.ts\`). It is right for what supervision itself does, and knows no
  deadlines, commands, health, leases, admission, listeners, limit of what goes on at a time, nor a port that throws.
- *floor with deadlines*: the same function, and each call of a port is answered by a deadline, in the way that one writes it
  first (\`bench/floor-deadlines.ts\`). No controller can do without them: one port that hangs would hold up everything.
- The other columns are calls of each port per event. The aim is at most 3 loads and 2 inspects.
- One *event at a time* is what a quiet host sees: each has a turn of the event loop of its own, which both sides pay. A
  hundred at a time share one, so that almost nothing but the code of the two sides is left.
- The aim is at most 1.25 times the floor with deadlines. Beside the one without, the rest is mostly what deadlines cost.`;
};

/** By what a figure of an instance grows from the size before; no size before: a dash. */
const growthOf = (
  costs: ReadonlyArray<FleetCost>,
  { store, instances }: FleetCost,
  figure: (cost: FleetCost) => number,
): string => {
  const sizes = costs.filter((cost) => cost.store === store && cost.instances <= instances).map(figure);
  const [latest, before] = sizes.reverse();
  return latest === undefined || before === undefined ? '–' : (latest / before).toFixed(2);
};

export const fleetText = (costs: ReadonlyArray<FleetCost>): string => `## A fleet of quiet instances

Every instance runs, and there is nothing to do for it; each second one is in a failure window, and so has a wake-up.
The hypervisor answers at once. CPU is that of this process alone, its garbage collector and compiler included, and not
that of a database server. Each row has a process of its own.

### A resync

${tableOf(
  ['store', 'instances', 'µs CPU per instance', 'bare driver', 'times the driver', 'longest turn, ms', 's', 'growth'],
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
      growthOf(costs, cost, ({ resync: { millis } }) => millis),
    ];
  }),
)}

- *bare driver*: it reads id, policy, status and revision of all instances by one statement, and parses the JSON.
- *longest turn*: the longest time in which the event loop answered nothing else, of all rounds; where nothing holds it
  up, this is 1 to 2 ms, for it is looked at each millisecond.
- The aim is at most 15 µs of CPU an instance and no turn longer than 20 ms for 100,000 instances, on SQLite and
  PostgreSQL.
- *growth*: the time, by that of the size before. Ten times the instances should take at most ten times as long.

### Start-up

${tableOf(
  [
    'store',
    'instances',
    's',
    'growth',
    'µs CPU per instance',
    'longest turn, ms',
    'MiB before',
    'MiB at most',
    'bytes per instance',
  ],
  costs.map((cost) => {
    const { store, instances, startUp } = cost;
    const { millis, cpuMicros, longestTurn, memoryBefore, peakMemory } = startUp;
    return [
      store,
      count(instances),
      millis / 1_000,
      growthOf(costs, cost, (one) => one.startUp.millis),
      cpuMicros,
      longestTurn,
      memoryBefore,
      peakMemory,
      ((peakMemory - memoryBefore) * 2 ** 20) / instances,
    ];
  }),
)}

- From the making of the controller until every instance has been reconciled once. It is the process's first work, so
  the time to compile is in it.
- Memory is what the process has resident, with the code of Node, and garbage that was not collected yet.
- 1,000,000 instances are measured only by \`npm run bench -- --million\`: it takes many minutes, and some GiB of memory.`;
