/**
 * The scheduler itself: it notices every way in which the world may break its contract, and moments that it merges have
 * the same future.
 */
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { Controller, ControllerOptions } from '../../src/controller.js';
import { exploreSchedules, type Scenario, type WorldDefect } from '../../src/testing/explore.js';
import { controllerOf } from '../support/controller.js';
import { policy } from './scenarios.js';

const stoppedWhileStarted: Scenario = {
  name: 'a person stops an instance that is about to be started',
  exclusion: 'section',
  policy,
  instance: 'ended',
  controllers: 1,
  people: [{ via: 0, says: ['stop'] }],
  budgets: {},
};
const stoppedWhileRunning: Scenario = { ...stoppedWhileStarted, instance: 'running' };
const startedAndStopped: Scenario = {
  ...stoppedWhileRunning,
  people: [
    { via: 0, says: ['stop'] },
    { via: 0, says: ['start'] },
  ],
};

/** A call outlasts its deadline; one attempt, and nobody notified, keep it small. */
const late = { policy: { ...policy, maxAttempts: 1 }, notifies: false, budgets: { deadlines: 1 } } as const;
const lateWhileStarted: Scenario = { ...stoppedWhileStarted, ...late };
const lateWhileRunning: Scenario = { ...stoppedWhileRunning, ...late };

const pausedAndStopped: Scenario = {
  ...stoppedWhileRunning,
  people: [
    { via: 0, says: ['stop'] },
    { via: 0, says: ['pause'] },
  ],
  budgets: { refusals: 1 },
};
const updatedWhileRestarted: Scenario = {
  ...stoppedWhileStarted,
  policy: { ...policy, mode: 'on_failure' },
  instance: 'unhealthy',
  stopExitCode: 0,
  people: [{ via: 0, says: [{ update: { ...policy, mode: 'on_failure', backoff: 20 } }] }],
};

interface Breach {
  readonly defect: WorldDefect;
  readonly scenario: Scenario;
  readonly noticed: RegExp;
}

const breaches: ReadonlyArray<Breach> = [
  { defect: 'permit ignored on start', scenario: stoppedWhileStarted, noticed: /^G9: the instance runs after an ack/ },
  { defect: 'permit ignored on stop', scenario: startedAndStopped, noticed: /^G9/ },
  {
    defect: 'check outside the section',
    scenario: stoppedWhileStarted,
    noticed: /^G9: the instance runs after an ack/,
  },
  {
    defect: 'undo outside the section',
    scenario: { ...stoppedWhileRunning, budgets: { refusals: 1 } },
    noticed: /^D12: a stop was answered refused, and a repair carried it out/,
  },
  {
    defect: 'two runs at once',
    scenario: { ...stoppedWhileRunning, people: [{ via: 0, says: ['start'] }] },
    noticed: /^A1/,
  },
  {
    defect: 'stop answers before the run is gone',
    scenario: stoppedWhileRunning,
    noticed: /^G9: a stop was acknowledged while the instance runs/,
  },
  {
    defect: 'fence not durable',
    scenario: { ...stoppedWhileStarted, exclusion: 'fenced', budgets: { crashes: 1 } },
    noticed: /^G9: the instance runs after an acknowledged stop/,
  },
  {
    defect: 'revisions reused',
    scenario: {
      ...stoppedWhileStarted,
      people: [{ via: 0, says: ['delete', { update: policy }, { update: { ...policy, backoff: 20 } }] }],
    },
    noticed: /^G9: the instance runs after an acknowledged stop/,
  },
  {
    defect: 'section left at the deadline',
    scenario: lateWhileStarted,
    noticed: /^G9/,
  },
];

describe('a world that breaks its contract is noticed', () => {
  test.each(breaches)('$defect', async ({ defect, scenario, noticed }) => {
    const { violation } = await exploreSchedules({ ...scenario, defect }, { maxStates: 50_000 });
    expect(violation?.guarantee ?? 'nothing was noticed').toMatch(noticed);
  });

  test.each(breaches)('$defect: without it there is nothing to notice', async ({ scenario }) => {
    const { complete, violation } = await exploreSchedules(scenario);
    expect({ complete, violation }).toEqual({ complete: true, violation: null });
  });
});

