/** The ends of runs that cannot be written yet: told once, tried again ever more rarely, and never in place of a later one. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEndsToWrite } from '../../src/adapters/linux/ends-to-write.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A disk that has no room until it is said to have. */
const begin = () => {
  const ends = createEndsToWrite();
  const told: Array<string> = [];
  ends.onFault((id, { resource }) => void told.push(`${id} ${resource}`));
  const tries: Array<string> = [];
  const disk = { isFull: true };
  const writes = (what: string) => async (): Promise<void> => {
    tries.push(what);
    if (disk.isFull) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
  };
  return { ends, told, tries, disk, writes };
};

const minute = 60_000;

describe('an end', () => {
  test('that can be written is told to nobody, and not tried again', async () => {
    const { ends, told, tries, disk, writes } = begin();
    disk.isFull = false;
    await ends.write('web-1', writes('end'));
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(tries).toEqual(['end']);
    expect(told).toEqual([]);
    expect(ends.isKept('web-1')).toBe(false);
  });

  test('that cannot is told once, and tried again after pauses that double up to a minute', async () => {
    const { ends, told, tries, writes } = begin();
    await ends.write('web-1', writes('end'));
    const after: Array<number> = [];
    for (let second = 0, seen = 1; second < 300; second += 0.5) {
      await vi.advanceTimersByTimeAsync(500);
      if (tries.length > seen) after.push(second + 0.5);
      seen = tries.length;
    }
    expect(after).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 123.5, 183.5, 243.5]);
    expect(told).toEqual(['web-1 disk_space']);
  });

  test('is written when there is room, and the next pause is short again', async () => {
    const { ends, tries, disk, writes } = begin();
    await ends.write('web-1', writes('end'));
    await vi.advanceTimersByTimeAsync(5 * minute);
    disk.isFull = false;
    await vi.advanceTimersByTimeAsync(minute);
    expect(ends.isKept('web-1')).toBe(false);
    tries.length = 0;
    disk.isFull = true;
    await ends.write('web-1', writes('next'));
    await vi.advanceTimersByTimeAsync(500);
    expect(tries).toEqual(['next', 'next']);
  });

  test('that is kept is written as it is to be written later', async () => {
    const { ends, tries, disk, writes } = begin();
    await ends.write('web-1', writes('now'), writes('later'));
    disk.isFull = false;
    await vi.advanceTimersByTimeAsync(minute);
    expect(tries).toEqual(['now', 'later']);
  });

  test('gives way to a later one of its instance', async () => {
    const { ends, tries, disk, writes } = begin();
    await ends.write('web-1', writes('first'));
    await ends.write('web-1', writes('second'));
    disk.isFull = false;
    await vi.advanceTimersByTimeAsync(minute);
    expect(tries).toEqual(['first', 'second', 'second']);
  });

  test('is not tried for many instances where it fails for one', async () => {
    const { ends, told, tries, writes } = begin();
    for (const id of ['web-1', 'web-2', 'web-3']) await ends.write(id, writes(id));
    tries.length = 0;
    await vi.advanceTimersByTimeAsync(500);
    expect(tries).toEqual(['web-1']);
    expect(told).toHaveLength(3);
  });

  test('that is dropped is written no more, once the try under way is over', async () => {
    const { ends, tries, writes } = begin();
    let finish = (): void => {};
    const slow = async (): Promise<void> => {
      tries.push('slow');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    await ends.write('web-1', writes('end'), slow);
    await vi.advanceTimersByTimeAsync(500);
    let isDropped = false;
    const dropping = ends.drop('web-1').then(() => {
      isDropped = true;
    });
    await vi.advanceTimersByTimeAsync(minute);
    expect(isDropped).toBe(false);
    finish();
    await dropping;
    await vi.advanceTimersByTimeAsync(minute);
    expect(tries).toEqual(['end', 'slow']);
  });

  test('is tried once more when its hypervisor closes, and never after', async () => {
    const { ends, tries, writes } = begin();
    for (const id of ['web-1', 'web-2']) await ends.write(id, writes(id));
    tries.length = 0;
    await ends.close();
    expect(tries).toEqual(['web-1', 'web-2']);
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(tries).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
