/** Shared hypervisors on real processes, and what ends everything after a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach } from 'vitest';
import { readProcess } from '../../src/adapters/linux/processes.js';
import {
  openSharedProcessHypervisor,
  type SharedProcessHypervisor,
  type SharedProcessHypervisorOptions,
} from '../../src/adapters/shared-process.js';
import { directories } from '../linux/support.js';
import { right } from '../support/either.js';

export const forever = 'while :; do sleep 1000; done';

/** What a process was called with, word by word; none: it has ended. */
const wordsOf = (pid: string): ReadonlyArray<string> => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
};

/** Pids of what carries the text in its command line: the shims of runs, and the rest. Controllers are not meant. */
export const processesOf = (text: string) => {
  const shims: Array<number> = [];
  const others: Array<number> = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const words = wordsOf(pid);
    if (words[0] === process.execPath || !words.some((word) => word.includes(text))) continue;
    (words[3] === 'restart-policy-run' ? shims : others).push(Number(pid));
  }
  return { shims, others };
};

/** Pids of what carries the text in its command line, shims left out: the commands of runs, and their children. */
export const living = (text: string): ReadonlyArray<number> => processesOf(text).others;

/** The process groups of what carries the text in its command line: one for each run that has begun and is not gone. */
export const groupsOf = (text: string): ReadonlyArray<number> => {
  const { shims, others } = processesOf(text);
  return [...new Set([...shims, ...others].flatMap((pid) => readProcess(pid)?.group ?? []))];
};

/** Directories and hypervisors of a test. Afterwards whatever carries the name of a directory is killed. */
export const openings = () => {
  const opened: Array<SharedProcessHypervisor> = [];
  const made: Array<string> = [];
  const make = directories();

  afterEach(async () => {
    for (const hypervisor of opened.splice(0)) await hypervisor.close();
    for (const directory of made.splice(0)) {
      // What a run starts need not bear the name itself.
      for (const group of groupsOf(directory)) kill(-group);
      const { shims, others } = processesOf(directory);
      for (const pid of [...shims, ...others]) kill(pid);
    }
  });

  const newDirectory = (): string => {
    const directory = make();
    made.push(directory);
    return directory;
  };

  /** Opens a directory; where none is given, a new one. */
  const open = async (options: Partial<SharedProcessHypervisorOptions>): Promise<SharedProcessHypervisor> => {
    const hypervisor = right(
      await openSharedProcessHypervisor({ directory: newDirectory(), commandOf: () => null, ...options })(),
    );
    opened.push(hypervisor);
    return hypervisor;
  };

  return { newDirectory, open };
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
};
