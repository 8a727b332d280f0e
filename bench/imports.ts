/**
 * What an import of each entry costs a program: the package as it is built, in a process of its own each time, in turns with
 * Node alone, whose own cost is taken off, and with what the peers cost by themselves.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entries, specifier } from '../scripts/entries.mjs';
import { median } from './measure.js';

/** Milliseconds beyond what Node takes to start. */
interface Cost {
  readonly least: number;
  readonly median: number;
}

interface Costs {
  readonly cpu: Cost;
  readonly wall: Cost;
}

export interface ImportCost {
  readonly imported: string;
  readonly esm: Costs;
  readonly commonJs: Costs;
}

export interface ImportSizes {
  readonly rounds: number;
  /** As in scripts/entries.mjs. */
  readonly entries: ReadonlyArray<string>;
}

/** All but the script for other engines, what tests use, and what differs from another in its name alone. */
export const importedEntries: ReadonlyArray<string> = Object.keys(entries).filter(
  (name) => name !== 'engine' && !name.startsWith('testing') && name !== 'adapters/permitted',
);

/** By the paths that resolve in both module systems. */
const peers = ['fp-ts/lib/Either.js', 'io-ts'];

const project = fileURLToPath(new URL('../', import.meta.url));

/** A directory of a program that has installed the package and its peers. */
const installed = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-imports-'));
  const library = join(directory, 'node_modules/restart-policy');
  mkdirSync(library, { recursive: true });
  copyFileSync(join(project, 'package.json'), join(library, 'package.json'));
  const build = ['node_modules/tsup/dist/cli-default.js', '--silent', '--no-dts', '--out-dir', join(library, 'dist')];
  execFileSync(process.execPath, build, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const peer of ['fp-ts', 'io-ts']) {
    symlinkSync(join(project, 'node_modules', peer), join(directory, 'node_modules', peer));
  }
  return directory;
};

/** The process's own CPU time, in all its threads, and the time since it was made; its end is not in them. */
const report = `
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ cpu: (user + system) / 1_000, wall: performance.now() }));`;

type Sample = { readonly [kind in 'cpu' | 'wall']: number };

const once = (directory: string, type: 'module' | 'commonjs', program: string): Sample =>
  JSON.parse(
    execFileSync(process.execPath, [`--input-type=${type}`, '-e', `${program}${report}`], {
      cwd: directory,
      encoding: 'utf8',
    }),
  );

const costOf = (samples: ReadonlyArray<number>, bare: ReadonlyArray<number>): Cost => ({
  least: Math.min(...samples) - Math.min(...bare),
  median: median(samples) - median(bare),
});

const costsOf = (samples: ReadonlyArray<Sample>, bare: ReadonlyArray<Sample>): Costs => ({
  cpu: costOf(
    samples.map(({ cpu }) => cpu),
    bare.map(({ cpu }) => cpu),
  ),
  wall: costOf(
    samples.map(({ wall }) => wall),
    bare.map(({ wall }) => wall),
  ),
});

export const measureImports = ({ rounds, entries: measured }: ImportSizes): ReadonlyArray<ImportCost> => {
  const directory = installed();
  try {
    const sides = [null, ...peers, ...measured.map(specifier)].map((imported) => ({
      imported,
      esm: [] as Array<Sample>,
      commonJs: [] as Array<Sample>,
    }));
    for (let round = 0; round < rounds; round++) {
      for (const { imported, esm, commonJs } of sides) {
        esm.push(once(directory, 'module', imported === null ? '' : `await import('${imported}');`));
        commonJs.push(once(directory, 'commonjs', imported === null ? '' : `require('${imported}');`));
      }
    }
    const [bare, ...others] = sides;
    return others.map(({ imported, esm, commonJs }) => ({
      imported: imported ?? '',
      esm: costsOf(esm, bare?.esm ?? []),
      commonJs: costsOf(commonJs, bare?.commonJs ?? []),
    }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