describe('moments that are taken for the same', () => {
  const happenings = async (scenario: Scenario, remember: 'everything' | 'what matters') => {
    const seen = new Set<string>();
    const { states, complete } = await exploreSchedules(scenario, {
      remember,
      onHappening: ({ text, waiting, record, isRunning }) =>
        void seen.add(JSON.stringify([text, [...waiting].sort(), record, isRunning])),
    });
    return { seen, states, complete };
  };

  test.each([
    stoppedWhileStarted,
    { ...stoppedWhileRunning, exclusion: 'fenced', budgets: { refusals: 1 } },
    { ...startedAndStopped, exclusion: 'none' },
    { ...stoppedWhileStarted, people: [{ via: 0, says: ['delete', 'start'] }] },
    { ...stoppedWhileStarted, people: [], budgets: { faults: 1, exits: 1 } },
    { ...stoppedWhileStarted, people: [{ via: 0, says: ['pause', 'resume'] }] },
    { ...pausedAndStopped, exclusion: 'fenced' },
    updatedWhileRestarted,
    lateWhileRunning,
    { ...lateWhileRunning, budgets: { deadlines: 1, refusals: 1 } },
    { ...lateWhileRunning, exclusion: 'fenced' },
    { ...lateWhileRunning, exclusion: 'none', people: [{ via: 0, says: ['delete'] }] },
    { ...lateWhileRunning, instance: 'unhealthy', people: [] },
    { ...lateWhileStarted, exclusion: 'fenced', people: [] },
    { ...lateWhileStarted, people: [], heeds: false },
    { ...lateWhileRunning, budgets: { closes: 1 } },
    { ...lateWhileStarted, people: [], budgets: { closes: 1 } },
  ] satisfies ReadonlyArray<Scenario>)(
    '$exclusion, $instance, $people, $budgets: what can happen is the same when everything is remembered',
    async (scenario) => {
      const all = await happenings(scenario, 'everything');
      const merged = await happenings(scenario, 'what matters');
      expect(all.complete && merged.complete).toBe(true);
      expect(merged.states).toBeLessThanOrEqual(all.states);
      expect([...all.seen].filter((happening) => !merged.seen.has(happening))).toEqual([]);
      expect(merged.seen.size).toBe(all.seen.size);
    },
  );

  test('a controller that comes round by itself is noticed', async () => {
    // It is notified of a change whenever it inspects.
    const restless = (options: ControllerOptions): Controller => {
      const { hypervisor } = options;
      let notify = (_: string): void => {};
      return controllerOf({
        ...options,
        hypervisor: {
          ...hypervisor,
          inspect: (id) => async () => {
            notify(id);
            return hypervisor.inspect(id)();
          },
          subscribe: (listener) => {
            notify = listener;
            return () => {};
          },
        },
      });
    };
    const { violation } = await exploreSchedules({ ...stoppedWhileRunning, people: [], create: restless });
    expect(violation?.guarantee).toMatch(/^G5: a moment comes back/);
  });

  test('a controller that does not do the same again is noticed', async () => {
    let begun = 0;
    const fickle = (options: ControllerOptions): Controller =>
      controllerOf(begun++ === 0 ? options : { ...options, store: { ...options.store, list: async () => right([]) } });
    const { violation } = await exploreSchedules({ ...stoppedWhileRunning, create: fickle });
    expect(violation?.guarantee).toMatch(/^the scenario is not deterministic/);
  });

  test('an exploration that gives up says so', async () => {
    const { complete, states } = await exploreSchedules(stoppedWhileStarted, { maxStates: 20 });
    expect({ complete, states }).toEqual({ complete: false, states: 20 });
  });
});
