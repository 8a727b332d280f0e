/** systemd, as the first process of namespaces of its own: units of services. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystemd } from '../../../src/translate.js';
import { type System, system } from '../system.js';
import { translationOf } from '../translation.js';
import { firstAnswer } from '../wait.js';

type Section = Readonly<Record<string, string | ReadonlyArray<string>>>;

/** The sections of a unit file, without what is started. */
interface Unit {
  readonly Unit?: Section;
  readonly Service: Section;
}

const unlimited: Section = { StartLimitIntervalSec: '0' };

const linesOf = (section: Section): ReadonlyArray<string> =>
  Object.entries(section).flatMap(([key, values]) => [values].flat().map((value) => `${key}=${value}`));

export const systemd: System = system<Unit>({
  name: 'systemd',
  title: 'systemd',
  programs: ['/lib/systemd/systemd', 'systemctl'],
  packages: ['systemd'],
  grain: { ms: 250, because: 'it lets its timers wait for each other by up to a quarter of a second' },
  watch: 40,
  scenarios: [
    {
      name: 'crash-loop',
      kind: 'crash loop',
      says: 'gives up after five starts in ten seconds',
      words: { Service: { Restart: 'on-failure' } },
      does: '0:1',
      explained: [{ field: 'Unit.StartLimitBurst', from: 6, ours: 6 }],
    },
    {
      name: 'unlimited',
      kind: 'crash loop',
      says: 'waits for RestartSec, for ever',
      words: { Unit: unlimited, Service: { Restart: 'always', RestartSec: '2s' } },
      does: '0:1',
    },
    {
      name: 'limit-out-of-reach',
      kind: 'crash loop',
      says: 'goes on for ever where its waits alone take longer than StartLimitIntervalSec',
      words: {
        Unit: { StartLimitIntervalSec: '4s', StartLimitBurst: '3' },
        Service: { Restart: 'on-failure', RestartSec: '2s' },
      },
      does: '0:1',
    },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'has the starts before it fall out of StartLimitIntervalSec',
      words: {
        Unit: { StartLimitIntervalSec: '8s', StartLimitBurst: '3' },
        Service: { Restart: 'on-failure', RestartSec: '1s' },
      },
      does: '0:1 10:1 0:1',
    },
    {
      name: 'clean-exit',
      kind: 'clean exit',
      says: 'leaves it',
      words: { Service: { Restart: 'on-failure', RestartSec: '1s' } },
      does: '0:1 0:0',
    },
    {
      name: 'clean-exit-always',
      kind: 'clean exit',
      says: 'restarts it under Restart=always',
      words: { Unit: unlimited, Service: { Restart: 'always', RestartSec: '3s' } },
      does: '0:0',
    },
    {
      name: 'clean-exit-only',
      kind: 'clean exit',
      says: 'restarts it alone under Restart=on-success',
      words: { Unit: unlimited, Service: { Restart: 'on-success', RestartSec: '1s' } },
      does: '0:0 0:0 0:1',
    },
    {
      name: 'exit-code',
      kind: 'exit code',
      says: 'leaves one of RestartPreventExitStatus',
      words: { Service: { Restart: 'always', RestartSec: '1s', RestartPreventExitStatus: '77 78' } },
      does: '0:1 0:78',
    },
    {
      name: 'exit-code-forced',
      kind: 'exit code',
      says: 'restarts one of RestartForceExitStatus, though it is clean',
      words: {
        Unit: unlimited,
        Service: {
          Restart: 'on-failure',
          RestartSec: '1s',
          SuccessExitStatus: '3 4',
          RestartForceExitStatus: '4',
        },
      },
      does: '0:4 0:4 0:3',
    },
    {
      name: 'exit-code-abnormal',
      kind: 'exit code',
      says: 'leaves any exit under Restart=on-abnormal',
      words: { Service: { Restart: 'on-abnormal', RestartSec: '1s' } },
      does: '0:1',
    },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the second wait',
      words: { Service: { Restart: 'always', RestartSec: '5s' } },
      does: '0:1',
      stop: { run: 2, is: 'ended' },
    },
    {
      name: 'no-wait',
      kind: 'no wait',
      says: 'does not wait with RestartSec=0',
      words: { Unit: unlimited, Service: { Restart: 'always', RestartSec: '0' } },
      does: '0.5:1',
    },
  ],
  translate: (unit) => translationOf(fromSystemd(unit, { version: 252 })),
  start: async (place, scenarios) => {
    const units = join(place.directory, 'own');
    const unit = (name: string, lines: ReadonlyArray<string>): void =>
      writeFileSync(join(units, name), `${lines.join('\n')}\n`);
    for (const scenario of scenarios) {
      const { Unit = {}, Service } = scenario.words;
      unit(`${scenario.name}.service`, [
        '[Unit]',
        'DefaultDependencies=no',
        ...linesOf(Unit),
        '[Service]',
        `ExecStart=${place.command(scenario).join(' ')}`,
        ...linesOf(Service),
      ]);
    }
    const all = scenarios.map(({ name }) => `${name}.service`).join(' ');
    unit('peers.target', ['[Unit]', 'DefaultDependencies=no', `Wants=${all}`]);
    mkdirSync(join(place.directory, 'run'));

    await place.open(
      [
        // A group of its own, which becomes the root of what it sees.
        'unified=/sys/fs/cgroup/unified',
        '[ -d $unified ] || unified=/sys/fs/cgroup',
        `mkdir $unified/${place.name}`,
        `echo 0 >$unified/${place.name}/cgroup.procs`,
        `exec unshare --cgroup /bin/sh -ec '${[
          'mount -t tmpfs tmpfs /run',
          'mkdir -p /run/systemd/system',
          `cp ${units}/* /run/systemd/system`,
          'umount -R /sys/fs/cgroup',
          'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
          'exec env container=peers /lib/systemd/systemd --unit=peers.target',
        ].join('\n')}'`,
      ].join('\n'),
      '--ipc',
      '--uts',
    );
    const version = await firstAnswer('the answer of its manager', () =>
      place.inside('systemctl', 'show', '--property=Version', '--value'),
    );
    return {
      version: version.replace(/-.*$/s, ''),
      stop: async (name) => void (await place.inside('systemctl', 'stop', `${name}.service`)),
    };
  },
});
