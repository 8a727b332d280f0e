/** Podman: no daemon, and containers with a restart policy. */
import { join } from 'node:path';
import { fromPodman } from '../../../src/translate.js';
import { byHand, type System, system } from '../system.js';
import { translationOf } from '../translation.js';
import { type RestartPolicyWords, restartOption } from './docker.js';
import { writeImage } from './image.js';

export const podman: System = system<RestartPolicyWords>({
  name: 'podman',
  title: 'Podman',
  programs: ['podman', 'conmon', 'runc', 'busybox'],
  packages: ['podman', 'runc', 'busybox-static'],
  grain: { ms: 0, because: 'it has no timer: the program that saw a container end starts it again' },
  watch: 25,
  scenarios: [
    { name: 'crash-loop', kind: 'no wait', says: 'does not wait', words: { Name: 'always' }, does: '1:1' },
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
      says: 'counts on after it',
      words: { Name: 'on-failure', MaximumRetryCount: 2 },
      does: '0:1 12:1 0:1',
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
      does: '2:0',
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
      says: 'is stopped as it runs, for there is no wait',
      words: { Name: 'always' },
      does: '1:1 1:1 20:1',
      stop: { run: 3, is: 'running' },
    },
  ],
  translate: (policy) => translationOf(fromPodman(policy)),
  start: async (place, scenarios) => {
    const own = join(place.directory, 'own');
    const archive = writeImage(place);
    await place.open('mount -t tmpfs tmpfs /run\nwhile :; do sleep 1000; done');
    const podmanOf = (...words: ReadonlyArray<string>): Promise<string> =>
      place.inside(
        'podman',
        `--root=${own}/root`,
        `--runroot=${own}/run`,
        '--storage-driver=vfs',
        '--cgroup-manager=cgroupfs',
        '--events-backend=file',
        '--runtime=runc',
        ...words,
      );
    const version = await podmanOf('version', '--format', '{{.Client.Version}}');
    await podmanOf('import', archive, 'peers');
    const container = (scenario: { readonly name: string; readonly does: string }): ReadonlyArray<string> => [
      `--name=${scenario.name}`,
      '--network=none',
      `--cgroup-parent=/${place.name}`,
      // More than the machine may grant, else.
      '--ulimit=nofile=1024:1024',
      '--ulimit=nproc=1000:1000',
      `--volume=${place.directory}:${place.directory}`,
      'peers',
      ...place.command(scenario),
    ];
    await podmanOf('create', ...container(byHand));
    for (const scenario of scenarios) {
      await podmanOf('run', '--detach', restartOption(scenario.words), ...container(scenario));
    }
    return {
      version,
      startByHand: async () => void (await podmanOf('start', byHand.name)),
      stop: async (name) => void (await podmanOf('stop', '--time=0', name)),
    };
  },
});
