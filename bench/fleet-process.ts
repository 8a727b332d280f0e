/**
 * One process of `fleet.ts`: starts a controller on a filled store, lets it reconcile all again, and sends what that took.
 * Every instance runs, and an inspect costs next to nothing.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { right } from 'fp-ts/lib/Either.js';
import type { InstanceObservation } from 'restart-policy';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { type Controller, createController, type Fault, failed, type Hypervisor } from 'restart-policy/controller';
import type { FleetCost, FleetOrder, ResyncCost } from './fleet.js';
import { openStore } from './fleet-stores.js';
import { collectGarbage, median } from './measure.js';
import { watchTurns } from './turns.js';

interface Spent<A> {
  readonly result: A;
  readonly millis: number;
  /** Of this process, its compiler and garbage collector included. */
  readonly cpuMicros: number;
}

const spent = async <A>(run: () => Promise<A>): Promise<Spent<A>> => {
  const began = performance.now();
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { result, millis: performance.now() - began, cpuMicros: user + system };
};

const runningSince = (startedAt: number): InstanceObservation =>
  Object.freeze({ state: 'running', startedAt, stoppedAt: null, exitCode: null, health: 'unknown' });

/** `all` answers when so many inspects have been asked for. */
const quietHypervisor = (instances: number): Hypervisor & { readonly all: Promise<void> } => {
  const answer = right(runningSince(Date.now()));
  const never = failed('a quiet instance is neither started nor stopped');
  let inspects = 0;
  let notify = (): void => {};
  const all = new Promise<void>((resolve) => {
    notify = resolve;
  });
  return {
    all,
    capabilities: { exclusion: 'none', guestReboot: 'exit' },
    inspect: () => async () => {
      inspects++;
      if (inspects === instances) notify();
      return answer;
    },
    start: () => async () => ({ _tag: 'Left', left: never }),
    stop: () => async () => ({ _tag: 'Left', left: never }),
    subscribe: () => () => {},
  };
};

const rest = async (controller: Controller): Promise<void> => {
  for (;;) {
    const { queued, active } = controller.activity();
    if (queued + active === 0) return;
    await turn();
  }
};

const measure = async ({ store: name, place, instances, rounds }: FleetOrder): Promise<FleetCost> => {
  const { store, readBare, close } = await openStore(place, instances);
  const hypervisor = quietHypervisor(instances);
  const faults: Array<Fault> = [];
  const onFault = (fault: Fault): void => void faults.push(fault);

  collectGarbage();
  const memoryBefore = process.memoryUsage().rss / 2 ** 20;
  const startUp = await watchTurns(() =>
    spent(async () => {
      const created = createController({ store, hypervisor, clock: systemClock, resyncEvery: 1e9, onFault });
      if (created._tag === 'Left') throw new Error(created.left.message);
      await hypervisor.all;
      await rest(created.right);
      return created.right;
    }),
  );
  const peakMemory = process.resourceUsage().maxRSS / 1_024;
  const controller = startUp.result.result;

  const resyncs: Array<ResyncCost> = [];
  const bare: Array<number> = [];
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    const { result, longestTurn } = await watchTurns(() => spent(() => controller.reconcileAll()()));
    resyncs.push({ millis: result.millis, cpuMicros: result.cpuMicros / instances, longestTurn });
    if (readBare === null) continue;
    collectGarbage();
    const read = await spent(readBare);
    if (read.result !== instances) throw new Error(`${read.result} rows of ${instances}`);
    bare.push(read.cpuMicros / instances);
  }
  await controller.close()();
  await close();
  const [fault] = faults;
  if (fault !== undefined) throw new Error(`${faults.length} faults, the first: ${JSON.stringify(fault)}`);

  return {
    store: name,
    instances,
    startUp: {
      millis: startUp.result.millis,
      cpuMicros: startUp.result.cpuMicros / instances,
      memoryBefore,
      peakMemory,
      longestTurn: startUp.longestTurn,
    },
    resync: {
      millis: median(resyncs.map(({ millis }) => millis)),
      cpuMicros: median(resyncs.map(({ cpuMicros }) => cpuMicros)),
      longestTurn: Math.max(...resyncs.map(({ longestTurn }) => longestTurn)),
    },
    bareCpuMicros: readBare === null ? null : median(bare),
  };
};

process.once('message', (order: FleetOrder) => {
  void measure(order).then((cost) => {
    process.send?.(cost);
    process.disconnect();
  });
});
