/** The registry of a rehearsal: on loopback, open to anybody, and gone with the rehearsal. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Commands, Place } from './commands.js';
import { fetchNode, forTheRegistry } from './nodes.js';
import { Unexpected } from './unexpected.js';

export interface Registry {
  readonly address: string;
  /** The registry that npm is set up for here, which the others' packages come from. */
  readonly behind: string;
  readonly stop: () => Promise<void>;
}

/** By npm's names for them, and by verdaccio's. */
const settingNames = { 'https-proxy': 'https_proxy', proxy: 'http_proxy', noproxy: 'no_proxy' } as const;

/** What npm has been told of the way to its registry; nothing of it is written down here. */
const wayOut = async ({ run }: Commands, project: Place) => {
  const names = ['registry', 'strict-ssl', ...Object.keys(settingNames)];
  const { stdout } = await run(project, 'npm', 'config', 'get', ...names);
  const settings = new Map([...stdout.matchAll(/^([\w-]+)=(.*)$/gm)].map(([, name, value = '']) => [name, value]));
  const proxy = Object.entries(settingNames).flatMap(([name, theirs]) => {
    const value = settings.get(name) ?? '';
    return value === '' || value === 'null' ? [] : [[theirs, value]];
  });
  return {
    behind: settings.get('registry') ?? '',
    proxy: { ...Object.fromEntries(proxy), strict_ssl: settings.get('strict-ssl') !== 'false' },
  };
};

/** Said at once: npm itself would try for more than a minute. */
const reach = async ({ start }: Commands, project: Place, behind: string): Promise<void> => {
  const { child, ended } = start(project, 'npm', 'view', 'fp-ts', 'version', '--fetch-retries=0');
  child.stdin?.end();
  const { status, stderr } = await ended;
  const why = stderr.split('\n').slice(0, 5).join('\n');
  if (status !== 0) throw new Unexpected(`${behind} to answer, for a rehearsal needs the network`, why);
};

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

/** Into a cache, by a lock file of its own: whoever works on the library does not need it. */
const fetchVerdaccio = async ({ run }: Commands, project: Place): Promise<string> => {
  const from = join(project.directory, 'scripts/rehearse/registry');
  const to = join(project.directory, 'node_modules/.cache/rehearsal-registry');
  const [lock, installed] = [join(from, 'package-lock.json'), join(to, 'installed')];
  if (textOf(lock) === textOf(installed)) return to;
  mkdirSync(to, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(from, name), join(to, name));
  const withNode = join(project.directory, 'scripts/with-node.sh');
  await run({ ...project, directory: to }, withNode, forTheRegistry, 'npm', 'ci', '--ignore-scripts');
  copyFileSync(lock, installed);
  return to;
};

/** `storage` is a directory that is removed with the rehearsal, `own` the package that is published. */
export const startRegistry = async (
  commands: Commands,
  project: Place,
  storage: string,
  own: string,
): Promise<Registry> => {
  const { behind, proxy } = await wayOut(commands, project);
  await reach(commands, project, behind);
  const node = await fetchNode(commands, project, forTheRegistry);
  const verdaccio = await fetchVerdaccio(commands, project);
  mkdirSync(storage);
  const serve = join(project.directory, 'scripts/rehearse/registry/serve.mjs');
  const settings = JSON.stringify({ own, storage, behind, proxy });
  const running = commands.start({ ...project, directory: storage, deadline: null }, node, serve, verdaccio, settings);
  const [, address = ''] = await running.printed(/"listening":"(http:\/\/127\.0\.0\.1:\d+\/)"/);
  return {
    address,
    behind,
    async stop() {
      running.child.stdin?.end();
      await running.ended;
    },
  };
};
