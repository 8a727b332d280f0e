/** How ends are told apart: what was left, and on real machines each way to end. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { causeOf, exitCodeOf, exitOf as exitFrom, type QemuExit, type Remains } from '../../src/adapters/qemu/exit.js';
import { converse } from '../../src/adapters/qemu/qmp.js';
import { filesOf } from '../../src/adapters/qemu/run-files.js';
import type { EndCause } from '../../src/index.js';
import { boot } from '../linux/boot.js';
import { kill, observe, permit } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { exitsWith, obeysPowerButton, panics, powersOff, resetsItself, runsForEver, tripleFaults } from './guests.js';
import { describeOnQemu, exitOf, openings, processesOf, runOf } from './support.js';

const shutdown = (reason: string) => ({ _tag: 'Event', name: 'SHUTDOWN', data: { guest: true, reason } }) as const;
const resume = { _tag: 'Event', name: 'RESUME', data: {} } as const;

describe('the end of a run is read from what is left of it:', () => {
  const clean: Remains = { exitStatus: 0, hasPidFile: false, events: [resume] };
  const cases: ReadonlyArray<readonly [string, Partial<Remains>, QemuExit, number | null, EndCause]> = [
    ['a code of the guest', { exitStatus: 7 }, { _tag: 'GuestExit', code: 3 }, 3, 'exit'],
    ['its highest code', { exitStatus: 255 }, { _tag: 'GuestExit', code: 127 }, 127, 'exit'],
    ['a power-off', { events: [resume, shutdown('guest-shutdown')] }, { _tag: 'GuestShutdown' }, 0, 'exit'],
    ['a reset', { events: [resume, shutdown('guest-reset')] }, { _tag: 'GuestReset' }, null, 'exit'],
    ['a panic', { events: [resume, shutdown('guest-panic')] }, { _tag: 'GuestPanicked' }, null, 'panic'],
    ['a quit', { events: [shutdown('host-qmp-quit')] }, { _tag: 'HostQuit', reason: 'host-qmp-quit' }, null, 'host'],
    [
      'a signal in order',
      { events: [shutdown('host-signal')] },
      { _tag: 'HostQuit', reason: 'host-signal' },
      null,
      'host',
    ],
    ['a kill', { exitStatus: 137, hasPidFile: true }, { _tag: 'Killed', signal: 9 }, null, 'signal'],
    ['a code that could be a kill', { exitStatus: 137 }, { _tag: 'GuestExit', code: 68 }, 68, 'exit'],
    [
      'a reason that is new to us',
      { events: [shutdown('subsystem-reset')] },
      { _tag: 'Unknown', explanation: "QEMU's reason is subsystem-reset" },
      null,
      'unknown',
    ],
    [
      'a failure of QEMU, or code 0',
      { exitStatus: 1 },
      { _tag: 'Unknown', explanation: 'QEMU ended with status 1 and gave no reason' },
      null,
      'unknown',
    ],
    [
      'a status that no guest can choose',
      { exitStatus: 6 },
      { _tag: 'Unknown', explanation: 'QEMU ended with status 6 and gave no reason' },
      null,
      'unknown',
    ],
    [
      'no witness',
      { exitStatus: null },
      { _tag: 'Unknown', explanation: 'QEMU is gone, and so is the shell that would have told how it ended' },
      null,
      'unknown',
    ],
    [
      'no witness but QEMU',
      { exitStatus: null, events: [shutdown('guest-shutdown')] },
      { _tag: 'GuestShutdown' },
      0,
      'exit',
    ],
    [
      'the later reason of two',
      { events: [shutdown('guest-reset'), shutdown('guest-shutdown')] },
      { _tag: 'GuestShutdown' },
      0,
      'exit',
    ],
  ];

  test.each(cases)('%s', (_, remains, exit, exitCode, cause) => {
    expect(exitFrom({ ...clean, ...remains })).toEqual(exit);
    expect(exitCodeOf(exit)).toBe(exitCode);
    expect(causeOf(exit)).toBe(cause);
  });
});

const { machine, newDirectory, open, run } = openings();

describeOnQemu('a machine whose guest', () => {
  const ends: ReadonlyArray<readonly [string, Buffer, QemuExit, number | null, EndCause]> = [
    ['ends with a code has that code', exitsWith(3), { _tag: 'GuestExit', code: 3 }, 3, 'exit'],
    [
      'ends with 68 was not killed, though its status is the same',
      exitsWith(68),
      { _tag: 'GuestExit', code: 68 },
      68,
      'exit',
    ],
    ['powers itself off ended well', powersOff, { _tag: 'GuestShutdown' }, 0, 'exit'],
    [
      'resets itself has ended: nobody but the policy starts it again',
      resetsItself,
      { _tag: 'GuestReset' },
      null,
      'exit',
    ],
    ['faults three times has reset itself', tripleFaults, { _tag: 'GuestReset' }, null, 'exit'],
    ['panics says so', panics, { _tag: 'GuestPanicked' }, null, 'panic'],
  ];

  test.each(ends)('%s', async (_, guest, exit, exitCode, cause) => {
    const { hypervisor, directory } = await run(machine(guest));
    expect(await exitOf(hypervisor)).toEqual(exit);
    const seen = await observe(hypervisor);
    expect(seen).toMatchObject({ state: 'stopped', exitCode, cause });
    expect(seen.stoppedAt).toBeGreaterThanOrEqual(seen.startedAt ?? Number.NaN);
    expect(processesOf(directory).machines).toEqual([]);
    // Whoever comes later reads it from what was left, and reads the same.
    expect(await observe(await open({ directory }))).toEqual(seen);
  });
});

describeOnQemu('a machine that did not end by itself', () => {
  test('was killed, when QEMU was: by the signal that it was', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    kill(processesOf(directory).machines[0]);
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'Killed', signal: 9 });
    expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'signal' });
  });

  test('was ended by the host, when someone else told QEMU to end', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    kill(processesOf(directory).machines[0], 'SIGTERM');
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'HostQuit', reason: 'host-signal' });
    expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'host' });
  });

  test('was ended by the host, when someone else told QEMU to quit', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const { socket } = filesOf(runOf(directory), '');
    right(await converse({ socket, withinMs: 30_000 }, (conversation) => conversation.execute('quit')())());
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'HostQuit', reason: 'host-qmp-quit' });
    expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'host' });
  });

  test.each(['SIGSEGV', 'SIGABRT', 'SIGKILL'] as const)('was ended by %s, and by nothing else', async (signal) => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    kill(processesOf(directory).machines[0], signal);
    expect(await exitOf(hypervisor)).toMatchObject({ _tag: 'Killed' });
    expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'signal' });
  });

  test('is seen to end by its shell also when a signal was meant for both, as at the end of a service', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const [shell] = processesOf(directory).shells;
    if (shell !== undefined) kill(-shell, 'SIGTERM');
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'HostQuit', reason: 'host-signal' });
    expect((await observe(hypervisor)).stoppedAt).not.toBeNull();
  });

  test('has no exit code when it was stopped, though its guest powered off in order', async () => {
    const said = join(newDirectory(), 'said');
    const { hypervisor } = await run(machine(obeysPowerButton, '-debugcon', `file:${said}`));
    await until(() => statSync(said).size > 0);
    right(await hypervisor.stop('web-1', permit)());
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'GuestShutdown' });
    expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'host' });
  });

  test('is known to be gone also when its shell was killed with it, and when is not known', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const { machines, shells } = processesOf(directory);
    for (const pid of [...shells, ...machines]) kill(pid);
    expect((await exitOf(hypervisor))._tag).toBe('Unknown');
    const unseen = { state: 'stopped', stoppedAt: null, exitCode: null, cause: 'unknown' };
    expect(await observe(hypervisor)).toMatchObject(unseen);
    // What was found out while the machine lived stays so: a boot that comes later is not the cause.
    boot(directory, []);
    expect(await observe(await open({ directory }))).toMatchObject(unseen);
    right(await hypervisor.start('web-1', permit)());
    expect((await observe(hypervisor)).state).toBe('running');
  });

  test('was ended by the host, when all of it is gone with the life of the machine', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    boot(directory, processesOf(directory).shells);
    expect((await exitOf(hypervisor))._tag).toBe('Unknown');
    const seen = await observe(hypervisor);
    expect(seen).toMatchObject({ state: 'stopped', stoppedAt: null, exitCode: null, cause: 'host' });
    expect(await observe(await open({ directory }))).toEqual(seen);
  });

  test('ended by itself, when it had before the machine went down', async () => {
    const { hypervisor, directory } = await run(machine(exitsWith(3)));
    await exitOf(hypervisor);
    boot(directory, []);
    expect(await observe(await open({ directory }))).toMatchObject({ exitCode: 3, cause: 'exit' });
  });

  test('has its reason from QEMU itself when only its shell was killed', async () => {
    const { hypervisor, directory } = await run(machine(obeysPowerButton));
    kill(processesOf(directory).shells[0]);
    right(await hypervisor.stop('web-1', permit)());
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'GuestShutdown' });
  });
});

describeOnQemu('the last exit', () => {
  test('is null of an instance that never ran, and of one that runs', async () => {
    const { hypervisor } = await run(machine(runsForEver));
    expect(right(await hypervisor.lastExit('web-2')())).toBeNull();
    expect(right(await hypervisor.lastExit('web-1')())).toBeNull();
  });

  test('is forgotten with the instance, which leaves nothing but its lock', async () => {
    const { hypervisor } = await run(machine(exitsWith(3)));
    await exitOf(hypervisor);
    right(await hypervisor.forget('web-1')());
    expect(right(await hypervisor.lastExit('web-1')())).toBeNull();
    expect((await observe(hypervisor)).startedAt).toBeNull();
  });

  test('is not forgotten of an instance that runs', async () => {
    const { hypervisor } = await run(machine(runsForEver));
    expect(left(await hypervisor.forget('web-1')())).toEqual({
      _tag: 'Refused',
      message: 'instance web-1 is running: stop it first',
    });
  });
});
