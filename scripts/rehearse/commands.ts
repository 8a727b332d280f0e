/** The programs that a rehearsal runs: all they print is kept in its log, and none outlives its deadline. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { Unexpected } from './unexpected.js';

export interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds after which what runs here is killed; absent: ten minutes; null: never, for what serves. */
  readonly deadline?: number | null;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly child: ChildProcess;
  /** What it has printed so far, on both of its streams. */
  readonly output: () => string;
  readonly ended: Promise<Ran>;
  /** Resolves when it has printed this; rejects when it ends, or the deadline is over, before. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** To it and to all that it started and that stayed in its group, as a terminal does. */
  readonly signal: (signal: NodeJS.Signals) => void;
}

export interface Commands {
  /** It must end well: a status other than 0 is thrown as {@link Unexpected}. */
  readonly run: (place: Place, command: string, ...args: ReadonlyArray<string>) => Promise<Ran>;
  readonly start: (place: Place, command: string, ...args: ReadonlyArray<string>) => Run;
}

/** Longer than the longest, a build on a slow machine. */
const longest = 600_000;

const spoken = (command: string, args: ReadonlyArray<string>): string =>
  [command, ...args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`))].join(' ');

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-15).join('\n');

export const createCommands = (log: string, onLine: (line: string) => void): Commands => {
  const start: Commands['start'] = ({ directory, env, deadline = longest }, command, ...args) => {
    const title = spoken(command, args);
    appendFileSync(log, `\n${directory}$ ${title}\n`);
    const child = spawn(command, args, { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const texts = { stdout: '', stderr: '', both: '' };
    const watchers = new Set<() => void>();
    const signal = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // it has ended
      }
    };
    const timer = deadline === null ? null : setTimeout(() => signal('SIGKILL'), deadline);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        texts[name] += chunk;
        texts.both += chunk;
        appendFileSync(log, chunk);
        for (const watch of watchers) watch();
      });
    }
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => {
        if (timer !== null) clearTimeout(timer);
        appendFileSync(log, `[${status ?? 'ended by a signal'}]\n`);
        resolve({ status, stdout: texts.stdout, stderr: texts.stderr });
      });
    });
    const printed: Run['printed'] = (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = pattern.exec(texts.both);
          if (found !== null) resolve(found);
        };
        watchers.add(watch);
        watch();
        const missed = (): void => reject(new Unexpected(`${title} to print ${pattern}`, lastLines(texts.both)));
        ended.then(missed, reject);
      });
    return { child, output: () => texts.both, ended, printed, signal };
  };

  return {
    start,
    async run(place, command, ...args) {
      const { child, ended, output } = start(place, command, ...args);
      child.stdin?.end();
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: string) => onLine(chunk.trim().split('\n').at(-1) ?? ''));
      }
      const ran = await ended;
      if (ran.status !== 0) {
        throw new Unexpected(
          `${spoken(command, args)} to end well`,
          `${lastLines(output())}\n[${ran.status ?? 'signal'}]`,
        );
      }
      return ran;
    },
  };
};
