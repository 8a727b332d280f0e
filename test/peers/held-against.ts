/**
 * The tests of some systems that run side by side: each is recorded once, and each scenario is held against what its translation
 * does. The recordings are written to the file that PEERS_RECORDINGS names, one line each.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { describeWhere } from '../linux/parts.js';
import type { Kept } from './kept.js';
import { type Recorded, record } from './recording.js';
import type { System } from './system.js';
import { judge } from './verdict.js';

const isThere = (program: string): boolean =>
  spawnSync('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$0"', program]).status === 0;

const canBeAlone = (): boolean =>
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--mount-proc', '--net', 'true'])
    .status === 0;

/** What keeps it from running here; null: nothing. */
const lacking = ({ title, programs, packages }: System): string | null => {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length > 0) {
    return `${missing.join(', ').toUpperCase()}: NOT INSTALLED, so nothing is held against ${title} (Debian: apt-get install ${packages.join(' ')})`;
  }
  return canBeAlone()
    ? null
    : `NAMESPACES CANNOT BE MADE, so nothing is held against ${title} (setpriv and unshare, as root)`;
};

const keep = (kept: Kept): void => {
  const file = process.env['PEERS_RECORDINGS'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(kept)}\n`);
};

export const holdAgainst = (...systems: ReadonlyArray<System>): void => {
  const recordings = new Map<System, Promise<Recorded>>();

  beforeAll(async () => {
    for (const one of systems) if (lacking(one) === null) recordings.set(one, record(one));
    // Each system's own tests tell what stopped it.
    await Promise.allSettled(recordings.values());
  }, 240_000);

  for (const one of systems) {
    const lacks = lacking(one);
    const recordedOf = (): Promise<Recorded> =>
      recordings.get(one) ?? Promise.reject(new Error(`${one.title} was not recorded`));

    describeWhere(lacks === null, lacks ?? '').each([one.title])('what %s really does', () => {
      test.each(one.scenarios.map((scenario) => [scenario.name, scenario] as const))(
        '%s: starts as its translation does',
        async (_, scenario) => {
          const recorded = await recordedOf();
          expect(judge(one, scenario, recorded).faults).toEqual([]);
        },
      );

      test('what a start costs it is known, where it can be', async () => {
        const recorded = await recordedOf();
        expect(recorded.costs.length > 2).toBe(one.costIsHidden !== true);
        expect(recorded.costs.filter((cost) => !(cost >= 0))).toEqual([]);
        keep({ system: one.name, recorded });
      });
    });
  }
};
