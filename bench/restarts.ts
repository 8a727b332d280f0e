/**
 * What one restart costs, and a child that is held, side by side: a bare loop around `child_process.spawn`, pm2, and a
 * controller over the adapters of processes, whose store and run records are durable.
 *
 * The CPU is that of the supervising process and of all children that it has waited for, as the kernel counts it: so that
 * of the command itself, of shells and of programs that lock is in it, on every side. All sides live all the while, and
 * take turns round by round.
 */
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ask } from './ask.js';
import { median } from './measure.js';
import { installPm2, type Pm2, type Pm2Install } from './pm2.js';
import { besideSleepers, type CpuMillis, cpuOf, residentOf } from './processes.js';
import type { HostOrder, HostRequest } from './restart-order.js';
import { type HostSide, nameOf, type Side, sidesOf } from './restart-sides.js';

export interface RestartCost {
  readonly side: string;
  /** Other processes on the machine, which sleep. */
  readonly foreign: number;
  /** For each restart, in milliseconds. */
  readonly cpu: CpuMillis;
}

export interface HeldCost {
  readonly side: string;
  /** Resident, in MiB, of the supervising process when it holds none. */
  readonly alone: number;
  /** Resident, in KiB, for each child that it holds. */
  readonly perChild: number;
}

export interface RestartCosts {
  readonly restarts: ReadonlyArray<RestartCost>;
  readonly held: ReadonlyArray<HeldCost>;
}

export interface RestartSizes {
  readonly rounds: number;
  readonly restartsPerRound: number;
  readonly foreign: ReadonlyArray<number>;
  /** How many are held where memory is measured. */
  readonly children: number;
  readonly withPm2: boolean;
}

