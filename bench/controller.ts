/**
 * What an event costs a controller that supervises few or many instances, on the virtual clock: growth would show in
 * the lanes, the wake-ups or whatever is kept per instance.
 *
 * An event is an exit that is answered by a start. Behind it are two rounds (for the exit, and for the new run), a
 * save, a start with its permit, and a wake-up that is armed anew among those of all other instances. The store and
 * the hypervisor are in memory; what they cost is in the figures.
 */

import { initialStatus } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { type Controller, createController } from 'restart-policy/controller';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';
import { policyOf } from './cases.js';
import { collectGarbage, median } from './measure.js';

export interface EventCost {
  readonly instances: number;
  readonly microsPerEvent: number;
}

const policy = policyOf({ backoff: 1, stableAfter: 3_600_000 });

/** Exits that happen at one moment: the turns of the event loop that the virtual clock takes are shared by them. */
const together = 100;

interface World {
  readonly controller: Controller;
  readonly starts: () => number;
  /** Ends the runs of the next hundred instances in turn, and answers when they run again. */
  readonly exits: () => Promise<void>;
}

const populate = async (instances: number): Promise<World> => {
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const scripted = createScriptedHypervisor({ clock });
  if (scripted._tag === 'Left') throw new Error(scripted.left.message);
  const hypervisor = scripted.right;
  const idOf = (index: number): string => `instance-${index}`;
  for (let index = 0; index < instances; index++) {
    // One attempt behind it, so that each waits for its run to be stable and has a wake-up.
    const status = { ...initialStatus, attempts: 1, lastAttemptAt: clock.now() - 1_000 };
    await store.save(idOf(index), { policy, status }, null)();
    hypervisor.set(idOf(index), { state: 'running', startedAt: clock.now() - 999 });
  }
  const created = createController({ store, hypervisor, clock, resyncEvery: 1e12 });
  if (created._tag === 'Left') throw new Error(created.left.message);
  await clock.settle();

  let next = 0;
  return {
    controller: created.right,
    starts: () => hypervisor.calls.length,
    exits: async () => {
      for (let exit = 0; exit < together; exit++) hypervisor.exit(idOf(next++ % instances), 1);
      await clock.advance(10);
    },
  };
};

/** Cost per event by the number of instances (a hundred at least), in rounds that take turns. */
export const measureController = async (
  sizes: ReadonlyArray<number>,
  rounds: number,
  eventsPerRound: number,
): Promise<ReadonlyArray<EventCost>> => {
  const worlds = await Promise.all(
    sizes.map(async (instances) => ({ instances, world: await populate(instances), samples: [] as Array<number> })),
  );
  const batches = Math.ceil(eventsPerRound / together);
  // The first round is for the compiler, and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const { instances, world, samples } of worlds) {
      collectGarbage();
      const before = world.starts();
      const began = performance.now();
      for (let batch = 0; batch < batches; batch++) await world.exits();
      const micros = (performance.now() - began) * 1_000;
      const started = world.starts() - before;
      if (started !== batches * together) throw new Error(`${started} starts of ${instances} instances`);
      if (round > 0) samples.push(micros / started);
    }
  }
  for (const { world } of worlds) await world.controller.close()();
  return worlds.map(({ instances, samples }) => ({ instances, microsPerEvent: median(samples) }));
};
