/**
 * Where a supervisor runs: a directory, and namespaces of its own (processes, mounts, network, and what else it asks for).
 * Nothing can outlive it: the first process of the namespaces ends with the process that opened them, and everything else with
 * that one, mounts included. What the kernel keeps, control groups, is removed by name.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeControlGroups } from '../../scripts/control-groups.mjs';
import { waitFor } from './wait.js';

const run = promisify(execFile);
const command = fileURLToPath(new URL('command.sh', import.meta.url));

export interface Place {
  readonly directory: string;
  /** A name that no other place has: of control groups. Its prefix is `peers-`. */
  readonly name: string;
  /** Where the runs of a scenario are written down. */
  readonly log: (scenario: string) => string;
  /** What is supervised. The programs in it are those that a container with busybox has, too. */
  readonly command: (scenario: { readonly name: string; readonly does: string }) => ReadonlyArray<string>;
  /** Runs a shell script as the first process of new namespaces; the script may become another program. */
  readonly open: (script: string, ...unshared: ReadonlyArray<string>) => Promise<void>;
  /** Runs a program in the namespaces that are open, and answers with what it printed. */
  readonly inside: (program: string, ...args: ReadonlyArray<string>) => Promise<string>;
  /** What those in the namespaces printed. */
  readonly printed: () => string;
  readonly close: () => Promise<void>;
}

/** A directory on which a unix socket can lie: its path has 107 bytes at most. */
export const openPlace = (of: string): Place => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `peers-${of}-`)));
  for (const part of ['logs', 'own']) mkdirSync(join(directory, part));
  const output = join(directory, 'printed');
  let holder: ChildProcess | null = null;
  let ended: Promise<unknown> = Promise.resolve();

  /** The first process of the namespaces, by its number out here. */
  const first = (): string => {
    const pid = holder?.pid;
    const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return child;
  };

  const place: Place = {
    directory,
    name: basename(directory),
    log: (scenario) => join(directory, 'logs', scenario),
    command: ({ name, does }) => ['/bin/sh', join(directory, 'command.sh'), place.log(name), ...does.split(' ')],
    open: async (script, ...unshared) => {
      await run('cp', [command, join(directory, 'command.sh')]);
      const namespaces = ['--pid', '--fork', '--mount-proc', '--kill-child', '--net', ...unshared];
      holder = spawn(
        'setpriv',
        ['--pdeathsig', 'KILL', 'unshare', ...namespaces, '/bin/sh', '-c', `set -e\n${script}`],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      for (const stream of [holder.stdout, holder.stderr]) {
        stream?.on('data', (text: Buffer) => appendFileSync(output, text));
      }
      ended = once(holder, 'exit');
      await Promise.race([
        waitFor('the first process of the namespaces', () => first() !== ''),
        ended.then(() => Promise.reject(new Error(`it ended at once: ${place.printed()}`))),
      ]);
    },
    inside: async (program, ...args) => {
      const { stdout } = await run('nsenter', ['--all', '--target', first(), program, ...args], { timeout: 60_000 });
      return stdout.trim();
    },
    printed: () => (existsSync(output) ? readFileSync(output, 'utf8').trim().split('\n').slice(-30).join('\n') : ''),
    close: async () => {
      if (holder?.pid !== undefined && holder.exitCode === null && holder.signalCode === null) {
        const last = first();
        holder.kill('SIGKILL');
        await ended;
        // It ends after everything else in its namespace.
        await waitFor('the end of the namespaces', () => last === '' || !existsSync(`/proc/${last}`));
      }
      await waitFor('the end of its control groups', () => removeControlGroups(place.name));
      await rm(directory, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    },
  };
  return place;
};
