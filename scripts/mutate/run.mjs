/**
 * Mutation testing: `npm run mutate [PART...]`, where a part is one of those below. For each, Stryker plants small
 * changes into its files, one at a time, and runs the part's own tests. Prints a score for every file, and the mutants
 * that survived, beside what survivors.mjs says of them. The exit code is 1 when it does not say why one may, or when a
 * part is below its aim.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compact, isNamed, parse, placeOf } from '../anchors.mjs';
import { survivors } from './survivors.mjs';

/** @typedef {Omit<import('./survivors.mjs').Survivor, 'why' | 'times'>} Named */

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @typedef {{ readonly files: ReadonlyArray<string>, readonly tests: ReadonlyArray<string>, readonly aim: number }} Part */

/** @type {Readonly<Record<string, Part>>} */
const parts = {
  duration: { files: ['src/duration.ts'], tests: ['test/durations.test.ts'], aim: 95 },
  decide: {
    files: ['src/decide.ts', 'src/rules.ts', 'src/salt.ts', 'src/waits.ts'],
    tests: [
      'test/decide/*.test.ts',
      'test/rules.test.ts',
      'test/salt.test.ts',
      'test/waits.test.ts',
      'test/g10-*.test.ts',
    ],
    aim: 95,
  },
  codec: {
    files: [
      'src/codec.ts',
      'src/wire.ts',
      'src/wire/fields.ts',
      'src/wire/policy-wire.ts',
      'src/wire/status-wire.ts',
      'src/nearest.ts',
      'src/policy.ts',
      'src/quote.ts',
      'src/reading.ts',
      'src/time.ts',
    ],
    tests: [
      'test/policy*.test.ts',
      'test/codec*.test.ts',
      'test/nearest.test.ts',
      'test/standard-schema.test.ts',
      'test/time.test.ts',
    ],
    aim: 85,
  },
  describe: {
    files: ['src/describe.ts', 'src/describe/*.ts', 'src/words.ts'],
    tests: ['test/describe/*.test.ts'],
    aim: 85,
  },
  options: {
    files: ['src/options.ts', 'src/validation.ts'],
    tests: [
      'test/options.test.ts',
      'test/validation.test.ts',
      'test/controller/options.test.ts',
      'test/linux/options.test.ts',
    ],
    aim: 85,
  },
  controller: {
    files: ['src/controller.ts', 'src/controller/**/*.ts', '!src/controller/heap.ts'],
    tests: ['test/controller/*.test.ts'],
    aim: 85,
  },
  // By its own tests: those of the controller say nothing of its order.
  heap: { files: ['src/controller/heap.ts'], tests: ['test/controller/heap.test.ts'], aim: 85 },
};

/** @typedef {{ readonly line: number, readonly column: number }} Position from 1 */
/** @typedef {{ status: string, replacement: string, location: { start: Position, end: Position } }} Mutant */
/** @typedef {{ source: string, mutants: ReadonlyArray<Mutant> }} Reported */

/** @type {(mutants: ReadonlyArray<Mutant>) => { killed: number, all: number }} */
const count = (mutants) => {
  const judged = mutants.filter(({ status }) => !['CompileError', 'RuntimeError', 'Ignored'].includes(status));
  return { killed: judged.filter(({ status }) => ['Killed', 'Timeout'].includes(status)).length, all: judged.length };
};

/** @type {(counts: { killed: number, all: number }) => number} */
const score = ({ killed, all }) => (100 * killed) / all;

/** @type {(file: string, report: Reported) => ReadonlyArray<Named>} */
const survivorsOf = (file, { source, mutants }) => {
  const parsed = parse(file, source);
  /** @type {(position: Position) => number} */
  const offsetOf = ({ line, column }) => parsed.getPositionOfLineAndCharacter(line - 1, column - 1);
  return mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ replacement, location: { start, end } }) => {
      const { within, snippet } = placeOf(parsed, offsetOf(start), offsetOf(end));
      return { file, within, from: snippet, to: replacement };
    });
};

/** @type {(survivor: Named) => string} */
const textOf = ({ file, within, from, to }) => `${file}: ${within}: ${compact(from)}  ->  ${compact(to)}`;

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`not a part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

/** @type {Array<string>} */
const table = ['| file | mutants | noticed | score |', '|---|---|---|---|'];
/** @type {Set<string>} */
const mutatedFiles = new Set();
/** @type {Array<Named>} */
const found = [];
let isBelow = false;

for (const [name, { files, tests, aim }] of Object.entries(parts)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', files.join(',')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MUTATION_PART: name, MUTATION_TESTS: tests.join(',') },
  });
  if (status !== 0) process.exit(status ?? 1);

  /** @type {{ files: Record<string, Reported> }} */
  const report = JSON.parse(readFileSync(`${root}reports/mutation-${name}.json`, 'utf8'));
  // Stryker says nothing of a file that is not there, or of a pattern that it takes for another one.
  const missed = files.filter((file) => !/[*!]/.test(file) && !(file in report.files));
  if (missed.length > 0) {
    console.error(`${name}: nothing was planted into ${missed.join(', ')}`);
    process.exit(1);
  }
  for (const [file, reported] of Object.entries(report.files)) {
    const counts = count(reported.mutants);
    table.push(`| ${file} | ${counts.all} | ${counts.killed} | ${score(counts).toFixed(1)} % |`);
    mutatedFiles.add(file);
    found.push(...survivorsOf(file, reported));
  }
  const whole = count(Object.values(report.files).flatMap(({ mutants }) => mutants));
  table.push(`| **${name}** | ${whole.all} | ${whole.killed} | **${score(whole).toFixed(1)} %**, at least ${aim} |`);
  isBelow ||= score(whole) < aim;
}

const expected = survivors.filter(({ file }) => mutatedFiles.has(file));
/** @type {Map<import('./survivors.mjs').Survivor, number>} how often each survived */
const survived = new Map(expected.map((survivor) => [survivor, 0]));
/** @type {Array<string>} */
const unexplained = [];
for (const { file, within, from, to } of found) {
  const survivor = expected.find(
    (other) =>
      other.file === file &&
      isNamed(within, other.within) &&
      compact(other.from) === compact(from) &&
      compact(other.to) === compact(to) &&
      (survived.get(other) ?? 0) < other.times,
  );
  if (survivor === undefined) unexplained.push(textOf({ file, within, from, to }));
  else survived.set(survivor, (survived.get(survivor) ?? 0) + 1);
}
const noticed = [...survived].flatMap(([survivor, times]) =>
  times < survivor.times ? [`${survivor.times - times} of ${textOf(survivor)}`] : [],
);

/** @type {Map<string, number>} how many mutants there are of a reason */
const explained = new Map();
for (const [{ file, why }, times] of survived) {
  const reason = `${file}: ${why}`;
  if (times > 0) explained.set(reason, (explained.get(reason) ?? 0) + times);
}

/** @type {(heading: string, lines: ReadonlyArray<string>) => void} */
const print = (heading, lines) => {
  if (lines.length > 0) console.log(`\n${heading}\n${lines.join('\n')}`);
};

console.log(`\n${table.join('\n')}`);
print(
  'Survived, and may:',
  [...explained].map(([reason, times]) => `${times} in ${reason}`),
);
print('In survivors.mjs, but noticed or gone:', noticed);
print('Survived, and not in survivors.mjs:', unexplained);
process.exitCode = isBelow || unexplained.length > 0 ? 1 : 0;
