/**
 * The race of the reference (D1): between writing an attempt and starting, a stop slips in, and the instance is started
 * all the same. With permits and repair it does not come about; without them it is found.
 */
import { describe, expect, test } from 'vitest';
import { exploreSchedules, replaySchedule, type Scenario, showViolation } from '../../src/testing/explore.js';
import { withoutPermitsAndRepair } from './reference.js';

const protectedRace: Scenario = {
  name: 'a stop slips in between an attempt and its start',
  exclusion: 'none',
  policy: { mode: 'always', backoff: 10, maxAttempts: 2, stableAfter: 100 },
  instance: 'ended',
  controllers: 1,
  people: [{ via: 0, says: ['stop'] }],
  budgets: {},
};
const race: Scenario = { ...protectedRace, create: withoutPermitsAndRepair };

/** What a controller remembers is taken for granted of ours; this is another. */
const options = { maxStates: 5_000, remember: 'everything' } as const;

describe("an automatic start and a person's stop at the same time", () => {
  test('without permits and repair the instance runs in the end, and the schedule says how it came to that', async () => {
    const { violation, states } = await exploreSchedules(race, options);
    if (violation === null) throw new Error(`not found in ${states} states`);
    console.log(showViolation(race, violation));
    expect(violation.guarantee).toBe('G9: at the end the instance runs, although a person stopped it');
    const order = violation.trace.map((line) => line.replace(/^ *\d+ +/, ''));
    const attempt = order.findIndex((line) => line.startsWith('c0    save 1 attempts'));
    const stop = order.findIndex((line) => line.startsWith('c0/p0 save manual_stop'));
    const start = order.findIndex((line) => line.startsWith('c0    start'));
    expect(attempt).toBeGreaterThanOrEqual(0);
    expect(stop).toBeGreaterThan(attempt);
    expect(start).toBeGreaterThan(stop);
  });

  test('without permits inside a section the instance is even started after the stop was acknowledged', async () => {
    const { violation } = await exploreSchedules({ ...race, exclusion: 'section' }, options);
    expect(violation?.guarantee).toMatch(/^G9: the instance runs after an acknowledged stop/);
  });

  test('the schedule is followed again from its string, line by line', async () => {
    const { violation } = await exploreSchedules(race, options);
    if (violation === null) throw new Error('not found');
    expect(await replaySchedule(race, violation.replay)).toEqual(violation);
  });

  test('with permits and repair every schedule ends well', async () => {
    const { complete, violation } = await exploreSchedules(protectedRace);
    expect({ complete, violation }).toEqual({ complete: true, violation: null });
  });

  test('a string that is no schedule of the scenario leads nowhere', async () => {
    expect(await replaySchedule(race, 'zz')).toBe(null);
    expect(await replaySchedule(race, 'not a schedule')).toBe(null);
  });
});
