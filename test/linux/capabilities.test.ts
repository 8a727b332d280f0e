/** What the hypervisors of Linux say that they found. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openProcessHypervisor } from '../../src/adapters/process.js';
import { openQemuHypervisor } from '../../src/adapters/qemu.js';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { left, right } from '../support/either.js';
import { directories } from './support.js';

const newDirectory = directories();

const nothing = () => null;
type Use = 'auto' | 'required' | 'off' | undefined;

const adapters = [
  {
    name: 'process',
    open: (directory: string, systemCalls: Use) =>
      openProcessHypervisor({ directory, systemCalls, commandOf: nothing })(),
  },
  {
    name: 'shared-process',
    open: (directory: string, systemCalls: Use) =>
      openSharedProcessHypervisor({ directory, systemCalls, commandOf: nothing })(),
  },
  {
    name: 'qemu',
    open: (directory: string, systemCalls: Use) => openQemuHypervisor({ directory, systemCalls, machineOf: nothing })(),
  },
];

afterEach(() => {
  vi.doUnmock('koffi');
  vi.resetModules();
});

const withoutKoffi = (): void =>
  void vi.doMock('koffi', () => {
    throw new Error('there is no such package');
  });

describe.each(adapters)('a hypervisor of $name', ({ open }) => {
  test.each([
    [undefined, 'system_call'],
    ['auto', 'system_call'],
    ['required', 'system_call'],
    ['off', 'program'],
  ] as const)('that is opened with system calls %s locks by %s', async (use, locksBy) => {
    const hypervisor = right(await open(newDirectory(), use));
    expect(hypervisor.capabilities).toMatchObject({ exclusion: 'section', guestReboot: 'exit', locksBy });
    await hypervisor.close();
  });

  test('locks by the program where the package is missing', async () => {
    withoutKoffi();
    const hypervisor = right(await open(newDirectory(), 'auto'));
    expect(hypervisor.capabilities.locksBy).toBe('program');
    await hypervisor.close();
  });

  test('is not opened where calls are required and cannot be had: it says what to install, and leaves nothing', async () => {
    const directory = newDirectory();
    withoutKoffi();
    const error = left(await open(directory, 'required'));
    expect(error).toMatchObject({ _tag: 'OpenFailed', message: expect.stringContaining('npm install koffi') });
    vi.doUnmock('koffi');
    vi.resetModules();
    await right(await open(directory, 'required')).close();
  });
});
