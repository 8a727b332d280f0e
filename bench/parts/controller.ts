/**
 * The part about the controller beside the least that it could cost.
 */
import { measureEvents, type SupervisionCost, type Supervisor } from '../event.js';
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { tableOf } from '../table.js';

const textOf = (costs: ReadonlyArray<SupervisionCost>): string => {
  const microsOf = (supervisor: Supervisor, together: number): number =>
    costs.find((cost) => cost.supervisor === supervisor && cost.together === together)?.microsPerEvent ?? Number.NaN;
  const times = ({ together, microsPerEvent }: SupervisionCost, of: Supervisor): string =>
    (microsPerEvent / microsOf(of, together)).toFixed(2);
  return `An event is a run that ends and is answered by a start at once: it is notified, decided, saved, started under a permit whose
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

export const controller = partOf({
  title: 'The controller, beside a function written by hand',
  flag: '--controller',
  sizes: {
    full: { rounds: efforts.full.rounds, eventsPerRound: 10_000 },
    tiny: { rounds: efforts.tiny.rounds, eventsPerRound: 1_000 },
  },
  measure: ({ rounds, eventsPerRound }) => measureEvents([1, 100], rounds, eventsPerRound),
  text: textOf,
});
