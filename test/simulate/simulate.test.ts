import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  type RestartPolicy,
  supervisionPaused,
  supervisionResumed,
} from '../../src/index.js';
import { summaryOf } from '../../src/simulate/tally.js';
import { phases, spansOf } from '../../src/simulate/timeline.js';
import {
  crashLoop,
  fixedRuns,
  type PersonAct,
  type Run,
  randomFailures,
  type SimulationOptions,
  simulate,
  simulateFleet,
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

  test('is restarted by a policy whose fields are those of a class, and by one that a person gives it', () => {
    class Written implements RestartPolicy {
      readonly backoff = 1_000;
      get mode(): 'always' {
        return 'always';
      }
      get maxAttempts(): number {
        return 0;
      }
      get stableAfter(): number {
        return 600_000;
      }
    }
    const plain = policyWith({ backoff: 1_000 });
    const policy = new Written();
    expect(of({ policy }).entries).toEqual(of({ policy: plain }).entries);
    const at = (updated: RestartPolicy): ReadonlyArray<PersonAct> => [
      { at: 20_000, event: policyUpdated, policy: updated },
    ];
    expect(of({ words: at(policy) }).entries).toEqual(of({ words: at(plain) }).entries);
    expect(of({ words: at(policy) }).entries).not.toEqual(of({}).entries);
    const fleet = (one: RestartPolicy) =>
      simulateFleet({ policies: [one], instances: 2, workload: crashLoop({ runsFor: 1_000 }), for: minute });
    expect(right(fleet(policy)).summary).toEqual(right(fleet(plain)).summary);
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

describe('the entries of a simulation', () => {
  test('are made when they are read, and are the same ones from then on', () => {
    const timeline = of({});
    const { entries } = timeline;
    expect(timeline.entries).toBe(entries);
    expect({ ...timeline }.entries).toBe(entries);
    expect(JSON.parse(JSON.stringify(timeline))).toEqual({ entries, summary: timeline.summary });
    expect(structuredClone(timeline)).toEqual({ entries, summary: timeline.summary });
  });

  test('are of the policy and the runs as they were, whatever became of those objects', () => {
    const written = { mode: 'always', backoff: 5_000, maxAttempts: 0, stableAfter: 600_000 } as const;
    const rule = { exitCodes: [[3, 5] as [number, number]], action: 'stop' as 'stop' | 'restart' };
    const policy = { ...written, rules: [rule] };
    const updated = { ...written, backoff: 2_000 };
    const run = { runsFor: 1_000, exitCode: 1 };
    const workload: Workload = () => {
      run.runsFor += 1;
      run.exitCode += 1;
      return run;
    };
    const words = [{ at: 30_000, event: policyUpdated, policy: updated }];
    const early = told(of({ policy, workload, words }));
    Object.assign(run, { runsFor: 1_000, exitCode: 1 });
    const late = of({ policy, workload, words });
    Object.assign(run, { runsFor: 0, exitCode: 0, startFails: true });
    Object.assign(rule, { action: 'restart' });
    rule.exitCodes[0]?.fill(0);
    Object.assign(policy, { backoff: 1, mode: 'never' });
    Object.assign(updated, { mode: 'never' });
    expect(told(late)).toEqual(early);
  });

  test('are of what people did as it was given, whatever became of those objects', () => {
    const stop = { at: 30_000, event: { ...manuallyStopped } };
    const start = { at: 40_000, event: { ...manuallyStarted } };
    const words = [stop, start];
    const early = told(of({ words }));
    const late = of({ words });
    Object.assign(stop.event, { _tag: 'Pause' });
    Object.assign(start, { at: 50_000 });
    words.pop();
    expect(told(late)).toEqual(early);
  });

  test('are read through what answers with a proxy of each object', () => {
    const watched = <A extends object>(whole: A): A =>
      new Proxy(whole, {
        get: (target, key, receiver) => {
          const value: unknown = Reflect.get(target, key, receiver);
          return typeof value === 'object' && value !== null ? watched(value) : value;
        },
      });
    const timeline = of({});
    const seen = watched(of({}));
    expect(seen.summary.attempts).toBe(timeline.summary.attempts);
    expect(told(seen)).toEqual(told(timeline));
  });

  test('keep neither the workload alive nor the rest of a fleet', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const simulated = (): { readonly kept: ReadonlyArray<Timeline>; readonly gone: ReadonlyArray<WeakRef<object>> } => {
      const workload: Workload = () => ({ runsFor: 1_000 });
      const options = { policies: [always], instances: 3, workload, for: minute };
      const fleets = [simulateFleet(options), simulateFleet({ ...options, starts: { perSecond: 1 } })].map(right);
      return {
        kept: fleets.flatMap(({ instances }) => instances.slice(0, 1).map(({ timeline }) => timeline)),
        gone: [
          new WeakRef(workload),
          ...fleets.flatMap(({ instances }) => instances.slice(1).map(({ timeline }) => new WeakRef(timeline))),
        ],
      };
    };
    const { kept, gone } = simulated();
    // What a WeakRef has been made of stays until the end of that turn, and what is being compiled for until that is done.
    for (let turns = 0; turns < 100 && gone.some((each) => each.deref() !== undefined); turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    expect(gone.map((each) => each.deref())).toEqual([undefined, undefined, undefined, undefined, undefined]);
    for (const { entries } of kept) expect(entries.length).toBeGreaterThan(10);
  });

  test('do not ask the workload again', () => {
    let asked = 0;
    const { entries, summary } = of({
      workload: (number) => {
        asked++;
        return { runsFor: 1_000 * number };
      },
    });
    const starts = entries.filter(({ action }) => action !== null).length + 1;
    expect(asked).toBe(starts);
    expect(summary.attempts).toBe(starts - 1);
  });

  test('say of a long simulation what its summary says, with runs of every kind', () => {
    const kinds: ReadonlyArray<Run> = [
      { runsFor: 1_000.5, exitCode: 7, cause: 'signal' },
      { bootsFor: 300.25, runsFor: 2_000, unhealthyAfter: 500 },
      { runsFor: 0, startFails: true },
      { bootsFor: Number.POSITIVE_INFINITY, runsFor: null },
      { runsFor: 50, exitCode: null, cause: 'unknown' },
    ];
    const policy = policyWith({ backoff: 10, startTimeout: 1_000 });
    const timeline = of({ policy, workload: (number) => kinds[number % kinds.length] as Run, for: 3_600_000 });
    expect(timeline.entries.length).toBeGreaterThan(5_000);
    expect(summaryOf(timeline.entries, 3_600_000)).toEqual(timeline.summary);
    const ends = timeline.entries.flatMap(({ event }) =>
      event._tag === 'Observed' && event.instance.cause !== undefined ? [event.instance.cause] : [],
    );
    expect(new Set(ends)).toEqual(new Set(['signal', 'unknown']));
  });
});
