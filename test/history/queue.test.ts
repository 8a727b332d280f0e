/**
 * What waits to be written: in batches, bounded, and asked again later where the medium failed.
 */
import { type Either, left, right as ofRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { createHistoryQueue } from '../../src/adapters/common/history-queue.js';
import type { HistoryRow } from '../../src/adapters/common/history-text.js';
import { type HistoryEntry, type HistoryFailed, type HistoryFault, historyFailed } from '../../src/history.js';
import { createVirtualClock } from '../../src/testing.js';
import { right } from '../support/either.js';
import { midnight } from '../support/host.js';

const attempt = (n: number, id = 'web'): HistoryEntry => ({
  _tag: 'Attempt',
  id,
  at: midnight + n,
  attempt: n,
  action: 'Start',
  why: 'exit',
  counted: true,
});

const attempts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, k) => attempt(from + k));

const numbersIn = (rows: ReadonlyArray<HistoryRow>) => rows.map(({ at }) => at - midnight);

/** A queue whose medium a test commands. */
const createQueue = (most = 1_000) => {
  const clock = createVirtualClock(midnight);
  const batches: Array<{ readonly after: number; readonly numbers: ReadonlyArray<number> }> = [];
  const faults: Array<HistoryFault> = [];
  const medium: { answer: () => Promise<Either<HistoryFailed, void>> } = { answer: async () => ofRight(undefined) };
  const queue = createHistoryQueue({
    clock,
    most,
    after: 250,
    longestId: 100,
    write: (rows) => {
      batches.push({ after: clock.now() - midnight, numbers: numbersIn(rows) });
      return medium.answer();
    },
    onFault: (fault) => faults.push(fault),
  });
  return { clock, batches, faults, medium, queue };
};

const broken = async () => left(historyFailed('no room'));

describe('entries that are told', () => {
  test('are written together, a quarter of a second after the first of them', async () => {
    const { clock, batches, queue } = createQueue();
    queue.add([attempt(1)]);
    await clock.advance(200);
    queue.add([attempt(2), attempt(3)]);
    expect(queue.state()).toEqual({ queued: 3, lost: 0, failing: null });
    await clock.advance(49);
    expect(batches).toEqual([]);
    await clock.advance(1);
    expect(batches).toEqual([{ after: 250, numbers: [1, 2, 3] }]);
    await clock.advance(60_000);
    expect(batches).toHaveLength(1);
    expect(clock.pending).toBe(0);
    queue.add([attempt(4)]);
    await clock.advance(250);
    expect(batches.at(-1)).toEqual({ after: 60_500, numbers: [4] });
  });

  test('are written in batches of no more than 100, in their order, and others have their turn between two', async () => {
    const { batches, queue } = createQueue();
    queue.add(attempts(1, 250));
    const flushed = queue.flush();
    // What is asked for now comes before the last batch.
    const batchesByThen = await new Promise<number>((resolve) => setImmediate(() => resolve(batches.length)));
    right(await flushed);
    expect(batchesByThen).toBeLessThan(3);
    expect(batches.map(({ numbers }) => numbers.length)).toEqual([100, 100, 50]);
    expect(batches.flatMap(({ numbers }) => numbers)).toEqual(attempts(1, 250).map(({ at }) => at - midnight));
  });

  test('while others are being written wait for the next batch', async () => {
    const { clock, batches, medium, queue } = createQueue();
    let answer = () => {};
    medium.answer = () => new Promise((resolve) => (answer = () => resolve(ofRight(undefined))));
    queue.add([attempt(1)]);
    await clock.advance(250);
    queue.add([attempt(2)]);
    await clock.advance(10_000);
    expect(batches.map(({ numbers }) => numbers)).toEqual([[1]]);
    medium.answer = async () => ofRight(undefined);
    answer();
    await clock.advance(250);
    expect(batches.map(({ numbers }) => numbers)).toEqual([[1], [2]]);
  });

  test('are taken at once, whatever the medium does: a write that never answers holds nobody up', async () => {
    const { clock, medium, queue } = createQueue(10);
    medium.answer = () => new Promise(() => {});
    queue.add(attempts(1, 5));
    await clock.advance(250);
    queue.add(attempts(6, 25));
    await clock.advance(60_000);
    expect(queue.state()).toMatchObject({ queued: 10, lost: 15 });
  });

  test('are each kept or counted as lost, also where there is no room for more while some are being written', async () => {
    for (const most of [5, 10]) {
      const { clock, batches, medium, queue } = createQueue(most);
      let release = (): void => {};
      medium.answer = () =>
        new Promise((resolve) => {
          release = () => resolve(ofRight(undefined));
        });
      queue.add(attempts(1, 5));
      await clock.advance(250);
      queue.add(attempts(6, 25));
      expect(queue.state()).toMatchObject({ queued: most, lost: 25 - most });
      medium.answer = async () => ofRight(undefined);
      release();
      await clock.advance(10_000);
      expect(batches.flatMap(({ numbers }) => numbers)).toHaveLength(most);
      expect(queue.state()).toEqual({ queued: 0, lost: 25 - most, failing: null });
    }
  });
});

