/** The real controller over real machines: a crash is answered by one start, and a stop by none. */
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/adapters/memory.js';
import type { QemuHypervisor } from '../../src/adapters/qemu.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import type { Controller, DecisionRecord, Store } from '../../src/controller.js';
import { type RestartPolicy, restartPolicy } from '../../src/policy.js';
import { initialStatus } from '../../src/status.js';
import { kill, observe } from '../linux/instances.js';
import { processesOf as otherProcesses, until } from '../linux/support.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { exitsWith, powersOff, resetsItself, runsForEver } from './guests.js';
import { describeOnQemu, exitOf, openings, processesOf } from './support.js';
import { count } from './tally.js';

const { newDirectory, machine, open } = openings();
const beginHost = otherProcesses(new URL('fixtures/host.ts', import.meta.url));

const always = right(restartPolicy({ mode: 'always', backoff: '1ms' }));
const onFailure = right(restartPolicy({ mode: 'on_failure', backoff: '1ms', maxAttempts: 2 }));

/** A controller that reconciles often, so that what must not happen has every occasion to. */
const supervise = (hypervisor: QemuHypervisor, store: Store = createMemoryStore()) => {
  const decisions: Array<DecisionRecord> = [];
  const controller = controllerOf({
    store,
    hypervisor,
    clock: systemClock,
    resyncEvery: 50,
    onDecision: (decision) => decisions.push(decision),
  });
  const starts = (): number => decisions.filter(({ actions }) => actions.length > 0).length;
  return { controller, decisions, starts };
};

const begin = async (controller: Controller, policy: RestartPolicy): Promise<void> => {
  right(await controller.updatePolicy('web-1', policy)());
  right(await controller.manualStart('web-1')());
};

const reasonNow = (decisions: ReadonlyArray<DecisionRecord>) => decisions.at(-1)?.reason;

describeOnQemu('under on_failure, a machine', () => {
  test.each([
    ['that ends with a code', exitsWith(3)],
    ['that resets itself', resetsItself],
  ])('%s is started again, as often as its policy says', async (_, guest) => {
    const described = machine(guest);
    const hypervisor = await open({ machineOf: () => described });
    const { controller, decisions, starts } = supervise(hypervisor);
    await begin(controller, onFailure);
    await until(() => reasonNow(decisions) === 'max_attempts_exceeded');
    expect(starts()).toBe(2);
    await exitOf(hypervisor);
    await controller.close()();
  });

  test('that powers itself off stays off', async () => {
    const described = machine(powersOff);
    const hypervisor = await open({ machineOf: () => described });
    const { controller, decisions, starts } = supervise(hypervisor);
    await begin(controller, onFailure);
    await until(() => reasonNow(decisions) === 'clean_exit');
    expect(starts()).toBe(0);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'GuestShutdown' });
    await controller.close()();
  });
});

describeOnQemu('under always, a machine', () => {
  test('whose QEMU is killed is back, and one that a person stopped stays down however often it is looked at', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const hypervisor = await open({ directory, graceMs: 0, machineOf: () => described });
    const { controller, decisions, starts } = supervise(hypervisor);
    await begin(controller, always);
    const [first] = processesOf(directory).machines;
    kill(first);
    await until(() => starts() === 1);
    await until(async () => (await observe(hypervisor)).state === 'running');
    expect(processesOf(directory).machines).toHaveLength(1);
    expect(processesOf(directory).machines).not.toContain(first);

    right(await controller.manualStop('web-1')());
    count({ tally: 'stop_acknowledged' });
    const before = decisions.length;
    for (const seen of [3, 6, 9]) {
      await until(() => decisions.length >= before + seen);
      const alive = processesOf(directory).machines;
      if (alive.length > 0) count({ tally: 'stop_violated' });
      expect(alive).toEqual([]);
    }
    expect(new Set(decisions.slice(before).map(({ reason }) => reason))).toEqual(new Set(['manual_stop']));
    await controller.close()();
  });

  test('outlives its controller: the next one charges nobody, and restarts it when it crashes', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const store = createMemoryStore();
    right(await store.save('web-1', { policy: always, status: { ...initialStatus, attempts: 1 } }, null)());
    const host = await beginHost(directory, JSON.stringify(described));
    host.send('start web-1');
    await host.line('started');
    await host.end('SIGKILL');
    count({ tally: 'controller_killed' });

    const { controller, decisions, starts } = supervise(
      await open({ directory, graceMs: 0, machineOf: () => described }),
      store,
    );
    const [pid] = processesOf(directory).machines;
    await until(() => decisions.length >= 3);
    expect(decisions.map(({ reason }) => reason)).toEqual(decisions.map(() => 'running'));
    expect(processesOf(directory).machines).toEqual([pid]);
    kill(pid);
    await until(() => starts() === 1);
    await until(() => processesOf(directory).machines.length === 1);
    await controller.close()();
  });

  test('that a person stops in the middle of its crashes stays down', async () => {
    const directory = newDirectory();
    const described = machine(exitsWith(3));
    const hypervisor = await open({ directory, machineOf: () => described });
    const { controller, decisions, starts } = supervise(hypervisor);
    await begin(controller, always);
    await until(() => starts() >= 2);
    right(await controller.manualStop('web-1')());
    count({ tally: 'stop_acknowledged' });
    const [before, started] = [decisions.length, (await observe(hypervisor)).startedAt];
    await until(() => decisions.length >= before + 5);
    const after = (await observe(hypervisor)).startedAt;
    if (after !== started) count({ tally: 'stop_violated' });
    expect(after).toBe(started);
    expect(processesOf(directory).machines).toEqual([]);
    await controller.close()();
  });
});
