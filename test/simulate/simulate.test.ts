import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  supervisionPaused,
  supervisionResumed,
} from '../../src/index.js';
import { phases, spansOf } from '../../src/simulate/timeline.js';
import {
  crashLoop,
  fixedRuns,
  type Run,
  randomFailures,
  type SimulationOptions,
  simulate,
  type Timeline,
  type Workload,
} from '../../src/simulate.js';
import { right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { arbGiven } from './given.js';

const minute = 60_000;
const always = policyWith({ backoff: 5_000 });

const of = (options: Partial<SimulationOptions>): Timeline =>
  right(simulate({ policy: always, workload: crashLoop({ runsFor: 1_000 }), for: minute, ...options }));

/** What happened, as lines that are read like a log. */
const told = ({ entries }: Timeline): ReadonlyArray<string> =>
  entries.map(({ at, state, reason, action }) =>
    [at, state, reason, ...(action === null ? [] : [`${action._tag} ${action.attempt}`])].join(' '),
  );

describe('a simulated instance', () => {
  test('begins with a person’s start, and is started again after the backoff', () => {
    expect(told(of({ for: 7_000 }))).toEqual([
      '0 stopped manual_start',
      '0 running running',
      '1000 stopped restart_after_exit Start 1',
      '1000 running running',
      '2000 stopped waiting_for_backoff',
      '6000 stopped restart_after_exit Start 2',
      '6000 running running',
    ]);
  });

  test('whose ends a rule does not count never comes to its limit, whatever the run', () => {
    const policy = policyWith({ maxAttempts: 2, rules: [{ causes: ['host'], action: 'restart_uncounted' }] });
    for (const run of [{ runsFor: 20_000 }, { runsFor: 0 }, { bootsFor: 1_000, runsFor: 0 }]) {
      const { summary } = of({ policy, workload: () => ({ ...run, cause: 'host' }), for: 10 * minute });
      expect(summary).toMatchObject({ blocked: 0, blockedAt: null });
      expect(summary.attempts).toBeGreaterThan(20);
    }
  });

  test('is looked at when it comes to run, when it turns unhealthy, and when nextWakeAt says so', () => {
    const run: Run = { bootsFor: 2_000, runsFor: null, unhealthyAfter: 3_000 };
    const workload = fixedRuns([run], { bootsFor: 2_000, runsFor: null });
    expect(told(of({ policy: policyWith({ stableAfter: 30_000 }), workload }))).toEqual([
      '0 stopped manual_start',
      '0 initializing initializing',
      '2000 running running',
      '5000 running restart_after_unhealthy Restart 1',
      '5000 initializing initializing',
      '7000 running running',
      '35000 running stable',
    ]);
  });

  test('whose start fails is charged for it, and attempted again', () => {
    const workload = fixedRuns([{ runsFor: 1_000 }, { runsFor: 0, startFails: true }]);
    expect(told(of({ workload }))).toEqual([
      '0 stopped manual_start',
      '0 running running',
      '1000 stopped restart_after_exit Start 1',
      '1000 stopped attempt_failed',
      '1000 stopped waiting_for_backoff',
      '6000 stopped restart_after_exit Start 2',
      '6000 running running',
    ]);
  });

  test('that never gets going is given up when its start times out', () => {
    const workload = fixedRuns([{ bootsFor: Number.POSITIVE_INFINITY, runsFor: null }]);
    const { summary, ...timeline } = of({ policy: policyWith({ startTimeout: 10_000 }), workload });
    expect(told({ summary, ...timeline })).toEqual([
      '0 stopped manual_start',
      '0 initializing initializing',
      '10000 initializing restart_after_start_timeout Restart 1',
      '10000 running running',
    ]);
    expect(summary).toMatchObject({ booting: 10_000, uptime: 50_000 });
  });

  test('that ends before it runs is never seen running', () => {
    const workload = fixedRuns([{ bootsFor: 2_000, runsFor: 0, exitCode: 0 }]);
    expect(told(of({ policy: policyWith({ mode: 'on_failure' }), workload }))).toEqual([
      '0 stopped manual_start',
      '0 initializing initializing',
      '2000 stopped clean_exit',
    ]);
  });

  test('does what people say, after what comes at the same moment by itself', () => {
    const words = [
      { at: 1_000, event: supervisionPaused },
      { at: 10_000, event: supervisionResumed },
      { at: 10_500, event: manuallyStopped },
      { at: 20_000, event: policyUpdated, policy: policyWith({ mode: 'never' }) },
      { at: 30_000, event: manuallyStarted },
    ];
    expect(told(of({ words }))).toEqual([
      '0 stopped manual_start',
      '0 running running',
      '1000 stopped restart_after_exit Start 1',
      '1000 running running',
      '1000 running pause_recorded',
      '1000 running paused',
      '2000 stopped paused',
      '10000 stopped resumed',
      '10000 stopped restart_after_exit Start 2',
      '10000 running running',
      '10500 running manual_stop_recorded',
      '10500 stopped manual_stop',
      '20000 stopped policy_updated',
      '20000 stopped manual_stop',
      '30000 stopped manual_start',
      '30000 running policy_never',
      '31000 stopped policy_never',
    ]);
  });

  test('is not told of a policy that equals its own', () => {
    const words = [{ at: 500, event: policyUpdated, policy: { ...always } }];
    expect(told(of({ words }))).toEqual(told(of({})));
  });

  test('is started by a person without a second run, where it runs already', () => {
    const counted: Array<number> = [];
    const workload: Workload = (run) => {
      counted.push(run);
      return { runsFor: null };
    };
    const { summary } = of({ workload, words: [{ at: 30_000, event: manuallyStarted }] });
    expect(counted).toEqual([1]);
    expect(summary.uptime).toBe(minute);
  });

  test('does not see what would come at the very end', () => {
    expect(told(of({ for: 1_000 }))).toEqual(['0 stopped manual_start', '0 running running']);
  });
});

describe('the summary of a simulation', () => {
  test('says how the time was spent, when it was blocked, and how long it was down at most', () => {
    const policy = policyWith({ backoff: 5_000, maxAttempts: 2 });
    expect(of({ policy, workload: crashLoop({ runsFor: 1_000 }) }).summary).toEqual({
      for: minute,
      uptime: 3_000,
      booting: 0,
      waiting: 4_000,
      blocked: 53_000,
      done: 0,
      attempts: 2,
      availability: 0.05,
      blockedAt: 7_000,
      longestOutage: 53_000,
    });
  });

  test('counts what is left down as done, and what runs unhealthy not as up', () => {
    const done = of({
      policy: policyWith({ mode: 'on_failure' }),
      workload: crashLoop({ runsFor: 1_000, exitCode: 0 }),
    });
    expect(done.summary).toMatchObject({ uptime: 1_000, done: 59_000, blocked: 0 });
    const sick = of({
      policy: policyWith({ backoff: 5_000, maxAttempts: 1 }),
      workload: () => ({ runsFor: null, unhealthyAfter: 1_000 }),
    });
    expect(sick.summary).toMatchObject({ uptime: 2_000, blocked: 58_000, longestOutage: 58_000 });
  });

  test('adds up to the whole span, to the millisecond', () => {
    fc.assert(
      fc.property(arbGiven, ({ options }) => {
        const timeline = right(simulate(options));
        const { summary, entries } = timeline;
        expect(summary.for).toBe(options.for);
        expect(phases.reduce((sum, phase) => sum + summary[phase], 0)).toBe(summary.for);

        // The same from the stretches that pictures are drawn of, which leave no gap.
        const spans = spansOf(timeline);
        for (const phase of phases) {
          const inPhase = spans.filter((span) => span.phase === phase);
          expect(inPhase.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(summary[phase]);
        }
        expect(spans.map(({ from }) => from)).toEqual([options.from, ...spans.slice(0, -1).map(({ to }) => to)]);

        expect(summary.attempts).toBe(entries.filter(({ action }) => action !== null).length);
        expect(summary.longestOutage).toBeLessThanOrEqual(summary.for - summary.uptime);
        expect(summary.availability).toBe(summary.uptime / summary.for);
      }),
    );
  });
});

describe('chance in a simulation', () => {
  const random = (options: Partial<SimulationOptions>) =>
    of({
      workload: randomFailures({ meanUptime: 10 * minute, exitCodes: [1, 137] }),
      for: 7 * 24 * 60 * minute,
      ...options,
    });

  test('is the same for the same seed and id, and another for others', () => {
    expect(random({ seed: 1, id: 'a' })).toEqual(random({ seed: 1, id: 'a' }));
    const others = [random({ seed: 1, id: 'a' }), random({ seed: 2, id: 'a' }), random({ seed: 1, id: 'b' })];
    expect(new Set(others.map(({ summary }) => summary.uptime)).size).toBe(3);
  });

  test('is the same for each policy that is compared', () => {
    const drawn = (backoff: number): ReadonlyArray<number> => {
      const lengths: Array<number> = [];
      const workload: Workload = (run, draw) => {
        const made = randomFailures({ meanUptime: minute })(run, draw);
        lengths.push(made.runsFor ?? 0);
        return made;
      };
      of({ policy: policyWith({ backoff }), workload, for: 60 * minute });
      return lengths.slice(0, 10);
    };
    expect(drawn(1_000)).toEqual(drawn(30_000));
  });

  test('lets runs last as long as was asked for on the average, and spreads them as failures are spread', () => {
    const lengths: Array<number> = [];
    const workload: Workload = (run, draw) => {
      const made = randomFailures({ meanUptime: minute })(run, draw);
      lengths.push((made.runsFor ?? 0) / minute);
      return made;
    };
    of({ workload, for: 20_000 * minute });
    const share = (holds: (length: number) => boolean): number => lengths.filter(holds).length / lengths.length;
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeCloseTo(1, 1);
    for (const long of [0.1, 0.5, 1, 2, 3]) expect(share((length) => length > long)).toBeCloseTo(Math.exp(-long), 1);
  });

  test('picks each of the exit codes equally often', () => {
    const codes = new Map<number | null, number>();
    const workload: Workload = (run, draw) => {
      const made = randomFailures({ meanUptime: minute, exitCodes: [1, 2, null] })(run, draw);
      const code = made.exitCode ?? null;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      return made;
    };
    of({ workload, for: 20_000 * minute });
    expect([...codes.keys()].sort()).toEqual([1, 2, null]);
    const total = [...codes.values()].reduce((sum, count) => sum + count, 0);
    for (const count of codes.values()) expect(count / total).toBeCloseTo(1 / 3, 1);
  });
});
