/**
 * A clock that somebody sets back while calls are under way: nothing waits until that time has come round again.
 */
import { expect, test } from 'vitest';
import { stoppedByPerson } from '../../src/index.js';
import { right } from '../support/either.js';
import { always, createHost, exited, midnight } from '../support/host.js';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** Instances whose starts hang, each begun some seconds after the one before. */
const beginHungStarts = async (ids: ReadonlyArray<string>) => {
  const host = createHost();
  for (const id of ids) {
    await host.seed(id, always);
    host.hypervisor.set(id, { state: 'running', startedAt: midnight });
    host.hypervisor.hold('start', id, 'before_effect');
  }
  const controller = await host.begin();
  for (const id of ids) {
    host.hypervisor.exit(id, 1);
    await host.clock.advance(10 * second);
  }
  return { host, controller };
};

test('every call under way is given up in time, not the oldest one only', async () => {
  const { host } = await beginHungStarts(['a', 'b', 'c']);
  host.clock.jump(midnight - day);
  // A span of its own for what is left of the spans, as nobody can tell how much that is.
  await host.clock.advance(4 * minute);
  const given = host.faults.filter(({ error }) => 'message' in error && error.message === 'no answer within 2m0s');
  expect(given.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
});

test('what is due within a span by the new clock is due at its moment, and so is what began after it', async () => {
  const { host } = await beginHungStarts(['a', 'b', 'c']);
  // The first of them is given up when the clock shows the moment at which the second one began.
  await host.clock.advanceTo(midnight + 2 * minute - second);
  host.clock.jump(midnight + 9 * second);
  const given = () =>
    host.faults
      .filter(({ error }) => 'message' in error && error.message === 'no answer within 2m0s')
      .map(({ id }) => id);
  await host.clock.advance(second);
  expect(given()).toEqual(['a']);
  await host.clock.advanceTo(midnight + 2 * minute + 10 * second);
  expect(given()).toEqual(['a', 'b']);
  await host.clock.advance(10 * second - 1);
  expect(given()).toEqual(['a', 'b']);
  await host.clock.advance(1);
  expect(given()).toEqual(['a', 'b', 'c']);
});

test('a call that begins after that has its deadline like any other', async () => {
  const { host, controller } = await beginHungStarts(['a', 'b']);
  host.clock.jump(midnight - day);
  // The first of them is given up, and the second one is the oldest now.
  await host.clock.advance(2 * minute);
  await host.seed('c', always, stoppedByPerson);
  host.hypervisor.hold('start', 'c', 'before_effect');
  const answer = controller.manualStart('c')();
  let isAnswered = false;
  void answer.then(() => {
    isAnswered = true;
  });
  await host.clock.advance(4 * minute);
  expect(isAnswered).toBe(true);
});

test('a place is given up to the next one all the same', async () => {
  const host = createHost();
  for (const id of ['hung', 'sound']) {
    await host.seed(id, always);
    host.hypervisor.set(id, { state: 'running', startedAt: midnight });
  }
  await host.begin({ concurrency: 1, deadlines: { start: day } });
  await host.clock.advance(5 * second);
  host.hypervisor.hold('start', 'hung', 'before_effect');
  host.hypervisor.exit('hung', 1);
  await host.clock.settle();
  host.clock.jump(midnight - day);
  host.hypervisor.exit('sound', 1);
  await host.clock.advance(2 * second);
  expect(host.hypervisor.running('sound')).toBe(1);
});

/** Of instances that run the first one has crashed twice, and waits; `unseen` has crashed too, and only a resync finds that. */
const beginWaiting = async (...others: ReadonlyArray<string>) => {
  const host = createHost();
  for (const id of ['waiting', 'unseen', ...others]) {
    await host.seed(id, always);
    host.hypervisor.set(id, { state: 'running', startedAt: midnight });
  }
  const controller = await host.begin();
  host.hypervisor.exit('waiting', 1);
  await host.clock.settle();
  host.hypervisor.exit('waiting', 1);
  await host.clock.settle();
  expect(await host.status('waiting')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 5 * second });
  host.hypervisor.deliver({ id: 'unseen', copies: 0 });
  host.hypervisor.exit('unseen', 1);
  return { host, controller };
};

test('what waits for its moment is not forgotten when another one is armed for an earlier moment', async () => {
  const { host } = await beginWaiting('other');
  host.clock.jump(midnight - day);
  // It is looked at, and its wake-up is the earliest by the new clock.
  host.hypervisor.exit('other', 1);
  await host.clock.advance(6 * second);
  expect(host.hypervisor.running('waiting')).toBe(1);
  await host.clock.advance(minute);
  expect(host.hypervisor.running('unseen')).toBe(1);
});

test('what waits for its moment is not forgotten when the one before it has nothing to wait for any more', async () => {
  const { host, controller } = await beginWaiting();
  host.clock.jump(midnight - day);
  right(await controller.manualStop('waiting')());
  await host.clock.advance(minute);
  expect(host.hypervisor.running('unseen')).toBe(1);
});

test('during a resync: the next one comes when it would have come', async () => {
  const host = createHost();
  await host.seed('web', always);
  host.hypervisor.set('web', { state: 'running', startedAt: midnight });
  const list = host.faulty.hold('list', null, 'before');
  await host.begin();
  await list.reached;
  host.clock.jump(midnight - day);
  list.release();
  await host.clock.settle();
  // A change that nobody is notified of.
  host.hypervisor.deliver({ id: 'web', copies: 0 });
  host.hypervisor.set('web', exited(1));
  await host.clock.advance(30 * second);
  expect(host.hypervisor.running('web')).toBe(0);
  await host.clock.advance(30 * second);
  expect(host.hypervisor.running('web')).toBe(1);
});

test('a call on the clock that was set forward loses no deadline', async () => {
  const { host, controller } = await beginHungStarts(['a', 'b']);
  host.clock.jump(midnight + day);
  await host.clock.advance(4 * minute);
  expect(host.faults.filter(({ during }) => during === 'start').map(({ id }) => id)).toEqual(
    expect.arrayContaining(['a', 'b']),
  );
  const closing = controller.close({ within: minute })();
  await host.clock.advance(minute);
  right(await closing);
  expect(host.clock.pending).toBe(0);
});
