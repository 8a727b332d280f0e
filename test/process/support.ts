/** Real processes for tests: found by what their command line says, waited for by looking again. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach } from 'vitest';
import {
  openProcessHypervisor,
  type ProcessCommand,
  type ProcessHypervisor,
  type ProcessHypervisorOptions,
} from '../../src/adapters/process.js';
import type { Permit } from '../../src/controller.js';
import { right } from '../support/either.js';

export const permit: Permit = { revision: 1, check: async () => rightOf(undefined) };

/** Looks again until it is so; the test's own time limit is the end of patience. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(10);
};

/** Pids of the living processes whose command line contains the text. */
export const living = (text: string): ReadonlyArray<number> =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false; // it has ended
      }
    })
    .map(Number);

/** A shell that runs the script, with a text in its command line to find it by; `$1` is what the test gives. */
export const shell = (script: string, ...args: ReadonlyArray<string>): ProcessCommand => ({
  command: '/bin/sh',
  args: ['-c', script, ...args],
});

/** Directories that are removed after each test; hypervisors opened with them are closed before. */
export const openings = () => {
  const opened: Array<ProcessHypervisor> = [];
  const directories: Array<string> = [];

  afterEach(async () => {
    for (const hypervisor of opened.splice(0)) await hypervisor.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  const newDirectory = (): string => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'restart-policy-test-')));
    directories.push(directory);
    return directory;
  };

  /** Opens a directory; where none is given, a new one. */
  const open = async (options: Partial<ProcessHypervisorOptions>): Promise<ProcessHypervisor> => {
    const hypervisor = right(
      await openProcessHypervisor({ directory: newDirectory(), commandOf: () => null, ...options })(),
    );
    opened.push(hypervisor);
    return hypervisor;
  };

  return { newDirectory, open };
};
