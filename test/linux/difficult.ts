/** Programs that are hard to find, to end, or to tell apart; of each, what an instance runs, and what lives of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import type { ProcessCommand } from '../../src/adapters/process.js';
import { until } from './support.js';

const workload = (name: string): string => fileURLToPath(new URL(`workloads/${name}`, import.meta.url));

// ---------------------------------------------------------------------------
// a first thread that has ended
// ---------------------------------------------------------------------------

/** Its first thread has ended, and another adds its number to the file, again and again. */
export const headless = (directory: string): ProcessCommand => ({
  command: process.execPath,
  args: [workload('headless.mjs'), join(directory, 'heartbeat')],
});

/** The processes that have ever worked, in the order of their first sign of life. */
export const workersIn = (directory: string): ReadonlyArray<number> => {
  const file = join(directory, 'heartbeat');
  if (!existsSync(file)) return [];
  return [...new Set(readFileSync(file, 'utf8').trim().split('\n').map(Number))];
};

/** Those of them that work still: a thread of theirs lives. */
export const workingIn = (directory: string): ReadonlyArray<number> => workersIn(directory).filter(hasLiveThread);

const hasLiveThread = (pid: number): boolean => {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => !isDead(`/proc/${pid}/task/${thread}/stat`));
  } catch {
    return false;
  }
};

const isDead = (stat: string): boolean => /^[ZX] /.test(readFileSync(stat, 'latin1').replace(/^.*\) /s, ''));

/** Waits until so many have worked, and the first thread of the last one has ended. */
export const headlessUp = async (directory: string, count = 1): Promise<void> => {
  await until(() => workersIn(directory).length === count);
  await until(() => isDead(`/proc/${workersIn(directory)[count - 1]}/stat`));
};

// ---------------------------------------------------------------------------
// a title over the environment, a daemon
// ---------------------------------------------------------------------------

/** Writes a title over its environment, and heeds SIGTERM; the title has the directory in it. */
export const retitled = (directory: string): ProcessCommand => ({
  command: 'perl',
  args: ['-e', `$0 = "$ARGV[0] retitled" . (" " x 8000); sleep 1000 while 1`, directory],
});

/** Whether nothing of the environment is left that the process was started with. */
export const hasLostEnvironment = (pid: number): boolean =>
  !readFileSync(`/proc/${pid}/environ`, 'latin1').includes('RESTART_POLICY_RUN');

/**
 * Begins a daemon, which forks twice and leaves its session, and stays itself. `clears`: the daemon has no environment of
 * its own besides.
 */
export const daemonizing = (directory: string, { clears }: { readonly clears: boolean }): ProcessCommand => ({
  command: '/bin/sh',
  args: [
    '-c',
    `(${clears ? 'env -i /usr/bin/setsid' : 'setsid'} sh -c 'sleep 1000 & :; wait' "$0 daemon" &) ; exec sleep 1000`,
    directory,
  ],
});

// ---------------------------------------------------------------------------
// a tracer that has stopped
// ---------------------------------------------------------------------------

const tracers = new Set<number>();
afterEach(() => {
  for (const pid of tracers) process.kill(pid, 'SIGKILL');
  tracers.clear();
});

/** A debugger of the process stops: the process is killed, and nobody is told of its end while the debugger is there. */
export const traceAndStop = async (pid: number): Promise<{ readonly end: () => Promise<void> }> => {
  const tracer = spawn('perl', [workload('tracer.pl'), String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (tracer.pid === undefined) throw new Error('perl could not be spawned');
  const own = tracer.pid;
  tracers.add(own);
  await once(tracer.stdout, 'data');
  await until(() => /^T /.test(readFileSync(`/proc/${own}/stat`, 'latin1').replace(/^.*\) /s, '')));
  return {
    end: async () => {
      tracers.delete(own);
      const ended = once(tracer, 'exit');
      tracer.kill('SIGKILL');
      await ended;
    },
  };
};
