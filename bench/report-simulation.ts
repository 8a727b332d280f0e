/**
 * The part of the document about the simulation.
 */
import type { SimulationCost } from './simulation.js';
import { tableOf } from './table.js';

export const simulationTitle = '## The simulation';

export const simulationText = ({ decisions, simulate, bare, kept, bytesPerEntry, fleet }: SimulationCost): string => {
  const rowOf = (name: string, nanos: number): ReadonlyArray<string | number> => [
    name,
    nanos,
    1_000 / nanos,
    (nanos / bare).toFixed(2),
  ];
  const entries = fleet.entries.toLocaleString('en-US');
  return `${simulationTitle}

${tableOf(
  [
    `a crash loop of ${decisions.toLocaleString('en-US')} decisions`,
    'ns per decision',
    'million a second',
    'times decide alone',
  ],
  [
    rowOf('simulate', simulate),
    rowOf('decide, wake-ups asked for and answers kept', kept),
    rowOf('decide alone', bare),
  ],
)}

${tableOf(
  ['', ''],
  [
    ['bytes kept per entry', bytesPerEntry],
    [`ms for ${fleet.instances.toLocaleString('en-US')} instances over 30 days, ${entries} entries`, fleet.millis],
    ['the same under limits of starts', fleet.limitedMillis],
  ],
)}

- *decide alone* decides on the events that the simulation came to, made beforehand, and drops what it answers. The row above
  it asks \`nextWakeAt\` after each quiet look, and keeps an entry for each decision, which a simulation cannot leave out:
  what \`simulate\` takes beyond that are the instance itself, its observations, and the summary.
- The aims are a million decisions a second, a second for the fleet, and twice the time of *decide alone*. The row between says
  how much of the last one asking for wake-ups and keeping the answers alone take. Most of the rest is memory: an entry that is
  kept is written where nothing was before, and what *decide alone* makes is gone at once.`;
};
