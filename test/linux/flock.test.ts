import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { none, some } from 'fp-ts/lib/Option.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FlockSection } from '../../src/adapters/linux/flock.js';
import { createHold } from '../../src/testing/hold.js';
import { flockSection, type LocksBy, type WatchedSection } from './locks.js';
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

const sectionOf = async (directory: string, by: LocksBy): Promise<FlockSection> =>
  (await flockSection(directory, by)).section;

/** Answers when one more waits for `web-1`, by the kernel's list or by its own word. */
const waits = (directory: string, by: LocksBy, { isRefused }: Pick<WatchedSection, 'isRefused'>, count = 1) =>
  by === 'program' ? until(() => waitingFor(lockOf(directory, 'web-1')).length === count) : isRefused;

/** Another process that is in the section of `web-1`, and a section of ours that somebody has just begun to wait for. */
const contended = async (by: LocksBy, theirs: LocksBy = by) => {
  const directory = newDirectory();
  const holder = await startHolder(directory, 'web-1', theirs);
  holder.send('enter');
  await holder.line('in');
  const watched = await flockSection(directory, by);
  const { section } = watched;
  const order: Array<string> = [];
  const ours = section('web-1', async () => {
    order.push('we are in');
  });
  ours.catch(() => {}); // looked at by the test
  await waits(directory, by, watched);
  return { directory, holder, section, order, ours };
};

const kinds: ReadonlyArray<LocksBy> = ['system_call', 'program'];
const pairs = kinds.flatMap((by) => kinds.map((theirs) => [by, theirs] as const));

