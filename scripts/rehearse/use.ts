/** What a reader of the README does with the package in an empty project, on one version of Node. */
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fetchByNpx, useCommandLine } from './command-line.js';
import type { Commands, Place } from './commands.js';
import { audit, createConsumer, install, installAsReadmeSays } from './consumer.js';
import { fetchNode, fetchNpm, type NodeVersion } from './nodes.js';
import { compilePrograms, runAsTheyStand, runCompiled } from './programs.js';
import { programsIn, usesIn } from './readme.js';
import type { Registry } from './registry.js';
import type { Published } from './release.js';
import type { Steps } from './steps.js';
import { Unexpected } from './unexpected.js';

/** Fewer than the README has ever had: a README whose programs are no longer found would pass. */
const fewest = { programs: 3, uses: 3 };

export interface User {
  readonly commands: Commands;
  readonly steps: Steps;
  readonly project: Place;
  /** Where the user's projects are, and npm's settings in them. */
  readonly home: Place;
  readonly registry: Registry;
  readonly published: Published;
}

/** Answers with npm's settings on this version of Node. */
export const useAsReadmeSays = async (user: User, { version: node, npm }: NodeVersion): Promise<Place['env']> => {
  const { commands, project, home, registry, published } = user;
  const step: Steps['step'] = (name, ...rest) => user.steps.step(`Node ${node}: ${name}`, ...rest);

  const path = await step(
    'fetch it',
    async () => [join(await fetchNode(commands, project, node), '..'), await fetchNpm(commands, project, npm)],
    () => `with npm ${npm}`,
  );
  const env = { ...home.env, PATH: [...path, home.env['PATH']].join(delimiter) };
  const place = await createConsumer(join(home.directory, `node-${node}`), env);

  const [programs, uses] = [programsIn(published.readme), usesIn(published.readme)];
  await step(
    'install',
    async () => {
      if (programs.length < fewest.programs || uses.length < fewest.uses) {
        const found = `${programs.length} and ${uses.length}`;
        throw new Unexpected('a README with programs and uses of the command line', found);
      }
      return installAsReadmeSays(commands, place, published);
    },
    (lines) => `${lines.join(', ')}: not a word of warning, every peer there`,
  );
  await step(
    'known vulnerabilities',
    () => audit(commands, place, registry.behind),
    (answer) => answer,
  );
  await step(
    'types',
    async () => {
      await install(commands, place, 'npm install --save-dev typescript @types/node');
      await compilePrograms(commands, place, programs);
      return (await commands.run(place, 'npx', 'tsc', '--version')).stdout.trim();
    },
    (compiler) => `${compiler}, strict, for Node and for bundlers`,
  );
  await step(
    "the README's programs",
    async () => {
      await runAsTheyStand(commands, place, programs);
      await runCompiled(commands, place, programs, 'js');
      await runCompiled(commands, place, programs, 'cjs');
    },
    () => `${programs.length}, as ES modules and as CommonJS, do what they say`,
  );
  await step(
    'the command line',
    () => useCommandLine(commands, place, uses),
    (used) => used.join(', '),
  );
  await step(
    'npx restart-policy in an empty directory',
    async () => {
      const directory = join(home.directory, `nothing-${node}`);
      await mkdir(directory);
      await fetchByNpx(commands, { directory, env }, published.version);
    },
    () => `fetches ${published.version}`,
  );
  return env;
};
