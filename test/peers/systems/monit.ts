/**
 * Monit 5: a control file with one process. It checks what others start, and has no words for an end, so the policies are written by
 * hand. Each scenario has a Monit of its own, for one waits with all until one has started.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type System, system } from '../system.js';
import { writtenByHand } from './by-hand.js';

interface Check {
  /** What its control file says of the process besides; null: nothing. */
  readonly says: string | null;
  readonly policy: 'each cycle' | 'twice in ten cycles';
}

/** In seconds. */
const cycle = 2;
const startTimeout = 1;
const plain: Check = { says: null, policy: 'each cycle' };

export const monit: System = system<Check>({
  name: 'monit',
  title: 'Monit',
  programs: ['monit', 'setsid'],
  packages: ['monit'],
  grain: {
    ms: (cycle + startTimeout) * 1_000 + 500,
    because: `it looks once a cycle, here every ${cycle} s and a little more, and waits up to its start timeout, here ${startTimeout} s, for a process that has ended already`,
  },
  waitsFromStarts: true,
  costIsHidden: true,
  watch: 30,
  scenarios: [
    { name: 'crash-loop', kind: 'crash loop', says: 'starts it once a cycle', words: plain, does: '0:1' },
    {
      name: 'limited',
      kind: 'crash loop',
      says: 'gives up where a rule of restarts says unmonitor',
      words: { says: 'if 3 restarts within 10 cycles then unmonitor', policy: 'twice in ten cycles' },
      does: '0.5:1',
    },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'starts it in the next cycle',
      words: plain,
      does: '0.5:1 7:1 0.5:1',
    },
    { name: 'clean-exit', kind: 'clean exit', says: 'restarts it all the same', words: plain, does: '0.5:0' },
    { name: 'exit-code', kind: 'exit code', says: 'sees no exit code', words: plain, does: '0.5:1 0.5:78' },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the second wait',
      words: plain,
      does: '0.2:1',
      stop: { run: 2, is: 'ended' },
    },
  ],
  translate: ({ policy }) =>
    writtenByHand({
      mode: 'always',
      backoff: `${cycle}s`,
      ...(policy === 'twice in ten cycles' ? { maxAttempts: 2, limitInterval: `${10 * cycle}s` } : {}),
    }),
  start: async (place, scenarios) => {
    const controlFile = (name: string): string => join(place.directory, 'own', name, 'monitrc');
    for (const scenario of scenarios) {
      const { says } = scenario.words;
      const own = join(place.directory, 'own', scenario.name);
      mkdirSync(own);
      const pid = join(own, 'process.pid');
      const start = `/bin/sh -c 'setsid ${place.command(scenario).join(' ')} & echo $! >${pid}'`;
      writeFileSync(
        controlFile(scenario.name),
        [
          `set daemon ${cycle}`,
          ...['pid', 'id', 'state'].map((kind) => `set ${kind}file ${own}/${kind}`),
          `set log ${own}/log`,
          `set httpd unixsocket ${own}/sock allow localhost`,
          `check process ${scenario.name} with pidfile ${pid}`,
          `  start program = "${start}" with timeout ${startTimeout} seconds`,
          `  stop program = "/bin/sh -c 'kill $(cat ${pid})'"`,
          ...(says === null ? [] : [`  ${says}`]),
          '',
        ].join('\n'),
        { mode: 0o600 },
      );
    }

    const all = scenarios.map(({ name }) => `monit -I -c ${controlFile(name)} &`);
    await place.open([...all, 'wait'].join('\n'));
    const version = /\d[\d.]*\d/.exec(await place.inside('monit', '--version'))?.[0] ?? 'unknown';
    return {
      version,
      stop: async (name) => void (await place.inside('monit', '-c', controlFile(name), 'stop', name)),
    };
  },
});
