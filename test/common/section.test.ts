import { describe, expect, test, vi } from 'vitest';
import { createSection } from '../../src/adapters/common/section.js';
import { createHold } from '../../src/testing/hold.js';

describe('a section', () => {
  test('lets in one at a time, in the order of the calls, and gives each its own answer', async () => {
    const section = createSection<string>();
    const order: Array<string> = [];
    const hold = createHold();
    const work = (name: string, wait: Promise<void>) => async () => {
      order.push(`${name} in`);
      await wait;
      order.push(`${name} out`);
      return name;
    };
    const answers = [
      section('web-1', work('first', hold.pass())),
      section('web-1', work('second', Promise.resolve())),
      section('web-1', work('third', Promise.resolve())),
    ];
    // Another instance is not concerned.
    expect(await section('web-2', work('other', Promise.resolve()))).toBe('other');
    expect(order).toEqual(['first in', 'other in', 'other out']);
    hold.release();
    expect(await Promise.all(answers)).toEqual(['first', 'second', 'third']);
    expect(order.slice(3)).toEqual(['first out', 'second in', 'second out', 'third in', 'third out']);
  });

  test('is released by work that fails, which answers with its failure', async () => {
    const section = createSection<string>();
    const failing = section('web-1', () => Promise.reject(new Error('broken')));
    const next = section('web-1', () => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
    // Also when it throws before it waits for anything.
    const throwing = section('web-1', () => {
      throw new Error('at once');
    });
    await expect(throwing).rejects.toThrow('at once');
    expect(await section('web-1', () => Promise.resolve('again'))).toBe('again');
  });
});

describe('who waits for a section', () => {
  /** A section that is taken, and what comes to it. */
  const taken = async () => {
    const section = createSection<string>();
    const hold = createHold();
    const order: Array<string> = [];
    const enter = (name: string, signal?: AbortSignal) =>
      section(
        'web-1',
        async () => {
          order.push(name);
          return name;
        },
        signal,
      );
    const first = section('web-1', hold.pass);
    await hold.reached;
    return { section, hold, order, enter, first };
  };

  test('gives up at once, never gets in, and lets those behind it in', async () => {
    const { hold, order, enter, first } = await taken();
    const call = new AbortController();
    const second = enter('second', call.signal);
    const third = enter('third');
    call.abort();
    // Its holder is still inside.
    await expect(second).rejects.toThrow('given up');
    expect(order).toEqual([]);
    hold.release();
    await first;
    expect(await third).toBe('third');
    expect(order).toEqual(['third']);
  });

  test('does not get in where it gives up in the very moment of its turn', async () => {
    const { section, hold, order, enter } = await taken();
    const call = new AbortController();
    // It is let in when the work before it is over; before it can begin, nobody waits for it any more.
    const before = section('web-1', async () => {
      queueMicrotask(() => queueMicrotask(() => call.abort()));
    });
    const second = enter('second', call.signal);
    hold.release();
    await before;
    await expect(second).rejects.toThrow('given up');
    expect(order).toEqual([]);
    expect(await enter('third')).toBe('third');
  });

  test('does not even stand in line when it has given up before', async () => {
    const { section, hold, first } = await taken();
    const work = vi.fn(async () => {});
    await expect(section('web-1', work, AbortSignal.abort())).rejects.toThrow('given up');
    hold.release();
    await first;
    await expect(section('web-1', work, AbortSignal.abort())).rejects.toThrow('given up');
    expect(work).not.toHaveBeenCalled();
    expect(await section('web-1', () => Promise.resolve('next'))).toBe('next');
  });

  test('keeps it to the end of its work once it is in, given up or not', async () => {
    const section = createSection<string>();
    const call = new AbortController();
    const hold = createHold();
    const order: Array<string> = [];
    const first = section(
      'web-1',
      async () => {
        await hold.pass();
        order.push('first out');
        return 'first';
      },
      call.signal,
    );
    const second = section('web-1', async () => {
      order.push('second in');
    });
    await hold.reached;
    call.abort();
    hold.release();
    expect(await first).toBe('first');
    await second;
    expect(order).toEqual(['first out', 'second in']);
  });
});
