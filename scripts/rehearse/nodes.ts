/** The versions of Node that the package is installed on, each with an npm of the kind that comes with it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Commands, Place } from './commands.js';

export interface NodeVersion {
  readonly version: string;
  readonly npm: string;
  /** What SQLite is reached by where the upgrade is rehearsed; null: it is not, on this version. */
  readonly driver: 'libsql' | 'node:sqlite' | null;
}

/** The registry's own version needs 22. */
export const forTheRegistry = '22.23.3';

export const nodeVersions: ReadonlyArray<NodeVersion> = [
  { version: '20.20.2', npm: '10.8.2', driver: 'libsql' },
  { version: forTheRegistry, npm: '10.9.8', driver: null },
  { version: '24.21.0', npm: '11.19.1', driver: 'node:sqlite' },
];

/** Its executable, fetched if it is not there yet. */
export const fetchNode = async ({ run }: Commands, project: Place, version: string): Promise<string> => {
  const withNode = join(project.directory, 'scripts/with-node.sh');
  return (await run(project, withNode, version, 'node', '-p', 'process.execPath')).stdout.trim();
};

/** The directory of its executables, fetched if it is not there yet. */
export const fetchNpm = async ({ run }: Commands, project: Place, version: string): Promise<string> => {
  const directory = join(project.directory, `node_modules/.cache/npm-${version}`);
  const executables = join(directory, 'node_modules/.bin');
  if (existsSync(join(executables, 'npm'))) return executables;
  const quietly = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefix', directory];
  await run(project, 'npm', 'install', ...quietly, `npm@${version}`);
  return executables;
};
