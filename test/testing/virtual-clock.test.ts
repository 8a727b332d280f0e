import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../src/testing.js';

/** A chain of promises as long as any controller's step. */
const longWay = async (): Promise<void> => {
  for (let n = 0; n < 1_000; n++) await Promise.resolve();
};

/** What code does that does not wait for promises alone. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the virtual clock', () => {
  test('stands still until the test moves it', async () => {
    const clock = createVirtualClock(1_000);
    const seen: Array<number> = [];
    clock.wakeAt(1_001, () => seen.push(clock.now()));
    await clock.settle();
    expect([clock.now(), seen, clock.pending, clock.nextAt]).toEqual([1_000, [], 1, 1_001]);
  });

  test('fires wake-ups in the order of time, of equal moments in the order of arming, each at its moment', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<string> = [];
    for (const [name, at] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['late', 41],
    ] as const) {
      clock.wakeAt(at, () => seen.push(`${name}@${clock.now()}`));
    }
    await clock.advance(40);
    expect(seen).toEqual(['a@10', 'b1@20', 'b2@20', 'c@30']);
    expect([clock.now(), clock.pending, clock.nextAt]).toEqual([40, 1, 41]);
  });

  test('what a wake-up leads to has happened before the next one fires', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<string> = [];
    clock.wakeAt(10, () => {
      seen.push('fired');
      void longWay().then(() => {
        seen.push(`led to this at ${clock.now()}`);
        clock.wakeAt(15, () => seen.push(`and to this at ${clock.now()}`));
      });
    });
    clock.wakeAt(20, () => seen.push('next'));
    await clock.advance(100);
    expect(seen).toEqual(['fired', 'led to this at 10', 'and to this at 15', 'next']);
  });

  test('code under test that takes turns of the event loop is waited for', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<number> = [];
    const step = async (): Promise<void> => {
      await turn();
      await turn();
      seen.push(clock.now());
      if (seen.length < 5) clock.wakeAt(clock.now() + 10, () => void step());
    };
    void step();
    await clock.advance(100);
    expect(seen).toEqual([0, 10, 20, 30, 40]);
  });

  test('code under test has not settled as long as it arms wake-ups', async () => {
    const clock = createVirtualClock(0);
    const arm = async (): Promise<void> => {
      for (let n = 0; n < 10; n++) {
        await turn();
        clock.wakeAt(1_000, () => undefined);
      }
    };
    void arm();
    await clock.settle();
    expect(clock.pending).toBe(10);
  });

  test('never fires before wakeAt has returned, and a moment in the past is due at the next step', async () => {
    const clock = createVirtualClock(1_000);
    const seen: Array<number> = [];
    clock.wakeAt(1, () => seen.push(clock.now()));
    expect(seen).toEqual([]);
    await clock.settle();
    expect(seen).toEqual([1_000]);
  });

  test('a fraction of a millisecond is rounded up: a wake-up is never early', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<number> = [];
    clock.wakeAt(10.2, () => seen.push(clock.now()));
    await clock.advanceTo(10);
    expect(seen).toEqual([]);
    await clock.advanceTo(10.1);
    expect([seen, clock.now()]).toEqual([[11], 11]);
  });

  test('a cancelled wake-up never fires and leaves nothing behind; cancelling again, or too late, is harmless', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<string> = [];
    const cancelFirst = clock.wakeAt(10, () => {
      seen.push('first');
      cancelSecond();
    });
    const cancelSecond = clock.wakeAt(10, () => seen.push('second'));
    const cancelThird = clock.wakeAt(10, () => seen.push('third'));
    cancelThird();
    cancelThird();
    expect(clock.pending).toBe(2);
    await clock.advance(10);
    cancelFirst();
    cancelSecond();
    expect([seen, clock.pending, clock.nextAt]).toEqual([['first'], 0, null]);
  });

  test('a jump fires nothing by itself; what was due then fires at the new time', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<number> = [];
    clock.wakeAt(10, () => seen.push(clock.now()));
    clock.wakeAt(20, () => seen.push(clock.now()));
    clock.jump(1_000);
    expect([seen, clock.now()]).toEqual([[], 1_000]);
    await clock.settle();
    expect(seen).toEqual([1_000, 1_000]);
  });

  test('after a step back a wake-up still comes when the span has passed that it had left', async () => {
    const clock = createVirtualClock(1_000);
    const seen: Array<number> = [];
    clock.wakeAt(1_010, () => seen.push(clock.now()));
    clock.jump(0);
    expect(clock.nextAt).toBe(10);
    await clock.advance(9);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen).toEqual([10]);
  });

  test('moving to a moment in the past moves nothing', async () => {
    const clock = createVirtualClock(1_000);
    await clock.advanceTo(500);
    await clock.advance(-5);
    expect(clock.now()).toBe(1_000);
  });

  test('steps that are called at once run one after another', async () => {
    const clock = createVirtualClock(0);
    const seen: Array<number> = [];
    clock.wakeAt(15, () => seen.push(clock.now()));
    await Promise.all([clock.advance(10), clock.advance(10), clock.advance(10)]);
    expect([seen, clock.now()]).toEqual([[15], 30]);
  });

  test('what a wake-up throws is what the step rejects with, and the clock can go on', async () => {
    const clock = createVirtualClock(0);
    clock.wakeAt(1, () => {
      throw new Error('a bug under test');
    });
    await expect(clock.advance(10)).rejects.toThrow('a bug under test');
    await clock.advance(10);
    expect(clock.now()).toBe(11);
  });

  test('a loop that arms itself for now for ever is an error and not a hanging test', async () => {
    const clock = createVirtualClock(0);
    const again = (): void => void clock.wakeAt(clock.now(), again);
    again();
    await expect(clock.advance(1)).rejects.toThrow(/each wake-up arms another/);
  });

  test('ten thousand wake-ups with half of them called off fire once each', async () => {
    const clock = createVirtualClock(0);
    let fired = 0;
    const cancels = Array.from({ length: 10_000 }, (_, n) => clock.wakeAt((n * 7_919) % 10_000, () => fired++));
    for (const cancel of cancels.filter((_, n) => n % 2 === 0)) cancel();
    expect(clock.pending).toBe(5_000);
    await clock.advance(10_000);
    expect([fired, clock.pending]).toEqual([5_000, 0]);
  });
});

test('the time that has passed is that by which it was advanced, whatever the clock was set to', async () => {
  const clock = createVirtualClock(1_000);
  await clock.advance(10);
  clock.jump(500_000);
  await clock.advance(5);
  clock.jump(0);
  await clock.advanceTo(7);
  expect([clock.elapsed(), clock.now()]).toEqual([22, 7]);
});
