/** Instances that are real processes: what the tests of the Linux hypervisors run, find, and clear away. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { right as rightOf } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { afterEach } from 'vitest';
import type { ProcessCommand } from '../../src/adapters/process.js';
import type { Hypervisor, Permit } from '../../src/controller.js';
import type { InstanceObservation } from '../../src/index.js';
import { right } from '../support/either.js';
import { directories, until } from './support.js';

export const permit: Permit = { revision: 1, check: async () => rightOf(undefined) };

// ---------------------------------------------------------------------------
// exit codes
// ---------------------------------------------------------------------------

/** What a process can exit with. */
export const allCodes: ReadonlyArray<number> = Array.from({ length: 256 }, (_, code) => code);

/** Starts an instance for each exit code, which is its id and what it is to end with; answers when all have ended. */
export const startsAllCodes = async (hypervisor: Hypervisor): Promise<void> => {
  for (let from = 0; from < allCodes.length; from += 16) {
    const some = allCodes.slice(from, from + 16).map(String);
    await Promise.all(some.map(async (id) => right(await hypervisor.start(id, permit)())));
  }
  await Promise.all(allCodes.map((code) => stopped(hypervisor, String(code))));
};

// ---------------------------------------------------------------------------
// commands and processes
// ---------------------------------------------------------------------------

/** A shell that runs the script, with a text in its command line to find it by; `$0` is what the test gives first. */
export const shell = (script: string, ...args: ReadonlyArray<string>): ProcessCommand => ({
  command: '/bin/sh',
  args: ['-c', script, ...args],
});

export const forever = 'while :; do sleep 1000; done';

export interface CommandLine {
  readonly pid: number;
  /** What the process was called with, word by word. */
  readonly words: ReadonlyArray<string>;
}

/** Of the living processes whose command line contains the text, zero bytes between its words; not of this one. */
export const commandLinesWith = (text: string): ReadonlyArray<CommandLine> =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const line = commandLineOf(pid);
      return line.includes(text) ? [{ pid: Number(pid), words: line.split('\0') }] : [];
    });

const commandLineOf = (pid: string): string => {
  try {
    for (;;) {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      // One that becomes another program has none for a moment, but a program; others without one have no program either.
      if (line !== '' || readlinkSync(`/proc/${pid}/exe`) === '') return line;
    }
  } catch {
    return ''; // it has ended
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

// ---------------------------------------------------------------------------
// hypervisors
// ---------------------------------------------------------------------------

/**
 * Directories and hypervisors of a test. Afterwards the hypervisors are closed, and `clear` ends what still lives of each
 * directory.
 */
export const openingsOf = <Options extends { readonly directory: string }, H extends { readonly close: Task<void> }>(
  openIn: (directory: string, options: Partial<Options>) => TaskEither<unknown, H>,
  clear: (directory: string) => Promise<void> | void = () => {},
) => {
  const opened: Array<H> = [];
  const made: Array<string> = [];
  const make = directories();

  afterEach(async () => {
    for (const hypervisor of opened.splice(0)) await hypervisor.close();
    for (const directory of made.splice(0)) await clear(directory);
  });

  const newDirectory = (): string => {
    const directory = make();
    made.push(directory);
    return directory;
  };

  /** Opens a directory; where none is given, a new one. */
  const open = async (options: Partial<Options>): Promise<H> => {
    const hypervisor = right(await openIn(options.directory ?? newDirectory(), options)());
    opened.push(hypervisor);
    return hypervisor;
  };

  return { newDirectory, open };
};

export const observe = async (hypervisor: Hypervisor, id = 'web-1'): Promise<InstanceObservation> =>
  right(await hypervisor.inspect(id)());

/** Waits for the end of the run. */
export const stopped = async (hypervisor: Hypervisor, id = 'web-1'): Promise<InstanceObservation> => {
  await until(async () => (await observe(hypervisor, id)).state === 'stopped');
  return observe(hypervisor, id);
};
