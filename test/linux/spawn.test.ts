/** The first process of a run, spawned by the calls of the system and by Node: nobody can tell which it was. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants as ofSystem } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { spawnOwn } from '../../src/adapters/linux/own-children.js';
import { bindSpawn } from '../../src/adapters/linux/posix-spawn.js';
import { readUnnoticed, startTicksOf } from '../../src/adapters/linux/processes.js';
import { type ProcessCommand, type Spawned, spawnRun } from '../../src/adapters/linux/spawn.js';
import type { SystemCalls } from '../../src/adapters/linux/system-calls.js';
import { left, right } from '../support/either.js';
import { allCodes, kill, shell } from './instances.js';
import { systemCalls } from './locks.js';
import { directories, processesOf, until } from './support.js';

const newDirectory = directories();
const startHost = processesOf(new URL('fixtures/spawner.ts', import.meta.url));

let calls: SystemCalls;
beforeAll(async () => {
  // Elsewhere Node would spawn, and the two ways be one.
  expect(isMainThread).toBe(true);
  calls = await systemCalls();
});

const listeners = (): number => process.listenerCount('SIGCHLD');

/** Those that go on until the test is over. */
const living: Array<Spawned> = [];
afterEach(async () => {
  for (const { pid } of living) kill(pid);
  await Promise.all(living.splice(0).map(({ exited }) => exited));
});

