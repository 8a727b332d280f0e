/**
 * The test of the tests: plants one defect after another in a copy of the tree, and runs the G tests on it until one
 * fails. `node scripts/defects/run.mjs [WORD...]` runs those whose name contains one of the words. Prints a table; the
 * exit code is 1 when a defect survives.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defects, wrongDecisions } from './defects.mjs';

/** @typedef {import('./defects.mjs').Defect} Defect */

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A test that does not end fails as well. */
const patience = 180_000;

/** @type {(directory: string, ...files: ReadonlyArray<string>) => Promise<boolean>} whether they pass */
const passes = (directory, ...files) =>
  new Promise((resolve, reject) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', '--reporter', 'dot', ...files], {
      cwd: directory,
      stdio: 'ignore',
      // A group of its own, so that its workers end with it.
      detached: true,
    });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(end, patience);
    process.once('exit', end);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve(code === 0);
    });
  });

/** @type {(directory: string, defect: Defect) => Promise<() => Promise<void>>} plants it; answers with what undoes it */
const plant = async (directory, { name, edits }) => {
  /** @type {Map<string, string>} */
  const originals = new Map();
  for (const { file, find, replace } of edits) {
    const path = join(directory, file);
    const text = await readFile(path, 'utf8');
    const parts = text.split(find);
    if (parts.length !== 2) throw new Error(`${name}: found ${parts.length - 1} times, not once, in ${file}:\n${find}`);
    if (!originals.has(path)) originals.set(path, text);
    await writeFile(path, parts.join(replace));
  }
  return async () => {
    for (const [path, text] of originals) await writeFile(path, text);
  };
};

/** @type {(directory: string) => Promise<ReadonlyArray<string>>} */
const gTests = async (directory) =>
  (await readdir(join(directory, 'test')))
    .filter((file) => /^g\d+-.*\.test\.ts$/.test(file))
    .map((file) => `test/${file}`)
    .concat(
      'test/exhaustive/explore.test.ts',
      'test/interleavings/race.test.ts',
      'test/interleavings/scheduler.test.ts',
    );

/** @type {(name: string, result: string, seconds: string) => void} */
const tell = (name, result, seconds) => {
  console.log(`| ${name.padEnd(90)} | ${result.padEnd(42)} | ${seconds.padStart(7)} |`);
};

/** @type {(began: number) => string} */
const secondsSince = (began) => ((performance.now() - began) / 1_000).toFixed(1);

/** @type {(directory: string, defect: Defect) => Promise<boolean>} whether a G test notices it */
const isNoticed = async (directory, defect) => {
  const began = performance.now();
  const undo = await plant(directory, defect);
  const expected = defect.noticedBy;
  const others = (await gTests(directory)).filter((file) => !expected.includes(file));
  let noticedBy = null;
  for (const file of [...expected, ...others]) {
    if (await passes(directory, file)) continue;
    noticedBy = file;
    break;
  }
  await undo();
  tell(defect.name, noticedBy ?? 'SURVIVES', secondsSince(began));
  return noticedBy !== null;
};

/** @type {(directory: string, defect: Defect) => Promise<boolean>} whether all the tests that it names notice it */
const isNoticedByAll = async (directory, defect) => {
  const began = performance.now();
  const undo = await plant(directory, defect);
  const blind = [];
  for (const file of defect.noticedBy) if (await passes(directory, file)) blind.push(file);
  await undo();
  const all = `each of ${defect.noticedBy.length} G tests`;
  tell(defect.name, blind.length === 0 ? all : `PASSED BY ${blind.join(', ')}`, secondsSince(began));
  return blind.length === 0;
};

const words = process.argv.slice(2);
/** @type {(defect: Defect) => boolean} */
const isAskedFor = ({ name }) => words.length === 0 || words.some((word) => name.includes(word));

const directory = await mkdtemp(join(tmpdir(), 'defects-'));
let survivors = 0;
try {
  for (const name of ['src', 'test', 'scripts', 'examples', 'vitest.config.ts', 'tsconfig.json', 'package.json']) {
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));

  // All are found before any is run, and the tests pass without them: otherwise the table would say nothing.
  for (const defect of [...defects, ...wrongDecisions]) await (await plant(directory, defect))();
  const tests = await gTests(directory);
  if (!(await passes(directory, ...tests))) throw new Error('the G tests fail without any defect');

  tell('defect', 'noticed by', 'seconds');
  for (const defect of defects.filter(isAskedFor)) if (!(await isNoticed(directory, defect))) survivors++;
  for (const defect of wrongDecisions.filter(isAskedFor)) if (!(await isNoticedByAll(directory, defect))) survivors++;
} finally {
  await rm(directory, { recursive: true, force: true });
}
console.log(survivors === 0 ? 'every defect is noticed' : `${survivors} not noticed`);
process.exitCode = survivors === 0 ? 0 : 1;
