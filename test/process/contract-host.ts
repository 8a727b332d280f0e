/** What the contract suite of a hypervisor of processes needs: an instance that ends when it is told to, and how. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { ProcessCommand } from '../../src/adapters/process.js';
import type { Hypervisor } from '../../src/controller.js';
import type { HypervisorUnderTest } from '../../src/testing.js';
import { kill, shell } from '../linux/instances.js';
import { until } from '../linux/support.js';

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

interface Lent {
  /** The process groups of the runs whose command line names the pipe. */
  readonly groupsAt: (pipe: string) => ReadonlyArray<number>;
  /** Pids of the commands themselves, without what watches over them. */
  readonly commandsAt: (pipe: string) => ReadonlyArray<number>;
  /** Makes the directory of no use, for those who can do nothing without. */
  readonly breakDown?: (directory: string) => Promise<void>;
  /** What ends with a host besides its hypervisor: by default all that there is. */
  readonly endHost?: (directory: string, pipe: string) => Promise<void>;
}

export const makerOf =
  ({ newDirectory, open }: Openings, { groupsAt, commandsAt, breakDown, endHost }: Lent) =>
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
      exitRange: [0, 255],
      kill: async () => {
        await until(() => commandsAt(pipe).length > 0); // it may have to become its program yet
        for (const pid of commandsAt(pipe)) kill(pid, 'SIGSEGV');
      },
      endHost: async () => {
        await hypervisor.close();
        await endHost?.(directory, pipe);
        return open({ directory, commandOf });
      },
      slowToStop: async () => {
        await until(() => commandsAt(pipe).length > 0);
        const pids = commandsAt(pipe);
        for (const pid of pids) kill(pid, 'SIGSTOP');
        return async () => {
          for (const pid of pids) kill(pid, 'SIGCONT');
        };
      },
      clock: { now: () => Date.now(), step: stepTimeOfDay },
      countRuns: async () => groupsAt(pipe).length,
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

const timeOfDay = Date.now;
let lead = 0;

/** Sets the time of day that this process sees; what has passed since the boot stays as it is. */
const stepTimeOfDay = async (byMs: number): Promise<void> => {
  lead += byMs;
  vi.spyOn(Date, 'now').mockImplementation(() => timeOfDay() + lead);
};
