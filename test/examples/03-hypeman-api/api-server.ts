/** The example server as a child process, hypeman's own client for it, and its log as the events that tests wait on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hypeman } from '@onkernel/hypeman';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** One line of the server's log. */
export interface LogLine {
  readonly msg: string;
  readonly instance?: string;
  readonly event?: string;
  readonly reason?: string;
  readonly action?: string;
  readonly attempts?: number;
  readonly nextAttemptAt?: number | null;
  readonly blockedReason?: string | null;
  readonly verdict?: string;
  readonly req?: { readonly url: string };
}

export interface ApiServer {
  readonly address: string;
  readonly client: Hypeman;
  readonly log: ReadonlyArray<LogLine>;
  /** Resolves with the first line that fits from place `from` in the log on; rejects when the server ends before. */
  readonly logs: (fits: (line: LogLine) => boolean, from?: number) => Promise<LogLine>;
  readonly kill: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals | null>;
}

type Environment = Readonly<Record<string, string>>;

const begin = async (directory: string, environment: Environment): Promise<ApiServer> => {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', './scripts/typescript.mjs', 'examples/03-hypeman-api/main.ts'],
    {
      cwd: root,
      env: { ...process.env, ...environment, PORT: '0', DATA_DIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log: Array<LogLine> = [];
  let printed = '';
  let rest = '';
  let hasEnded = false;
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const check of [...waiting]) check();
  };
  /** Resolves when `find` answers. */
  const until = <A>(find: () => A | undefined): Promise<A> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find();
        if (found === undefined && !hasEnded) return;
        waiting.delete(check);
        if (found === undefined)
          reject(new Error(`the server ended first:\n${printed}\n${JSON.stringify(log, null, 1)}`));
        else resolve(found);
      };
      waiting.add(check);
      check();
    });

  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    changed();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) log.push(JSON.parse(line));
      else printed += `${line}\n`;
    }
    changed();
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true;
      resolve(code ?? signal);
      changed();
    });
  });

  const address = await until(() => printed.match(/listening on (\S+)/)?.[1]);
  return {
    address,
    client: new Hypeman({ baseURL: address, apiKey: 'key-that-nobody-may-see', logLevel: 'off' }),
    log,
    logs: (fits, from = 0) => until(() => log.slice(from).find(fits)),
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
};

/** Servers on one directory, one after the other. */
export interface Servers {
  readonly directory: string;
  readonly begin: (environment?: Environment) => Promise<ApiServer>;
  /** Ends them and removes the directory. */
  readonly end: () => Promise<void>;
}

export const openServers = (): Servers => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-hypeman-'));
  const begun: Array<ApiServer> = [];
  return {
    directory,
    begin: async (environment = {}) => {
      const server = await begin(directory, environment);
      begun.push(server);
      return server;
    },
    end: async () => {
      for (const server of begun) await server.kill('SIGTERM');
      rmSync(directory, { recursive: true });
    },
  };
};

export const shell = (script: string): Array<string> => ['/bin/sh', '-c', script];

/** A decision on that instance for that reason, and, where given, after that many attempts. */
export const decided =
  (instance: string, reason: string, attempts?: number) =>
  (line: LogLine): boolean =>
    line.instance === instance && line.reason === reason && (attempts === undefined || line.attempts === attempts);
