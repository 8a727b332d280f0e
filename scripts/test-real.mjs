/**
 * The tests on real parts: virtual machines, a database server, processes, and faults of all of them.
 *
 *   npm run test:real
 *   npm run test:real -- --faults
 *
 * The second runs the faults alone, which `npm test` leaves out. Where REAL_TALLY names a file, what was done is added
 * there and counted with what stands there: CI's one run of `npm test` and its faults are looked at as one.
 *
 * Installs what is missing where it may (scripts/system-parts.mjs). Everything that the tests start bears this run's
 * directory in its environment and lives in it; when they are over, nothing of it may live. Prints what was done, and
 * exits with 1 when a test failed or was skipped, when a stop was violated, when something was left behind, or when a
 * figure that says that a check was made is 0. REAL_INSTANCES=N is for a quick look at fewer than 1,000 instances.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endAll, living } from './left-behind.mjs';
import { longFaults, lookedAfter } from './real-parts.mjs';

/** @typedef {import('../test/qemu/tally.js').Tally} Tally */

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each kind of end that a machine can be given; `Unknown` is nobody's aim. */
const aimedAt = /** @type {const} */ ([
  'GuestExit',
  'GuestShutdown',
  'GuestReset',
  'GuestPanicked',
  'HostQuit',
  'Killed',
]);

const areFaultsAlone = process.argv.includes('--faults');
const files = areFaultsAlone ? [longFaults] : lookedAfter;

const tallyBefore = process.env['REAL_TALLY'];

/** The faults look at what is restarted, not at how each machine ended: that is for the other tests, where they were counted. */
const countsExits = !areFaultsAlone || tallyBefore !== undefined;

/** @type {(file: string, ...args: ReadonlyArray<string>) => number | null} exit code of one of our scripts */
const runScript = (file, ...args) =>
  spawnSync(process.execPath, [join(root, 'scripts', file), ...args], { stdio: 'inherit' }).status;

/** @type {(env: NodeJS.ProcessEnv, report: string) => Promise<number | null>} */
const runTests = (env, report) =>
  new Promise((resolve, reject) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    // They wait more than they work.
    const workers = '--maxWorkers=2';
    const child = spawn(process.execPath, [vitest, 'run', workers, ...reporters, ...files], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    // Ctrl-C is for vitest, which ends its tests; what they leave is ended below.
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', resolve);
  });

/** @type {(text: string) => ReadonlyArray<Tally>} */
const talliesIn = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const began = performance.now();
if (runScript('system-parts.mjs') !== 0) throw new Error('what the tests need of the system could not be installed');

// Short: the path of a unix socket has 107 bytes at most.
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'real-')));
// The database runs as another user.
chmodSync(directory, 0o755);
try {
  const report = join(directory, 'report.json');
  const tally = tallyBefore ?? join(directory, 'tally');
  writeFileSync(tally, '', { flag: 'a' });
  const code = await runTests({ ...process.env, CI: 'true', REAL: '1', REAL_TALLY: tally, TMPDIR: directory }, report);
  const left = living(directory);
  endAll(left);

  const tallies = talliesIn(readFileSync(tally, 'utf8'));
  /** @type {(what: Tally['tally']) => number} */
  const count = (what) => tallies.filter(({ tally: counted }) => counted === what).length;
  /** @type {(kind: string) => number} */
  const exits = (kind) => tallies.filter((one) => one.tally === 'vm_exit' && one.kind === kind).length;
  const figures = [
    { name: 'VMs booted', value: count('vm_booted') },
    ...(countsExits ? aimedAt : []).map((kind) => ({ name: `exits seen: ${kind}`, value: exits(kind) })),
    { name: 'controllers killed', value: count('controller_killed') },
    { name: 'stops acknowledged', value: count('stop_acknowledged') },
  ];
  const violated = count('stop_violated');

  console.log('');
  for (const { name, value } of [
    ...figures,
    ...(countsExits ? [{ name: 'exits seen: Unknown', value: exits('Unknown') }] : []),
    { name: 'stops violated', value: violated },
  ]) {
    console.log(`${name.padEnd(28)} ${value}`);
  }
  const problems = [
    ...(code === 0 && runScript('closing-line.mjs', report) === 0 ? [] : ['not every test passed']),
    ...figures.filter(({ value }) => value === 0).map(({ name }) => `${name}: none, so nothing was checked`),
    ...(violated === 0 ? [] : ['a stop was violated']),
    ...left.map(({ pid, command }) => `left behind: process ${pid}, ${command}`),
  ];
  for (const problem of problems) console.log(problem);
  console.log(
    `\nOn real parts: ${problems.length === 0 ? 'all is well' : 'NOT WELL'}, in ${Math.round((performance.now() - began) / 1_000)} s`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  endAll(living(directory));
  rmSync(directory, { recursive: true, force: true });
}
