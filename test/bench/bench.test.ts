/**
 * The benchmarks, once and at a tiny size: that they run and compare like with like. How long things take is not
 * asserted.
 */
import { describe, expect, test } from 'vitest';
import { casesOf, largerCasesOf, largerPathNames, pathNames } from '../../bench/cases.js';
import { answersTo, largerAnswersTo } from '../../bench/decide.js';
import { decodeAnswers, decodeInputs, decodeNames } from '../../bench/decode.js';
import { withPart } from '../../bench/part.js';
import { plotOf } from '../../bench/plot.js';
import { describeMachine, documentOf } from '../../bench/report.js';
import { decodeText } from '../../bench/report-decode.js';
import { importsText } from '../../bench/report-imports.js';
import { restartsText } from '../../bench/report-restarts.js';
import { measureAll } from '../../bench/results.js';

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

  // Everything is measured once: half a minute where others work beside it.
  test('run to a document with a table for each part, and a plot', { timeout: 300_000 }, async () => {
    const results = await measureAll(
      {
        effort: { rounds: 1, millis: 1 },
        isolates: 2,
        instances: 1_000,
        simulation: { crashes: 20, instances: 10 },
        history: { crashes: 5, entries: 100 },
        controllers: [100, 200],
        eventsPerRound: 100,
        fleets: [100, 200],
        savesPerRound: 3,
        imports: { rounds: 1, entries: ['index', 'codec'] },
        // pm2 would be installed from the network.
        restarts: { rounds: 1, restartsPerRound: 3, foreign: [0, 2], children: 2, withPm2: false },
      },
      () => {},
    );
    // Two of a hundred are due.
    expect(results.pass.actions).toBe(20);

    // Without PostgreSQL its row is missing, and the benchmark says so; in CI it must be there.
    if (process.env['CI'] === 'true') {
      expect(results.stores).toHaveLength(2);
      expect(results.fleets).toHaveLength(6);
    }

    // Two numbers of foreign processes for each side.
    const sides = results.restarts.held.map(({ side }) => side);
    expect(sides[0]).toBe('bare spawn');
    for (const adapter of ['process', 'shared-process'])
      expect(sides.some((side) => side.startsWith(adapter))).toBe(true);
    expect(results.restarts.restarts.map(({ side }) => side)).toEqual(sides.flatMap((side) => [side, side]));

    const text = documentOf(results, describeMachine());
    // Written alone, a part is what it is in the whole.
    const [imports, restarts] = [importsText(results.imports), restartsText(results.restarts)];
    const decode = decodeText(results.decoding);
    for (const part of [decode, imports, restarts]) expect(withPart(text, part)).toBe(text);
    expect(withPart(text.slice(0, text.indexOf(restarts)), restarts)).toBe(text);
    for (const row of [
      ...pathNames,
      ...largerPathNames,
      ...decodeNames,
      'bytes per status',
      'simulate',
      'bytes kept per entry, until the entries are read',
      'bytes kept per entry, once they are read',
      'told to a history',
      'with one in SQLite, its writes included',
      'in SQLite, with its indexes',
      '100',
      '200',
      'SQLite (libsql)',
      'fp-ts/lib/Either.js',
      'restart-policy',
      'restart-policy/codec',
    ])
      expect(text).toContain(`\n| ${row} | `);
    for (const side of sides) expect(text).toContain(`\n| ${side} | 2 | `);
    expect(text).not.toContain('NaN');
    expect(plotOf(results.paths)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(plotOf(results.paths)).not.toContain('NaN');
  });
});
