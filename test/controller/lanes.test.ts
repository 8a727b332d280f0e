import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLanes } from '../../src/controller/lanes.js';
import { patience } from '../../src/controller/places.js';
import type { Clock } from '../../src/ports/clock.js';
import type { InstanceId } from '../../src/ports/store.js';
import { createVirtualClock } from '../../src/testing.js';

/** Work that goes on until it is ended. */
const createWork = () => {
  const begun: Array<string> = [];
  const ends = new Map<string, () => void>();
  return {
    /** In order; one that began twice stands twice. */
    begun,
    begin: (name: string) => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    end: async (...names: ReadonlyArray<string>): Promise<void> => {
      for (const name of names) ends.get(name)?.();
      await nextTurn();
    },
  };
};

const createSubject = (limit: number) => {
  const work = createWork();
  const clock = createVirtualClock();
  const lanes = createLanes(limit, clock, (id: InstanceId) => work.begin(`reconcile ${id}`));
  const step = (id: InstanceId) => lanes.exclusive(id, () => work.begin(`step in ${id}`));
  /** The counts that were waited for and have been answered, in order. */
  const answered: Array<number> = [];
  const waitForFewerThan = (count: number): void => void lanes.fewerThan(count).then(() => answered.push(count));
  return { ...work, clock, lanes, step, answered, waitForFewerThan };
};

describe('a lane', () => {
  test("that a person's step has taken is passed over; its reconciliation comes after the step", async () => {
    const { lanes, step, begun, end } = createSubject(1);
    lanes.request('a');
    lanes.request('b');
    void step('b');
    await end('reconcile a');
    expect(begun).toEqual(['reconcile a', 'step in b']);
    await end('step in b');
    expect(begun).toEqual(['reconcile a', 'step in b', 'reconcile b']);
  });

  test('runs its steps one at a time, in the order in which they came', async () => {
    const { lanes, begun, begin, end } = createSubject(1);
    const answers = ['1', '2', '3'].map((name) => lanes.exclusive('a', () => begin(name)));
    expect(begun).toEqual(['1']);
    await end('1');
    expect(begun).toEqual(['1', '2']);
    await end('2');
    await end('3');
    expect(await Promise.all(answers)).toEqual(['1', '2', '3']);
    expect(lanes.running()).toBe(0);
  });
});

describe('reconciliations', () => {
  test('that wait come in the order in which they were asked for, also those that are asked for meanwhile', async () => {
    const { lanes, begun, end } = createSubject(1);
    for (const id of ['a', 'b', 'c']) lanes.request(id);
    await end('reconcile a');
    for (const id of ['d', 'e']) lanes.request(id);
    expect(lanes.queued()).toBe(3);
    for (const id of ['b', 'c', 'd', 'e']) await end(`reconcile ${id}`);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `reconcile ${id}`));
    expect([lanes.queued(), lanes.running()]).toEqual([0, 0]);
  });

  test('that begin at the moment at which another one loses its place have theirs for as long as any', async () => {
    const { lanes, clock, begun, end } = createSubject(2);
    // Armed before any place is taken: so at that moment it comes first.
    clock.wakeAt(clock.now() + patience, () => void end('reconcile b'));
    for (const id of ['a', 'b', 'c', 'd', 'e']) lanes.request(id);
    await clock.advance(patience);
    expect(begun).toEqual(['a', 'b', 'c', 'd'].map((id) => `reconcile ${id}`));
    await clock.advance(patience);
    expect(begun).toContain('reconcile e');
  });

  test('are made once although a step came between the request and its turn', async () => {
    const { lanes, step, begun, end } = createSubject(1);
    lanes.request('a');
    lanes.request('b');
    void step('b');
    await end('step in b');
    await end('reconcile a');
    const closed = lanes.close();
    await end('reconcile b');
    await closed;
    expect(begun).toEqual(['reconcile a', 'step in b', 'reconcile b']);
  });

  test('that are made already hold up none of those behind them', async () => {
    const { lanes, step, begun, end } = createSubject(1);
    lanes.request('a');
    lanes.request('b');
    void step('b');
    await end('step in b');
    lanes.request('c');
    await end('reconcile a');
    await end('reconcile b');
    expect(begun).toEqual(['reconcile a', 'step in b', 'reconcile b', 'reconcile c']);
  });

  test('ask for a timer only where one waits for a place', () => {
    const { lanes, clock } = createSubject(1);
    lanes.request('a');
    expect(clock.pending).toBe(0);
    lanes.request('b');
    expect(clock.pending).toBe(1);
  });

  test('that take long leave the rest to later turns of the event loop', async () => {
    let now = 0;
    const turns: Array<() => void> = [];
    const clock: Clock = {
      now: () => now,
      wakeAt: () => () => {},
      nextTurn: () => new Promise<void>((resolve) => turns.push(resolve)),
    };
    const begun: Array<InstanceId> = [];
    const lanes = createLanes(100, clock, async (id) => {
      begun.push(id);
      now += 5;
    });
    const ids = Array.from('abcdefghij');
    for (const id of ids) lanes.request(id);
    const counts = [begun.length];
    for (let turn = 0; turn < 2; turn++) {
      for (const resolve of turns.splice(0)) resolve();
      await nextTurn();
      counts.push(begun.length);
    }
    expect(counts).toEqual([4, 8, 10]);
    expect(begun).toEqual(ids);
  });
});

