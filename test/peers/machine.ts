/**
 * How late the machine itself is: whoever asks to be called every few milliseconds on a busy one is called later. What a supervisor
 * did while the machine was late is not held against it.
 */
import { sinceBoot } from './boot-clock.js';

export interface Machine {
  /** The longest that it was late from one moment to another, in ms. */
  readonly lateness: (from: number, to: number) => number;
  readonly close: () => void;
}

const every = 20;

export const watchMachine = (): Machine => {
  const late: Array<{ readonly at: number; readonly ms: number }> = [];
  let called = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - called > 2 * every) late.push({ at: sinceBoot(), ms: now - called - every });
    called = now;
  }, every);
  return {
    lateness: (from, to) =>
      Math.max(0, ...late.filter(({ at, ms }) => at >= from && at - ms <= to).map(({ ms }) => ms)),
    close: () => clearInterval(timer),
  };
};
