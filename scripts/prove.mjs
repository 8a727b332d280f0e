/**
 * The long form of the checks, and what came of it as one table: `npm run prove`.
 *
 * Runs the tests of the guarantees with PROVE=1 (larger worlds, larger budgets, properties twenty times as often), the
 * model-based ones, and the controller beside ports that hang. The exit code is 1 when a test fails, or when a guarantee has
 * no row: nothing was counted.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('../test/support/proof.js').Figures} Figures */

const root = fileURLToPath(new URL('..', import.meta.url));
const files = ['test/exhaustive', 'test/oracle', 'test/g', 'test/model', 'test/controller/any-hang'];
const guarantees = ['G1', 'G1p', ...Array.from({ length: 9 }, (_, index) => `G${index + 2}`)];

/** @type {(env: NodeJS.ProcessEnv, report: string) => Promise<number | null>} */
const runTests = (env, report) =>
  new Promise((resolve, reject) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, '--silent=passed-only'];
    // Of themselves they would leave a core to the developer, which is half of a machine that has two.
    const child = spawn(process.execPath, [vitest, 'run', '--maxWorkers=2', ...reporters, ...files], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });

/** @type {(text: string) => ReadonlyArray<Figures>} one line of a row each; those of the same row are added up */
const rowsOf = (text) => {
  /** @type {Map<string, { guarantee: string, method: string, counts: Record<string, number> }>} */
  const rows = new Map();
  for (const line of text.split('\n').filter((other) => other !== '')) {
    /** @type {Figures} */
    const { guarantee, method, counts } = JSON.parse(line);
    const key = `${guarantee} ${method}`;
    const row = rows.get(key) ?? { guarantee, method, counts: {} };
    for (const [name, count] of Object.entries(counts)) row.counts[name] = (row.counts[name] ?? 0) + count;
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => firstOf(a) - firstOf(b) || (a.guarantee < b.guarantee ? -1 : 1));
};

/** @type {(row: Figures) => number} the number of the guarantee, or of the first of several */
const firstOf = ({ guarantee }) => Number(/\d+/.exec(guarantee)?.[0]);

/** @type {(row: Figures) => ReadonlyArray<string>} "G1-G3, G8" are G1, G1p, G2, G3 and G8 */
const guaranteesOf = ({ guarantee }) =>
  guarantee.split(', ').flatMap((range) => {
    const [from = '', to = from] = range.split('-');
    return guarantees.slice(guarantees.indexOf(from), guarantees.indexOf(to) + 1);
  });

/** @type {(row: Figures) => string} */
const casesOf = ({ counts }) =>
  Object.entries(counts)
    .map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`)
    .join(', ');

/** @type {(row: ReadonlyArray<string>) => string} */
const line = (row) => `| ${row.join(' | ')} |`;

const directory = await mkdtemp(join(tmpdir(), 'prove-'));
try {
  const began = performance.now();
  const [figures, report] = [join(directory, 'figures'), join(directory, 'report.json')];
  const code = await runTests({ ...process.env, PROVE: '1', PROVE_FIGURES: figures }, report);
  const rows = rowsOf(await readFile(figures, 'utf8'));
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(report, 'utf8'));

  /** @type {(row: Figures) => string} a failed file is a failure of every guarantee that it speaks of */
  const resultOf = (row) => {
    const failed = testResults.filter((/** @type {{ status: string }} */ { status }) => status !== 'passed');
    const names = failed.map((/** @type {{ name: string }} */ { name }) => name.slice(root.length));
    const concerned = names.filter((/** @type {string} */ name) => {
      const number = /\/g(\d+p?)-/.exec(name)?.[1];
      return number === undefined || guaranteesOf(row).includes(`G${number}`);
    });
    return concerned.length === 0 ? 'holds' : `see ${concerned.join(', ')}`;
  };

  console.log(`\n${line(['guarantee', 'method', 'cases', 'result'])}\n|---|---|---|---|`);
  for (const row of rows) console.log(line([row.guarantee, row.method, casesOf(row), resultOf(row)]));
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`\n${numPassedTests} tests passed, ${numFailedTests} failed, in ${minutes} minutes`);

  const covered = new Set(rows.flatMap(guaranteesOf));
  const missing = guarantees.filter((guarantee) => !covered.has(guarantee));
  if (missing.length > 0) console.log(`Not checked: ${missing.join(', ')}`);
  process.exitCode = code === 0 && missing.length === 0 ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
