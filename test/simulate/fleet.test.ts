import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StartLimits } from '../../src/admission.js';
import { summaryOf } from '../../src/simulate/tally.js';
import { phases } from '../../src/simulate/timeline.js';
import {
  crashLoop,
  type FleetOptions,
  type FleetTimeline,
  fixedRuns,
  type Run,
  randomFailures,
  simulate,
  simulateFleet,
} from '../../src/simulate.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { arbPolicy, arbRun } from './given.js';

const minute = 60_000;

const of = (options: Partial<FleetOptions>): FleetTimeline =>
  right(
    simulateFleet({
      policies: [policyWith({ backoff: 1_000 })],
      instances: 50,
      workload: crashLoop({ runsFor: 20_000 }),
      for: 10 * minute,
      ...options,
    }),
  );

/** When automatic attempts were made, in order. */
const attemptTimes = ({ instances }: FleetTimeline): ReadonlyArray<number> =>
  instances
    .flatMap(({ timeline }) => timeline.entries.flatMap(({ at, action }) => (action === null ? [] : [at])))
    .sort((a, b) => a - b);

/** The most of them within any span of so many milliseconds. */
const peakWithin = (times: ReadonlyArray<number>, span: number): number =>
  Math.max(0, ...times.map((at) => times.filter((other) => other > at - span && other <= at).length));

/** How many are initializing just after a moment. */
const initializingAt = ({ instances }: FleetTimeline, at: number): number =>
  instances.filter(
    ({ timeline }) => timeline.entries.filter((entry) => entry.at <= at).at(-1)?.state === 'initializing',
  ).length;

