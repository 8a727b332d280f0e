/**
 * Policies, held against the systems that they were translated from: systemd, Docker, Podman, supervisord, pm2, runit, s6 and
 * Monit run here, and what each really starts is compared with the simulation of its translation, start by start.
 *
 *   npm run test:peers
 *
 * Installs what is missing where it may (scripts/system-parts.mjs). Each system runs in namespaces of its own and in this run's
 * directory; when it is over, no process, mount or control group of it may be left. When all is well it keeps the recordings
 * (test/data/peers-recordings.json), and writes what is said of them (test/data/peers-figures.json, docs/peers.md and a part of
 * docs/migration.md). Exits with 1 when a test failed or was skipped, when a system did not run, or when something was left behind.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlGroupsOf, removeControlGroups } from './control-groups.mjs';
import { kill, living, read } from './left-behind.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {(file: string, ...args: ReadonlyArray<string>) => number | null} exit code of one of our scripts */
const runScript = (file, ...args) =>
  spawnSync(process.execPath, [join(root, 'scripts', file), ...args], { stdio: 'inherit' }).status;

/** @type {(file: string, ...args: ReadonlyArray<string>) => number | null} exit code of a program of ours */
const runTypeScript = (file, ...args) =>
  spawnSync(process.execPath, ['--import', './scripts/typescript.mjs', file, ...args], { cwd: root, stdio: 'inherit' })
    .status;

/** @type {(env: NodeJS.ProcessEnv, report: string) => Promise<number | null>} */
const runTests = (env, report) =>
  new Promise((resolve, reject) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
    // One group of systems after another: what one costs must not fall on the next.
    const args = [vitest, 'run', '--maxWorkers=1', ...reporters, 'test/peers/quick', 'test/peers/whole/'];
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
    // Ctrl-C is for vitest, which ends its tests; what they leave is ended below.
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', resolve);
  });

const began = performance.now();
if (runScript('system-parts.mjs', 'peers') !== 0) throw new Error('what the tests need could not be installed');

// Short: the path of a unix socket has 107 bytes at most.
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'peers-')));
const groups = controlGroupsOf((name) => name.startsWith('peers-'));
/** @type {() => ReadonlyArray<string>} those that were not there before */
const newGroups = () => controlGroupsOf((name) => name.startsWith('peers-')).filter((path) => !groups.includes(path));
try {
  const [report, lines] = [join(directory, 'report.json'), join(directory, 'recordings')];
  writeFileSync(lines, '');
  const env = { ...process.env, CI: 'true', PEERS: '1', PEERS_RECORDINGS: lines, TMPDIR: directory };
  const code = await runTests(env, report);
  const left = living(directory);
  const problems = [
    ...(code === 0 && runScript('closing-line.mjs', report) === 0 ? [] : ['not every test passed']),
    ...left.map(({ pid, command }) => `left behind: process ${pid}, ${command}`),
    ...newGroups().map((path) => `left behind: control group ${path}`),
    ...read('/proc/mounts')
      .split('\n')
      .filter((line) => line.includes(directory))
      .map((line) => `left behind: mount ${line}`),
  ];
  if (problems.length === 0 && runTypeScript('test/peers/write-figures.ts', lines) !== 0) {
    problems.push('the figures could not be written');
  }
  for (const problem of problems) console.log(problem);
  console.log(
    `\nOn real systems: ${problems.length === 0 ? 'all is well' : 'NOT WELL'}, in ${Math.round((performance.now() - began) / 1_000)} s`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  for (const { pid } of living(directory)) kill(pid);
  for (const path of newGroups()) removeControlGroups(path.slice(path.lastIndexOf('/') + 1));
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
