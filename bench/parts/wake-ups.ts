/**
 * The part about when to decide again.
 */
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { tableOf } from '../table.js';
import { measureWakeUps } from '../wake-ups.js';

export const wakeUps = partOf({
  title: 'When to decide again',
  flag: '--wake-ups',
  sizes: efforts,
  measure: measureWakeUps,
  text: (costs) =>
    tableOf(
      ['`nextWakeAt`', 'ns', 'bytes'],
      costs.map(({ path, nanos, bytes }) => [path, nanos, bytes]),
    ),
});