describe('a medium that fails', () => {
  test('is asked again after a second, and later each time, until it is well', async () => {
    const { clock, batches, faults, medium, queue } = createQueue();
    medium.answer = broken;
    queue.add(attempts(1, 3));
    await clock.advance(100_000);
    const waits = [250, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    let sum = 0;
    expect(batches.map(({ after }) => after)).toEqual(waits.map((wait) => (sum += wait)));
    expect(faults).toHaveLength(batches.length);
    expect(faults[0]).toEqual({ _tag: 'HistoryFault', error: historyFailed('no room'), queued: 3, lost: 0 });
    expect(queue.state()).toMatchObject({ queued: 3, lost: 0, failing: historyFailed('no room') });
    medium.answer = async () => ofRight(undefined);
    await clock.advance(30_000);
    expect(queue.state()).toEqual({ queued: 0, lost: 0, failing: null });
    medium.answer = broken;
    queue.add([attempt(4)]);
    const count = batches.length;
    await clock.advance(1_250);
    expect(batches).toHaveLength(count + 2);
  });

  test('costs the oldest entries that wait, once there are too many, and says how many', async () => {
    const { clock, batches, faults, medium, queue } = createQueue(10);
    medium.answer = broken;
    queue.add(attempts(1, 10));
    await clock.advance(250);
    expect(faults.at(-1)).toMatchObject({ queued: 10, lost: 0 });
    queue.add(attempts(11, 14));
    await clock.advance(1_000);
    expect(faults.at(-1)).toMatchObject({ queued: 10, lost: 4 });
    medium.answer = async () => ofRight(undefined);
    await clock.advance(10_000);
    expect(batches.at(-1)?.numbers).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(queue.state()).toEqual({ queued: 0, lost: 4, failing: null });
  });

  test('is tried once more by a close, and what waits then is lost', async () => {
    const { clock, batches, medium, queue } = createQueue();
    medium.answer = broken;
    queue.add(attempts(1, 3));
    await clock.advance(250);
    await queue.close();
    expect(batches).toHaveLength(2);
    expect(queue.state()).toMatchObject({ queued: 0, lost: 3 });
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(batches).toHaveLength(2);
  });

  const brokenToo = new Error('the listener is broken too');

  test.each([
    [
      'throws',
      () => {
        throw brokenToo;
      },
    ],
    ['rejects with', () => Promise.reject(brokenToo)],
  ])('is told to a listener, and what that %s is its own business', async (_, onFault) => {
    const clock = createVirtualClock(midnight);
    const queue = createHistoryQueue({
      clock,
      most: 10,
      after: 250,
      longestId: 100,
      write: broken,
      onFault,
    });
    queue.add([attempt(1)]);
    await clock.advance(5_000);
    expect(queue.state()).toMatchObject({ queued: 1 });
    await queue.close();
  });
});

describe('what cannot be kept', () => {
  test('is counted and told once for all of it, and the rest is written', async () => {
    const { clock, batches, faults, queue } = createQueue();
    queue.add([attempt(1), attempt(2, 'x'.repeat(101)), attempt(3, ''), attempt(4)]);
    await clock.advance(250);
    expect(batches.map(({ numbers }) => numbers)).toEqual([[1, 4]]);
    expect(faults.map(({ error, lost }) => [error.message, lost])).toEqual([
      ['entries are lost: an id must not be empty', 2],
    ]);
    queue.add([attempt(5, '')]);
    await clock.advance(250);
    expect(faults).toHaveLength(2);
    expect(batches).toHaveLength(1);
  });

  test('is not what was told twice: that waits once', async () => {
    const { clock, batches, queue } = createQueue();
    queue.add([attempt(1), attempt(2), attempt(1)]);
    queue.add([attempt(2)]);
    await clock.advance(250);
    expect(batches.map(({ numbers }) => numbers)).toEqual([[1, 2]]);
  });
});
