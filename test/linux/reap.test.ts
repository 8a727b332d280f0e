/**
 * Which ended children are a run's, and whose they are not: the rule, without processes. Real ones:
 * test/process/pid-1.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { type EndedChild, isToReap, type RunToReap } from '../../src/adapters/linux/reap.js';

const run: RunToReap = {
  pid: 100,
  controlGroup: '/system.slice/web-1',
  seen: [{ pid: 300, startTicks: 7 }],
};
const stranger: EndedChild = { pid: 200, startTicks: 5, session: 50, controlGroup: '/system.slice' };

describe('an ended child', () => {
  test.each<[string, Partial<EndedChild>]>([
    ['of the session of the run', { session: 100 }],
    ['of the control group of the run', { controlGroup: '/system.slice/web-1' }],
    ['of a group within it', { controlGroup: '/system.slice/web-1/inner' }],
    ['of the group, which was removed', { controlGroup: '/system.slice/web-1 (deleted)' }],
    ['that was seen as a process of the run', { pid: 300, startTicks: 7 }],
  ])('%s is taken note of', (_, what) => {
    expect(isToReap({ ...stranger, ...what }, run)).toBe(true);
  });

  test.each<[string, Partial<EndedChild>]>([
    ['of another session', {}],
    ['that is the first process of the run, for which Node waits', { pid: 100, session: 100 }],
    ['that is the first process of the run, in its group', { pid: 100, controlGroup: '/system.slice/web-1' }],
    ['of a group whose name begins alike', { controlGroup: '/system.slice/web-10' }],
    ['of no group', { controlGroup: null }],
    ['that has the number of one that was seen, and began at another time', { pid: 300, startTicks: 8 }],
  ])('%s is left to others', (_, what) => {
    expect(isToReap({ ...stranger, ...what }, run)).toBe(false);
  });

  test('is never taken for one of a run without a control group because it has none either', () => {
    expect(isToReap({ ...stranger, controlGroup: null }, { pid: 100 })).toBe(false);
  });

  test('that was the first process of a run is taken note of where another host spawned it', () => {
    const first = { ...stranger, pid: 100, session: 100 };
    const elsewhere = { ...run, seen: [{ pid: 100, startTicks: 5 }] };
    expect(isToReap(first, elsewhere)).toBe(true);
    expect(isToReap({ ...first, startTicks: 6 }, elsewhere)).toBe(false);
  });
});
