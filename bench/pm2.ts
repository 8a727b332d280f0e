/**
 * pm2 beside us: its daemon in a directory of its own, installed when it is measured. It is no dependency of ours, for it
 * is 25 MB in 77 packages, bears another licence (AGPL) than all that we depend on, and nothing else needs it.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const pm2Version = '7.0.4';

export interface Pm2 {
  /** Of the daemon. */
  readonly pid: number;
  /** Begins to restart a command that exits with 1 at once, without a pause, until `release`. */
  readonly beginToRestart: () => Promise<void>;
  /** How many runs have exited. */
  readonly exits: () => number;
  readonly hold: (children: number) => Promise<void>;
  readonly release: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Pm2Install {
  /** Starts a daemon of its own. */
  readonly start: () => Promise<Pm2>;
  readonly remove: () => Promise<void>;
}

/** null: it cannot be installed here, and `notify` was called with why. */
export const installPm2 = async (notify: (message: string) => void): Promise<Pm2Install | null> => {
  const place = await mkdtemp(join(tmpdir(), 'restart-policy-pm2-'));
  const remove = (): Promise<void> => rm(place, { recursive: true, force: true });
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--prefix', place];
  try {
    await execute('npm', ['install', ...options, `pm2@${pm2Version}`], { cwd: place });
  } catch (error) {
    notify(`PM2 CANNOT BE INSTALLED, so it is not measured: ${error}`);
    await remove();
    return null;
  }
  let daemons = 0;
  return { start: () => startDaemon(place, join(place, `home-${daemons++}`)), remove };
};

const startDaemon = async (place: string, home: string): Promise<Pm2> => {
  await mkdir(home);
  const program = join(place, 'node_modules/pm2/bin/pm2');
  const env = { ...process.env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' };
  const run = async (...args: ReadonlyArray<string>): Promise<void> => {
    await execute(process.execPath, [program, ...args], { cwd: home, env, maxBuffer: 2 ** 26 });
  };
  const start = async (app: object): Promise<void> => {
    const file = join(home, 'apps.json');
    const always = { interpreter: 'none', exec_mode: 'fork', restart_delay: 0, max_restarts: 1e6, min_uptime: 1e6 };
    writeFileSync(file, JSON.stringify({ apps: [{ ...always, cwd: home, ...app }] }));
    await run('start', file);
  };

  await run('ping'); // starts the daemon
  const pidFile = join(home, 'pm2.pid');
  while (!existsSync(pidFile)) await sleep(10);
  const exits = (): number => readFileSync(join(home, 'pm2.log'), 'utf8').split('exited with code').length - 1;
  return {
    pid: Number(readFileSync(pidFile, 'utf8')),
    beginToRestart: () => start({ name: 'failing', script: '/bin/false' }),
    exits,
    hold: (children) => start({ name: 'sleeping', script: '/bin/sleep', args: ['86400'], instances: children }),
    release: () => run('delete', 'all'),
    close: () => run('kill'),
  };
};
