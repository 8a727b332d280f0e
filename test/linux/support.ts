/** Other processes for tests: a fixture bundled for plain node, spoken to by lines, and killed at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { koffiFromHere } from '../support/koffi-from-here.js';
import { takeAway } from '../support/take-away.js';

export interface OtherProcess {
  readonly pid: number;
  readonly send: (line: string) => void;
  /** The first line, of those that have come or will come, that begins with the text; each line is given once. */
  readonly line: (beginning: string) => Promise<string>;
  readonly ended: Promise<void>;
  /** For SIGKILL and the like: answers when it has ended. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/** Asks again until it is so; the test's own time limit is the end of patience. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(10);
};

/** Directories that are removed after each test. */
export const directories = (): (() => string) => {
  const made: Array<string> = [];
  afterEach(() => {
    for (const directory of made.splice(0)) if (existsSync(directory)) takeAway(directory);
  });
  return () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'restart-policy-test-')));
    made.push(directory);
    return directory;
  };
};

/** Names in the directory of a hypervisor, but for what it keeps there whatever the instances: who has it open. */
export const namesIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory).filter((name) => name !== '.json.lock' && !name.startsWith('.pid-namespace-'));

export interface StartProcess {
  (...args: ReadonlyArray<string>): Promise<OtherProcess>;
  /** Under a command that ends with what it runs: in a namespace, for example. The pid is the command's. */
  readonly under: (command: ReadonlyArray<string>, ...args: ReadonlyArray<string>) => Promise<OtherProcess>;
}

/** Starts processes of a fixture; they are killed after each test. */
export const processesOf = (fixture: URL): StartProcess => {
  const bundled = mkdtempSync(join(tmpdir(), 'restart-policy-fixture-'));
  const program = join(bundled, 'fixture.mjs');
  const pids = new Set<number>();

  beforeAll(async () => {
    await build({
      entryPoints: [fixture.pathname],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      plugins: [koffiFromHere],
    });
  });
  afterEach(() => {
    for (const pid of pids) process.kill(pid, 'SIGKILL'); // one that is stopped ends too
  });
  afterAll(() => rmSync(bundled, { recursive: true }));

  const under: StartProcess['under'] = async (command, ...args) => {
    const [first = '', ...rest] = [...command, process.execPath, program, ...args];
    const other = spawn(first, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { pid } = other;
    if (pid === undefined) throw new Error('the fixture could not be spawned');
    pids.add(pid);
    const ended = once(other, 'exit').then(() => void pids.delete(pid));
    other.stdin.on('error', () => {}); // it was killed

    const lines: Array<string> = [];
    createInterface({ input: other.stdout }).on('line', (each) => lines.push(each));
    const line = async (beginning: string): Promise<string> => {
      await until(() => lines.some((each) => each.startsWith(beginning)));
      const index = lines.findIndex((each) => each.startsWith(beginning));
      return lines.splice(index, 1)[0] ?? '';
    };
    await line('ready');
    return {
      pid,
      send: (line) => void other.stdin.write(`${line}\n`),
      line,
      ended,
      end: async (signal) => {
        process.kill(pid, signal);
        await ended;
      },
    };
  };
  return Object.assign((...args: ReadonlyArray<string>) => under([], ...args), { under });
};

/** Pids of those who wait for a lock of the file, as the kernel lists them. */
export const waitingFor = (file: string): ReadonlyArray<number> => {
  const { ino } = statSync(file);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([, arrow, , , , , where]) => arrow === '->' && where?.endsWith(`:${ino}`))
    .map((fields) => Number(fields[5]));
};
