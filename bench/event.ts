/**
 * What an event costs the controller beside a function written by hand, both on ports that do next to nothing. The function
 * is measured twice: as it is, and with a deadline on each call of a port, which the controller has.
 *
 * An event is a run that ends and is answered by a start at once: it is notified, decided, saved, started under a permit
 * whose check is run, seen running, and a wake-up is armed. A round ends when all is at rest.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { initialStatus } from 'restart-policy';
import { createController } from 'restart-policy/controller';
import { policyOf } from './cases.js';
import { superviseByHand } from './controller-floor.js';
import { withDeadlines } from './floor-deadlines.js';
import { collectGarbage, median } from './measure.js';
import {
  noCalls,
  type PortCalls,
  type TrivialClock,
  trivialClock,
  trivialHypervisor,
  trivialStore,
} from './trivial-ports.js';

export const supervisors = ['controller', 'floor', 'floor with deadlines'] as const;

export type Supervisor = (typeof supervisors)[number];

export interface SupervisionCost {
  readonly supervisor: Supervisor;
  /** Events under way at a time. */
  readonly together: number;
  readonly microsPerEvent: number;
  /** Calls of each port in one event. */
  readonly calls: Readonly<PortCalls>;
}

const policy = policyOf({ backoff: 1, stableAfter: '1h' });

const instances = 1_000;

interface World {
  readonly calls: PortCalls;
  readonly clock: TrivialClock;
  /** Ends the runs of the next so many instances, and answers after a turn of the event loop, when all is at rest. */
  readonly exits: (together: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const populate = async (supervisor: Supervisor): Promise<World> => {
  const calls = noCalls();
  const clock = trivialClock(calls);
  const store = trivialStore(calls);
  const hypervisor = trivialHypervisor(calls, clock.now);
  const ids = Array.from({ length: instances }, (_, index) => `instance-${index}`);
  for (const id of ids) {
    await store.save(id, { policy, status: initialStatus }, null)();
    hypervisor.begin(id);
  }

  const supervise = async (): Promise<() => Promise<void>> => {
    if (supervisor !== 'controller') {
      const ports = { store, hypervisor, clock };
      const stop = await superviseByHand(supervisor === 'floor' ? ports : withDeadlines(ports));
      return async () => stop();
    }
    const created = createController({ store, hypervisor, clock, resyncEvery: 1e12 });
    if (created._tag === 'Left') throw new Error(created.left.message);
    const controller = created.right;
    return async () => void (await controller.close()());
  };
  const close = await supervise();
  await turn();

  let next = 0;
  const exits = async (together: number): Promise<void> => {
    clock.pass(10);
    const batch = Array.from({ length: together }, () => ids[next++ % ids.length] ?? '');
    for (const id of batch) hypervisor.exit(id);
    await turn();
  };
  return { calls, clock, exits, close };
};

const namesOf = (calls: PortCalls): ReadonlyArray<keyof PortCalls> => Object.keys(calls) as Array<keyof PortCalls>;

const perEvent = (before: PortCalls, after: PortCalls, events: number): PortCalls => {
  const calls = noCalls();
  for (const name of namesOf(calls)) calls[name] = (after[name] - before[name]) / events;
  return calls;
};

/**
 * Both, in rounds that take turns, by the number of events under way at a time (at most a thousand). An event that is not
 * answered by exactly one start is an error.
 */
export const measureEvents = async (
  togethers: ReadonlyArray<number>,
  rounds: number,
  eventsPerRound: number,
): Promise<ReadonlyArray<SupervisionCost>> => {
  const sides = await Promise.all(
    togethers.flatMap((together) =>
      supervisors.map(async (supervisor) => ({
        supervisor,
        together,
        world: await populate(supervisor),
        samples: [] as Array<number>,
        calls: noCalls(),
      })),
    ),
  );
  collectGarbage();
  // The first rounds are for the compiler, and do not count. Nothing is collected by force between rounds: V8 throws away
  // compiled code on such a collection, which no host asks for, and the more code a side has the longer it would pay for that.
  for (let round = -2; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
      const { world, samples, supervisor, together } = side;
      const batches = Math.ceil(eventsPerRound / together);
      const events = batches * together;
      const before = { ...world.calls };
      const began = performance.now();
      for (let batch = 0; batch < batches; batch++) await world.exits(together);
      const micros = (performance.now() - began) * 1_000;
      side.calls = perEvent(before, world.calls, events);
      if (side.calls.starts !== 1) throw new Error(`${supervisor}: ${side.calls.starts} starts an event`);
      const { all, due } = world.clock.armed();
      if (all === 0 || due > 0) throw new Error(`${supervisor}: ${due} of ${all} wake-ups were missed`);
      if (round >= 0) samples.push(micros / events);
    }
  }
  for (const { world } of sides) await world.close();
  return sides.map(({ supervisor, together, samples, calls }) => ({
    supervisor,
    together,
    microsPerEvent: median(samples),
    calls,
  }));
};
