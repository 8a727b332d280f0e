import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, vi } from 'vitest';
import { type HypervisorUnderTest, hypervisorContract } from '../../src/testing/index.js';
import { testContract } from '../contracts/support.js';
import { groupsOf, openings, shell } from './support.js';

const { newDirectory, open } = openings();

afterEach(() => {
  vi.restoreAllMocks();
});

const make = async (): Promise<HypervisorUnderTest> => {
  // The instance waits at a pipe for the exit code that it is to end with.
  const pipe = join(newDirectory(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const directory = newDirectory();
  const commandOf = (id: string) => (id === 'web-1' ? shell('read -r code < "$0" && exit "$code"', pipe) : null);
  const hypervisor = await open({ directory, commandOf });
  return {
    hypervisor,
    id: 'web-1',
    exit: (exitCode) => writeFile(pipe, `${exitCode}\n`),
    countRuns: async () => groupsOf(pipe).length,
    refusingStart: 'web-2',
    refuseNextStop: async () => {
      vi.spyOn(process, 'kill').mockImplementationOnce(() => {
        throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
      });
    },
    reopen: async () => {
      await hypervisor.close();
      return open({ directory, commandOf });
    },
  };
};

describe('the shared process hypervisor keeps the contract as class section', () => {
  testContract(hypervisorContract(make), ['no section:', 'fenced:']);
});
