/** Real machines for tests: guests as files, processes of QEMU found by their directory, and an end to all of it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe } from 'vitest';
import {
  openQemuHypervisor,
  type QemuExit,
  type QemuHypervisor,
  type QemuHypervisorOptions,
  type QemuMachine,
} from '../../src/adapters/qemu.js';
import type { Permit } from '../../src/controller.js';
import type { InstanceObservation } from '../../src/event.js';
import { directories, until } from '../linux/support.js';
import { right } from '../support/either.js';
import { devices } from './guests.js';
import { count } from './tally.js';

const isInstalled = (): boolean => {
  try {
    execFileSync('qemu-system-x86_64', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const installed = isInstalled();
const missing = 'QEMU IS NOT INSTALLED, so what needs it is not run (Debian: apt-get install qemu-system-x86)';
if (!installed && process.env['CI'] === 'true') throw new Error(missing);
if (!installed) console.log(missing);

export const describeOnQemu = (name: string, tests: () => void): void => {
  describe.runIf(installed)(name, tests);
};

export const permit: Permit = { revision: 1, check: async () => rightOf(undefined) };

// ---------------------------------------------------------------------------
// processes
// ---------------------------------------------------------------------------

/** Of what carries the text in its command line: QEMU, and the shells that wait for it. */
export const processesOf = (text: string) => {
  const found: Array<{ readonly pid: number; readonly words: ReadonlyArray<string> }> = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || name === String(process.pid)) continue;
    const words = wordsOf(name);
    if (words.some((word) => word.includes(text))) found.push({ pid: Number(name), words });
  }
  const pids = (binary: RegExp) => found.filter(({ words }) => binary.test(words[0] ?? '')).map(({ pid }) => pid);
  return { machines: pids(/qemu-system/), shells: pids(/\/sh$/) };
};

const wordsOf = (pid: string): ReadonlyArray<string> => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return []; // it has ended
  }
};

export const kill = (pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void => {
  if (pid === undefined) throw new Error('there is no such process');
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
};

/** The folder of the instance's last run. */
export const runOf = (directory: string, id = 'web-1'): string => {
  const { run }: { readonly run: string } = JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8'));
  return join(directory, run);
};

// ---------------------------------------------------------------------------
// openings
// ---------------------------------------------------------------------------

/** Directories and hypervisors of a test. Afterwards whatever carries the name of a directory is killed. */
export const openings = () => {
  const opened: Array<QemuHypervisor> = [];
  const made: Array<string> = [];
  const make = directories();

  afterEach(async () => {
    for (const hypervisor of opened.splice(0)) await hypervisor.close();
    for (const directory of made.splice(0)) {
      // Again and again: a start that a failed test left under way may yet spawn.
      await until(() => {
        const { machines, shells } = processesOf(directory);
        for (const pid of [...machines, ...shells]) kill(pid);
        return machines.length + shells.length === 0;
      });
    }
  });

  const newDirectory = (): string => {
    const directory = make();
    made.push(directory);
    return directory;
  };

  /** A machine with that firmware; nothing else of the test's machines has the same. */
  const machine = (guest: Buffer, ...more: ReadonlyArray<string>): QemuMachine => {
    const file = join(newDirectory(), 'bios');
    writeFileSync(file, guest);
    return { args: [...devices, '-bios', file, ...more] };
  };

  /** Opens a directory; where none is given, a new one. Its runs and their ends are counted. */
  const open = async (options: Partial<QemuHypervisorOptions>): Promise<QemuHypervisor> => {
    const directory = options.directory ?? newDirectory();
    const hypervisor = right(await openQemuHypervisor({ machineOf: () => null, ...options, directory })());
    opened.push(hypervisor);
    return counting(hypervisor);
  };

  /** Opens a new directory whose every instance is that machine, and starts one. */
  const run = async (described: QemuMachine, more: Partial<QemuHypervisorOptions> = {}) => {
    const directory = newDirectory();
    const hypervisor = await open({ directory, machineOf: () => described, ...more });
    right(await hypervisor.start('web-1', permit)());
    return { hypervisor, directory };
  };

  return { newDirectory, machine, open, run };
};

const counting = (hypervisor: QemuHypervisor): QemuHypervisor => ({
  ...hypervisor,
  start: (id, given) => async () => {
    const before = await hypervisor.inspect(id)();
    const started = await hypervisor.start(id, given)();
    const wasDown = before._tag === 'Right' && before.right.state === 'stopped';
    if (started._tag === 'Right' && wasDown) count({ tally: 'vm_booted' });
    return started;
  },
});

export const observe = async (hypervisor: QemuHypervisor, id = 'web-1'): Promise<InstanceObservation> =>
  right(await hypervisor.inspect(id)());

/** Waits for the end of the run, and counts it. */
export const exitOf = async (hypervisor: QemuHypervisor, id = 'web-1'): Promise<QemuExit> => {
  await until(async () => (await observe(hypervisor, id)).state === 'stopped');
  const exit = right(await hypervisor.lastExit(id)());
  if (exit === null) throw new Error(`${id} is stopped and has no end`);
  count({ tally: 'vm_exit', kind: exit._tag });
  return exit;
};
