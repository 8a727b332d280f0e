/**
 * The part about saves.
 */
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { measureStores, type SaveRate } from '../stores.js';
import { tableOf } from '../table.js';

const textOf = (
  rates: ReadonlyArray<SaveRate>,
): string => `The bare driver does the same statement on the same row, with the texts made beforehand. Each save is synced to disk
before it is answered, which is most of its time.

${tableOf(
  ['store', 'saves per second', 'bare driver', 'share'],
  rates.map(({ store, savesPerSecond, bareSavesPerSecond }) => [
    store,
    savesPerSecond,
    bareSavesPerSecond,
    (savesPerSecond / bareSavesPerSecond).toFixed(2),
  ]),
)}`;

export const stores = partOf({
  title: 'Saves per second, one after another',
  flag: '--stores',
  sizes: {
    full: { rounds: efforts.full.rounds, savesPerRound: 200 },
    tiny: { rounds: efforts.tiny.rounds, savesPerRound: 3 },
  },
  measure: ({ rounds, savesPerRound }, notify) => measureStores(rounds, savesPerRound, notify),
  text: textOf,
});
