import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxMillis } from '../../src/duration.js';
import { randomOf } from '../../src/simulate/random.js';
import { type FleetOptions, simulateFleet, type Timeline } from '../../src/simulate.js';
import { createMemoryStore, createScriptedHypervisor, createVirtualClock } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { runs } from '../support/proof.js';
import { policyWith } from '../support/values.js';
import { behind } from './real.js';

/** When a real controller makes the automatic attempts of each instance, under the same limits. */
const attemptsOfController = async (options: FleetOptions): Promise<ReadonlyArray<ReadonlyArray<number>>> => {
  const { policies, instances, workload, seed = 0, starts } = options;
  const ids = Array.from({ length: instances }, (_, index) => `instance-${index + 1}`);
  const clock = createVirtualClock(0);
  const hypervisor = right(createScriptedHypervisor({ clock }));
  const made = new Map(ids.map((id) => [id, [] as Array<number>]));
  const randoms = new Map(ids.map((id) => [id, randomOf(seed, id)]));
  const counts = new Map(ids.map((id) => [id, 0]));
  hypervisor.everyStart((id) => {
    const run = (counts.get(id) ?? 0) + 1;
    counts.set(id, run);
    const { bootsFor = 0, runsFor, exitCode = null } = workload(run, randoms.get(id) ?? (() => 0));
    return {
      ...(bootsFor > 0 ? { initializingMs: bootsFor } : {}),
      ...(runsFor === null ? {} : { exits: { afterMs: Math.ceil(bootsFor) + Math.ceil(runsFor), exitCode } }),
    };
  });
  const controller = controllerOf({
    store: createMemoryStore(),
    hypervisor,
    clock: behind(clock),
    starts,
    concurrency: 1_000,
    resyncEvery: maxMillis,
    onDecision: ({ id, now, actions }) => {
      if (actions.length > 0) made.get(id)?.push(now);
    },
  });
  await clock.settle();
  for (const [index, id] of ids.entries())
    await controller.updatePolicy(id, policies[index % policies.length] ?? policyWith())();
  await Promise.all(ids.map((id) => controller.manualStart(id)()));
  await clock.advanceTo(options.for - 1);
  await controller.close()();
  return [...made.values()];
};

/** When its runs ended. */
const endsOf = ({ entries }: Timeline): ReadonlyArray<number> =>
  entries.flatMap(({ at, state }, index) =>
    state === 'stopped' && index > 0 && entries[index - 1]?.state !== 'stopped' ? [at] : [],
  );

describe('a simulated fleet under limits', () => {
  test('is started at the same moments as by the real controller with the same limits', async () => {
    const arbStarts = fc.record(
      {
        perSecond: fc.constantFrom(0.3, 1, 4),
        burst: fc.integer({ min: 1, max: 3 }),
        inFlight: fc.integer({ min: 1, max: 4 }),
      },
      { requiredKeys: ['perSecond'] },
    );
    const arbRuns = fc.array(fc.integer({ min: 100, max: 20_000 }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        arbStarts,
        arbRuns,
        fc.integer({ min: 0, max: 3_000 }),
        fc.nat(5),
        async (starts, lengths, bootsFor, seed) => {
          const options: FleetOptions = {
            policies: [policyWith({ backoff: 1_000 }), policyWith({ backoff: 3_000, maxAttempts: 3 })],
            instances: 8,
            workload: (run, random) => ({
              ...(run === 1 ? {} : { bootsFor }),
              runsFor: (lengths[run % 8] ?? 0) + Math.floor(random() * 10_000),
            }),
            for: 60_000,
            seed,
            starts,
          };
          const { instances } = right(simulateFleet(options));
          // Which of two runs that end in one millisecond is seen first, and so is due first, is chance in a host.
          const ends = instances.flatMap(({ timeline }) => endsOf(timeline));
          fc.pre(new Set(ends).size === ends.length);
          const simulated = instances.map(({ timeline }) =>
            timeline.entries.flatMap(({ at, action }) => (action === null ? [] : [at])),
          );
          expect(simulated).toEqual(await attemptsOfController(options));
        },
      ),
      { numRuns: runs(100) },
    );
  });
});