describe('a simulated fleet', () => {
  test('has each run as it was answered, where the workload answers with one object and changes it', () => {
    const shared: { runsFor: number; exitCode: number } = { runsFor: 0, exitCode: 0 };
    let asked = 0;
    const answered = (): Run => ({ runsFor: 5_000 + (asked % 7) * 1_000, exitCode: asked++ % 3 });
    const options = {
      policies: [policyWith({ mode: 'on_failure', backoff: 1_000 })],
      instances: 5,
      starts: { perSecond: 2 },
    };
    const fresh = of({ ...options, workload: answered });
    asked = 0;
    const reused = of({ ...options, workload: () => Object.assign(shared, answered()) });
    expect(reused).toEqual(fresh);
    for (const { timeline } of reused.instances) {
      expect(summaryOf(timeline.entries, 10 * minute)).toEqual(timeline.summary);
    }
  });

  test('without limits does what each instance does alone', () => {
    fc.assert(
      fc.property(fc.array(arbPolicy, { minLength: 1, maxLength: 3 }), arbRun, fc.nat(100), (policies, run, seed) => {
        const workload = fixedRuns([run, { runsFor: 5_000 }], run);
        const fleet = of({ policies, instances: 4, workload, seed, for: 30_000 });
        for (const [index, { id, timeline }] of fleet.instances.entries()) {
          expect(id).toBe(`instance-${index + 1}`);
          const policy = policies[index % policies.length] ?? policyWith();
          expect(timeline).toEqual(right(simulate({ policy, workload, seed, id, for: 30_000 })));
        }
      }),
    );
  });

  test('with limits that are never reached does the same', () => {
    const given = { instances: 20, workload: randomFailures({ meanUptime: minute }), seed: 7 };
    expect(of({ ...given, starts: { inFlight: 20, perSecond: 1_000_000, burst: 1_000_000 } })).toEqual(of(given));
  });

  test('adds up what its instances did', () => {
    const { instances, summary } = of({ workload: randomFailures({ meanUptime: minute }) });
    const sum = (of: (timeline: (typeof instances)[0]['timeline']) => number): number =>
      instances.reduce((total, { timeline }) => total + of(timeline), 0);
    expect(summary.for).toBe(50 * 10 * minute);
    expect(phases.reduce((total, phase) => total + summary[phase], 0)).toBe(summary.for);
    for (const phase of phases) expect(summary[phase]).toBe(sum((timeline) => timeline.summary[phase]));
    expect(summary.attempts).toBe(sum((timeline) => timeline.summary.attempts));
    expect(summary.longestOutage).toBe(Math.max(...instances.map(({ timeline }) => timeline.summary.longestOutage)));
    expect(summary.peakStarts).toBe(
      peakWithin(attemptTimes(of({ workload: randomFailures({ meanUptime: minute }) })), 1_000),
    );
    expect(summary.outageP50).toBeGreaterThan(0);
    expect(summary.outageP99).toBeGreaterThanOrEqual(summary.outageP50);
    expect(summary.longestOutage).toBeGreaterThanOrEqual(summary.outageP99);
  });

  test('says what most outages were no longer than', () => {
    // One of a hundred instances boots for ever.
    let started = 0;
    const { summary } = of({
      instances: 100,
      workload: (run) => {
        if (run === 1) started++;
        return run === 1 ? { runsFor: 30_000 } : { bootsFor: started === 100 ? 50_000 : 4_000, runsFor: null };
      },
    });
    expect(summary).toMatchObject({ outageP50: 4_000, outageP99: 4_000, longestOutage: 50_000 });
  });

  test('comes back all at once without limits, and no faster than they say with them', () => {
    expect(of({}).summary.peakStarts).toBe(50);
    expect(of({ starts: { perSecond: 5 } }).summary.peakStarts).toBe(5);
    expect(of({ starts: { perSecond: 5, burst: 20 } }).summary.peakStarts).toBe(25 - 1);
  });

  test('never begins more attempts than its limits admit, in any span', () => {
    const arbLimits: fc.Arbitrary<StartLimits> = fc.record(
      {
        perSecond: fc.constantFrom(0.5, 1, 3, 10),
        burst: fc.integer({ min: 1, max: 10 }),
        inFlight: fc.integer({ min: 1, max: 10 }),
      },
      { requiredKeys: ['perSecond'] },
    );
    fc.assert(
      fc.property(arbLimits, arbPolicy, arbRun, fc.integer({ min: 1, max: 30 }), (starts, policy, run, instances) => {
        const fleet = of({
          policies: [policy],
          workload: fixedRuns([{ runsFor: 1_000 }], run),
          instances,
          starts,
          for: 30_000,
        });
        const times = attemptTimes(fleet);
        const { perSecond = 0, burst = 1 } = starts;
        for (const span of [1, 1_000, 7_000]) {
          // The last millisecond of a span is not waited for in full.
          expect(peakWithin(times, span)).toBeLessThanOrEqual(burst + (perSecond * (span - 1)) / 1_000);
        }
        expect(fleet.summary.peakStarts).toBe(peakWithin(times, 1_000));
      }),
    );
  });

  test('has no more in flight than its limits admit', () => {
    const workload = fixedRuns([{ runsFor: 20_000 }], { bootsFor: 3_000, runsFor: 20_000 });
    const fleet = of({ workload, starts: { inFlight: 4 } });
    const inFlight = attemptTimes(fleet).map((at) => initializingAt(fleet, at));
    expect(Math.max(...inFlight)).toBe(4);
    expect(Math.max(...attemptTimes(of({ workload })).map((at) => initializingAt(of({ workload }), at)))).toBe(50);
  });

  test('lets those with a higher priority go first, and among equals whoever is due longest', () => {
    const starts = { perSecond: 1, priority: (id: string) => (id === 'instance-3' ? 1 : 0) };
    const { instances } = of({ instances: 4, workload: fixedRuns([{ runsFor: 20_000 }]), starts });
    const restartedAt = instances.map(({ timeline }) => timeline.entries.find(({ action }) => action !== null)?.at);
    // The first one finds room at once, for nobody else is down yet.
    expect(restartedAt).toEqual([20_000, 22_000, 21_000, 23_000]);
  });

  test('shows what waits for its turn as an attempt that is due, without an action', () => {
    const { instances } = of({ instances: 2, workload: fixedRuns([{ runsFor: 20_000 }]), starts: { perSecond: 0.1 } });
    const [, second] = instances;
    const held = second?.timeline.entries.filter(({ at }) => at >= 20_000);
    expect(held?.map(({ at, reason, action, status }) => [at, reason, action?._tag ?? null, status.attempts])).toEqual([
      [20_000, 'restart_after_exit', null, 0],
      [30_000, 'restart_after_exit', 'Start', 1],
      [30_000, 'running', null, 1],
    ]);
    expect(second?.timeline.summary).toMatchObject({ waiting: 10_000, longestOutage: 10_000 });
  });

  test('starves nobody: whoever is held back is started before those who came later', () => {
    const { instances } = of({ workload: crashLoop({ runsFor: 1_000 }), starts: { perSecond: 5 } });
    const attempts = instances.map(({ timeline }) => timeline.summary.attempts);
    expect(Math.max(...attempts) - Math.min(...attempts)).toBeLessThanOrEqual(1);
  });

  test.each([
    [{ policies: [] }, 'policies must be an array of one policy or more, not an empty one'],
    [{ policies: policyWith() }, 'policies must be an array of one policy or more, not an object'],
    [
      { policies: [policyWith(), { ...policyWith(), backoff: -1 }] },
      'policies[1].backoff must be a positive number of milliseconds, not -1',
    ],
    [{ policies: [policyWith(), null] }, 'policies[1] must be a policy, not null'],
    [{ instances: 0 }, 'instances must be a whole number from 1 to 100000, not 0'],
    [{ starts: { inFlight: 0 } }, 'starts.inFlight must be a whole number from 1, not 0'],
    [{ starts: { burst: 2 } }, 'starts.burst needs perSecond'],
    [
      { starts: { perMinute: 2 } },
      'starts.perMinute is not a known option; the known ones are inFlight, perSecond, burst, priority',
    ],
    [{ for: Number.POSITIVE_INFINITY }, 'for must be a positive number of milliseconds, not Infinity'],
    [
      { workload: () => ({}) },
      'workload(1).runsFor must be null or a number of milliseconds from 0, but it is missing',
    ],
    [
      { mostEntries: 100, starts: { perSecond: 5 } },
      'for is too long for what this workload does: it has more than 100 entries after 20s',
    ],
  ])('that cannot be is refused, and the field is named: %o', (options, message) => {
    const given = { policies: [policyWith()], instances: 50, workload: crashLoop({ runsFor: 20_000 }), for: minute };
    expect(left(simulateFleet({ ...given, ...options } as FleetOptions)).message).toBe(message);
  });
});
