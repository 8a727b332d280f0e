/**
 * The part about one pass over very many instances.
 */
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { measurePass } from '../pass.js';
import { tableOf } from '../table.js';

const all = 1_000_000;

export const pass = partOf({
  title: `One pass over ${all.toLocaleString('en-US')} instances`,
  flag: '--pass',
  sizes: {
    full: { instances: all, rounds: efforts.full.rounds },
    tiny: { instances: 1_000, rounds: efforts.tiny.rounds },
  },
  measure: ({ instances, rounds }) => measurePass(instances, rounds),
  text: ({ instances, millis, bytesPerStatus }) =>
    tableOf(
      ['94 % quiet, 3 % waiting, 2 % due, 1 % stable', ''],
      [
        ['ms for the pass', millis],
        ['ns per instance', (millis * 1e6) / instances],
        ['bytes per status', bytesPerStatus],
      ],
    ),
});
