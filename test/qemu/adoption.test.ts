/** Machines that outlive their controllers: found by the next one, and started once, whoever starts them. */
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileLocks } from '../../src/adapters/linux/file-locks.js';
import { createFlockSection } from '../../src/adapters/linux/flock.js';
import { isListening } from '../../src/adapters/qemu/qmp.js';
import type { QemuMachine } from '../../src/adapters/qemu.js';
import { createHold } from '../../src/testing/hold.js';
import { kill, observe, permit } from '../linux/instances.js';
import { processesOf as otherProcesses, until, waitingFor } from '../linux/support.js';
import { right } from '../support/either.js';
import { obeysPowerButton, runsForEver } from './guests.js';
import { describeOnQemu, exitOf, openings, processesOf, runOf } from './support.js';
import { count } from './tally.js';

const { newDirectory, machine, open } = openings();
const beginHost = otherProcesses(new URL('fixtures/host.ts', import.meta.url));

const hostOf = async (directory: string, described: QemuMachine) => {
  const host = await beginHost(directory, JSON.stringify(described));
  return {
    ...host,
    kill: async () => {
      await host.end('SIGKILL');
      count({ tally: 'controller_killed' });
    },
  };
};

/** A QEMU that comes up when it is let, and says that it has been called. */
const heldBack = (described: QemuMachine) => {
  const folder = newDirectory();
  const files = { called: join(folder, 'called'), let: join(folder, 'let') };
  const binary = join(folder, 'slow-qemu');
  writeFileSync(
    binary,
    `#!/bin/sh\necho >${files.called}\nuntil test -e ${files.let}; do sleep 0.01; done\nexec qemu-system-x86_64 "$@"\n`,
  );
  chmodSync(binary, 0o755);
  return {
    described: { ...described, binary },
    called: () => until(() => existsSync(files.called)),
    letCome: () => writeFileSync(files.let, ''),
  };
};

