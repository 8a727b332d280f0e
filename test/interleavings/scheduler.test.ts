/**
 * The scheduler itself: it notices every way in which the world may break its contract, and what it merges is the same.
 */
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { type Controller, type ControllerOptions, createController } from '../../src/controller.js';
import type { RestartPolicy } from '../../src/policy.js';
import { exploreSchedules, type Scenario, type WorldDefect } from '../../src/testing/explore.js';

const policy: RestartPolicy = { mode: 'always', backoff: 10, maxAttempts: 2, stableAfter: 100 };

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
    // It hears of a change whenever it looks.
    const restless = (options: ControllerOptions): Controller => {
      const { hypervisor } = options;
      let heard = (_: string): void => {};
      return createController({
        ...options,
        hypervisor: {
          ...hypervisor,
          inspect: (id) => async () => {
            heard(id);
            return hypervisor.inspect(id)();
          },
          subscribe: (listener) => {
            heard = listener;
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
      createController(
        begun++ === 0 ? options : { ...options, store: { ...options.store, list: async () => right([]) } },
      );
    const { violation } = await exploreSchedules({ ...stoppedWhileRunning, create: fickle });
    expect(violation?.guarantee).toMatch(/^the scenario is not deterministic/);
  });

  test('an exploration that gives up says so', async () => {
    const { complete, states } = await exploreSchedules(stoppedWhileStarted, { maxStates: 20 });
    expect({ complete, states }).toEqual({ complete: false, states: 20 });
  });
});
