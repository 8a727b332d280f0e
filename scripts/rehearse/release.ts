/** The version that would be released, made and published as a release is, from a copy of the checkout. */

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Commands, Place } from './commands.js';
import { Unexpected } from './unexpected.js';

/** The first release, and where its package is: see former/README.md. */
export const former = { version: '0.1.0', tarball: 'scripts/rehearse/former/restart-policy-0.1.0.tgz' };

/**
 * Whose package it is, only the owner says (`repository`, `homepage` and `bugs`), and without that nothing is published. The
 * copy gets an owner of the kind that exists nowhere; what is published with it goes no further than loopback.
 */
const nobody = {
  repository: { type: 'git', url: 'git+https://rehearsal.invalid/restart-policy/restart-policy.git' },
  homepage: 'https://rehearsal.invalid/restart-policy/restart-policy#readme',
  bugs: { url: 'https://rehearsal.invalid/restart-policy/restart-policy/issues' },
};

/** Git by itself: no settings of whoever rehearses, such as signatures, and a name for the commits. */
const gitAlone = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@rehearsal.invalid',
  GIT_COMMITTER_NAME: 'rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@rehearsal.invalid',
};

const manifestOf = async (directory: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));

/** What is there and not ignored, committed or not: what is rehearsed is what is seen. */
const copyCheckout = async ({ run }: Commands, project: Place, to: string): Promise<void> => {
  const unquoted = ['-c', 'core.quotePath=off'];
  const { stdout } = await run(project, 'git', ...unquoted, 'ls-files', '--cached', '--others', '--exclude-standard');
  await mkdir(to);
  for (const name of stdout.split('\n').filter((path) => path !== '' && existsSync(join(project.directory, path)))) {
    await mkdir(dirname(join(to, name)), { recursive: true });
    await cp(join(project.directory, name), join(to, name));
  }
  await symlink(join(project.directory, 'node_modules'), join(to, 'node_modules'));
};

const commitAll = async ({ run }: Commands, place: Place, message: string): Promise<void> => {
  await run(place, 'git', 'add', '--all');
  await run(place, 'git', 'commit', '--quiet', '--allow-empty', '--message', message);
};

export interface Published {
  readonly version: string;
  /** As the registry has it. */
  readonly readme: string;
}

/** In `place` npm speaks to the registry of the rehearsal, and the copy is made there; the checkout stays as it is. */
export const publishRelease = async (commands: Commands, project: Place, place: Place): Promise<Published> => {
  const copy = { directory: join(place.directory, 'checkout'), env: { ...place.env, ...gitAlone } };
  const changesets = join(project.directory, 'node_modules/@changesets/cli/bin.js');
  await copyCheckout(commands, project, copy.directory);
  const { private: _, ...manifest } = await manifestOf(copy.directory);
  await writeFile(join(copy.directory, 'package.json'), `${JSON.stringify({ ...manifest, ...nobody }, null, 2)}\n`);
  await commands.run(copy, 'git', 'init', '--quiet');
  await writeFile(join(copy.directory, '.git/info/exclude'), 'node_modules\n');
  await commitAll(commands, copy, 'What is rehearsed');
  await commands.run(copy, process.execPath, changesets, 'version');
  await commitAll(commands, copy, 'Version');
  const { version } = await manifestOf(copy.directory);
  if (version === former.version) {
    throw new Unexpected(`a version after ${former.version}`, 'no change note (.changeset) says that there is one');
  }
  await commands.run(copy, process.execPath, changesets, 'publish');
  const { stdout } = await commands.run(place, 'npm', 'view', 'restart-policy', 'dist-tags.latest', 'readme', '--json');
  const { 'dist-tags.latest': latest, readme = '' } = JSON.parse(stdout);
  if (latest !== version) throw new Unexpected(`${version} to be the latest`, `${latest}`);
  return { version: latest, readme };
};
