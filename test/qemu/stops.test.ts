/** Stops: the power button, then `quit`, then SIGKILL, each when the one before it did not help. */
import { appendFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { converse } from '../../src/adapters/qemu/qmp.js';
import { filesOf, readEvents } from '../../src/adapters/qemu/run-files.js';
import { kill, observe, permit } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { obeysPowerButton, runsForEver } from './guests.js';
import { describeOnQemu, exitOf, openings, processesOf, runOf } from './support.js';

const { newDirectory, machine, bareQemu, open, run } = openings();

const foreverMs = 600_000;

const eventsOf = async (directory: string): Promise<ReadonlyArray<string>> =>
  (await readEvents(filesOf(runOf(directory), ''))).map(({ name }) => name);

/** As a QEMU does that then hangs: it happens to real ones, one time in ten when they are asked at that moment. */
const tellShutdown = (directory: string): void =>
  appendFileSync(
    join(runOf(directory), 'events.out'),
    '{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\n',
  );

const tell = async (directory: string, command: string): Promise<void> => {
  const said = converse({ socket: filesOf(runOf(directory), '').socket, withinMs: 30_000 }, (conversation) =>
    conversation.execute(command)(),
  );
  right(await said());
};

describeOnQemu('a stop', () => {
  test('lets a guest that obeys its power button end in order', async () => {
    const said = join(newDirectory(), 'said');
    const described = machine(obeysPowerButton, '-debugcon', `file:${said}`);
    const { hypervisor, directory } = await run(described, { graceMs: foreverMs });
    await until(() => statSync(said).size > 0);
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'GuestShutdown' });
    expect(await eventsOf(directory)).toEqual(['RESUME', 'POWERDOWN', 'SHUTDOWN']);
  });

  test('tells QEMU to quit when the guest ignores its power button', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 50, quitMs: foreverMs });
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'HostQuit', reason: 'host-qmp-quit' });
    expect(await eventsOf(directory)).toContain('POWERDOWN');
  });

  test('does not press the button when there is no grace', async () => {
    const { hypervisor, directory } = await run(machine(obeysPowerButton), { graceMs: 0, quitMs: foreverMs });
    right(await hypervisor.stop('web-1', permit)());
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'HostQuit', reason: 'host-qmp-quit' });
    expect(await eventsOf(directory)).not.toContain('POWERDOWN');
  });

  test('kills a QEMU that does not answer', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: foreverMs, quitMs: 50 });
    kill(processesOf(directory).machines[0], 'SIGSTOP');
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'Killed', signal: 9 });
    expect((await observe(hypervisor)).exitCode).toBeNull();
  });

  test('kills also the shell that does not see the end of QEMU', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 0, quitMs: 50 });
    const { machines, shells } = processesOf(directory);
    for (const pid of [...machines, ...shells]) kill(pid, 'SIGSTOP');
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect((await observe(hypervisor)).state).toBe('stopped');
  });

  test('wastes no grace on a machine that is paused', async () => {
    const { hypervisor, directory } = await run(machine(obeysPowerButton), { graceMs: foreverMs });
    await tell(directory, 'stop');
    right(await hypervisor.stop('web-1', permit)());
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'HostQuit', reason: 'host-qmp-quit' });
  });

  test('says first that the run was told to end, so that nobody takes its end for a failure of its work', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: foreverMs });
    const stopping = hypervisor.stop('web-1', permit)();
    await until(async () => (await eventsOf(directory)).includes('POWERDOWN'));
    expect(existsSync(join(runOf(directory), 'told'))).toBe(true);
    kill(processesOf(directory).machines[0]);
    right(await stopping);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'Killed', signal: 9 });
  });

  test('does not take a QEMU that listens for one that is gone, though nothing else is left to know it by', async () => {
    const described = { ...machine(runsForEver), binary: bareQemu() };
    const more = { graceMs: 0, quitMs: 50, controlGroups: 'off' } as const;
    const { hypervisor, directory } = await run(described, more);
    const { machines, shells } = processesOf(directory);
    rmSync(join(runOf(directory), 'marks'));
    kill(shells[0]);
    kill(machines[0], 'SIGSTOP');
    expect(left(await hypervisor.stop('web-1', permit)())._tag).toBe('Failed');
    expect(processesOf(directory).machines).toEqual(machines);
    kill(machines[0], 'SIGCONT');
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
  });

  test('that may not be made is refused, and nothing is pressed or marked', async () => {
    const { hypervisor, directory } = await run(machine(obeysPowerButton));
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    const onRefused = vi.fn(async () => {});
    const refusal = left(await hypervisor.stop('web-1', { ...permit, onRefused })());
    vi.restoreAllMocks();
    expect(refusal).toMatchObject({ _tag: 'Refused', message: expect.stringContaining('not allowed to end process') });
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect((await observe(hypervisor)).state).toBe('running');
    expect(existsSync(join(runOf(directory), 'told'))).toBe(false);
    expect(await eventsOf(directory)).toEqual(['RESUME']);
  });

  test('of one machine leaves the others running', async () => {
    const described = machine(runsForEver);
    const hypervisor = await open({ graceMs: 0, machineOf: () => described });
    for (const id of ['web-1', 'web-2']) right(await hypervisor.start(id, permit)());
    right(await hypervisor.stop('web-1', permit)());
    expect([(await observe(hypervisor, 'web-1')).state, (await observe(hypervisor, 'web-2')).state]).toEqual([
      'stopped',
      'running',
    ]);
  });
});

