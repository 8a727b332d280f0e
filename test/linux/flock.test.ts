import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { none, some } from 'fp-ts/lib/Option.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFlockSection } from '../../src/adapters/linux/flock.js';
import { createHold } from '../../src/testing/hold.js';
import { directories, processesOf, until, waitingFor } from './support.js';

const newDirectory = directories();
const startHolder = processesOf(new URL('fixtures/holder.ts', import.meta.url));

const spawned = new Set<number>();

afterEach(() => {
  vi.unstubAllEnvs();
  for (const pid of spawned) process.kill(pid, 'SIGKILL');
  spawned.clear();
});

const lockOf = (directory: string, id: string): string => join(directory, `${id}.json.lock`);

/** Another process that is in the section of `web-1`, and a section of ours that somebody has just begun to wait for. */
const contended = async () => {
  const directory = newDirectory();
  const holder = await startHolder(directory, 'web-1');
  holder.send('enter');
  await holder.line('in');
  const section = createFlockSection(directory);
  const order: Array<string> = [];
  const ours = section('web-1', async () => {
    order.push('we are in');
  });
  ours.catch(() => {}); // looked at by the test
  await until(() => waitingFor(lockOf(directory, 'web-1')).length === 1);
  return { directory, holder, section, order, ours };
};

describe('a section of a host', () => {
  test('lets in one at a time, in the order of the calls, and gives each its own answer', async () => {
    const section = createFlockSection(newDirectory());
    const order: Array<string> = [];
    const hold = createHold();
    const work = (name: string, wait: () => Promise<void>) => async () => {
      order.push(`${name} in`);
      await wait();
      order.push(`${name} out`);
      return name;
    };
    const answers = [
      section('web-1', work('first', hold.pass)),
      section(
        'web-1',
        work('second', () => Promise.resolve()),
      ),
    ];
    await hold.reached;
    // Another instance is not concerned.
    expect(
      await section(
        'web-2',
        work('other', () => Promise.resolve()),
      ),
    ).toBe('other');
    hold.release();
    expect(await Promise.all(answers)).toEqual(['first', 'second']);
    expect(order).toEqual(['first in', 'other in', 'other out', 'first out', 'second in', 'second out']);
  });

  test('is released by work that fails, which answers with its failure', async () => {
    const section = createFlockSection(newDirectory());
    await expect(section('web-1', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('is one for all who open the directory, in one process too', async () => {
    const directory = newDirectory();
    const hold = createHold();
    const order: Array<string> = [];
    const first = createFlockSection(directory)('web-1', async () => {
      await hold.pass();
      order.push('first out');
    });
    await hold.reached;
    const second = createFlockSection(directory)('web-1', async () => {
      order.push('second in');
    });
    await until(() => waitingFor(lockOf(directory, 'web-1')).length === 1);
    hold.release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first out', 'second in']);
  });

  test('keeps out another process until its holder has left', async () => {
    const { holder, order, ours } = await contended();
    expect(order).toEqual([]);
    holder.send('leave');
    await holder.line('left');
    await ours;
    expect(order).toEqual(['we are in']);
  });

  test('is free again when its holder is killed', async () => {
    const { holder, order, ours } = await contended();
    expect(order).toEqual([]);
    await holder.end('SIGKILL');
    await ours;
    expect(order).toEqual(['we are in']);
  });

  test('is kept by a holder that is stopped, until it goes on and leaves', async () => {
    const { directory, holder, order, ours } = await contended();
    process.kill(holder.pid, 'SIGSTOP');
    await until(() => readFileSync(`/proc/${holder.pid}/stat`, 'latin1').includes(') T '));
    // Who comes now waits as well: everybody whom the kernel lists is asleep until the lock is given up.
    const other = await startHolder(directory, 'web-1');
    other.send('enter');
    await until(() => waitingFor(lockOf(directory, 'web-1')).length === 2);
    expect(order).toEqual([]);
    holder.send('leave'); // it cannot read that yet
    order.push('it goes on');
    process.kill(holder.pid, 'SIGCONT');
    await holder.line('left');
    await ours;
    await other.line('in');
    expect(order).toEqual(['it goes on', 'we are in']);
  });

  test.each(['leave', 'die'] as const)(
    'is not held by what was spawned inside, when its holder has come to %s',
    async (how) => {
      const directory = newDirectory();
      const holder = await startHolder(directory, 'web-1');
      holder.send('enter');
      await holder.line('in');
      holder.send('spawn');
      const pid = Number((await holder.line('spawned')).split(' ')[1]);
      spawned.add(pid);
      const opened = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      expect(opened.filter((path) => path.startsWith(directory))).toEqual([]);
      if (how === 'leave') holder.send('leave');
      else await holder.end('SIGKILL');
      await createFlockSection(directory)('web-1', async () => {
        expect(process.kill(pid, 0)).toBe(true);
      });
    },
  );
});

describe('a wait', () => {
  test('that somebody kills is a failure, never an entry, and the next one gets in', async () => {
    const { directory, holder, section, order, ours } = await contended();
    for (const pid of waitingFor(lockOf(directory, 'web-1'))) process.kill(pid, 'SIGKILL');
    await expect(ours).rejects.toThrow('flock ended with SIGKILL');
    expect(order).toEqual([]);
    holder.send('leave');
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('is out of reach of Ctrl-C', async () => {
    const { directory } = await contended();
    const [pid = 0] = waitingFor(lockOf(directory, 'web-1'));
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    expect(Number(group)).toBe(pid);
  });

  test('is one per instance and process, however many there want to get in', async () => {
    const { directory, holder, section, ours } = await contended();
    const more = Array.from({ length: 5 }, () => section('web-1', () => Promise.resolve()));
    // Another instance has come and gone by now, so these have had their chance to wait as well.
    await section('web-2', () => Promise.resolve());
    expect(waitingFor(lockOf(directory, 'web-1'))).toHaveLength(1);
    holder.send('leave');
    await Promise.all([ours, ...more]);
  });
});

describe('a wait that is given up', () => {
  test('is over at once, leaves nobody waiting, and never gets in', async () => {
    const { directory, holder, section, order, ours } = await contended();
    const call = new AbortController();
    const behind = section('web-1', async () => void order.push('behind'), call.signal);
    call.abort();
    await expect(behind).rejects.toThrow('given up');
    // The one before it waits on, for another process.
    expect(waitingFor(lockOf(directory, 'web-1'))).toHaveLength(1);
    holder.send('leave');
    await ours;
    await section('web-1', async () => void order.push('next'));
    expect(order).toEqual(['we are in', 'next']);
  });

  test('for another process is over at once, and ends the program that waits', async () => {
    const directory = newDirectory();
    const holder = await startHolder(directory, 'web-1');
    holder.send('enter');
    await holder.line('in');
    const section = createFlockSection(directory);
    const call = new AbortController();
    const work = vi.fn(() => Promise.resolve());
    const ours = section('web-1', work, call.signal);
    ours.catch(() => {}); // looked at below
    await until(() => waitingFor(lockOf(directory, 'web-1')).length === 1);
    const [pid = 0] = waitingFor(lockOf(directory, 'web-1'));
    call.abort();
    await expect(ours).rejects.toThrow('given up');
    // Gone, and reaped.
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(waitingFor(lockOf(directory, 'web-1'))).toEqual([]);
    holder.send('leave');
    await holder.line('left');
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
    expect(work).not.toHaveBeenCalled();
  });

  test('in the moment in which it got the lock holds nothing', async () => {
    const directory = newDirectory();
    // Locks as the real one does, but is slow to say so.
    const bin = newDirectory();
    const slow = `#!/bin/sh\nPATH='${process.env['PATH']}'\nflock "$@" && echo > '${bin}/locked'\nexec sleep 1000\n`;
    writeFileSync(join(bin, 'flock'), slow, { mode: 0o755 });
    const section = createFlockSection(directory);
    vi.stubEnv('PATH', bin);
    const call = new AbortController();
    const work = vi.fn(() => Promise.resolve());
    const ours = section('web-1', work, call.signal);
    ours.catch(() => {}); // looked at below
    await until(() => existsSync(join(bin, 'locked')));
    vi.unstubAllEnvs();
    expect(await section.ifFree('web-1', () => Promise.resolve())).toEqual(none);
    call.abort();
    await expect(ours).rejects.toThrow('given up');
    expect(await section.ifFree('web-1', () => Promise.resolve('free'))).toEqual(some('free'));
    expect(work).not.toHaveBeenCalled();
  });
});

describe('a section that cannot be locked', () => {
  test('fails, and its work is not begun: no flock', async () => {
    const section = createFlockSection(newDirectory());
    vi.stubEnv('PATH', '/nonexistent');
    const work = vi.fn(() => Promise.resolve());
    await expect(section('web-1', work)).rejects.toThrow('cannot run flock (of util-linux)');
    await expect(section.ifFree('web-1', work)).rejects.toThrow('cannot run flock (of util-linux)');
    expect(work).not.toHaveBeenCalled();
    vi.unstubAllEnvs();
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('fails, and its work is not begun: no directory', async () => {
    const directory = newDirectory();
    const section = createFlockSection(directory);
    rmSync(directory, { recursive: true });
    const work = vi.fn(() => Promise.resolve());
    await expect(section('web-1', work)).rejects.toThrow('ENOENT');
    expect(work).not.toHaveBeenCalled();
  });
});

describe('who asks whether a section is free', () => {
  test('gets in when it is, and keeps others out', async () => {
    const directory = newDirectory();
    const section = createFlockSection(directory);
    const order: Array<string> = [];
    let later = Promise.resolve();
    const answer = await section.ifFree('web-1', async () => {
      later = section('web-1', async () => {
        order.push('later in');
      });
      await until(() => waitingFor(lockOf(directory, 'web-1')).length === 1);
      order.push('out');
      return 'answer';
    });
    await later;
    expect(answer).toEqual(some('answer'));
    expect(order).toEqual(['out', 'later in']);
  });

  test('is told when it is not, at once: whoever is inside', async () => {
    const { holder, section, ours } = await contended();
    const work = vi.fn(() => Promise.resolve());
    expect(await section.ifFree('web-1', work)).toEqual(none);
    holder.send('leave');
    await ours;
    await section('web-1', async () => {
      expect(await section.ifFree('web-1', work)).toEqual(none);
    });
    expect(work).not.toHaveBeenCalled();
    expect(await section.ifFree('web-1', () => Promise.resolve('free'))).toEqual(some('free'));
  });
});
