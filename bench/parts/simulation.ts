/**
 * The part about the simulation.
 */
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { measureSimulation, type SimulationCost } from '../simulation.js';
import { tableOf } from '../table.js';

const textOf = ({
  decisions,
  simulate,
  read,
  afterFleets,
  bare,
  kept,
  bytesPerEntry,
  bytesPerReadEntry,
  fleet,
}: SimulationCost): string => {
  const rowOf = (name: string, nanos: number, alone: number): ReadonlyArray<string | number> => [
    name,
    nanos,
    1_000 / nanos,
    (nanos / alone).toFixed(2),
  ];
  const entries = fleet.entries.toLocaleString('en-US');
  return `${tableOf(
    [
      `a crash loop of ${decisions.toLocaleString('en-US')} decisions`,
      'ns of CPU per decision',
      'million a second',
      'times decide alone',
    ],
    [
      rowOf('simulate', simulate, bare),
      rowOf('simulate, and read the entries', read, bare),
      rowOf('decide, wake-ups asked for and answers kept', kept, bare),
      rowOf('decide alone', bare, bare),
      rowOf('simulate, after the fleets below', afterFleets.simulate, afterFleets.bare),
      rowOf('decide alone, after them', afterFleets.bare, afterFleets.bare),
      rowOf('simulate, each run another', afterFleets.simulateOthers, afterFleets.bareOthers),
      rowOf('decide alone, each run another', afterFleets.bareOthers, afterFleets.bareOthers),
    ],
  )}

${tableOf(
  ['', ''],
  [
    ['bytes kept per entry, until the entries are read', bytesPerEntry],
    ['bytes kept per entry, once they are read', bytesPerReadEntry],
    [
      `ms of CPU for ${fleet.instances.toLocaleString('en-US')} instances over 30 days, ${entries} entries`,
      fleet.millis,
    ],
    ['the same under limits of starts', fleet.limitedMillis],
  ],
)}

- *decide alone* decides on the events that the simulation came to, made beforehand, and drops what it answers. The row above
  it asks \`nextWakeAt\` after each quiet look, and keeps an entry for each decision.
- \`simulate\` keeps the runs of the workload, and of those that are alike how many there were. It makes the entries of a timeline
  when they are first read, by going through it again; the summary needs none. So a reader pays for two passes and for the
  entries. The fleet's are not read.
- The aims are a million decisions a second, a second for the fleet, and twice the time of *decide alone* for what is not
  read.`;
};

export const simulation = partOf({
  title: 'The simulation',
  flag: '--simulation',
  sizes: {
    full: { effort: { ...efforts.full, rounds: 3 * efforts.full.rounds }, crashes: 3_000, instances: 1_000 },
    tiny: { effort: efforts.tiny, crashes: 20, instances: 10 },
  },
  measure: ({ effort, crashes, instances }) => measureSimulation(effort, crashes, instances),
  text: textOf,
});