/** One side, ready to be measured. */
interface Runner {
  readonly pid: number;
  /** For each restart. */
  readonly restart: (times: number) => Promise<CpuMillis>;
  readonly hold: (children: number) => Promise<void>;
  readonly collectGarbage: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const perRestart = (before: CpuMillis, after: CpuMillis, restarts: number): CpuMillis => ({
  own: (after.own - before.own) / restarts,
  children: (after.children - before.children) / restarts,
});

// ---------------------------------------------------------------------------
// runners
// ---------------------------------------------------------------------------

const bundled = new URL('../node_modules/.cache/restart-policy-bench/', import.meta.url);

/** Into the project, so that it finds what it imports; the library is bundled as a host's would be. */
const bundleHost = async (): Promise<void> => {
  await build({
    entryPoints: [fileURLToPath(new URL('restart-host.ts', import.meta.url))],
    outdir: fileURLToPath(bundled),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['fp-ts', 'io-ts', 'koffi', 'libsql'],
  });
};

const startHost = async (side: HostSide): Promise<Runner> => {
  const directory = await mkdtemp(join(tmpdir(), 'restart-policy-bench-'));
  await mkdir(join(directory, 'runs'));
  const child = fork(new URL('restart-host.mjs', bundled), { execArgv: ['--expose-gc'] });
  const tell = (message: HostOrder | HostRequest): Promise<void> => ask(child, message);
  const { pid } = child;
  if (pid === undefined) throw new Error('the process of a side was not started');
  await tell({ side, directory });
  return {
    pid,
    restart: async (times) => {
      const before = cpuOf(pid);
      await tell({ do: 'restart', times });
      const after = cpuOf(pid);
      await tell({ do: 'release' });
      return perRestart(before, after, times);
    },
    hold: (children) => tell({ do: 'hold', children }),
    collectGarbage: () => tell({ do: 'collect garbage' }),
    close: async () => {
      await tell({ do: 'close' });
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const runnerOf = (pm2: Pm2): Runner => {
  const reach = async (exits: number): Promise<void> => {
    while (pm2.exits() < exits) await sleep(5);
  };
  return {
    pid: pm2.pid,
    restart: async (times) => {
      // It restarts on its own, so two moments of its endless loop are compared. What asked for the start has ended.
      await pm2.beginToRestart();
      const [began, before] = [pm2.exits(), cpuOf(pm2.pid)];
      await reach(began + times);
      const [ended, after] = [pm2.exits(), cpuOf(pm2.pid)];
      await pm2.release();
      return perRestart(before, after, ended - began);
    },
    hold: pm2.hold,
    collectGarbage: async () => {},
    close: pm2.close,
  };
};

const startSide = async (side: Side, pm2: Pm2Install | null): Promise<Runner> => {
  if (side.supervisor !== 'pm2') return startHost(side);
  if (pm2 === null) throw new Error('pm2 is not installed');
  return runnerOf(await pm2.start());
};

// ---------------------------------------------------------------------------
// measurements
// ---------------------------------------------------------------------------

interface Measured {
  readonly name: string;
  readonly runner: Runner;
  /** By the number of foreign processes. */
  readonly samples: Map<number, Array<CpuMillis>>;
}

/** Enough for the compiler. */
const warmUp = 20;

const measureRestarts = async (
  sides: ReadonlyArray<Side>,
  pm2: Pm2Install | null,
  { rounds, restartsPerRound, foreign }: RestartSizes,
): Promise<ReadonlyArray<RestartCost>> => {
  const measured: Array<Measured> = [];
  try {
    for (const side of sides) {
      const runner = await startSide(side, pm2);
      measured.push({ name: nameOf(side), runner, samples: new Map(foreign.map((count) => [count, []])) });
      await runner.restart(Math.min(warmUp, restartsPerRound));
    }
    for (let round = 0; round < rounds; round++) {
      for (const count of foreign) {
        await besideSleepers(count, async () => {
          const inTurn = round % 2 === 0 ? measured : [...measured].reverse();
          for (const { runner, samples } of inTurn) samples.get(count)?.push(await runner.restart(restartsPerRound));
        });
      }
    }
  } finally {
    await Promise.all(measured.map(({ runner }) => runner.close()));
  }
  return measured.flatMap(({ name, samples }) =>
    [...samples].map(([count, costs]) => ({
      side: name,
      foreign: count,
      cpu: { own: median(costs.map(({ own }) => own)), children: median(costs.map(({ children }) => children)) },
    })),
  );
};

const measureHeld = async (
  side: Side,
  pm2: Pm2Install | null,
  { rounds, restartsPerRound, children }: RestartSizes,
): Promise<HeldCost> => {
  const alone: Array<number> = [];
  const perChild: Array<number> = [];
  // Each in a process of its own, for what was resident once mostly stays so.
  for (let round = 0; round < rounds; round++) {
    const runner = await startSide(side, pm2);
    try {
      // What the code itself takes is not a child's.
      await runner.restart(Math.min(warmUp, restartsPerRound));
      await runner.collectGarbage();
      const before = residentOf(runner.pid);
      await runner.hold(children);
      await runner.collectGarbage();
      alone.push(before / 1_024);
      perChild.push((residentOf(runner.pid) - before) / children);
    } finally {
      await runner.close();
    }
  }
  return { side: nameOf(side), alone: median(alone), perChild: median(perChild) };
};

/** Where pm2 cannot be installed, `notify` is called with a message, and its rows are missing. */
export const measureSupervisors = async (
  sizes: RestartSizes,
  notify: (message: string) => void,
): Promise<RestartCosts> => {
  await bundleHost();
  const pm2 = sizes.withPm2 ? await installPm2(notify) : null;
  try {
    const sides = sidesOf(pm2 !== null);
    notify('one restart');
    const restarts = await measureRestarts(sides, pm2, sizes);
    const held: Array<HeldCost> = [];
    for (const side of sides) {
      notify(`children that are held: ${nameOf(side)}`);
      held.push(await measureHeld(side, pm2, sizes));
    }
    return { restarts, held };
  } finally {
    await pm2?.remove();
  }
};
