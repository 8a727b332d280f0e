/** Real machines for tests: guests as files, processes of QEMU found by their directory, and an end to all of it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { type ControlGroups, openControlGroups } from '../../src/adapters/linux/control-groups.js';
import {
  openQemuHypervisor,
  type QemuExit,
  type QemuHypervisor,
  type QemuHypervisorOptions,
  type QemuMachine,
} from '../../src/adapters/qemu.js';
import { commandLinesWith, kill, openingsOf, permit, stopped } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { demand } from '../support/demand.js';
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

const installed = demand(
  isInstalled(),
  'QEMU IS NOT INSTALLED, so what needs it is not run (Debian: apt-get install qemu-system-x86)',
);

export const describeOnQemu = (name: string, tests: () => void): void => {
  describe.runIf(installed)(name, tests);
};

// ---------------------------------------------------------------------------
// processes
// ---------------------------------------------------------------------------

/** Of what carries the text in its command line: QEMU, and the shells that wait for it. */
export const processesOf = (text: string) => {
  const found = commandLinesWith(text);
  const pids = (binary: RegExp) => found.filter(({ words }) => binary.test(words[0] ?? '')).map(({ pid }) => pid);
  return { machines: pids(/qemu-system/), shells: pids(/\/sh$/) };
};

/** The control groups of the runs in a directory; null: there are none on this system. */
export const groupsOf = async (directory: string): Promise<ControlGroups | null> =>
  right(await openControlGroups('auto', `qemu:${directory}`));

const removeGroups = async (directory: string): Promise<void> => {
  const groups = await groupsOf(directory);
  groups?.all.kill();
  if (groups !== null) await until(() => groups.all.remove());
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
  const used = new Set<string>();
  const { newDirectory, open: openIn } = openingsOf(
    (directory, options: Partial<QemuHypervisorOptions>) => {
      used.add(directory);
      return openQemuHypervisor({ machineOf: () => null, ...options, directory });
    },
    // Again and again: a start that a failed test left under way may yet spawn.
    async (directory) => {
      await until(() => {
        const { machines, shells } = processesOf(directory);
        for (const pid of [...machines, ...shells]) kill(pid);
        return machines.length + shells.length === 0;
      });
      for (const each of [directory, ...used].filter((path) => path.startsWith(directory))) await removeGroups(each);
    },
  );

  /** A machine with that firmware; nothing else of the test's machines has the same. */
  const machine = (guest: Buffer, ...more: ReadonlyArray<string>): QemuMachine => {
    const file = join(newDirectory(), 'bios');
    writeFileSync(file, guest);
    return { args: [...devices, '-bios', file, ...more] };
  };

  /** What is to be run for QEMU: a script of a shell, "$@" being its arguments. */
  const binary = (script: string, shell = '/bin/sh'): string => {
    const file = join(newDirectory(), 'qemu');
    writeFileSync(file, `#!${shell}\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  /** A QEMU without an environment, so that nobody finds it by that. */
  const bareQemu = (): string => binary('exec env -i "$(command -v qemu-system-x86_64)" "$@"');

  /** Opens a directory; where none is given, a new one. Its runs and their ends are counted. */
  const open = async (options: Partial<QemuHypervisorOptions>): Promise<QemuHypervisor> =>
    counting(await openIn(options));

  /** Opens a new directory whose every instance is that machine, and starts one. */
  const run = async (described: QemuMachine, more: Partial<QemuHypervisorOptions> = {}) => {
    const directory = newDirectory();
    const hypervisor = await open({ directory, machineOf: () => described, ...more });
    right(await hypervisor.start('web-1', permit)());
    return { hypervisor, directory };
  };

  return { newDirectory, machine, binary, bareQemu, open, run };
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

/** Waits for the end of the run, and counts it. */
export const exitOf = async (hypervisor: QemuHypervisor, id = 'web-1'): Promise<QemuExit> => {
  await stopped(hypervisor, id);
  const exit = right(await hypervisor.lastExit(id)());
  if (exit === null) throw new Error(`${id} is stopped and has no end`);
  count({ tally: 'vm_exit', kind: exit._tag });
  return exit;
};
