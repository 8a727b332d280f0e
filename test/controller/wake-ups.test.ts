import { describe, expect, test } from 'vitest';
import { createWakeUps, type WakeUps } from '../../src/controller/wake-ups.js';
import type { Clock } from '../../src/ports/clock.js';
import { saltOf } from '../../src/salt.js';

interface Timer {
  readonly at: number;
  readonly ring: () => void;
  isCalledOff: boolean;
}

/** A clock by hand: its timers ring when the test says so, also early, and also when they were cancelled. */
const createSubject = () => {
  const timers: Array<Timer> = [];
  const woken: Array<string> = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    wakeAt: (at, ring) => {
      const timer = { at, ring, isCalledOff: false };
      timers.push(timer);
      return () => {
        timer.isCalledOff = true;
      };
    },
  };
  const wakeUps = createWakeUps<string>(clock, (key) => woken.push(key));
  return {
    wakeUps,
    woken,
    /** All that were ever set. */
    timers,
    setTo: (at: number) => {
      now = at;
    },
    ringAt: (at: number, timer = timers.at(-1)) => {
      now = at;
      timer?.ring();
    },
  };
};

describe('the one timer', () => {
  test('stands at the earliest wake-up, and is set anew only when that changes', () => {
    const { wakeUps, timers } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.arm('b', 7_000);
    wakeUps.arm('c', 5_000);
    wakeUps.disarm('a');
    expect(timers).toMatchObject([{ at: 5_000, isCalledOff: false }]);
    wakeUps.arm('d', 3_000);
    wakeUps.disarm('c');
    expect(timers).toMatchObject([
      { at: 5_000, isCalledOff: true },
      { at: 3_000, isCalledOff: false },
    ]);
    wakeUps.disarm('d');
    expect(timers[2]).toMatchObject({ at: 7_000, isCalledOff: false });
  });

  test('wakes what is due at the same moment in the order in which it was armed for it', () => {
    const { wakeUps, woken, ringAt } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.arm('b', 5_000);
    wakeUps.arm('c', 4_000);
    wakeUps.arm('a', 5_000);
    wakeUps.arm('c', 5_000);
    ringAt(5_000);
    expect(woken).toEqual(['a', 'b', 'c']);
  });

  test('wakes each key once after the clock was set back, also one that arms itself anew at once', () => {
    let now = 10_000;
    let ring = (): void => {};
    const clock: Clock = {
      now: () => now,
      wakeAt: (_, callback) => {
        ring = callback;
        return () => {};
      },
    };
    const woken: Array<string> = [];
    const wakeUps = createWakeUps<string>(clock, (key) => {
      woken.push(key);
      if (woken.length < 10) wakeUps.arm(key, now + 1_000);
    });
    wakeUps.arm('a', 11_000);
    wakeUps.arm('b', 12_000);
    now = 5_000;
    ring();
    expect(woken).toEqual(['a', 'b']);
    expect([wakeUps.armedAt('a'), wakeUps.armedAt('b')]).toEqual([6_000, 6_000]);
  });

  test('is called off with the last wake-up', () => {
    const { wakeUps, timers } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.disarm('a');
    wakeUps.disarm('a');
    expect(timers).toMatchObject([{ isCalledOff: true }]);
    expect(wakeUps.size()).toBe(0);
  });

  test('wakes all that are due when it rings, each once, and stands at the next', () => {
    const { wakeUps, woken, timers, ringAt } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.arm('b', 5_000);
    wakeUps.arm('c', 6_000);
    ringAt(5_000);
    expect(woken).toEqual(['a', 'b']);
    expect([wakeUps.armedAt('a'), wakeUps.armedAt('c')]).toEqual([null, 6_000]);
    expect(timers).toMatchObject([{ at: 5_000 }, { at: 6_000, isCalledOff: false }]);
  });
});

test('ids that share a salt are told apart, whether or not it is given', () => {
  const [one, other] = ['vm-93705', 'vm-135170'];
  const salt = saltOf(one);
  expect(saltOf(other)).toBe(salt);
  const { wakeUps, woken, ringAt } = createSubject();
  wakeUps.arm(one, 5_000);
  expect([wakeUps.armedAt(one), wakeUps.armedAt(other)]).toEqual([5_000, null]);
  wakeUps.disarm(other, salt);
  wakeUps.arm(other, 6_000, salt);
  wakeUps.arm(other, 7_000);
  ringAt(5_000);
  expect([wakeUps.armedAt(one), wakeUps.armedAt(other)]).toEqual([null, 7_000]);
  wakeUps.arm(one, 8_000);
  wakeUps.disarm(other);
  ringAt(8_000);
  expect(woken).toEqual([one, one]);
});

describe('a timer that rings early', () => {
  test('by a second wakes nobody, and is set again', () => {
    const { wakeUps, woken, timers, ringAt } = createSubject();
    wakeUps.arm('a', 5_000);
    ringAt(4_000);
    expect(woken).toEqual([]);
    expect(timers).toMatchObject([{ at: 5_000 }, { at: 5_000 }]);
  });

  test('by more says that the clock was set back, and wakes everybody', () => {
    const { wakeUps, woken, ringAt } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.arm('b', 90_000);
    ringAt(3_999);
    expect(woken).toEqual(['a', 'b']);
    expect(wakeUps.size()).toBe(0);
  });
});

