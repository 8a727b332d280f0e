/** How long a run has from SIGTERM to SIGKILL, where the host is asked of each instance. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { graceOf, graceWithoutHost, longestGrace, usualGrace } from '../../src/adapters/linux/grace.js';
import { openings as processOpenings } from '../process/support.js';
import { openings as sharedOpenings } from '../shared-process/support.js';
import { right } from '../support/either.js';
import { permit, shell } from './instances.js';
import { until } from './support.js';

const kinds = { process: processOpenings(), 'shared process': sharedOpenings() } as const;

const saysWhenTold = `trap 'echo > "$0/$1-told"; exit 0' TERM; echo > "$0/$1-up"; while :; do sleep 0.02; done`;

describe.each(Object.entries(kinds))('a %s', (_, { newDirectory, open }) => {
  test.each([
    ['a span', (id: string) => (id === 'at-once' ? 0 : 20_000)],
    ['no span, which counts as ten seconds', (id: string) => (id === 'at-once' ? 0 : Number.NaN)],
    [
      'an error, which counts as ten seconds',
      (id: string) => {
        if (id === 'at-once') return 0;
        throw new Error('asked in vain');
      },
    ],
  ])(
    'is killed at once where the host says so of it, and no other one; for the other it answers %s',
    async (__, graceMs) => {
      const [directory, signs] = [newDirectory(), newDirectory()];
      const hypervisor = await open({ directory, graceMs, commandOf: (id) => shell(saysWhenTold, signs, id) });
      for (const id of ['at-once', 'in-time']) {
        right(await hypervisor.start(id, permit)());
        await until(() => existsSync(join(signs, `${id}-up`)));
        right(await hypervisor.stop(id, permit)());
      }
      expect(existsSync(join(signs, 'at-once-told'))).toBe(false);
      expect(existsSync(join(signs, 'in-time-told'))).toBe(true);
    },
  );
});

test.each([-1, 0.5, longestGrace + 1, Number.NaN, '5', null])('%s is no answer to the question', (answer) => {
  expect(graceOf(() => answer as number, 'web-1')).toBe(usualGrace);
});

test('where no host is left to be asked, the usual span holds', () => {
  expect(graceWithoutHost(() => 0)).toBe(usualGrace);
  expect(graceWithoutHost(5)).toBe(5);
});