const fifoIn = (directory: string): string => {
  const path = join(directory, 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
};

const executable = (path: string, text: string): void => {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
};

/** Waits in this very turn, in which nothing that has happened can be told. */
const busyUntil = (holds: () => boolean): void => {
  while (!holds());
};

const ways = ['required', 'off'] as const;

describe.each(ways)('a process that is spawned with calls of the system "%s"', (use) => {
  const run = (command: ProcessCommand) => spawnRun(command, 'a run', use === 'required' ? calls : null);
  const start = async (command: ProcessCommand): Promise<Spawned> => right(await run(command));
  const endOf = async (command: ProcessCommand) => (await start(command)).exited;
  const lives = async (command: Partial<ProcessCommand> = {}): Promise<number> => {
    const one = await start({ command: 'sleep', args: ['1000'], ...command });
    living.push(one);
    // The kernel lets go of who waits for an exec a moment before it shows the program's words.
    busyUntil(() => readFileSync(`/proc/${one.pid}/cmdline`, 'utf8') !== '');
    return one.pid;
  };
  /** What the script writes. */
  const said = async (
    script: string,
    more: Partial<ProcessCommand>,
    ...args: ReadonlyArray<string>
  ): Promise<string> => {
    const path = join(newDirectory(), 'output');
    const output = openSync(path, 'w');
    const end = await endOf({ ...shell(script, ...args), stdio: [output, output], ...more });
    closeSync(output);
    expect(end).toEqual({ exitCode: 0, cause: 'exit' });
    return readFileSync(path, 'utf8');
  };

  test('is spawned in that way', async () => {
    const { exited } = await start(shell('exit 0'));
    // Node hears of its own in another way.
    expect(listeners()).toBe(use === 'required' ? 1 : 0);
    await exited;
    expect(listeners()).toBe(0);
  });

  test('ends with each exit code there is', async () => {
    for (let from = 0; from < allCodes.length; from += 32) {
      const codes = allCodes.slice(from, from + 32);
      const ends = await Promise.all(codes.map((code) => endOf(shell(`exit ${code}`))));
      expect(ends).toEqual(codes.map((exitCode) => ({ exitCode, cause: 'exit' })));
    }
  });

  test.each(['HUP', 'INT', 'QUIT', 'ILL', 'ABRT', 'KILL', 'SEGV', 'PIPE', 'TERM', 'USR1'])(
    'ends by SIG%s without an exit code',
    async (signal) => {
      expect(await endOf(shell(`kill -s ${signal} $$`))).toEqual({ exitCode: null, cause: 'signal' });
    },
  );

  test('is told of once for each of a hundred that end at once', async () => {
    const fifo = fifoIn(newDirectory());
    const writer = openSync(fifo, constants.O_RDWR);
    const ended: Array<number> = [];
    const codes = Array.from({ length: 100 }, (_, index) => index + 1);
    const children = await Promise.all(codes.map((code) => start(shell('read x <"$0"; exit $1', fifo, String(code)))));
    const all = children.map(({ exited }) => exited.then(({ exitCode }) => ended.push(exitCode ?? -1)));
    // They read from it, and have read all when nobody can write any more.
    await until(() => children.every(({ pid }) => readlinks(pid).includes(fifo)));
    closeSync(writer);
    await Promise.all(all);
    expect(ended.sort((a, b) => a - b)).toEqual(codes);
    expect(listeners()).toBe(0);
  });

  test('keeps its number until its end is told', async () => {
    const { pid, exited } = await start(shell('exit 4'));
    const began = startTicksOf(pid);
    busyUntil(() => readUnnoticed(pid) !== null);
    await Promise.resolve();
    expect([readUnnoticed(pid) !== null, startTicksOf(pid)]).toEqual([true, began]);
    expect((await exited).exitCode).toBe(4);
    expect(startTicksOf(pid)).toBeNull();
  });

  test('leads a session and a process group, and blocks and ignores no signal', async () => {
    const before = signalsOf(process.pid);
    // What this test is about: Node's programs ignore it.
    expect(before.ignored & (1n << BigInt(ofSystem.signals.SIGPIPE - 1))).not.toBe(0n);
    const pid = await lives();
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    expect(fields.slice(1, 4)).toEqual([process.pid, pid, pid]);
    expect(signalsOf(pid)).toEqual({ blocked: 0n, ignored: 0n });
  });

  test('has its words, in every script, and its environment and no other', async () => {
    const pid = await lives({
      command: '/bin/sh',
      args: ['-c', 'sleep 1000 & wait', '', 'zażółć', '$HOME "quoted"', '-x'],
      env: { GREETING: 'größer 🦊', EMPTY: '', ABSENT: undefined },
    });
    const words = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
    expect(words('cmdline')).toEqual(['/bin/sh', '-c', 'sleep 1000 & wait', '', 'zażółć', '$HOME "quoted"', '-x']);
    expect(words('environ')).toEqual(['GREETING=größer 🦊', 'EMPTY=', 'RESTART_POLICY_RUN=a run']);
    kill(-pid);
  });

  test('has the environment of the host where none is given', async () => {
    process.env['OF_THE_HOST'] = 'yes';
    const pid = await lives();
    delete process.env['OF_THE_HOST'];
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(environment).toContain('OF_THE_HOST=yes');
    expect(environment).toContain('RESTART_POLICY_RUN=a run');
  });

  test('works in its directory, or in that of the host', async () => {
    const directory = newDirectory();
    expect(readlinkSync(`/proc/${await lives({ cwd: directory })}/cwd`)).toBe(directory);
    expect(readlinkSync(`/proc/${await lives()}/cwd`)).toBe(process.cwd());
  });

  test('is found in the PATH of its own environment, seen from its own directory', async () => {
    const directory = newDirectory();
    for (const name of ['first', 'second', 'third']) mkdirSync(join(directory, name));
    // What may not be run, and a directory, are no programs; the next place has one.
    writeFileSync(join(directory, 'first', 'greet'), '#!/bin/sh\necho first\n');
    mkdirSync(join(directory, 'second', 'greet'));
    executable(join(directory, 'third', 'greet'), '#!/bin/sh\necho third\n');
    executable(join(directory, 'here'), '#!/bin/sh\necho here\n');
    const inPath = (command: string, PATH: string) =>
      said('', { command, args: [], cwd: directory, env: { PATH } }).then((text) => text.trim());
    expect(await inPath('greet', 'nowhere:first:second:third')).toBe('third');
    expect(await inPath('greet', `/nonexistent:${join(directory, 'third')}`)).toBe('third');
    expect(await inPath('here', '/nonexistent:')).toBe('here');
    expect(await inPath('./here', '/nonexistent')).toBe('here');
    expect((await endOf({ command: 'true', env: {} })).exitCode).toBe(0);
  });

  test('is run by the shell where a script does not say who reads it', async () => {
    const directory = newDirectory();
    const script = join(directory, 'script');
    executable(script, 'echo "$0 $1"\n');
    expect(await said('', { command: script, args: ['one'] })).toBe(`${script} one\n`);
    const env = { PATH: directory };
    expect(await said('', { command: 'script', args: ['two'], env })).toBe(`${script} two\n`);
  });

  test('writes where it is told to, and waits there although the host would not', async () => {
    const directory = newDirectory();
    const fifo = openSync(fifoIn(directory), constants.O_RDWR | constants.O_NONBLOCK);
    const log = openSync(join(directory, 'log'), 'a');
    const pid = await lives({ stdio: [fifo, log] });
    expect([0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))).toEqual([
      '/dev/null',
      join(directory, 'fifo'),
      join(directory, 'log'),
    ]);
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/1`, 'latin1'))?.[1] ?? '';
    expect(Number.parseInt(flags, 8) & constants.O_NONBLOCK).toBe(0);
    closeSync(fifo);
    closeSync(log);
  });

  test('has empty input, and its output goes nowhere, where nothing else is said', async () => {
    expect(await endOf(shell('read x && exit 1; echo out && echo err >&2'))).toEqual({ exitCode: 0, cause: 'exit' });
  });

  const failures: ReadonlyArray<readonly [string, ProcessCommand, string]> = [
    ['no such file', { command: '/nonexistent/command' }, 'ENOENT'],
    ['no such command', { command: 'a-command-that-nobody-has' }, 'ENOENT'],
    ['no program', { command: '/etc/passwd' }, 'EACCES'],
    ['no program in PATH', { command: 'passwd', env: { PATH: '/etc:/nonexistent' } }, 'EACCES'],
    ['a path through a file', { command: '/etc/passwd/command' }, 'ENOTDIR'],
    ['a directory', { command: '/tmp' }, 'EACCES'],
    ['no such directory', { command: 'true', cwd: '/nonexistent' }, 'ENOENT'],
    ['a directory that is a file', { command: '/bin/true', cwd: '/etc/passwd' }, 'ENOTDIR'],
    ['a name that is too long', { command: `/${'x'.repeat(300)}` }, 'ENAMETOOLONG'],
    ['an argument that is too long', { command: '/bin/true', args: ['x'.repeat(200_000)] }, 'E2BIG'],
    ['an argument far too long', { command: '/bin/true', args: ['x'.repeat(9_000_000)] }, 'E2BIG'],
    [
      'too many arguments',
      { command: '/bin/true', args: Array.from({ length: 400_000 }, () => 'x'.repeat(20)) },
      'E2BIG',
    ],
    ['a descriptor that is not open', { command: '/bin/true', stdio: [9_999, 'ignore'] }, 'EBADF'],
    ['an argument with a zero', { command: '/bin/true', args: ['a\0b'] }, 'ERR_INVALID_ARG_VALUE'],
    ['a variable with a zero', { command: '/bin/true', env: { A: 'a\0b' } }, 'ERR_INVALID_ARG_VALUE'],
    ['an empty command', { command: '' }, 'ERR_INVALID_ARG_VALUE'],
    [
      'from JavaScript, no output',
      { command: '/bin/true', stdio: ['file', 'ignore'] as never },
      'ERR_INVALID_SYNC_FORK_INPUT',
    ],
    ['from JavaScript, no list', { command: '/bin/true', args: 'x' as never }, 'ERR_INVALID_ARG_TYPE'],
  ];
  test.each(failures)('and cannot be is told by the code of the system: %s', async (_, command, code) => {
    expect(left(await run(command))).toMatchObject({ code });
    expect(listeners()).toBe(0);
  });

  test('and may not be is told so, whatever its other places in PATH lack', async () => {
    const directory = newDirectory();
    for (const name of ['forbidden', 'lacking']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'forbidden', 'greet'), '#!/bin/sh\n');
    executable(join(directory, 'lacking', 'greet'), '#!/nonexistent/interpreter\n');
    const env = { PATH: 'forbidden:lacking:nowhere' };
    expect(left(await run({ command: 'greet', cwd: directory, env }))).toMatchObject({ code: 'EACCES' });
  });

  test('has what a host in JavaScript gives it: numbers in its environment, and a URL as its directory', async () => {
    const env = { PORT: 8080 as never, PATH: process.env['PATH'] };
    const cwd = new URL('file:///usr/') as never;
    expect(await said('echo "$PORT"; pwd', { env, cwd })).toBe('8080\n/usr\n');
  });

  test('has three descriptors, and none of those that the host has open or was given', async () => {
    const gives = `
import os, sys
os.closerange(3, 4096)
given = os.open("/dev/full", os.O_RDONLY)
os.dup2(given, 4)
os.dup2(given, 9)
os.execvp(sys.argv[1], sys.argv[1:])`;
    const host = await startHost.under(['python3', '-c', gives], 'descriptors', use);
    const lines = await Promise.all(Array.from({ length: 5 }, () => host.line('handed on')));
    expect(lines.map((line) => line.slice('handed on: '.length))).toEqual([
      '0=/dev/null 1=/dev/null 2=/dev/null',
      '0=/dev/null 1=1 2=2',
      '0=/dev/null 1=2 2=1',
      '0=/dev/null 1=1 2=1',
      '0=/dev/null 1=/dev/null 2=0',
    ]);
    expect(await host.line('own')).toBe('own: 0 more');
  });

  test('keeps its host alive until it has ended', async () => {
    const fifo = fifoIn(newDirectory());
    const host = await startHost('waits', use, fifo);
    writeFileSync(fifo, 'go on\n');
    expect(await host.line('ended')).toBe('ended with 3');
    await host.ended;
  });

  test('lets its host end where nobody waits for it', async () => {
    const host = await startHost('leaves', use);
    const pid = Number((await host.line('child')).slice('child '.length));
    await host.ended;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    kill(pid);
    expect(words).toBe('sleep\x001000\0');
  });

  test('can be spawned in any thread', async () => {
    const host = await startHost('thread', use);
    expect(await host.line('ended')).toBe(`ended with 9, calls ${use === 'required' ? 'there' : 'none'}, no warning`);
    await host.ended;
  });

  test('cannot be where there is no room for another process, and that may pass', async () => {
    const host = await startHost('crowded', use);
    expect(await host.line('failed')).toBe('failed with EAGAIN, listeners 0');
    await host.ended;
  });
});

describe('a process that the calls of the system spawn', () => {
  const own = (script: string) => {
    const { env } = process;
    const child = spawnOwn(calls, { file: 'sh', args: ['-c', script], env, cwd: undefined, stdio: ['ignore', 1, 2] });
    if (child === null) throw new Error('it could not be spawned');
    return child;
  };

  test('has ended by the signal that Node would name', async () => {
    const signals = Object.values(ofSystem.signals).filter((number) => {
      const { SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH } = ofSystem.signals;
      return ![SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH].includes(number);
    });
    for (const number of signals) {
      const script = `kill -${number} $$`;
      const [, name] = await once(spawn('sh', ['-c', script]), 'exit');
      expect(await own(script).exited).toEqual({ exitCode: null, signal: name });
    }
  });

  test('has ended by a signal without a name, too', async () => {
    expect(await own('kill -40 $$').exited).toEqual({ exitCode: null, signal: 40 });
  });

  test('and one that Node spawns are each told of by who spawned it', async () => {
    const codes = Array.from({ length: 50 }, (_, index) => index + 1);
    const both = codes.map((code) => {
      const ofNode = once(spawn('sh', ['-c', `exit ${code}`], { stdio: 'ignore' }), 'exit');
      return [ofNode, own(`exit ${200 - code}`).exited] as const;
    });
    expect(await Promise.all(both.map(([ofNode]) => ofNode))).toEqual(codes.map((code) => [code, null]));
    const ends = await Promise.all(both.map(([, ofOurs]) => ofOurs));
    expect(ends).toEqual(codes.map((code) => ({ exitCode: 200 - code, signal: null })));
    expect(listeners()).toBe(0);
  });

  test('has ended in an unknown way where another part of the host has waited for it', async () => {
    const { pid, exited } = right(await spawnRun(shell('exit 0'), 'a run', calls));
    busyUntil(() => readUnnoticed(pid) !== null);
    expect(calls.reap(pid)).toBe(true);
    expect(await exited).toEqual({ exitCode: null, cause: 'unknown' });
  });

  test('is heard of again from the next spawn on, where somebody has removed all listeners', async () => {
    const first = own('exit 1');
    process.removeAllListeners('SIGCHLD');
    const second = own('exit 2');
    expect((await second.exited).exitCode).toBe(2);
    expect((await first.exited).exitCode).toBe(1);
    expect(listeners()).toBe(0);
  });

  test('is spawned by Node where the library cannot change its directory', async () => {
    const libc = koffi.load(null);
    const older: Parameters<typeof bindSpawn>[1] = {
      func: (declaration) => {
        if (declaration.includes('addchdir')) throw new Error('there is no such function');
        return libc.func(declaration) as ReturnType<(typeof older)['func']>;
      },
    };
    const olderCalls = { ...calls, ...bindSpawn({ load: () => older, errno: koffi.errno }, older) };
    const directory = newDirectory();
    const of = async (cwd: string | undefined) => {
      const one = right(await spawnRun({ command: 'sleep', args: ['1000'], cwd }, 'a run', olderCalls));
      living.push(one);
      return [listeners(), readlinkSync(`/proc/${one.pid}/cwd`)];
    };
    expect(await of(directory)).toEqual([0, directory]);
    expect(await of(undefined)).toEqual([1, process.cwd()]);
  });
});

const signalsOf = (pid: number): { readonly blocked: bigint; readonly ignored: bigint } => {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mask = (name: string): bigint => BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)$`, 'm').exec(status)?.[1]}`);
  return { blocked: mask('SigBlk'), ignored: mask('SigIgn') };
};

const readlinks = (pid: number): ReadonlyArray<string> =>
  [0, 1, 2, 3].flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
