/** A host of machines that is the first process of its PID namespace: what outlives its parent becomes its child. */
import { expect, test } from 'vitest';
import { describeNamespaces, processesOfItsOwn } from '../linux/parts.js';
import { processesOf as otherProcesses } from '../linux/support.js';
import { exitsWith, runsForEver } from './guests.js';
import { describeOnQemu, openings } from './support.js';

const { newDirectory, machine, binary } = openings();
const startHost = otherProcesses(new URL('../linux/fixtures/opener.ts', import.meta.url));

/** Helpers that outlive their parents: of the session, of another group, and of a parent that ended before. */
const helpers = '(sleep 1000 & sleep 0.01 &) ; set -m; (sleep 0.01 & sleep 1000 &) ; set +m';

const cases = (['ends by itself', 'is stopped'] as const).flatMap((how) =>
  (['auto', 'off'] as const).map((groups) => [how, groups] as const),
);

describeNamespaces().each(cases)('as PID 1, a host of a machine that %s, control groups %s', (how, groups) => {
  describeOnQemu('with helpers', () => {
    test('is left no ended children', async () => {
      const program = binary(`${helpers}; exec qemu-system-x86_64 "$@"`);
      const described = { ...machine(how === 'is stopped' ? runsForEver : exitsWith(3)), binary: program };
      const host = await startHost.under(
        processesOfItsOwn,
        'qemu',
        newDirectory(),
        JSON.stringify(described),
        'auto',
        groups,
      );
      expect(await host.line('opened')).toBe('opened Right');
      const ask = async (what: string): Promise<string> => {
        host.send(what);
        return (await host.line(what)).slice(what.length + 1);
      };
      const state = async () => JSON.parse(await ask('state web-1')).right;
      for (let round = 0; round < 2; round++) {
        await ask('start web-1');
        if (how === 'is stopped') await ask('stop web-1');
        for (let seen = await state(); seen.state !== 'stopped'; ) seen = await state();
        if (how === 'ends by itself') expect(await state()).toMatchObject({ exitCode: 3 });
      }
      await ask('stop web-1');
      let left = await ask('zombies');
      // What ends a moment later is taken note of at the next look.
      for (let looks = 0; looks < 200 && left !== '0'; looks++) {
        await state();
        left = await ask('zombies');
      }
      expect(left).toBe('0');
    });
  });
});