describe('closing', () => {
  test('is done when nothing runs any more, in no lane', async () => {
    const { lanes, begun, end } = createSubject(2);
    lanes.request('a');
    lanes.request('b');
    let isClosed = false;
    const closed = lanes.close().then(() => {
      isClosed = true;
    });
    await end('reconcile a');
    expect(isClosed).toBe(false);
    await end('reconcile b');
    await closed;
    expect(begun).toEqual(['reconcile a', 'reconcile b']);
  });

  test('is done at once when nothing runs', async () => {
    await createSubject(1).lanes.close();
  });

  test('drops what waits, and answers whoever waits for it', async () => {
    const { lanes, step, begun, end } = createSubject(1);
    void step('a');
    const answers = [step('a'), lanes.reconcile('a')];
    lanes.request('b');
    lanes.request('c');
    const closed = lanes.close();
    expect(await Promise.all(answers)).toEqual([null, null]);
    await end('step in a', 'reconcile b');
    await closed;
    expect(begun).toEqual(['step in a', 'reconcile b']);
    expect([lanes.queued(), lanes.running()]).toEqual([0, 0]);
  });

  test('leaves nobody waiting for fewer', async () => {
    const { lanes, answered, waitForFewerThan } = createSubject(1);
    for (const id of ['a', 'b', 'c']) lanes.request(id);
    waitForFewerThan(1);
    void lanes.close();
    await nextTurn();
    expect(answered).toEqual([1]);
  });

  test('is for good: nothing begins afterwards', async () => {
    const { lanes, step, begun } = createSubject(1);
    await lanes.close();
    lanes.request('a');
    expect(await Promise.all([lanes.reconcile('b'), step('c')])).toEqual([null, null]);
    expect(begun).toEqual([]);
    expect([lanes.queued(), lanes.running()]).toEqual([0, 0]);
  });
});

describe('those that wait for a reconciliation', () => {
  test("are counted rightly after a person's step, whether or not it held one up", async () => {
    for (const isHeldUp of [false, true]) {
      const { lanes, step, end } = createSubject(1);
      void step('a');
      if (isHeldUp) lanes.request('a');
      await end('step in a');
      if (isHeldUp) await end('reconcile a');
      for (const id of ['b', 'c', 'd']) lanes.request(id);
      let isAnswered = false;
      void lanes.fewerThan(2).then(() => {
        isAnswered = true;
      });
      await nextTurn();
      expect(isAnswered).toBe(false);
      await end('reconcile b');
      expect(isAnswered).toBe(true);
    }
  });

  test('are waited for by each up to a count of its own', async () => {
    const { lanes, end, answered, waitForFewerThan } = createSubject(1);
    for (const id of ['a', 'b', 'c', 'd', 'e']) lanes.request(id);
    for (const count of [1, 3]) waitForFewerThan(count);
    const after: Array<ReadonlyArray<number>> = [];
    for (const id of ['a', 'b', 'c', 'd']) {
      await end(`reconcile ${id}`);
      after.push([...answered]);
    }
    expect(after).toEqual([[], [3], [3], [3, 1]]);
  });

  test('are only those that could begin: not what is asked for in a lane that is taken', async () => {
    const { lanes, step, end, answered, waitForFewerThan } = createSubject(1);
    void step('a');
    for (const id of ['a', 'b', 'c']) lanes.request(id);
    waitForFewerThan(1);
    await nextTurn();
    expect(answered).toEqual([]);
    await end('reconcile b');
    expect(answered).toEqual([1]);
    expect(lanes.queued()).toBe(1);
  });
});
