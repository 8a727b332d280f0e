/**
 * The benchmarks, once and at a tiny size: that they run and compare like with like. How long things take is not
 * asserted.
 */
import { describe, expect, test } from 'vitest';
import { casesOf, pathNames } from '../../bench/cases.js';
import { answersTo } from '../../bench/decide.js';
import { plotOf } from '../../bench/plot.js';
import { describeMachine, documentOf } from '../../bench/report.js';
import { measureAll } from '../../bench/results.js';

const reasons = {
  quiet: 'running',
  waiting: 'waiting_for_backoff',
  attempt: 'restart_after_exit',
  stable: 'stable',
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

  test('run to a document with a table for each part, and a plot', async () => {
    const results = await measureAll(
      {
        effort: { rounds: 1, millis: 1 },
        isolates: 2,
        instances: 1_000,
        controllers: [100, 200],
        eventsPerRound: 100,
        savesPerRound: 3,
      },
      () => {},
    );
    // Two of a hundred are due.
    expect(results.pass.actions).toBe(20);

    // Without PostgreSQL its row is missing, and the benchmark says so; in CI it must be there.
    if (process.env['CI'] === 'true') expect(results.stores).toHaveLength(2);

    const text = documentOf(results, describeMachine());
    for (const row of [...pathNames, 'bytes per status', '100', '200', 'SQLite (libsql)'])
      expect(text).toContain(`\n| ${row} | `);
    expect(text).not.toContain('NaN');
    expect(plotOf(results.paths)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(plotOf(results.paths)).not.toContain('NaN');
  });
});
