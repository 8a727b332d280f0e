import { describe, expect, test } from 'vitest';
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
