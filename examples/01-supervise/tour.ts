/** The tour: a command that crashes for real, its backoff and its limit; then a manual stop that holds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const commandLine = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));

/** `restart-policy run ...` as anybody calls it: a process of its own. */
const run = (...given: ReadonlyArray<string>): ChildProcess => {
  console.log(`\n$ restart-policy run ${given.map((word) => (/[ ;]/.test(word) ? `'${word}'` : word)).join(' ')}`);
  // As this program was started, so that TypeScript runs in it too.
  const colours = process.stderr.isTTY && !process.env['NO_COLOR'] ? { FORCE_COLOR: '1' } : {};
  const supervisor = spawn(process.execPath, [...process.execArgv, commandLine, 'run', ...given], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...colours },
  });
  supervisor.stderr?.pipe(process.stderr, { end: false });
  return supervisor;
};

const endOf = async (supervisor: ChildProcess): Promise<number | null> => {
  const [code] = await once(supervisor, 'close');
  return code;
};

const say = (text: string): void => console.log(`\n-- ${text}`);

export const tour = async (): Promise<number> => {
  // Ctrl-C reaches the supervisor too, which ends as it should; then there is nothing more to show.
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  try {
    return await show(interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    throw error;
  }
};

const show = async (interrupted: AbortSignal): Promise<number> => {
  say('a command that exits with code 7 after 0.3 s, under on_failure, backoff 2s, max_attempts 3');
  const crashing = ['--mode', 'on_failure', '--backoff', '2s', '--max-attempts', '3'];
  const used = await endOf(run(...crashing, '--', 'sh', '-c', 'sleep 0.3; exit 7'));
  interrupted.throwIfAborted();
  if (used !== 1) return 1;

  say('a server under always, backoff 1s, that a person stops (Ctrl-C)');
  const state = mkdtempSync(join(tmpdir(), 'restart-policy-tour-'));
  try {
    const serving = ['--mode', 'always', '--backoff', '1s', '--state', state, '--', 'sleep', '3600'];
    const supervisor = run(...serving);
    const stopped = endOf(supervisor);
    await running(supervisor);
    supervisor.kill('SIGINT');
    if ((await stopped) !== 0) return 1;
    await sleep(3_000, undefined, { signal: interrupted }); // three times the backoff

    say('three backoffs later its supervisor is started again');
    const stayed = (await endOf(run(...serving))) === 1;
    say(stayed ? 'it is still stopped: that is the point' : 'it did not stay stopped');
    return stayed ? 0 : 1;
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
};

/** Resolves when it says that the command runs. */
const running = (supervisor: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    let told = '';
    supervisor.stderr?.on('data', (part: Buffer) => {
      told += part.toString();
      if (told.includes('it is running')) resolve();
    });
  });
