/** What the contract suite of a hypervisor of processes needs: an instance that ends when it is told to, and how. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { ProcessCommand } from '../../src/adapters/process.js';
import type { Hypervisor } from '../../src/controller.js';
import type { HypervisorUnderTest } from '../../src/testing.js';
import { shell } from '../linux/instances.js';

interface Openings {
  readonly newDirectory: () => string;
  readonly open: (options: {
    readonly directory: string;
    readonly commandOf: (id: string) => ProcessCommand | null;
  }) => Promise<Hypervisor & { readonly close: () => Promise<void> }>;
}

/** There is no right to send the next signal. Undone by `vi.restoreAllMocks`. */
export const refuseNextSignal = async (): Promise<void> => {
  vi.spyOn(process, 'kill').mockImplementationOnce(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
};

/**
 * `runsAt` counts the runs whose command line names the pipe; `breakDown` makes the directory of no use, for those who
 * can do nothing without.
 */
export const makerOf =
  (
    { newDirectory, open }: Openings,
    runsAt: (pipe: string) => number,
    breakDown?: (directory: string) => Promise<void>,
  ) =>
  async (): Promise<HypervisorUnderTest> => {
    // The instance waits at a pipe for the exit code that it is to end with.
    const pipe = join(newDirectory(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const directory = newDirectory();
    const created = new Set(['web-1']);
    const commandOf = (id: string) => (created.has(id) ? shell('read -r code < "$0" && exit "$code"', pipe) : null);
    const hypervisor = await open({ directory, commandOf });
    return {
      hypervisor,
      id: 'web-1',
      exit: (exitCode) => writeFile(pipe, `${exitCode}\n`),
      countRuns: async () => runsAt(pipe),
      refusingStart: 'web-2',
      refuseNextStop: refuseNextSignal,
      reopen: async () => {
        await hypervisor.close();
        return open({ directory, commandOf });
      },
      create: async (id) => void created.add(id),
      breakDown: breakDown && (() => breakDown(directory)),
    };
  };
