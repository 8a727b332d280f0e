/** The directory of a hypervisor: made where it is missing, with those that it lies in. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProcessHypervisor } from '../../src/adapters/process.js';
import { openQemuHypervisor } from '../../src/adapters/qemu.js';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { left, right } from '../support/either.js';
import { directories } from './support.js';

const newDirectory = directories();

const openings = {
  process: (directory: string) => openProcessHypervisor({ directory, commandOf: () => null })(),
  'shared process': (directory: string) => openSharedProcessHypervisor({ directory, commandOf: () => null })(),
  qemu: (directory: string) => openQemuHypervisor({ directory, machineOf: () => null })(),
} as const;

test.each(Object.entries(openings))('of a %s it is made with those that it lies in', async (_, open) => {
  const directory = join(newDirectory(), 'a', 'b');
  await right(await open(directory)).close();
  expect(existsSync(directory)).toBe(true);
  await right(await open(directory)).close();
});

// Each may find that another has made a directory that it has just missed: the more of them, the surer.
test('is made by all who open it at once', async () => {
  for (let round = 0; round < 10; round++) {
    const directory = join(newDirectory(), ...new Array<string>(30).fill('a'));
    const all = await Promise.all(Array.from({ length: 10 }, () => openings['shared process'](directory)));
    for (const opened of all) await right(opened).close();
  }
});

test.each(Object.entries(openings))('of a %s it is told where it cannot be made', async (_, open) => {
  const file = join(newDirectory(), 'file');
  writeFileSync(file, '');
  // Node's own way to make directories goes on for ever below /proc.
  for (const directory of ['/proc/there/is/none', join(file, 'a', 'b'), file]) {
    expect(left(await open(directory))).toMatchObject({ _tag: 'OpenFailed' });
  }
});
