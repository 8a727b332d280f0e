/** pm2 7: applications of an ecosystem file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fromPm2 } from '../../../src/translate.js';
import type { Place } from '../place.js';
import { type Scenario, type Supervisor, type System, system } from '../system.js';
import { translationOf } from '../translation.js';

const require = createRequire(import.meta.url);
const manifest = require.resolve('pm2/package.json');
const program = join(dirname(manifest), 'bin/pm2');

/** An application, without its script. */
type App = Readonly<Record<string, unknown>>;

const base = {
  name: 'pm2',
  title: 'pm2',
  programs: [],
  packages: [],
  grain: { ms: 0, because: 'it has a timer for each application' },
  shorter: { share: 0.004, because: 'it drops the fraction of each wait in ms before the next one grows from it' },
  translate: (app: App) => translationOf(fromPm2(app)),
  start: async (place: Place, scenarios: ReadonlyArray<Scenario<App>>): Promise<Supervisor> => {
    const own = join(place.directory, 'own');
    const file = join(own, 'ecosystem.config.json');
    const apps = scenarios.map((scenario) => {
      const [interpreter, script, ...args] = place.command(scenario);
      return { name: scenario.name, interpreter, script, args, cwd: own, ...scenario.words };
    });
    writeFileSync(file, JSON.stringify({ apps }));
    const home = `PM2_HOME=${own}`;
    await place.open(`export ${home}\n${process.execPath} ${program} start ${file}\nwhile :; do sleep 1000; done`);
    return {
      version: JSON.parse(readFileSync(manifest, 'utf8')).version,
      stop: async (name) => void (await place.inside('env', home, process.execPath, program, 'stop', name)),
    };
  },
} satisfies Partial<System<App>>;

export const pm2: System = system<App>({
  ...base,
  watch: 46,
  scenarios: [
    { name: 'crash-loop', kind: 'crash loop', says: 'gives up after max_restarts', words: {}, does: '0:1' },
    {
      name: 'growing',
      kind: 'crash loop',
      says: 'waits half as long again each time',
      words: { exp_backoff_restart_delay: 100 },
      does: '0:1',
    },
    {
      name: 'limited',
      kind: 'crash loop',
      says: 'waits as long each time, until max_restarts',
      words: { restart_delay: 1_000, max_restarts: 4 },
      does: '0:1',
    },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'goes on growing where it did not look in time',
      words: { exp_backoff_restart_delay: 100 },
      does: '0:1 0:1 0:1 0:1 0:1 0:1 32:1 0:1',
      explained: [{ field: 'exp_backoff_restart_delay', from: 8 }],
    },
    {
      name: 'late-crash',
      kind: 'no wait',
      says: 'restarts at once, and for ever, what ran longer than min_uptime',
      words: {},
      does: '1.5:1',
    },
    {
      name: 'clean-exit',
      kind: 'clean exit',
      says: 'restarts it all the same',
      words: { restart_delay: 1_000 },
      does: '1.5:0',
    },
    {
      name: 'exit-code',
      kind: 'exit code',
      says: 'leaves one of stop_exit_codes',
      words: { restart_delay: 1_000, stop_exit_codes: [78] },
      does: '0:1 0:78',
    },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the second wait',
      words: { restart_delay: 5_000 },
      does: '0:1',
      stop: { run: 2, is: 'ended' },
    },
  ],
});

/** Its growth ends at a look around once in 30 s, of a run that is 30 s old: too long for every day. */
export const pm2AtLength: System = system<App>({
  ...base,
  name: 'pm2-at-length',
  watch: 80,
  scenarios: [
    {
      name: 'long-run',
      kind: 'stable run',
      says: 'begins its waits anew after a minute',
      words: { exp_backoff_restart_delay: 100 },
      does: '0:1 0:1 0:1 0:1 0:1 0:1 62:1 0:1',
    },
    { name: 'no-wait', kind: 'no wait', says: 'does not wait', words: {}, does: '2:1' },
  ],
});