describeOnQemu('a machine that is up and does not run', () => {
  test('is other when it is paused, is not started by a start, and is notified', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    let notified = 0;
    hypervisor.subscribe(() => notified++);
    await tell(directory, 'stop');
    expect((await observe(hypervisor)).state).toBe('other');
    await until(() => notified > 0);
    expect(left(await hypervisor.start('web-1', permit)())).toEqual({
      _tag: 'Refused',
      message: 'QEMU of web-1 is paused: stop it first, or resume it',
    });
    await tell(directory, 'cont');
    expect((await observe(hypervisor)).state).toBe('running');
  });

  test('is other when QEMU does not answer, and running when it does again', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const [pid] = processesOf(directory).machines;
    kill(pid, 'SIGSTOP');
    expect((await observe(hypervisor)).state).toBe('other');
    expect(left(await hypervisor.start('web-1', permit)())).toEqual({
      _tag: 'Refused',
      message: 'QEMU of web-1 does not answer: stop it first, or resume it',
    });
    kill(pid, 'SIGCONT');
    expect((await observe(hypervisor)).state).toBe('running');
  });

  test.each(['its socket', 'its whole folder'])('is not ended when %s was swept away; a stop ends it', async (what) => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 600_000, quitMs: 600_000 });
    const folder = runOf(directory);
    rmSync(what === 'its socket' ? join(folder, 'qmp') : folder, { recursive: true });
    expect((await observe(hypervisor)).state).toBe('initializing');
    expect(left(await hypervisor.start('web-1', permit)())._tag).toBe('Refused');
    expect(processesOf(directory).machines).toHaveLength(1);
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
    expect((await observe(hypervisor)).state).toBe('stopped');
  });

  test('is killed when it has told that it ends, and hangs; how it ended is what it told', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 600_000, quitMs: 50 });
    tellShutdown(directory);
    expect((await observe(hypervisor)).state).toBe('other');
    await until(() => processesOf(directory).machines.length === 0);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'GuestShutdown' });
    expect((await observe(hypervisor)).exitCode).toBe(0);
  });

  test('makes room for a start when it has told that it ends, and a stop finds its end its own', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 600_000, quitMs: 50 });
    const [first] = processesOf(directory).machines;
    tellShutdown(directory);
    right(await hypervisor.start('web-1', permit)());
    expect(processesOf(directory).machines).not.toContain(first);
    expect((await observe(hypervisor)).state).toBe('running');
    tellShutdown(directory);
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
    expect((await observe(hypervisor)).exitCode).toBe(0);
  });

  test('is not waited for as for its guest when it obeyed its power button, and hangs', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 600_000, quitMs: 50 });
    const stopping = hypervisor.stop('web-1', permit)();
    await until(async () => (await eventsOf(directory)).includes('POWERDOWN'));
    tellShutdown(directory);
    right(await stopping);
    expect(processesOf(directory).machines).toEqual([]);
    expect((await observe(hypervisor)).exitCode).toBeNull();
  });

  test('is initializing while it waits to be sent from elsewhere, and a start finds it started', async () => {
    const socket = join(newDirectory(), 'migration');
    const { hypervisor } = await run(machine(runsForEver, '-incoming', `unix:${socket}`), { graceMs: 0 });
    expect((await observe(hypervisor)).state).toBe('initializing');
    right(await hypervisor.start('web-1', permit)());
    right(await hypervisor.stop('web-1', permit)());
    expect((await observe(hypervisor)).state).toBe('stopped');
  });

  test('is started in its turn when it goes after all, if its permit still holds by then', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const [first] = processesOf(directory).machines;
    await tell(directory, 'stop');
    const alive: Array<number> = [];
    const starting = hypervisor.start('web-1', {
      revision: 2,
      check: async () => {
        alive.push(processesOf(directory).machines.length);
        return permit.check();
      },
    })();
    await until(() => alive.length === 1);
    // QEMU answers one after the other: by now the start has seen that it is paused, and waits.
    for (let times = 0; times < 3; times++) expect((await observe(hypervisor)).state).toBe('other');
    kill(first);
    right(await starting);
    expect(alive).toEqual([1, 0]);
    expect(processesOf(directory).machines).not.toContain(first);
    expect((await observe(hypervisor)).state).toBe('running');
  });
});
