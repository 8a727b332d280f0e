/** Directories as former versions wrote them, byte by byte: an upgrade must not forget what ran. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openProcessHypervisor } from '../../src/adapters/process.js';
import { openQemuHypervisor } from '../../src/adapters/qemu.js';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import type { Hypervisor } from '../../src/controller.js';
import { right } from '../support/either.js';
import { directories } from './support.js';

const newDirectory = directories();

const startedAt = 1_700_000_000_000;
const stoppedAt = startedAt + 60_000;

const commandOf = () => null;
const recordOf = (fields: object): string => `${JSON.stringify({ id: 'web-1', ...fields })}\n`;

test.each([
  {
    name: 'processes',
    open: (directory: string) => openProcessHypervisor({ directory, commandOf }),
    files: { 'web-1.json': recordOf({ run: 'a94a:0d1f:6b2c', startedAt, stoppedAt, exitCode: 3 }) },
    exitCode: 3,
  },
  {
    name: 'shared processes',
    open: (directory: string) => openSharedProcessHypervisor({ directory, commandOf }),
    files: {
      'web-1.json': recordOf({ run: 'a94a:web-1.json:6b2c', startedAt, pid: 4_000_000 }),
      'web-1.json.end': 'a94a:web-1.json:6b2c 3\n',
    },
    exitCode: 3,
  },
  {
    name: 'machines',
    open: (directory: string) => openQemuHypervisor({ directory, machineOf: commandOf }),
    files: {
      'web-1.json': recordOf({ run: '9c56cc51b374c3ba-0123456789', startedAt }),
      '9c56cc51b374c3ba-0123456789/events.out':
        '{"QMP":{}}\n{"event":"SHUTDOWN","data":{"guest":true,"reason":"guest-shutdown"}}\n',
      '9c56cc51b374c3ba-0123456789/exit': '0\n',
    },
    exitCode: 0,
  },
])('a directory of $name', async ({ open, files, exitCode }) => {
  const directory = newDirectory();
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    // The time of a file is the end of the run.
    utimesSync(path, stoppedAt / 1_000, stoppedAt / 1_000);
  }
  const hypervisor = right<unknown, Hypervisor & { readonly close: () => Promise<void> }>(await open(directory)());
  const seen = right(await hypervisor.inspect('web-1')());
  expect(seen).toMatchObject({ state: 'stopped', startedAt, stoppedAt, exitCode });
  await hypervisor.close();
});