describeOnQemu('a controller that is killed', () => {
  test('leaves its machine running, and the next one takes it over as it is', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const host = await hostOf(directory, described);
    host.send('start web-1');
    await host.line('started');
    const [pid] = processesOf(directory).machines;
    await host.kill();

    const next = await open({ directory, graceMs: 0, machineOf: () => described });
    const seen = await observe(next);
    expect(seen.state).toBe('running');
    right(await next.start('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([pid]);
    expect(await observe(next)).toEqual(seen);

    const notified: Array<string> = [];
    next.subscribe((id) => notified.push(id));
    kill(pid);
    await until(() => notified.includes('web-1'));
    expect(await exitOf(next)).toEqual({ _tag: 'Killed', signal: 9 });
  });

  test('is not needed for the end to be known: of a machine that ended under nobody, how and when', async () => {
    const directory = newDirectory();
    const described = machine(obeysPowerButton, '-qmp', `unix:${join(newDirectory(), 'other')},server=on,wait=off`);
    const host = await hostOf(directory, described);
    host.send('start web-1');
    await host.line('started');
    await host.kill();
    // In order, but not by us.
    kill(processesOf(directory).machines[0], 'SIGTERM');
    await until(() => processesOf(directory).shells.length === 0);

    const next = await open({ directory, machineOf: () => described });
    const { state, startedAt, stoppedAt } = await observe(next);
    expect(state).toBe('stopped');
    expect(stoppedAt).toBeGreaterThanOrEqual(startedAt ?? Number.NaN);
    expect(stoppedAt).toBeLessThanOrEqual(Date.now());
    expect(await exitOf(next)).toEqual({ _tag: 'HostQuit', reason: 'host-signal' });
  });

  test('in the middle of a start leaves a guest that never ran, and that is ended at the next inspection', async () => {
    const directory = newDirectory();
    const held = heldBack(machine(runsForEver));
    const host = await hostOf(directory, held.described);
    host.send('start web-1');
    await held.called();
    await host.kill();
    held.letCome();
    await until(() => processesOf(directory).machines.length === 1);

    const next = await open({ directory, machineOf: () => held.described });
    // As long as QEMU cannot be asked, nobody knows that its guest was never let go.
    await until(async () => (await observe(next)).state !== 'initializing');
    expect(await observe(next)).toMatchObject({ state: 'stopped', exitCode: null });
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    right(await next.start('web-1', permit)());
    expect((await observe(next)).state).toBe('running');
  });

  test('in the middle of a start leaves a QEMU that is on its way: a start waits for it, and begins anew', async () => {
    const directory = newDirectory();
    const held = heldBack(machine(runsForEver));
    const host = await hostOf(directory, held.described);
    host.send('start web-1');
    await held.called();
    await host.kill();

    const next = await open({ directory, machineOf: () => held.described });
    expect((await observe(next)).state).toBe('initializing');
    held.letCome();
    await until(async () => (await next.start('web-1', permit)())._tag === 'Right');
    expect((await observe(next)).state).toBe('running');
    expect(processesOf(directory).machines).toHaveLength(1);
  });

  test('in the middle of a start leaves a QEMU that a stop ends at once', async () => {
    const directory = newDirectory();
    const held = heldBack(machine(runsForEver));
    const host = await hostOf(directory, held.described);
    host.send('start web-1');
    await held.called();
    await host.kill();

    const next = await open({ directory, graceMs: 600_000, quitMs: 600_000, machineOf: () => held.described });
    right(await next.stop('web-1', permit)());
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect((await observe(next)).state).toBe('stopped');
  });

  test('in the middle of a stop leaves it to the next one, and the run has no exit code', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const first = await open({ directory, graceMs: 0, machineOf: () => described });
    right(await first.start('web-1', permit)());
    const host = await hostOf(directory, described);
    const [pid] = processesOf(directory).machines;
    kill(pid, 'SIGSTOP'); // so that its stop takes long
    host.send('stop web-1');
    await until(() => existsSync(join(runOf(directory), 'told')));
    await host.kill();
    kill(pid, 'SIGCONT');

    right(await first.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
    expect(await observe(first)).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
  });
});

describeOnQemu('controllers that share a directory', () => {
  test('start one machine at once, and there is one run', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const hosts = await Promise.all([hostOf(directory, described), hostOf(directory, described)]);
    for (const host of hosts) host.send('start web-1');
    await Promise.all(hosts.map((host) => host.line('started')));
    expect(processesOf(directory).machines).toHaveLength(1);

    // And whichever is asked ends it.
    hosts[1]?.send('stop web-1');
    await hosts[1]?.line('stopped');
    expect(processesOf(directory).machines).toEqual([]);
  });

  test('inspect one machine all at once, and each is answered', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const first = await open({ directory, machineOf: () => described });
    const others = await Promise.all([1, 2, 3].map(() => open({ directory })));
    right(await first.start('web-1', permit)());
    const all = [first, ...others];
    const seen = await Promise.all([...all, ...all, ...all].map((hypervisor) => observe(hypervisor)));
    expect(seen.map(({ state }) => state)).toEqual(seen.map(() => 'running'));
  });

  test('see it initializing while one of them starts it, and do not take it for a failure', async () => {
    const directory = newDirectory();
    const held = heldBack(machine(runsForEver));
    const host = await hostOf(directory, held.described);
    host.send('start web-1');
    await held.called();
    const other = await open({ directory, machineOf: () => held.described });
    expect((await observe(other)).state).toBe('initializing');
    held.letCome();
    await host.line('started');
    expect((await observe(other)).state).toBe('running');
  });

  test('end nothing, and take nothing for ended, that another one may be starting this very moment', async () => {
    const directory = newDirectory();
    const held = heldBack(machine(runsForEver));
    const host = await hostOf(directory, held.described);
    host.send('start web-1');
    await held.called();
    await host.kill();
    held.letCome();
    const other = await open({ directory, machineOf: () => held.described });
    const hold = createHold();
    // Whoever is inside is starting it, for all that the others know: a run that waits to be let go, or is to be.
    const inside = createFlockSection(directory, createFileLocks(null))('web-1', hold.pass);
    await hold.reached;
    await until(
      async () => (await isListening(join(runOf(directory), 'qmp'))) && (await observe(other)).state === 'initializing',
    );
    const { machines, shells } = processesOf(directory);
    expect(machines).toHaveLength(1);
    // The shell first, or it may live to write down how QEMU ended.
    for (const pid of [...shells, ...machines]) kill(pid);
    await until(() => processesOf(directory).machines.length === 0);
    // The kernel takes the memory of what was killed before its sockets: for a moment they answer, and it is "other".
    const seen: Array<string> = [];
    await until(async () => {
      seen.push((await observe(other)).state);
      return seen.at(-1) === 'initializing';
    });
    expect(seen).not.toContain('stopped');
    hold.release();
    await inside;
    expect((await observe(other)).state).toBe('stopped');
  });

  test('wait for each other: a stop comes after the start that was there first', async () => {
    const directory = newDirectory();
    const held = heldBack(machine(runsForEver));
    const host = await hostOf(directory, held.described);
    host.send('start web-1');
    await held.called();
    const other = await open({ directory, graceMs: 0, machineOf: () => held.described });
    const stopping = other.stop('web-1', permit)();
    await until(() => waitingFor(join(directory, 'web-1.json.lock')).length === 1);
    held.letCome();
    await host.line('started');
    right(await stopping);
    expect(processesOf(directory).machines).toEqual([]);
    expect(await exitOf(other)).toEqual({ _tag: 'HostQuit', reason: 'host-qmp-quit' });
  });
});
