import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program of ours, run as a user runs it. */
export interface Program {
  readonly process: ChildProcess;
  /** All that it printed so far, on both outputs. */
  readonly output: () => string;
  /** Resolves when it has printed what fits, with the match; rejects when it ends before. */
  readonly prints: (pattern: RegExp) => Promise<RegExpMatchArray>;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export const runExample = (file: string, ...args: ReadonlyArray<string>): Program =>
  runProgram(['--import', './scripts/typescript.mjs', `examples/${file}`, ...args]);

/** Node with any other arguments, in the root of the project. `env` is added to that of the tests. */
export const runProgram = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Program => {
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const check of [...waiting]) check();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      changed();
    });
  }
  let hasEnded = false;
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true;
      resolve(code ?? signal);
      changed();
    });
  });
  return {
    process: child,
    output: () => output,
    ended,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = output.match(pattern);
          if (match === null && !hasEnded) return;
          waiting.delete(check);
          if (match === null) reject(new Error(`it ended without printing ${pattern}:\n${output}`));
          else resolve(match);
        };
        waiting.add(check);
        check();
      }),
  };
};
