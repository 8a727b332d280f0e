/**
 * The part about what an import costs.
 */
import { type ImportCost, importedEntries, measureImports } from '../imports.js';
import { partOf } from '../part.js';
import { tableOf } from '../table.js';

/** A tenth of a millisecond is as fine as it gets. */
const tenths = (millis: number): string => millis.toFixed(1);

const textOf = (
  costs: ReadonlyArray<ImportCost>,
): string => `What a program takes longer to start for an import, in milliseconds beyond Node alone: the package as it is built, each time in
a process of its own, all sides in turns.

${tableOf(
  ['ESM', 'CPU, least', 'CPU, median', 'wall, least', 'wall, median', 'CommonJS: CPU, least', 'CPU, median'],
  costs.map(({ imported, esm, commonJs }) => [
    imported,
    ...[esm.cpu.least, esm.cpu.median, esm.wall.least, esm.wall.median].map(tenths),
    ...[commonJs.cpu.least, commonJs.cpu.median].map(tenths),
  ]),
)}

- The first two rows are the peers by themselves. They are CommonJS: in native ESM the first such file costs Node some 20 ms,
  whatever is in it. Nothing but \`codec\` loads any of them (io-ts, which loads fp-ts' Either); the others take the types alone.
- *least*: the quickest of the rounds less the quickest of Node alone, which other work on the machine falls on the least. The
  end of the process is not in the figures.
- The aims are 15 ms for the core, 20 for the controller, 60 for the codecs.`;

export const imports = partOf({
  title: 'An import',
  flag: '--imports',
  sizes: {
    full: { rounds: 25, entries: importedEntries },
    tiny: { rounds: 1, entries: ['index', 'codec'] },
  },
  measure: measureImports,
  text: textOf,
});
