/**
 * The part about histories.
 */
import { type HistoryCost, measureHistory } from '../history.js';
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { tableOf } from '../table.js';

const textOf = ({ quiet, crash, bytesPerEntry }: HistoryCost): string => {
  const rowOf = (name: string, micros: number): ReadonlyArray<string | number> => [
    name,
    micros,
    (micros / crash.without).toFixed(2),
  ];
  return `${tableOf(
    ['a decision that changes nothing', 'ns', 'times'],
    [
      ['told to nobody', quiet.alone, '1.00'],
      ['told to a history', quiet.told, (quiet.told / quiet.alone).toFixed(2)],
    ],
  )}

${tableOf(
  ['from a crash to its restart, by a controller', 'µs', 'times'],
  [
    rowOf('without a history', crash.without),
    rowOf('with one in memory', crash.memory),
    rowOf('with one in SQLite, its writes included', crash.sqlite),
  ],
)}

${tableOf(
  ['bytes that an entry takes', ''],
  [
    ['in memory', bytesPerEntry.memory],
    ['in SQLite, with its indexes', bytesPerEntry.sqlite],
  ],
)}

- A crash tells two entries, its end and the attempt. In SQLite they are written by a timer, in batches of what a quarter of a
  second brings: here two at a time, on a disk, which is as dear as it gets. No decision waits for it.
- Of most decisions nothing is told. What that costs is to look up which run of the instance was seen last.`;
};

export const history = partOf({
  title: 'A history',
  flag: '--history',
  sizes: {
    full: { effort: efforts.full, crashesPerRound: 1_000, entries: 20_000 },
    tiny: { effort: efforts.tiny, crashesPerRound: 5, entries: 100 },
  },
  measure: ({ effort, crashesPerRound, entries }) => measureHistory(effort, crashesPerRound, entries),
  text: textOf,
});