test.each<readonly [string, (wakeUps: WakeUps<string>) => void]>([
  ['is called off', (wakeUps) => wakeUps.disarm('first')],
  ['is moved to a later moment', (wakeUps) => wakeUps.arm('first', 95_000)],
])(
  'where the clock was set back, and the earliest wake-up %s, the others do not come too late by as much',
  (_, move) => {
    const { wakeUps, woken, timers, setTo, ringAt } = createSubject();
    setTo(100_000);
    wakeUps.arm('first', 105_000);
    wakeUps.arm('second', 160_000);
    setTo(90_000);
    move(wakeUps);
    expect(timers.at(-1)).toMatchObject({ at: 90_000, isCalledOff: false });
    ringAt(90_000);
    expect(woken).toContain('second');
  },
);

test('where the clock was set back, and the only wake-up is called off, nothing is left to ring', () => {
  const { wakeUps, timers, setTo } = createSubject();
  setTo(100_000);
  wakeUps.arm('a', 105_000);
  setTo(90_000);
  wakeUps.disarm('a');
  expect(timers).toMatchObject([{ at: 105_000, isCalledOff: true }]);
});

describe('a fleet that is due at once', () => {
  const fleet = Array.from({ length: 1_200 }, (_, index) => `vm-${index}`);

  test('wakes up some at a time, so that the event loop turns in between, each once and in order', () => {
    const { wakeUps, woken, timers, ringAt } = createSubject();
    for (const [index, id] of fleet.entries()) wakeUps.arm(id, 5_000 + index);
    ringAt(60_000);
    expect(woken).toEqual(fleet.slice(0, 500));
    expect(timers.at(-1)).toMatchObject({ at: 5_500, isCalledOff: false });
    ringAt(60_001);
    wakeUps.disarm('vm-1100');
    ringAt(60_002);
    expect(woken).toEqual(fleet.filter((id) => id !== 'vm-1100'));
    expect(wakeUps.size()).toBe(0);
  });

  test('since the clock was set back wakes up too, and what is armed anew meanwhile is not due again', () => {
    const { wakeUps, woken, timers, ringAt } = createSubject();
    for (const [index, id] of fleet.entries()) wakeUps.arm(id, 500_000 + index);
    ringAt(100_000);
    expect(woken).toEqual(fleet.slice(0, 500));
    expect([wakeUps.armedAt('vm-500'), wakeUps.size()]).toEqual([null, 0]);
    const standing = timers.at(-1);
    expect(standing).toMatchObject({ at: 100_000, isCalledOff: false });

    wakeUps.arm('vm-0', 100_050);
    wakeUps.arm('vm-1', 200_000);
    // The timer rings as soon as it can, and is left to do so.
    expect([timers.at(-1), standing?.isCalledOff]).toEqual([standing, false]);
    ringAt(100_010);
    ringAt(100_020);
    expect(woken).toEqual(fleet);
    expect([wakeUps.armedAt('vm-0'), wakeUps.armedAt('vm-1')]).toEqual([100_050, 200_000]);
    expect(timers.at(-1)).toMatchObject({ at: 100_050, isCalledOff: false });
  });

  test('wakes up whole where the clock is set back once more before all of it has', () => {
    const { wakeUps, woken, timers, setTo, ringAt } = createSubject();
    for (const id of fleet) wakeUps.arm(id, 500_000);
    ringAt(100_000);
    wakeUps.arm('vm-0', 110_000);
    setTo(50_000);
    wakeUps.arm('vm-1', 60_000);
    expect(timers.at(-1)).toMatchObject({ at: 50_000, isCalledOff: false });
    ringAt(50_000);
    ringAt(50_001);
    expect(woken).toEqual([...fleet, 'vm-1', 'vm-0']);
    expect(wakeUps.size()).toBe(0);
  });

  test('wakes nobody any more after the end', () => {
    const { wakeUps, woken, timers, ringAt } = createSubject();
    for (const id of fleet) wakeUps.arm(id, 500_000);
    ringAt(100_000);
    wakeUps.close();
    ringAt(100_001);
    expect(woken).toEqual(fleet.slice(0, 500));
    expect(timers.at(-1)).toMatchObject({ isCalledOff: true });
  });
});

describe('after the end', () => {
  test('nothing is armed any more', () => {
    const { wakeUps, timers } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.close();
    wakeUps.arm('b', 6_000);
    expect(timers).toMatchObject([{ at: 5_000, isCalledOff: true }]);
    expect(wakeUps.size()).toBe(0);
  });

  test('a timer that was on its way wakes nobody', () => {
    const { wakeUps, woken, timers, ringAt } = createSubject();
    wakeUps.arm('a', 5_000);
    wakeUps.close();
    ringAt(5_000, timers[0]);
    expect(woken).toEqual([]);
  });

  test('there is nothing to call off where nothing was armed', () => {
    const { wakeUps, timers } = createSubject();
    wakeUps.close();
    expect(timers).toEqual([]);
  });
});
