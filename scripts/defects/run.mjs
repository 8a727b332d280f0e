/**
 * The test of the tests: plants one defect after another in a copy of the tree, and runs the G tests and the model on it
 * until one fails. `node scripts/defects/run.mjs [WORD...]` runs those whose name contains one of the words. Prints a table;
 * the exit code is 1 when a defect survives. With `--check` none is run: it only looks whether each has its place and
 * compiles.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { applyEdits } from '../anchors.mjs';
import { createCheck } from './check.mjs';
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
const plant = async (directory, { edits }) => {
  /** @type {Map<string, string>} */
  const originals = new Map();
  const texts = applyEdits(edits, (file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    originals.set(file, text);
    return text;
  });
  for (const [file, text] of texts) await writeFile(join(directory, file), text);
  return async () => {
    for (const [file, text] of originals) await writeFile(join(directory, file), text);
  };
};

/** @type {(directory: string) => Promise<ReadonlyArray<string>>} */
const gTests = async (directory) =>
  (await readdir(join(directory, 'test')))
    .filter((file) => /^g\d+p?-.*\.test\.ts$/.test(file))
    .map((file) => `test/${file}`)
    .concat(
      'test/exhaustive/explore.test.ts',
      'test/exhaustive/explore-beyond.test.ts',
      'test/oracle/agreement.test.ts',
      'test/model/model.test.ts',
      'test/interleavings/race.test.ts',
      'test/interleavings/scheduler.test.ts',
    );

/** @type {(name: string, result: string, seconds: string) => void} */
const print = (name, result, seconds) => {
  console.log(`| ${name.padEnd(90)} | ${result.padEnd(42)} | ${seconds.padStart(7)} |`);
};

/** @type {(began: number) => string} */
const secondsSince = (began) => ((performance.now() - began) / 1_000).toFixed(1);

/** @type {(directory: string, defect: Defect) => Promise<boolean>} whether a test notices it */
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
  print(defect.name, noticedBy ?? 'SURVIVES', secondsSince(began));
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
  print(defect.name, blind.length === 0 ? all : `PASSED BY ${blind.join(', ')}`, secondsSince(began));
  return blind.length === 0;
};

const { values: flags, positionals: words } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
/** @type {(defect: Defect) => boolean} */
const isAskedFor = ({ name }) => words.length === 0 || words.some((word) => name.includes(word));

// Before any is run: otherwise the table would say nothing.
const problems = createCheck(root)([...defects, ...wrongDecisions]);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
if (flags.check) {
  console.log(`each of ${defects.length + wrongDecisions.length} defects has its place, and compiles`);
  process.exit();
}

const directory = await mkdtemp(join(tmpdir(), 'defects-'));
let survivors = 0;
try {
  for (const name of [
    'src',
    'test',
    'bench',
    'scripts',
    'examples',
    'vitest.config.ts',
    'tsconfig.json',
    'package.json',
  ]) {
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));

  // The tests pass without them: otherwise the table would say nothing.
  for (const test of await gTests(directory)) {
    if (!(await passes(directory, test))) throw new Error(`${test} fails without any defect`);
  }

  print('defect', 'noticed by', 'seconds');
  for (const defect of defects.filter(isAskedFor)) if (!(await isNoticed(directory, defect))) survivors++;
  for (const defect of wrongDecisions.filter(isAskedFor)) if (!(await isNoticedByAll(directory, defect))) survivors++;
} finally {
  await rm(directory, { recursive: true, force: true });
}
console.log(survivors === 0 ? 'every defect is noticed' : `${survivors} not noticed`);
process.exitCode = survivors === 0 ? 0 : 1;
