/**
 * The benchmarks, once and at a tiny size: that they run and compare like with like. How long things take is not
 * asserted.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { casesOf, largerCasesOf, largerPathNames, pathNames } from '../../bench/cases.js';
import { answersTo, largerAnswersTo } from '../../bench/decide.js';
import { decodeAnswers, decodeInputs, decodeNames } from '../../bench/decode.js';
import { standing } from '../../bench/document.js';
import { supervisors } from '../../bench/event.js';
import { describeMachine } from '../../bench/machine.js';
import { parts } from '../../bench/parts.js';
import { measurePass } from '../../bench/pass.js';
import { nameOf, sidesOf } from '../../bench/restart-sides.js';
import { documentFile, runAlone } from '../../bench/run.js';

const reasons = {
  quiet: 'running',
  waiting: 'waiting_for_backoff',
  attempt: 'restart_after_exit',
  stable: 'stable',
} as const;

const largerReasons = {
  'waiting, growth and jitter': 'waiting_for_backoff',
  'exit with rules': 'restart_after_exit',
} as const;

describe('the benchmarks', () => {
  test.each(pathNames)('decide, the floor and the statechart answer the %s path alike', (path) => {
    for (const one of casesOf(path, 100)) {
      const { decide, floor, chart } = answersTo(one);
      expect(decide.reason).toBe(reasons[path]);
      expect(floor).toEqual(decide);
      expect(chart).toEqual(decide);
    }
  });

  test.each(largerPathNames)('decide and the floor answer alike, by a larger policy: %s', (path) => {
    const answers = largerCasesOf(path, 100).map((one) => largerAnswersTo(path, one));
    for (const { decide, floor } of answers) expect(floor).toEqual(decide);
    expect([...new Set(answers.map(({ decide }) => decide.reason))]).toEqual([largerReasons[path]]);
  });

  test('spread the waits of a larger policy, and let them grow', () => {
    const waits = largerCasesOf('waiting, growth and jitter', 12).map((one) => {
      const { status } = largerAnswersTo('waiting, growth and jitter', one).decide;
      return (status.nextAttemptAt ?? Number.NaN) - (status.lastAttemptAt ?? Number.NaN);
    });
    expect(Math.max(...waits)).toBeGreaterThan(300_000);
    expect(new Set(waits.map((wait) => wait % 1_000)).size).toBeGreaterThan(6);
  });

  test.each(decodeNames)('the codec, the strict reader and the hand read alike: %s', (what) => {
    const answers = decodeInputs(what)
      .slice(0, 200)
      .map((input) => decodeAnswers(what, input));
    for (const { codec, strict, byHand } of answers) {
      expect(codec).toEqual(strict);
      if (byHand !== null) expect(codec).toEqual({ _tag: 'Right', right: byHand });
    }
    // What is canonical the hand must read: it would be quick otherwise.
    const isCanonical = decodeNames.indexOf(what) < 5;
    if (isCanonical) expect(answers.filter(({ byHand }) => byHand === null)).toEqual([]);
  });

  test('pass over a fleet in which two of a hundred are due', () => {
    expect(measurePass(1_000, 1).actions).toBe(20);
  });
});

const docs = new URL('../../docs/', import.meta.url);
const document = readFileSync(new URL(documentFile, docs), 'utf8');

const sides = sidesOf(false).map(nameOf);
// Without PostgreSQL its rows are missing, and the benchmark says so; in CI they must be there.
const onPostgres = process.env['CI'] === 'true' ? ['PostgreSQL (pg)'] : [];
const fleetsOf = (instances: number): ReadonlyArray<string> =>
  ['memory', 'SQLite (libsql)', ...onPostgres].map((store) => `${store} | ${instances}`);

/** How rows of each part begin. */
const rows: Readonly<Record<string, ReadonlyArray<string>>> = {
  '--decide': [...pathNames, ...largerPathNames],
  '--wake-ups': pathNames,
  '--pass': ['ms for the pass', 'bytes per status'],
  '--simulation': [
    'simulate',
    'decide alone',
    'bytes kept per entry, until the entries are read',
    'bytes kept per entry, once they are read',
  ],
  '--decode': decodeNames,
  '--engine': ['QuickJS', 'Node'],
  '--history': ['told to a history', 'with one in SQLite, its writes included', 'in SQLite, with its indexes'],
  '--controller': supervisors.flatMap((supervisor) => [`${supervisor} | 1`, `${supervisor} | 100`]),
  '--growth': ['100', '200'],
  '--fleet': fleetsOf(100),
  '--million': fleetsOf(200),
  '--stores': ['SQLite (libsql)', ...onPostgres],
  '--imports': ['fp-ts/lib/Either.js', 'restart-policy', 'restart-policy/codec'],
  // Two numbers of foreign processes for each side, and its memory.
  '--restarts': sides.flatMap((side) => [`${side} | 0`, `${side} | 2`, side]),
};

describe('a part', () => {
  // Some fork, build or fill stores: half a minute for all where others work beside them.
  test.each(parts)(
    '$flag is measured alone, and replaces itself in the document',
    { timeout: 120_000 },
    async (part) => {
      const files = new Map([[documentFile, document]]);
      await runAlone(
        {
          parts,
          size: 'tiny',
          describeMachine,
          read: () => files.get(documentFile) ?? '',
          print: () => {},
          write: (file, text) => files.set(file, text),
          notify: () => {},
        },
        [part],
      );
      const written = files.get(documentFile) ?? '';
      const text = standing(written, part.title) ?? '';
      expect(written.replace(text, '')).toBe(document.replace(standing(document, part.title) ?? '', ''));

      for (const row of rows[part.flag] ?? ['a part without rows']) expect(text).toContain(`\n| ${row} | `);
      expect(text).toMatch(/\n\nThis part was measured apart from the others \(.*, load [\d.,]+\)\.$/);
      expect(text).not.toContain('NaN');

      const pictures = [...files.keys()].filter((file) => file !== documentFile);
      expect(pictures).toEqual([...text.matchAll(/!\[.*\]\((.*)\)/g)].map(([, file]) => file));
      for (const picture of pictures) {
        expect(files.get(picture)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
        expect(files.get(picture)).not.toContain('NaN');
      }
    },
  );

  test('of restarts has a bare spawn beside both adapters of processes', () => {
    expect(sides[0]).toBe('bare spawn');
    for (const adapter of ['process', 'shared-process'])
      expect(sides.some((side) => side.startsWith(adapter))).toBe(true);
  });
});

describe('docs/benchmarks.md', () => {
  test('has the parts of the list, each once and in its order, and names their flags', () => {
    expect([...document.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(parts.map(({ title }) => title));
    const flags = parts.map(({ flag }) => `\`${flag}\``).join(', ');
    expect(document).toContain(`In the order of the parts: ${flags}.`);
    expect(new Set(parts.map(({ flag }) => flag)).size).toBe(parts.length);
  });
});

test('a flag that no part has ends the run before anything is measured, and those that there are get named', () => {
  const given = ['--import', './scripts/typescript.mjs', 'bench/main.ts', '--decode', '--writes', 'simulation'];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, {
    cwd: new URL('../../', import.meta.url),
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('not a flag: --writes, simulation; there are --write');
  for (const { flag } of parts) expect(stderr).toContain(flag);
});
