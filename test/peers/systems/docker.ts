/** Docker: a daemon with everything of its own, and containers with a restart policy. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromDocker } from '../../../src/translate.js';
import type { Place } from '../place.js';
import { byHand, type Scenario, type Supervisor, type System, system } from '../system.js';
import { translationOf } from '../translation.js';
import { firstAnswer } from '../wait.js';
import { writeImage } from './image.js';

/** `HostConfig.RestartPolicy` of a container. */
export interface RestartPolicyWords {
  readonly Name: string;
  readonly MaximumRetryCount?: number;
}

export const restartOption = ({ Name, MaximumRetryCount = 0 }: RestartPolicyWords): string =>
  `--restart=${Name}${MaximumRetryCount > 0 ? `:${MaximumRetryCount}` : ''}`;

const base = {
  name: 'docker',
  title: 'Docker',
  programs: ['dockerd', 'docker', 'containerd', 'runc', 'busybox'],
  packages: ['docker.io', 'busybox-static'],
  grain: { ms: 0, because: 'it has a timer for each container' },
  translate: (policy: RestartPolicyWords) => translationOf(fromDocker(policy)),
  start: async (place: Place, scenarios: ReadonlyArray<Scenario<RestartPolicyWords>>): Promise<Supervisor> => {
    const own = join(place.directory, 'own');
    const socket = `unix://${own}/sock`;
    const archive = writeImage(place);
    await place.open(
      [
        'PATH=$PATH:/usr/sbin:/sbin',
        'mount -t tmpfs tmpfs /run',
        // It ends when it is asked to start again.
        'while :; do',
        [
          `dockerd --host ${socket} --data-root ${own}/data --exec-root ${own}/exec --pidfile ${own}/pid`,
          '--storage-driver vfs --bridge none --iptables=false --ip6tables=false',
          `--cgroup-parent /${place.name} || :`,
        ].join(' '),
        'done',
      ].join('\n'),
    );
    const client = (...words: ReadonlyArray<string>): Promise<string> =>
      place.inside('docker', '--host', socket, ...words);
    const version = await firstAnswer('the answer of its manager', () =>
      client('version', '--format', '{{.Server.Version}}'),
    );
    await client('import', archive, 'peers');
    const container = (scenario: { readonly name: string; readonly does: string }): ReadonlyArray<string> => [
      `--name=${scenario.name}`,
      '--network=none',
      `--volume=${place.directory}:${place.directory}`,
      'peers',
      ...place.command(scenario),
    ];
    await client('create', ...container(byHand));
    for (const scenario of scenarios) {
      // The first starts of each follow one another so soon that those of all would take turns.
      await sleep(1_500);
      await client('run', '--detach', restartOption(scenario.words), ...container(scenario));
    }
    return {
      version: version.replace(/\+.*$/, ''),
      startByHand: async () => void (await client('start', byHand.name)),
      startAgain: async () => void (await place.inside('/bin/sh', '-c', `kill $(cat ${own}/pid)`)),
      stop: async (name) => void (await client('stop', '--time=0', name)),
    };
  },
} satisfies Partial<System<RestartPolicyWords>>;

export const docker: System = system<RestartPolicyWords>({
  ...base,
  watch: 45,
  scenarios: [
    { name: 'crash-loop', kind: 'crash loop', says: 'doubles its waits', words: { Name: 'always' }, does: '0:1' },
    {
      name: 'limited',
      kind: 'crash loop',
      says: 'gives up after MaximumRetryCount',
      words: { Name: 'on-failure', MaximumRetryCount: 3 },
      does: '0:1',
    },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'begins its waits anew after ten seconds',
      words: { Name: 'unless-stopped' },
      does: '0:1 0:1 0:1 0:1 13:1 0:1',
    },
    {
      name: 'stable-run-limited',
      kind: 'stable run',
      says: 'begins its waits anew, and counts on',
      words: { Name: 'on-failure', MaximumRetryCount: 7 },
      does: '0:1 0:1 0:1 0:1 13:1 0:1',
      explained: [{ field: 'MaximumRetryCount', from: 6 }],
    },
    {
      name: 'clean-exit',
      kind: 'clean exit',
      says: 'leaves it under on-failure',
      words: { Name: 'on-failure' },
      does: '0:1 0:0',
    },
    {
      name: 'clean-exit-always',
      kind: 'clean exit',
      says: 'restarts it under always',
      words: { Name: 'always' },
      does: '0:0',
    },
    {
      name: 'exit-code',
      kind: 'exit code',
      says: 'has no rule for one',
      words: { Name: 'on-failure', MaximumRetryCount: 5 },
      does: '0:1 0:78',
    },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the sixth wait',
      words: { Name: 'always' },
      does: '0:1',
      stop: { run: 6, is: 'ended' },
    },
  ],
});

/** A person's stop, and then another start of the daemon. */
export const dockerAgain: System = system<RestartPolicyWords>({
  ...base,
  name: 'docker-again',
  startsAgain: true,
  watch: 25,
  scenarios: [
    {
      name: 'stopped-always',
      kind: 'manual stop',
      says: 'starts again what a person stopped, when its daemon starts',
      words: { Name: 'always' },
      does: '0:1',
      stop: { run: 6, is: 'ended' },
      explained: [{ field: 'Name', isGain: true, from: 7 }],
    },
    {
      name: 'stopped-unless-stopped',
      kind: 'manual stop',
      says: 'leaves it under unless-stopped, also when its daemon starts',
      words: { Name: 'unless-stopped' },
      does: '0:1',
      stop: { run: 6, is: 'ended' },
    },
  ],
});
