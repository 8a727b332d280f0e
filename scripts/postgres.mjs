#!/usr/bin/env node
/**
 * A real PostgreSQL of our own, on loopback, in a directory that goes with it: for tests, and for trying things out.
 * `node scripts/postgres.mjs` starts one, prints how to connect, and ends it at Ctrl-C.
 *
 * It syncs to disk as in production, for what survives a crash is what is tested. As root it runs as user postgres,
 * because PostgreSQL refuses to run as root.
 */
import { execFile, spawn } from 'node:child_process';
import { access, chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Debian keeps the programs of each version in a directory of their own, which is not on the path. */
const debian = '/usr/lib/postgresql';

/**
 * The directory that holds `initdb` and `postgres`; null: PostgreSQL is not installed.
 *
 * @returns {Promise<string | null>}
 */
export const findPostgres = async () => {
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin'));
  for (const directory of [...newestFirst, ...(process.env['PATH'] ?? '').split(':')]) {
    const found = await Promise.all(['initdb', 'postgres'].map((name) => access(join(directory, name)))).catch(
      () => null,
    );
    if (found !== null) return directory;
  }
  return null;
};

/** Who runs it; null: we ourselves. */
const findUser = async () => {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => execute('id', [flag, 'postgres'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
};

/**
 * A port that was free a moment ago.
 *
 * @returns {Promise<number>}
 */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/**
 * Makes a new cluster and starts it. Rejects with what the programs said when that fails.
 */
export const startPostgres = async () => {
  const programs = await findPostgres();
  if (programs === null) throw new Error('PostgreSQL is not installed (Debian: apt-get install postgresql)');
  const user = await findUser();
  const directory = await mkdtemp(join(tmpdir(), 'restart-policy-postgres-'));
  if (user !== null) await chown(directory, user.uid, user.gid);
  await chmod(directory, 0o700);
  const data = join(directory, 'data');
  const port = await freePort();
  await execute(
    join(programs, 'initdb'),
    ['--pgdata', data, '--auth', 'trust', '--username', 'postgres', '--encoding', 'UTF8', '--no-sync'],
    {
      ...user,
      cwd: directory,
      env: { ...process.env, LC_ALL: 'C' },
    },
  );

  /** @type {{ readonly child: import('node:child_process').ChildProcess, readonly ended: Promise<void> } | null} */
  let running = null;

  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: directory, max_connections: 60 };

  /** Starts the server, and answers when it takes connections. */
  const start = async () => {
    if (running !== null) return;
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(programs, 'postgres'), ['-D', data, ...flags], {
      ...user,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    // Each of the server's processes has the other end: it closes when the last of them is gone.
    const ended = new Promise((/** @type {(nothing: void) => void} */ resolve) => child.once('close', () => resolve()));
    running = { child, ended };
    await new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        said += text;
        if (said.includes('database system is ready to accept connections')) {
          said = '';
          resolve();
        }
      });
      child.once('error', reject);
      void ended.then(() => {
        running = null;
        reject(new Error(`PostgreSQL has ended: ${said}`));
      });
    });
  };

  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    if (running === null) return;
    const { child, ended } = running;
    child.kill(signal);
    await ended;
  };

  const server = {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    start,
    /** Ends it in order, however many are connected; what is stored stays. */
    stop: () => end('SIGINT'),
    /** Kill -9: the server has no time to write anything, and recovers at the next start. */
    kill: () => end('SIGKILL'),
    /** Ends it, and takes what is stored away. */
    remove: async () => {
      await end('SIGQUIT');
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (cause) {
    await server.remove();
    throw cause;
  }
  return server;
};

/** @typedef {Awaited<ReturnType<typeof startPostgres>>} PostgresServer */

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = await startPostgres();
  console.log(`postgresql://${server.user}@${server.host}:${server.port}/${server.database}`);
  process.once('SIGINT', () => void server.remove());
  process.once('SIGTERM', () => void server.remove());
}
