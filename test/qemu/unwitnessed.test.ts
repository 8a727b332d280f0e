/** Machines whose shell is killed with QEMU: nobody writes down how they ended, and all who follow them are notified. */
import { describe, expect, test } from 'vitest';
import { createFileLocks } from '../../src/adapters/linux/file-locks.js';
import { createFlockSection } from '../../src/adapters/linux/flock.js';
import type { QemuHypervisor } from '../../src/adapters/qemu.js';
import { createHold } from '../../src/testing/hold.js';
import { kill, observe, permit } from '../linux/instances.js';
import { processesOf as otherProcesses, until } from '../linux/support.js';
import { right } from '../support/either.js';
import { runsForEver } from './guests.js';
import { describeOnQemu, exitOf, openings, processesOf } from './support.js';
import { count } from './tally.js';

const { newDirectory, machine, open } = openings();
const beginHost = otherProcesses(new URL('fixtures/host.ts', import.meta.url));

/** Looks at the instance when it is notified of it, and at no other time. */
const notifiedOfItsEnd = (hypervisor: QemuHypervisor): Promise<void> =>
  new Promise((resolve, reject) => {
    hypervisor.subscribe((id) => {
      observe(hypervisor, id).then(({ state }) => state === 'stopped' && resolve(), reject);
    });
  });

/** The shell first, or it may live to write down how QEMU ended. */
const killBoth = (directory: string): void => {
  const { machines, shells } = processesOf(directory);
  for (const pid of [...shells, ...machines]) kill(pid);
};

const unseen = { state: 'stopped', stoppedAt: null, exitCode: null, cause: 'unknown' };

describe.each(['required', 'off'] as const)('where control groups are %s:', (controlGroups) => {
  describeOnQemu('the end of a machine whose shell is killed with it', () => {
    test('is told by who started it, and by who found it running', async () => {
      const directory = newDirectory();
      const described = machine(runsForEver);
      const starter = await open({ directory, controlGroups, machineOf: () => described });
      const other = await open({ directory, controlGroups });
      right(await starter.start('web-1', permit)());
      expect((await observe(other)).state).toBe('running');
      const notified = [starter, other].map(notifiedOfItsEnd);
      killBoth(directory);
      await Promise.all(notified);
      expect((await exitOf(starter))._tag).toBe('Unknown');
    });

    test('is known from then on, also while another one is about to start it', async () => {
      const directory = newDirectory();
      const described = machine(runsForEver);
      const hypervisor = await open({ directory, controlGroups, machineOf: () => described });
      right(await hypervisor.start('web-1', permit)());
      killBoth(directory);
      await exitOf(hypervisor);
      const hold = createHold();
      const inside = createFlockSection(directory, createFileLocks(null))('web-1', hold.pass);
      await hold.reached;
      expect(await observe(hypervisor)).toMatchObject(unseen);
      hold.release();
      await inside;
    });
  });
});

describeOnQemu('a control group tells the end of a machine', () => {
  /** Runs without its host: only who found it follows it. */
  const adopted = async () => {
    const directory = newDirectory();
    const more = { controlGroups: 'required' } as const;
    const host = await beginHost(directory, JSON.stringify(machine(runsForEver)), JSON.stringify(more));
    host.send('start web-1');
    await host.line('started');
    await host.end('SIGKILL');
    count({ tally: 'controller_killed' });
    const next = await open({ directory, ...more });
    expect((await observe(next)).state).toBe('running');
    return { directory, next };
  };

  test('whose shell is killed with it, and whose host was killed before', async () => {
    const { directory, next } = await adopted();
    const notified = notifiedOfItsEnd(next);
    killBoth(directory);
    await notified;
    expect((await exitOf(next))._tag).toBe('Unknown');
  });

  test('whose shell was killed long before', async () => {
    const { directory, next } = await adopted();
    kill(processesOf(directory).shells[0]);
    await until(() => processesOf(directory).shells.length === 0);
    expect((await observe(next)).state).toBe('running');
    const notified = notifiedOfItsEnd(next);
    kill(processesOf(directory).machines[0]);
    await notified;
    expect((await exitOf(next))._tag).toBe('Unknown');
  });
});
