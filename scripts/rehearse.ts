/**
 * A release, rehearsed: what would be published is published to a registry on loopback, and used from there as by somebody who
 * has only its name and its README.
 *
 *   npm run rehearse
 *   npm run rehearse -- --serve
 *
 * With `--serve` it publishes, and then serves until Ctrl-C, for whoever wants to try the package as a stranger would.
 *
 * Needs the network, for the registry, for three versions of Node, and for what a user installs beside the package: all of it
 * from the registry that npm is set up for, which must not ask for a password. Nothing is skipped: what cannot be had, or is
 * not as it must be, ends it with exit code 1, and all that was printed stays in node_modules/.cache/rehearse.log. The
 * checkout is not changed, and nothing is left behind, Ctrl-C included.
 */
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endAll, living } from './left-behind.mjs';
import { createCommands, type Place } from './rehearse/commands.js';
import { createConsumer } from './rehearse/consumer.js';
import { nodeVersions } from './rehearse/nodes.js';
import { type Registry, startRegistry } from './rehearse/registry.js';
import { former, publishRelease } from './rehearse/release.js';
import { createSteps } from './rehearse/steps.js';
import { Unexpected } from './rehearse/unexpected.js';
import { printTable, upgrade } from './rehearse/upgrade.js';
import { useAsReadmeSays } from './rehearse/use.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = 'restart-policy';
const log = join(root, 'node_modules/.cache/rehearse.log');
mkdirSync(dirname(log), { recursive: true });
writeFileSync(log, '');

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rehearsal-')));
const steps = createSteps({
  write: (text) => process.stdout.write(text),
  columns: () => (process.stdout.isTTY ? process.stdout.columns : null),
  now: () => performance.now(),
});
const commands = createCommands(log, steps.progress);

/** All that is started lives in it, and bears its name. */
const cleanUp = (): void => {
  endAll(living(directory));
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
};
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    steps.say('\nEnded by a signal.\n');
    cleanUp();
    process.exit(code);
  });
}

/** The environment without what `npm run` and a CI add to it: their settings, and the programs of this project. */
const ofAStranger = {
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || /^(?:npm_|NODE_ENV$|NODE_OPTIONS$|GITHUB_|CI$|INIT_CWD$)/i.test(name)
        ? []
        : [[name, value]],
    ),
  ),
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((place) => !place.includes('node_modules') && !place.includes('node-gyp-bin'))
    .join(delimiter),
};
const project: Place = { directory: root, env: { ...(process.env as Place['env']), TMPDIR: directory } };

const seconds = (): number => Math.round(performance.now() / 1_000);

/** npm as somebody has it who has set up nothing, but for the registry. */
const npmOn = (registry: Registry): Place['env'] => {
  const settings = join(directory, 'npmrc');
  // Where npx looks first for what it is to run.
  const globally = join(directory, 'npm-global');
  mkdirSync(join(globally, 'lib'), { recursive: true });
  // npm publishes only with a password; this registry takes any.
  writeFileSync(settings, `${registry.address.replace('http:', '')}:_authToken=anybody\n`);
  return {
    ...ofAStranger,
    TMPDIR: directory,
    npm_config_userconfig: settings,
    npm_config_registry: registry.address,
    npm_config_cache: join(directory, 'npm-cache'),
    npm_config_prefix: globally,
    npm_config_noproxy: '127.0.0.1',
    npm_config_update_notifier: 'false',
    // The registry on loopback has no advisories; they are asked for where they are, below.
    npm_config_audit: 'false',
  };
};

const serve = async ({ address }: Registry): Promise<never> => {
  const settings = `registry=${address}`;
  steps.say(`
It serves until Ctrl-C. In an empty directory:

    npm init -y && echo ${settings} > .npmrc
    npm install ${own}
`);
  return new Promise(() => {});
};

const rehearse = async (): Promise<void> => {
  const registry = await steps.step(
    'A registry on loopback',
    () => startRegistry(commands, project, join(directory, 'storage'), own),
    ({ address, behind }) => `${address}, other packages from ${behind}`,
  );
  const home: Place = { directory, env: npmOn(registry) };
  await steps.step(
    `Publish ${former.version}`,
    () => commands.run(home, 'npm', 'publish', join(root, former.tarball)),
    () => 'as it was packed then',
  );
  const published = await steps.step(
    'Build and publish what would be released',
    () => publishRelease(commands, project, home),
    ({ version }) => `${own} ${version}`,
  );
  if (process.argv.includes('--serve')) await serve(registry);

  for (const node of nodeVersions) {
    const env = await useAsReadmeSays({ commands, steps, project, home, registry, published }, node);
    if (node.driver === null) continue;
    const { driver } = node;
    const table = await steps.step(
      `Node ${node.version}: up from ${former.version}, back and up again, with records in SQLite`,
      async () => {
        const place = await createConsumer(join(directory, `upgrade-${node.version}`), env);
        return upgrade(commands, project, place, driver, { former: former.version, present: published.version });
      },
      () => `by ${driver}`,
    );
    steps.say(
      `\nWhat the first look of each host came to, and the attempts and blocks that it left:\n\n${printTable(table)}\n\n`,
    );
  }
  await steps.step(
    'Nothing left behind',
    async () => {
      await registry.stop();
      const left = living(directory).map(({ pid, command }) => `process ${pid}, ${command}`);
      if (left.length > 0) throw new Unexpected('no process to be left', left.join('\n'));
    },
    () => 'every process has ended',
  );
};

try {
  await rehearse();
  steps.say(`\nThe rehearsal went well, in ${seconds()} s\n`);
} catch (error) {
  appendFileSync(log, `\n${error instanceof Error ? error.stack : error}\n`);
  steps.say(`\nThe rehearsal FAILED, after ${seconds()} s. All that was printed is in ${log}\n`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
