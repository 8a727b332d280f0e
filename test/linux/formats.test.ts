/** Directories as former versions wrote them, byte by byte: an upgrade must not forget what ran. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProcessHypervisor } from '../../src/adapters/process.js';
import { openQemuHypervisor } from '../../src/adapters/qemu.js';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { right } from '../support/either.js';
import { directories } from './support.js';

const newDirectory = directories();

const startedAt = 1_700_000_000_000;
const stoppedAt = startedAt + 60_000;

/** Writes a file whose time is the end of the run. */
const write = (path: string, text: string): void => {
  writeFileSync(path, text);
  utimesSync(path, stoppedAt / 1_000, stoppedAt / 1_000);
};

test('a directory of processes', async () => {
  const directory = newDirectory();
  const run = 'a94a8fe5:0d1f:6b2c';
  write(
    join(directory, 'web-1.json'),
    `{"id":"web-1","run":"${run}","startedAt":${startedAt},"stoppedAt":${stoppedAt},"exitCode":3}\n`,
  );
  const hypervisor = right(await openProcessHypervisor({ directory, commandOf: () => null })());
  expect(right(await hypervisor.inspect('web-1')())).toMatchObject({
    state: 'stopped',
    startedAt,
    stoppedAt,
    exitCode: 3,
  });
  await hypervisor.close();
});

test('a directory of shared processes', async () => {
  const directory = newDirectory();
  const run = 'a94a8fe5:web-1.json:6b2c';
  write(join(directory, 'web-1.json'), `{"id":"web-1","run":"${run}","startedAt":${startedAt},"pid":4000000}\n`);
  write(join(directory, 'web-1.json.end'), `${run} 3\n`);
  const hypervisor = right(await openSharedProcessHypervisor({ directory, commandOf: () => null })());
  expect(right(await hypervisor.inspect('web-1')())).toMatchObject({
    state: 'stopped',
    startedAt,
    stoppedAt,
    exitCode: 3,
  });
  await hypervisor.close();
});

test('a directory of machines', async () => {
  const directory = newDirectory();
  const run = '9c56cc51b374c3ba-0123456789';
  write(join(directory, 'web-1.json'), `{"id":"web-1","run":"${run}","startedAt":${startedAt}}\n`);
  mkdirSync(join(directory, run));
  write(
    join(directory, run, 'events.out'),
    '{"QMP":{}}\n{"event":"SHUTDOWN","data":{"guest":true,"reason":"guest-shutdown"}}\n',
  );
  write(join(directory, run, 'exit'), '0\n');
  const hypervisor = right(await openQemuHypervisor({ directory, machineOf: () => null })());
  expect(right(await hypervisor.inspect('web-1')())).toMatchObject({
    state: 'stopped',
    startedAt,
    stoppedAt,
    exitCode: 0,
  });
  expect(right(await hypervisor.lastExit('web-1')())).toEqual({ _tag: 'GuestShutdown' });
  await hypervisor.close();
});
