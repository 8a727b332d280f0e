/**
 * The part about restarts of processes, beside pm2 and a bare loop.
 */
import { partOf } from '../part.js';
import { pm2Version } from '../pm2.js';
import { measureSupervisors, type RestartCost, type RestartCosts } from '../restarts.js';
import { tableOf } from '../table.js';

const total = ({ cpu: { own, children } }: RestartCost): number => own + children;

const textOf = ({ restarts, held }: RestartCosts): string => {
  /** Too few restarts take less than a tick, and then there is nothing to compare with. */
  const timesBare = (cost: RestartCost): string => {
    const bare = restarts.find(({ side, foreign }) => side === 'bare spawn' && foreign === cost.foreign);
    return bare === undefined || total(bare) === 0 ? '–' : (total(cost) / total(bare)).toFixed(2);
  };
  return `A command that exits with 1 at once is restarted without a pause, again and again. CPU is that of the supervising process
and of all that it waits for, the command itself included, on every side.

${tableOf(
  ['ms of CPU per restart', 'foreign processes', 'in all', 'times a bare spawn', 'supervisor', 'its children'],
  restarts.map((cost) => [
    cost.side,
    String(cost.foreign),
    total(cost),
    timesBare(cost),
    cost.cpu.own,
    cost.cpu.children,
  ]),
)}

- *bare spawn*: \`child_process.spawn\` in a loop that waits for the exit, in a process that loads nothing else. What a
  spawn costs grows with the memory of the process that spawns.
- *pm2*: its daemon, ${pm2Version}, in a directory of its own, with no restart delay and no limit. It records nothing that
  outlives it but a log. It is installed when it is measured (\`bench/pm2.ts\`).
- The others are a controller with a store in SQLite, over \`adapters/process\` or \`adapters/shared-process\`; the status is on
  disk before each attempt, and so is the identity of each run before it begins. *groups* and *calls* are the options
  \`controlGroups\` and \`systemCalls\`; without these words the adapter has no such options.
- *foreign processes* sleep beside all of it. They should change nothing.
- The aim is at most what pm2 takes.

### Memory of the supervisor

${tableOf(
  ['resident', 'MiB without children', 'KiB per child'],
  held.map(({ side, alone, perChild }) => [side, alone, perChild]),
)}

- After some restarts, then with so many children that sleep; all garbage was collected before both, but for pm2, which
  cannot be asked to. Each has a process of its own; the memory of the children themselves is not in it.`;
};

export const restarts = partOf({
  title: 'One restart of a process, beside pm2',
  flag: '--restarts',
  sizes: {
    full: { rounds: 3, restartsPerRound: 100, foreign: [0, 500], children: 200, withPm2: true },
    // pm2 would be installed from the network.
    tiny: { rounds: 1, restartsPerRound: 3, foreign: [0, 2], children: 2, withPm2: false },
  },
  measure: measureSupervisors,
  text: textOf,
});
