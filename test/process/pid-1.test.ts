/**
 * A host that is the first process of its PID namespace, as in a container without an init: all orphans become its
 * children.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeNamespaces, processesOfItsOwn } from '../linux/parts.js';
import { directories, processesOf, until } from '../linux/support.js';

const newDirectory = directories();
const startHost = processesOf(new URL('../linux/fixtures/opener.ts', import.meta.url));

const describeHere = describeNamespaces();

/**
 * Helpers that outlive their parents, one after another: of the session, of another group, and of a parent that ended
 * before.
 */
const helpers = 'sleep 1000 & (sleep 1000 & sleep 1000 &) ; set -m; sleep 1000 & set +m; ';

const scripts = [
  ['ends by itself', `${helpers} exit 3`],
  ['is stopped', `${helpers} echo > "$0/up"; wait`],
] as const;

const cases = (['process', 'shared-process'] as const).flatMap((adapter) =>
  scripts.flatMap(([how, script]) =>
    (['auto', 'off'] as const).map((groups) => [adapter, how, groups, script] as const),
  ),
);

describeHere.each(cases)('as PID 1, a host of %s whose run %s, control groups %s', (adapter, how, groups, script) => {
  test('is left no ended children, and hears of the ends of its own', async () => {
    const directory = newDirectory();
    const host = await startHost.under(processesOfItsOwn, adapter, directory, script, 'auto', groups);
    expect(await host.line('opened')).toBe('opened Right');
    const ask = async (what: string): Promise<string> => {
      host.send(what);
      return (await host.line(what)).slice(what.length + 1);
    };
    const state = async () => JSON.parse(await ask('state web-1')).right;
    for (let round = 0; round < 3; round++) {
      await ask('start web-1');
      if (how === 'is stopped') {
        await until(() => existsSync(join(directory, 'up')));
        rmSync(join(directory, 'up'));
        await ask('stop web-1');
      }
      for (let seen = await state(); seen.state !== 'stopped'; ) seen = await state();
      if (how === 'ends by itself') expect(await state()).toMatchObject({ exitCode: 3 });
    }
    await ask('stop web-1');
    expect(await ask('zombies')).toBe('0');
  });
});
