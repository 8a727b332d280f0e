/** supervisord (supervisor 4): sections of programs in an ini file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSupervisord } from '../../../src/translate.js';
import type { Place } from '../place.js';
import { type Scenario, type Supervisor, type System, system } from '../system.js';
import { translationOf } from '../translation.js';

/** A `[program:x]` section, without its command. */
type Section = Readonly<Record<string, string>>;

const base = {
  name: 'supervisord',
  title: 'supervisord',
  programs: ['supervisord', 'supervisorctl'],
  packages: ['supervisor'],
  grain: { ms: 1_000, because: 'it looks at its programs once a second, unless one of them gives it cause' },
  costIsHidden: true as const,
  translate: (section: Section) => translationOf(fromSupervisord(section)),
  start: async (place: Place, scenarios: ReadonlyArray<Scenario<Section>>): Promise<Supervisor> => {
    const own = join(place.directory, 'own');
    const file = join(own, 'supervisord.conf');
    const socket = join(own, 'sock');
    writeFileSync(
      file,
      [
        `[unix_http_server]\nfile=${socket}`,
        `[supervisord]\nlogfile=${own}/log\npidfile=${own}/pid\nchildlogdir=${own}\nnodaemon=true\nuser=root`,
        '[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
        `[supervisorctl]\nserverurl=unix://${socket}`,
        ...scenarios.map((scenario) => {
          const words = Object.entries(scenario.words).map(([name, value]) => `${name}=${value}`);
          return [`[program:${scenario.name}]`, `command=${place.command(scenario).join(' ')}`, ...words].join('\n');
        }),
      ].join('\n'),
    );
    await place.open(`exec supervisord -c ${file}`);
    const control = (...words: ReadonlyArray<string>): Promise<string> =>
      place.inside('supervisorctl', '-c', file, ...words);
    const version = await place.inside('supervisord', '--version');
    return {
      version,
      stop: async (name) => void (await control('stop', name)),
      startAgain: async () => void (await control('reload')),
    };
  },
} satisfies Partial<System<Section>>;

export const supervisord: System = system<Section>({
  ...base,
  watch: 40,
  scenarios: [
    { name: 'crash-loop', kind: 'crash loop', says: 'gives up after startretries', words: {}, does: '0:1' },
    {
      name: 'late-crash',
      kind: 'stable run',
      says: 'restarts at once what ran longer than startsecs',
      words: {},
      does: '2:1',
      explained: [{ field: 'startsecs', from: 2 }],
    },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'counts anew after it',
      words: {},
      does: '0:1 0:1 3:1 0:1',
      explained: [{ field: 'startsecs', from: 4, ours: 6 }],
    },
    {
      name: 'clean-exit',
      kind: 'clean exit',
      says: 'leaves it',
      words: {},
      does: '2:1 2:0',
      explained: [{ field: 'startsecs', from: 2 }],
    },
    {
      name: 'clean-exit-always',
      kind: 'clean exit',
      says: 'restarts it all the same',
      words: { autorestart: 'true' },
      does: '2:0',
      explained: [{ field: 'startsecs', from: 2 }],
    },
    {
      name: 'clean-exit-early',
      kind: 'clean exit',
      says: 'takes it for a failure before startsecs',
      words: {},
      does: '0:0',
      explained: [{ field: 'exitcodes', from: 2 }],
    },
    {
      name: 'exit-code',
      kind: 'exit code',
      says: 'leaves one of exitcodes',
      words: { exitcodes: '0,2' },
      does: '2:1 2:2',
      explained: [{ field: 'startsecs', from: 2 }],
    },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the third wait',
      // The three retries that it has of itself: of more, waits that grow by a factor are too far from its own.
      words: {},
      does: '0:1',
      stop: { run: 3, is: 'ended' },
    },
    {
      name: 'no-wait',
      kind: 'no wait',
      says: 'does not wait',
      words: { startsecs: '0', autorestart: 'true' },
      does: '0.3:1',
      explained: [{ field: 'startsecs', from: 2 }],
    },
  ],
});

/** A person's stop, and then `supervisorctl reload`. */
export const supervisordAgain: System = system<Section>({
  ...base,
  name: 'supervisord-again',
  startsAgain: true,
  watch: 15,
  scenarios: [
    {
      name: 'stopped-and-reloaded',
      kind: 'manual stop',
      says: 'starts again what a person stopped, when it starts itself',
      words: { startretries: '10' },
      does: '0:1',
      stop: { run: 2, is: 'ended' },
      explained: [{ field: 'autostart', isGain: true, from: 3 }],
    },
  ],
});
