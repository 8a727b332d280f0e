/**
 * The recordings that are kept: what each system really did when `npm run test:peers` last ran. Where no system can be started,
 * translations are still held against these.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Figures } from './figures.js';
import type { Recorded, Recording } from './recording.js';
import type { System } from './system.js';
import { everySystem } from './systems/every.js';
import { figuresOf } from './verdict.js';

/** `system`: its name. */
export interface Kept {
  readonly system: string;
  readonly recorded: Recorded;
}

const file = new URL('../data/peers-recordings.json', import.meta.url);

interface File {
  /** YYYY-MM-DD. */
  readonly measured: string;
  readonly kept: ReadonlyArray<Kept>;
}

export const readKept = (): File => JSON.parse(readFileSync(file, 'utf8'));

/** One line for each scenario. */
export const writeKept = ({ measured, kept }: File): void => {
  const scenario = ([name, recording]: readonly [string, Recording]): string =>
    `${JSON.stringify(name)}: ${JSON.stringify(recording)}`;
  const one = ({ system, recorded: { version, costs, scenarios } }: Kept): string =>
    [
      `{ "system": ${JSON.stringify(system)}, "recorded": { "version": ${JSON.stringify(version)}, "costs": ${JSON.stringify(costs)}, "scenarios": {`,
      Object.entries(scenarios).map(scenario).join(',\n'),
      '} } }',
    ].join('\n');
  writeFileSync(file, `{ "measured": ${JSON.stringify(measured)}, "kept": [\n${kept.map(one).join(',\n')}\n] }\n`);
};

export const recordedOf = (system: System, { kept }: Pick<File, 'kept'>): Recorded => {
  const found = kept.find(({ system: name }) => name === system.name);
  if (found === undefined) throw new Error(`no recording of ${system.name} is kept`);
  return found.recorded;
};

/** Of all systems; what one did in two recordings is one system's. */
export const figuresOfKept = (from: File): Figures => {
  const all = everySystem.map((system) => figuresOf(system, recordedOf(system, from)));
  const titles = [...new Set(all.map(({ peer }) => peer))];
  return {
    measured: from.measured,
    peers: titles.flatMap((title) => {
      const [first, ...more] = all.filter(({ peer }) => peer === title);
      return first === undefined
        ? []
        : [{ ...first, scenarios: [first, ...more].flatMap(({ scenarios }) => scenarios) }];
    }),
  };
};
