import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../src/adapters/system-clock.js';

const start = Date.UTC(2025, 0, 1);
const day = 86_400_000;

describe('the system clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: start });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** Arms a wake-up, and says when it came by the time of day. */
  const arm = (at: number) => {
    const woken: Array<number> = [];
    const cancel = systemClock.wakeAt(at, () => woken.push(Date.now()));
    return { woken, cancel };
  };

  test('wakes at its moment, once, and not before', () => {
    const { woken } = arm(start + 5_000);
    vi.advanceTimersByTime(4_999);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(day);
    expect(woken).toEqual([start + 5_000]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a fraction of a millisecond is waited for', () => {
    const { woken } = arm(start + 5_000.25);
    vi.advanceTimersByTime(5_000);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([start + 5_001]);
  });

  test.each([
    ['a moment in the past', start - day],
    ['now', start],
    ['not a number', Number.NaN],
    ['minus infinity', Number.NEGATIVE_INFINITY],
  ])('%s wakes as soon as possible, but not before wakeAt returns', (_, at) => {
    const { woken } = arm(at);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toHaveLength(1);
  });

  test('a wait that no timer can hold comes at its moment', () => {
    const at = start + 2 ** 31 + 60 * day;
    const { woken } = arm(at);
    vi.advanceTimersByTime(at - start - 1);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([at]);
  });

  test('a timer that fires early is set again', () => {
    const { woken } = arm(start + 5_000);
    // The time of day is half a millisecond behind the timer, as it is where timers round down.
    vi.spyOn(performance, 'now').mockImplementation(() => Date.now() - start - 0.5);
    vi.setSystemTime(start - 1);
    vi.advanceTimersByTime(5_000);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([start + 5_000]);
  });

  test('a clock that is set back by a day holds a wake-up up for no longer than its span', () => {
    const { woken } = arm(start + 5_000);
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(start - day);
    vi.advanceTimersByTime(3_999);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([start - day + 4_000]);
  });

  test('a clock that leaps past the moment, or a machine that slept, is noticed within a minute', () => {
    const { woken } = arm(start + 10 * day);
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(start + 11 * day);
    vi.advanceTimersByTime(59_000);
    expect(woken).toEqual([start + 11 * day + 59_000]);
  });

  test('nothing is called after a cancel, however far the chain of timers has come', () => {
    const { woken, cancel } = arm(start + 10 * day);
    vi.advanceTimersByTime(3 * day);
    cancel();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(30 * day);
    expect(woken).toEqual([]);
  });

  test('a cancel after the wake-up, or inside it, is harmless', () => {
    const cancelled = vi.fn(() => cancel());
    const cancel = systemClock.wakeAt(start + 10, cancelled);
    vi.advanceTimersByTime(10);
    cancel();
    vi.advanceTimersByTime(day);
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  test('shows the time of day in whole milliseconds', () => {
    vi.advanceTimersByTime(7);
    expect(systemClock.now()).toBe(start + 7);
  });
});
