/**
 * One process of `fleet.ts`: starts a controller on a filled store, lets it reconcile all again as often as it is told to, and
 * sends what each took. Every instance runs, and an inspect costs next to nothing.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { right } from 'fp-ts/lib/Either.js';
import type { InstanceObservation } from 'restart-policy';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { type Controller, createController, type Fault, failed, type Hypervisor } from 'restart-policy/controller';
import type { FleetOrder, FleetRequest, Round, StartUpCost } from './fleet.js';
import { openStore } from './fleet-stores.js';
import { collectGarbage } from './measure.js';
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

interface Started {
  readonly cost: StartUpCost;
  readonly resync: () => Promise<Round>;
  readonly close: () => Promise<void>;
}

const start = async ({ place, instances }: FleetOrder): Promise<Started> => {
  const { store, readBare, close } = await openStore(place, instances);
  const hypervisor = quietHypervisor(instances);
  const faults: Array<Fault> = [];
  const onFault = (fault: Fault): void => void faults.push(fault);

  collectGarbage();
  const memoryBefore = process.memoryUsage().rss / 2 ** 20;
  const { result: startUp, longestTurn } = await watchTurns(() =>
    spent(async () => {
      const created = createController({ store, hypervisor, clock: systemClock, resyncEvery: 1e9, onFault });
      if (created._tag === 'Left') throw new Error(created.left.message);
      await hypervisor.all;
      await rest(created.right);
      return created.right;
    }),
  );
  const peakMemory = process.resourceUsage().maxRSS / 1_024;
  const { result: controller, millis, cpuMicros } = startUp;

  const bare = async (): Promise<number | null> => {
    if (readBare === null) return null;
    collectGarbage();
    const read = await spent(readBare);
    if (read.result !== instances) throw new Error(`${read.result} rows of ${instances}`);
    return read.cpuMicros / instances;
  };

  return {
    cost: { millis, cpuMicros: cpuMicros / instances, memoryBefore, peakMemory, longestTurn },
    resync: async () => {
      collectGarbage();
      const { result, longestTurn } = await watchTurns(() => spent(() => controller.reconcileAll()()));
      const resync = { millis: result.millis, cpuMicros: result.cpuMicros / instances, longestTurn };
      return { resync, bareCpuMicros: await bare() };
    },
    close: async () => {
      await controller.close()();
      await close();
      const [fault] = faults;
      if (fault !== undefined) throw new Error(`${faults.length} faults, the first: ${JSON.stringify(fault)}`);
    },
  };
};

const serve = ({ cost, resync, close }: Started): void => {
  const answer = async (request: FleetRequest): Promise<void> => {
    if (request === 'resync') {
      process.send?.(await resync());
      return;
    }
    await close();
    process.send?.(null);
    process.removeAllListeners('disconnect');
    process.disconnect();
  };
  process.on('message', (request: FleetRequest) => void answer(request));
  // Where the benchmark itself was ended, nothing of it stays.
  process.once('disconnect', () => process.exit());
  process.send?.(cost);
};

process.once('message', (order: FleetOrder) => void start(order).then(serve));
