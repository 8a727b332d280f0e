/** Calls of the system on real files and processes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startTicksOf } from '../../src/adapters/linux/processes.js';
import { loadSystemCalls, type SystemCalls } from '../../src/adapters/linux/system-calls.js';
import { left, right } from '../support/either.js';
import { directories, processesOf } from './support.js';

const newDirectory = directories();
const startOther = processesOf(new URL('fixtures/system-calls.ts', import.meta.url));

const calls = async (): Promise<SystemCalls> => {
  const loaded = right(await loadSystemCalls('required'));
  if (loaded === null) throw new Error('there are no system calls');
  return loaded;
};

describe('a lock of an open file description', () => {
  const opened: Array<number> = [];
  const open = (path: string): number => {
    const fd = openSync(path, 'a');
    opened.push(fd);
    return fd;
  };
  afterEach(() => {
    for (const fd of opened.splice(0)) closeSync(fd);
  });

  test('keeps out every other one, in this process too, until it is closed', async () => {
    const { flock } = await calls();
    const path = join(newDirectory(), 'lock');
    const first = open(path);
    expect(flock(first, 'exclusive')).toBe('locked');
    expect(flock(first, 'exclusive')).toBe('locked');
    expect(flock(open(path), 'exclusive')).toBe('taken');
    expect(flock(open(path), 'shared')).toBe('taken');
    closeSync(opened.splice(opened.indexOf(first), 1)[0] ?? -1);
    expect(flock(open(path), 'exclusive')).toBe('locked');
  });

  test('can be shared, and then is nobody’s alone', async () => {
    const { flock } = await calls();
    const path = join(newDirectory(), 'lock');
    expect(flock(open(path), 'shared')).toBe('locked');
    expect(flock(open(path), 'shared')).toBe('locked');
    expect(flock(open(path), 'exclusive')).toBe('taken');
  });

  test('is the one that the program flock takes', async () => {
    const { flock } = await calls();
    const path = join(newDirectory(), 'lock');
    expect(flock(open(path), 'exclusive')).toBe('locked');
    expect(spawnSync('flock', ['-n', '-E', '7', path, 'true']).status).toBe(7);
  });

  test('fails with the code of the system where there is no such file', async () => {
    const { flock } = await calls();
    expect(() => flock(9999, 'exclusive')).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'flock' }));
  });
});

describe('a signal', () => {
  const start = () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    if (child.pid === undefined) throw new Error('sleep could not be spawned');
    return { pid: child.pid, began: startTicksOf(child.pid) ?? Number.NaN, ended };
  };

  test('reaches the process that was meant, and no other of its number', async () => {
    const { signal } = await calls();
    const { pid, began, ended } = start();
    expect(signal(pid, began - 1, 'SIGKILL')).toBe('gone');
    expect(signal(pid, began, 'SIGTERM')).toBe('sent');
    // Had the first one reached it, this would be SIGKILL.
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(signal(pid, began, 'SIGKILL')).toBe('gone');
  });

  test('to a process whose first thread has ended while others work reaches it', async () => {
    const { signal } = await calls();
    const program = 'import ctypes,threading,time\nthreading.Thread(target=time.sleep,args=(60,)).start()\n';
    const child = spawn('python3', ['-c', `${program}print("up",flush=True)\nctypes.CDLL(None).pthread_exit(None)`]);
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    const pid = child.pid ?? Number.NaN;
    expect(signal(pid, startTicksOf(pid) ?? Number.NaN, 'SIGTERM')).toBe('sent');
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  test('that may not be sent is forbidden', async () => {
    const other = await startOther();
    other.send('forbidden');
    expect(await other.line('signal')).toBe('signal forbidden');
  });
});

describe('a child that nobody waits for', () => {
  test('is taken note of when it has ended, once, and not before', async () => {
    const other = await startOther();
    other.send('adopt');
    expect(await other.line('reaped')).toBe('reaped false true false');
  });

  test('is no process of others', async () => {
    const { reap } = await calls();
    expect(reap(process.ppid)).toBe(false);
  });
});

describe('the calls', () => {
  afterEach(() => {
    vi.doUnmock('koffi');
    vi.resetModules();
  });

  test('are not loaded where they are off', async () => {
    const loaded = vi.fn();
    vi.doMock('koffi', () => {
      loaded();
      return {};
    });
    expect(right(await loadSystemCalls('off'))).toBeNull();
    expect(loaded).not.toHaveBeenCalled();
  });

  test('are none where the package is missing, which is an error only where they are required', async () => {
    vi.doMock('koffi', () => {
      throw new Error('no such package');
    });
    expect(right(await loadSystemCalls('auto'))).toBeNull();
    expect(left(await loadSystemCalls('required')).message).toMatch(/^systemCalls is "required": install .*koffi/);
  });

  test('are none where the system refuses pidfd_open', async () => {
    const { default: koffi } = await import('koffi');
    const refusing = {
      load: () => ({ func: () => () => -1 }),
      errno: () => koffi.os.errno['ENOSYS'],
    };
    vi.doMock('koffi', () => ({ default: refusing }));
    expect(right(await loadSystemCalls('auto'))).toBeNull();
    expect(left(await loadSystemCalls('required')).message).toContain('pidfd_open failed with ENOSYS');
  });
});
