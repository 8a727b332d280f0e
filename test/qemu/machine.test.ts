/** Machines that cannot be started, and directories that cannot be opened. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { left as leftOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { argumentsOf, checkMachine } from '../../src/adapters/qemu/machine.js';
import { excessOf, filesOf } from '../../src/adapters/qemu/run-files.js';
import { openQemuHypervisor, type QemuMachine } from '../../src/adapters/qemu.js';
import { superseded } from '../../src/controller.js';
import { observe, permit } from '../linux/instances.js';
import { namesIn } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { exitsWith, runsForEver } from './guests.js';
import { describeOnQemu, exitOf, openings, processesOf, runOf } from './support.js';

const { newDirectory, machine, open, run } = openings();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('a machine is refused when its arguments contradict the adapter', () => {
  test.each([
    [['-daemonize'], '-daemonize is not for the host to give: its end could not be seen'],
    [['--daemonize'], '--daemonize is not for the host to give: its end could not be seen'],
    [['-m', '64', '-pidfile', '/run/qemu'], '-pidfile is not for the host to give'],
    [['-S'], '-S is not for the host to give: the adapter starts the guest'],
    [['-preconfig'], '-preconfig is not for the host to give'],
    [['-no-shutdown'], '-no-shutdown is not for the host to give'],
    [['-action', 'reboot=reset'], '-action reboot=reset is not for the host to give'],
    [['-action', 'watchdog=pause,panic=none'], '-action watchdog=pause,panic=none is not for the host to give'],
    [['-name', 'a\0b'], 'argument 2 has a zero byte in it'],
  ])('%j', (args, why) => {
    expect(left(checkMachine({ args }))).toContain(why);
  });

  test.each([
    [['-m', '64', '-no-reboot', '-s', '-display', 'none']],
    [['-action', 'watchdog=reset']],
    [['-qmp', 'unix:/run/other,server=on,wait=off']],
    [['-name', 'constructor']],
    [[]],
  ])('and not otherwise: %j', (args) => {
    right(checkMachine({ args }));
  });

  test.each([
    [{ args: ['-m', '64'], arg: ['-s'] }, 'arg is not a known field; the known ones are binary, args, cgroup'],
    [
      { arguments: [], image: 'disk' },
      'args must be an array of texts; arguments, image are not known fields; the known ones are binary, args, cgroup',
    ],
    [{ args: '-m 64' }, 'args must be an array of texts'],
    [{ args: ['-m', 64] }, 'args must be an array of texts'],
  ])('and what is no machine: %j', (machine, why) => {
    expect(left(checkMachine(machine as unknown as QemuMachine))).toBe(why);
  });

  test('and a comma in the path of its directory stays a comma', () => {
    const args = argumentsOf({ args: [] }, filesOf('/run/a,b', 'r'));
    expect(args).toContain('socket,id=restart-policy-qmp,path=/run/a,,b/r/qmp,server=on,wait=off');
  });
});

describeOnQemu('a start that cannot be made', () => {
  const refusals: ReadonlyArray<readonly [string, QemuMachine | null, RegExp]> = [
    ['no such instance', null, /^no machine for instance web-1$/],
    ['no such instance in a map', undefined as unknown as null, /^no machine for instance web-1$/],
    ['a field that is misspelt', { args: [], arg: ['-s'] } as QemuMachine, /^the machine of web-1: arg is not a known/],
    ['no such program', { binary: 'qemu-that-nobody-has', args: [] }, /qemu-that-nobody-has.*not found/],
    ['a program that is a word of the shell', { binary: 'exit', args: [] }, /exit.*not found/],
    ['an option that QEMU does not know', { args: ['-nonsense'] }, /-nonsense: invalid option/],
    ['a device that there is not', { args: ['-device', 'nonsense'] }, /'nonsense' is not a valid device/],
    ['a disk that there is not', { args: ['-drive', 'file=/nonexistent'] }, /nonexistent.*No such file/],
    ['a program that is no QEMU', { binary: 'true', args: [] }, /^QEMU would not run web-1: it ended with status 0$/],
    ['a contradiction', { args: ['-S'] }, /^the machine of web-1: -S is not for the host to give/],
    ['more than a command line holds', { args: ['-name', 'x'.repeat(4_000_000)] }, /E2BIG/],
  ];

  test.each(refusals)('is refused, puts everything back and leaves nothing: %s', async (_, described, message) => {
    const directory = newDirectory();
    let current: QemuMachine | null = machine(exitsWith(4));
    const hypervisor = await open({ directory, machineOf: () => current });
    right(await hypervisor.start('web-1', permit)());
    await exitOf(hypervisor);
    const former = await observe(hypervisor);
    const onDisk = readFileSync(join(directory, 'web-1.json'), 'utf8');
    const files = namesIn(directory);

    current = described;
    const onRefused = vi.fn(async () => {});
    const refusal = left(await hypervisor.start('web-1', { ...permit, onRefused })());
    expect(refusal).toMatchObject({ _tag: 'Refused', message: expect.stringMatching(message) });
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect(await observe(hypervisor)).toEqual(former);
    expect(readFileSync(join(directory, 'web-1.json'), 'utf8')).toBe(onDisk);
    expect(namesIn(directory)).toEqual(files);
    expect(processesOf(directory).machines).toEqual([]);
  });

  test('is refused when the host cannot say what to run', async () => {
    const hypervisor = await open({
      machineOf: () => {
        throw new Error('the host is confused');
      },
    });
    expect(left(await hypervisor.start('web-1', permit)())).toEqual({
      _tag: 'Refused',
      message: 'no machine for instance web-1: the host is confused',
    });
  });

  test('is superseded when its permit says so, before anything is asked or written', async () => {
    const directory = newDirectory();
    const machineOf = vi.fn(() => machine(runsForEver));
    const hypervisor = await open({ directory, machineOf });
    const answer = await hypervisor.start('web-1', { revision: 1, check: async () => leftOf(superseded) })();
    expect(left(answer)).toBe(superseded);
    expect(machineOf).not.toHaveBeenCalled();
    expect(namesIn(directory).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });

  test('is refused when the hypervisor is closed; what runs is not ended', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    await hypervisor.close();
    expect(left(await hypervisor.start('web-2', permit)())).toMatchObject({ message: 'this hypervisor is closed' });
    expect((await observe(hypervisor)).state).toBe('running');
    expect(processesOf(directory).machines).toHaveLength(1);
  });
});

describeOnQemu('a run', () => {
  test('leaves the files of the one before it behind: there is one at a time', async () => {
    const { hypervisor, directory } = await run(machine(exitsWith(3)));
    await exitOf(hypervisor);
    const first = basename(runOf(directory));
    right(await hypervisor.start('web-1', permit)());
    await exitOf(hypervisor);
    const second = basename(runOf(directory));
    expect(second).not.toBe(first);
    expect([...namesIn(directory)].sort()).toEqual([second, 'web-1.json', 'web-1.json.lock'].sort());
  });

  test('of a machine in a directory with a comma in its name is spoken to like any other', async () => {
    const directory = join(newDirectory(), 'a,b');
    const hypervisor = await open({ directory, graceMs: 0, machineOf: () => machine(runsForEver) });
    right(await hypervisor.start('web-1', permit)());
    expect((await observe(hypervisor)).state).toBe('running');
    right(await hypervisor.stop('web-1', permit)());
  });
});

describe('opening', () => {
  const machineOf = () => null;

  test('a directory whose sockets would have no room in a path is a failure that says how much is too much', async () => {
    const long = join(newDirectory(), 'x'.repeat(100));
    const excess = excessOf(long);
    expect(left(await openQemuHypervisor({ directory: long, machineOf })())).toMatchObject({
      _tag: 'InvalidOptions',
      message: `directory ${long} is ${excess} bytes too long to hold the sockets of its machines`,
    });
    const longest = long.slice(0, -excess);
    right(await openQemuHypervisor({ directory: longest, machineOf, controlGroups: 'off' })());
  });

  test('a file is a failure', async () => {
    const file = join(newDirectory(), 'file');
    writeFileSync(file, '');
    expect(left(await openQemuHypervisor({ directory: file, machineOf })())._tag).toBe('OpenFailed');
  });

  test('without the program that locks is a failure', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    const failure = left(await openQemuHypervisor({ directory: newDirectory(), machineOf, systemCalls: 'off' })());
    expect(failure).toMatchObject({ _tag: 'OpenFailed', message: expect.stringContaining('flock') });
  });

  test('on another operating system is unsupported', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(left(await openQemuHypervisor({ directory: '/nonexistent', machineOf })())._tag).toBe('UnsupportedPlatform');
  });

  test('finds a record that is none, names it, and refuses to start over it until it is forgotten', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'web-1.json'), '{"id":"web-1","run":"../../etc","startedAt":1}');
    mkdirSync(join(directory, 'web-2.json'));
    const hypervisor = await open({ directory });
    const message = `the record web-1.json in ${directory} is invalid: not the record of a run`;
    expect(left(await hypervisor.inspect('web-1')())).toMatchObject({ _tag: 'Failed', message });
    expect(left(await hypervisor.start('web-1', permit)())).toMatchObject({ _tag: 'Failed', message });
    expect(left(await hypervisor.inspect('web-2')())._tag).toBe('Failed');
    right(await hypervisor.forget('web-1')());
    expect((await observe(hypervisor)).startedAt).toBeNull();
  });
});
