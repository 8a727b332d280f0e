/** An empty project, and what its owner does with npm in it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands, Place, Ran } from './commands.js';
import { troublesIn } from './npm-output.js';
import { installLinesIn } from './readme.js';
import type { Published } from './release.js';
import { Unexpected } from './unexpected.js';

/** As the README has it: ES modules. */
export const createConsumer = async (directory: string, env: Place['env']): Promise<Place> => {
  await mkdir(directory, { recursive: true });
  const manifest = { name: 'consumer', version: '1.0.0', private: true, type: 'module' };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return { directory, env };
};

/** `npm install …`, of which npm has nothing to complain, and after which all peers are there and fit. */
export const install = async ({ run }: Commands, place: Place, line: string): Promise<Ran> => {
  const ran = await run(place, 'sh', '-c', line);
  const troubles = troublesIn(`${ran.stdout}\n${ran.stderr}`);
  if (troubles.length > 0) {
    const told = troubles.map((trouble) => `${trouble.kind}: ${trouble.line}`).join('\n');
    throw new Unexpected(`${line} to install without a word of warning`, told);
  }
  await run(place, 'npm', 'ls', '--all');
  return ran;
};

export const installedVersion = async (place: Place): Promise<string> => {
  const file = join(place.directory, 'node_modules/restart-policy/package.json');
  return JSON.parse(await readFile(file, 'utf8')).version;
};

/** The README's lines in their order, in an empty project. */
export const installAsReadmeSays = async (
  commands: Commands,
  place: Place,
  { readme, version }: Published,
): Promise<ReadonlyArray<string>> => {
  const lines = installLinesIn(readme);
  if (lines.length === 0) throw new Unexpected('a README that says how to install the package', 'it does not');
  for (const line of lines) await install(commands, place, line);
  const installed = await installedVersion(place);
  if (installed !== version) throw new Unexpected(`version ${version}`, installed);
  return lines;
};

/** What is known of the packages that a user gets with ours; a registry may have no answer, and then it says so. */
export const audit = async ({ start }: Commands, place: Place, registry: string): Promise<string> => {
  const { child, ended } = start(place, 'npm', 'audit', '--omit=dev', '--registry', registry);
  child.stdin?.end();
  const { status, stdout, stderr } = await ended;
  if (status === 0) return 'none';
  if (stderr.includes('audit endpoint returned an error')) return `NOT ASKED FOR: ${registry} answers no audits`;
  throw new Unexpected('no known vulnerability', stdout);
};