describe.each(kinds)('a section of a host by %s', (by) => {
  test('lets in one at a time, in the order of the calls, and gives each its own answer', async () => {
    const section = await sectionOf(newDirectory(), by);
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
    const section = await sectionOf(newDirectory(), by);
    await expect(section('web-1', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('is one for all who open the directory, in one process too', async () => {
    const directory = newDirectory();
    const hold = createHold();
    const order: Array<string> = [];
    const first = (await sectionOf(directory, by))('web-1', async () => {
      await hold.pass();
      order.push('first out');
    });
    await hold.reached;
    const watched = await flockSection(directory, by);
    const second = watched.section('web-1', async () => {
      order.push('second in');
    });
    await waits(directory, by, watched);
    hold.release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first out', 'second in']);
  });

  test.each(['leave', 'die'] as const)(
    'is not held by what was spawned inside, when its holder has come to %s',
    async (how) => {
      const directory = newDirectory();
      const holder = await startHolder(directory, 'web-1', by);
      holder.send('enter');
      await holder.line('in');
      holder.send('spawn');
      const pid = Number((await holder.line('spawned')).split(' ')[1]);
      spawned.add(pid);
      const opened = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      expect(opened.filter((path) => path.startsWith(directory))).toEqual([]);
      if (how === 'leave') holder.send('leave');
      else await holder.end('SIGKILL');
      await (await sectionOf(directory, by))('web-1', async () => {
        expect(process.kill(pid, 0)).toBe(true);
      });
    },
  );
});

describe.each(pairs)('a section of a host by %s, against one by %s,', (by, theirs) => {
  test('keeps out another process until its holder has left', async () => {
    const { holder, order, ours } = await contended(by, theirs);
    expect(order).toEqual([]);
    holder.send('leave');
    await holder.line('left');
    await ours;
    expect(order).toEqual(['we are in']);
  });

  test('is free again when its holder is killed', async () => {
    const { holder, order, ours } = await contended(by, theirs);
    expect(order).toEqual([]);
    await holder.end('SIGKILL');
    await ours;
    expect(order).toEqual(['we are in']);
  });

  test('is kept by a holder that is stopped, until it goes on and leaves', async () => {
    const { directory, holder, order, ours } = await contended(by, theirs);
    process.kill(holder.pid, 'SIGSTOP');
    await until(() => readFileSync(`/proc/${holder.pid}/stat`, 'latin1').includes(') T '));
    // Who comes now waits as well.
    const other = await startHolder(directory, 'web-1', by);
    other.send('enter');
    await waits(directory, by, { isRefused: other.line('refused').then(() => {}) }, 2);
    expect(order).toEqual([]);
    holder.send('leave'); // it cannot read that yet
    order.push('it goes on');
    process.kill(holder.pid, 'SIGCONT');
    await holder.line('left');
    // Either may be the first.
    await Promise.all([ours, other.line('in').then(() => other.send('leave'))]);
    expect(order).toEqual(['it goes on', 'we are in']);
  });
});

describe('a wait of the program', () => {
  test('that somebody kills is a failure, never an entry, and the next one gets in', async () => {
    const { directory, holder, section, order, ours } = await contended('program');
    for (const pid of waitingFor(lockOf(directory, 'web-1'))) process.kill(pid, 'SIGKILL');
    await expect(ours).rejects.toThrow('flock ended with SIGKILL');
    expect(order).toEqual([]);
    holder.send('leave');
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('is out of reach of Ctrl-C', async () => {
    const { directory } = await contended('program');
    const [pid = 0] = waitingFor(lockOf(directory, 'web-1'));
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    expect(Number(group)).toBe(pid);
  });

  test('is one per instance and process, however many there want to get in', async () => {
    const { directory, holder, section, ours } = await contended('program');
    const more = Array.from({ length: 5 }, () => section('web-1', () => Promise.resolve()));
    // Another instance has come and gone by now, so these have had their chance to wait as well.
    await section('web-2', () => Promise.resolve());
    expect(waitingFor(lockOf(directory, 'web-1'))).toHaveLength(1);
    holder.send('leave');
    await Promise.all([ours, ...more]);
  });
});

describe.each(kinds)('a wait by %s that is given up', (by) => {
  test('is over at once, leaves nobody waiting, and never gets in', async () => {
    const { directory, holder, section, order, ours } = await contended(by);
    const call = new AbortController();
    const behind = section('web-1', async () => void order.push('behind'), call.signal);
    call.abort();
    await expect(behind).rejects.toThrow('given up');
    // The one before it waits on, for another process.
    if (by === 'program') expect(waitingFor(lockOf(directory, 'web-1'))).toHaveLength(1);
    holder.send('leave');
    await ours;
    await section('web-1', async () => void order.push('next'));
    expect(order).toEqual(['we are in', 'next']);
  });

  test('for another process is over at once, and never gets in', async () => {
    const directory = newDirectory();
    const holder = await startHolder(directory, 'web-1', by);
    holder.send('enter');
    await holder.line('in');
    const watched = await flockSection(directory, by);
    const call = new AbortController();
    const work = vi.fn(() => Promise.resolve());
    const ours = watched.section('web-1', work, call.signal);
    ours.catch(() => {}); // looked at below
    await waits(directory, by, watched);
    const waiting = waitingFor(lockOf(directory, 'web-1'));
    call.abort();
    await expect(ours).rejects.toThrow('given up');
    // Who waited in our place is gone, and reaped.
    for (const pid of waiting) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(waitingFor(lockOf(directory, 'web-1'))).toEqual([]);
    holder.send('leave');
    await holder.line('left');
    expect(await watched.section('web-1', () => Promise.resolve('next'))).toBe('next');
    expect(work).not.toHaveBeenCalled();
  });
});

describe('a wait of the program that is given up', () => {
  test('in the moment in which it got the lock holds nothing', async () => {
    const directory = newDirectory();
    // Locks as the real one does, but is slow to say so.
    const bin = newDirectory();
    const slow = `#!/bin/sh\nPATH='${process.env['PATH']}'\nflock "$@" && echo > '${bin}/locked'\nexec sleep 1000\n`;
    writeFileSync(join(bin, 'flock'), slow, { mode: 0o755 });
    const section = await sectionOf(directory, 'program');
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

describe('a section', () => {
  test('that is locked by a program fails where there is none, and its work is not begun', async () => {
    const section = await sectionOf(newDirectory(), 'program');
    vi.stubEnv('PATH', '/nonexistent');
    const work = vi.fn(() => Promise.resolve());
    await expect(section('web-1', work)).rejects.toThrow('cannot run flock (of util-linux)');
    await expect(section.ifFree('web-1', work)).rejects.toThrow('cannot run flock (of util-linux)');
    expect(work).not.toHaveBeenCalled();
    vi.unstubAllEnvs();
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('is entered by calls of the system where no program can be run', async () => {
    const section = await sectionOf(newDirectory(), 'system_call');
    vi.stubEnv('PATH', '/nonexistent');
    expect(await section('web-1', () => Promise.resolve('in'))).toBe('in');
    expect(await section.ifFree('web-1', () => Promise.resolve('in'))).toEqual(some('in'));
  });

  test.each(kinds)('by %s fails where the directory is gone, and its work is not begun', async (by) => {
    const directory = newDirectory();
    const section = await sectionOf(directory, by);
    rmSync(directory, { recursive: true });
    const work = vi.fn(() => Promise.resolve());
    await expect(section('web-1', work)).rejects.toThrow('ENOENT');
    expect(work).not.toHaveBeenCalled();
  });
});

describe.each(kinds)('who asks whether a section by %s is free', (by) => {
  test('gets in when it is, and keeps others out', async () => {
    const directory = newDirectory();
    const watched = await flockSection(directory, by);
    const { section } = watched;
    const order: Array<string> = [];
    let later = Promise.resolve();
    const answer = await section.ifFree('web-1', async () => {
      later = section('web-1', async () => {
        order.push('later in');
      });
      await waits(directory, by, watched);
      order.push('out');
      return 'answer';
    });
    await later;
    expect(answer).toEqual(some('answer'));
    expect(order).toEqual(['out', 'later in']);
  });

  test('is told when it is not, at once: whoever is inside', async () => {
    const { holder, section, ours } = await contended(by);
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

describe('a wait by calls of the system', () => {
  test('that had no luck for a second joins the queue of the kernel: no busy neighbour keeps it out', async () => {
    const { directory, holder, order, ours } = await contended('system_call');
    await until(() => waitingFor(lockOf(directory, 'web-1')).length === 1);
    // From now on the neighbour comes back the moment it has left, for ever.
    holder.send('stay-busy');
    await ours;
    expect(order).toEqual(['we are in']);
    holder.send('count');
    // It gets in at the first chance, but for the machine's moods.
    expect(Number((await holder.line('count')).split(' ')[1])).toBeLessThan(10);
  });

  test('goes on where the program is missing, or somebody kills it', async () => {
    const { directory, holder, order, ours } = await contended('system_call');
    await until(() => waitingFor(lockOf(directory, 'web-1')).length === 1);
    for (const pid of waitingFor(lockOf(directory, 'web-1'))) process.kill(pid, 'SIGKILL');
    await until(() => waitingFor(lockOf(directory, 'web-1')).length === 0);
    expect(order).toEqual([]);
    holder.send('leave');
    await ours;
    expect(order).toEqual(['we are in']);
  });

  test('keeps its process alive, and that only as long as it waits', async () => {
    const directory = newDirectory();
    const section = await sectionOf(directory, 'program');
    const hold = createHold();
    const inside = section('web-1', hold.pass);
    await hold.reached;
    const waiter = await startHolder(directory, 'web-1', 'system_call');
    waiter.send('enter-only');
    await waiter.line('refused');
    hold.release();
    await inside;
    await waiter.line('passed');
    await waiter.ended;
  });
});
