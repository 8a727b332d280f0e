/**
 * Mutation testing: `npm run mutate [PART...]`, where a part is one of those below. For each, Stryker plants small
 * changes into its files, one at a time, and runs the part's own tests. Prints a score for every file; reports/ has the
 * mutants that survived, and docs/guarantees.md says why. The exit code is 1 when a file is below its part's aim.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ readonly files: ReadonlyArray<string>, readonly tests: ReadonlyArray<string>, readonly aim: number }} Part */

/** @type {Readonly<Record<string, Part>>} */
const parts = {
  duration: { files: ['src/duration.ts'], tests: ['test/durations.test.ts'], aim: 95 },
  decide: { files: ['src/decide.ts'], tests: ['test/decide/*.test.ts', 'test/g10-*.test.ts'], aim: 95 },
  codec: {
    files: ['src/codec.ts', 'src/codec/*.ts'],
    tests: ['test/codec*.test.ts', 'test/standard-schema.test.ts'],
    aim: 85,
  },
  controller: { files: ['src/controller.ts', 'src/controller/*.ts'], tests: ['test/controller/*.test.ts'], aim: 85 },
};

/** @type {(mutants: ReadonlyArray<{ status: string }>) => { killed: number, all: number }} */
const count = (mutants) => {
  const judged = mutants.filter(({ status }) => !['CompileError', 'RuntimeError', 'Ignored'].includes(status));
  return { killed: judged.filter(({ status }) => ['Killed', 'Timeout'].includes(status)).length, all: judged.length };
};

/** @type {(counts: { killed: number, all: number }) => number} */
const score = ({ killed, all }) => (100 * killed) / all;

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`not a part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

/** @type {Array<string>} */
const table = ['| file | mutants | noticed | score |', '|---|---|---|---|'];
let isBelow = false;

for (const [name, { files, tests, aim }] of Object.entries(parts)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', files.join(',')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MUTATION_PART: name, MUTATION_TESTS: tests.join(',') },
  });
  if (status !== 0) process.exit(status ?? 1);

  /** @type {{ files: Record<string, { mutants: ReadonlyArray<{ status: string }> }> }} */
  const report = JSON.parse(readFileSync(`${root}reports/mutation-${name}.json`, 'utf8'));
  for (const [file, { mutants }] of Object.entries(report.files)) {
    const counts = count(mutants);
    table.push(`| ${file} | ${counts.all} | ${counts.killed} | ${score(counts).toFixed(1)} % |`);
  }
  const whole = count(Object.values(report.files).flatMap(({ mutants }) => mutants));
  table.push(`| **${name}** | ${whole.all} | ${whole.killed} | **${score(whole).toFixed(1)} %**, at least ${aim} |`);
  isBelow ||= score(whole) < aim;
}

console.log(`\n${table.join('\n')}`);
process.exitCode = isBelow ? 1 : 0;
