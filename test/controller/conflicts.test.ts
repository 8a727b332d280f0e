/** A store that is always in conflict, as one whose reads lag behind its writes is: it holds up its own instance, and nobody else. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { left as leftOf } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import type { Clock, Controller } from '../../src/controller.js';
import { conflict } from '../../src/ports/store.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { always, createHost, exited } from '../support/host.js';

const second = 1_000;

/** By hand: a virtual clock goes on only when nobody uses it any more, and whoever tries again and again does not stop. */
const createHandClock = (start: number) => {
  let now = start;
  const wakeUps = new Set<{ readonly at: number; readonly callback: () => void }>();
  const clock: Clock = {
    now: () => now,
    wakeAt: (at, callback) => {
      const wakeUp = { at, callback };
      wakeUps.add(wakeUp);
      return () => void wakeUps.delete(wakeUp);
    },
    nextTurn,
  };
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    for (const wakeUp of [...wakeUps].filter(({ at }) => at <= now)) {
      wakeUps.delete(wakeUp);
      wakeUp.callback();
    }
    for (let turns = 0; turns < 50; turns++) await nextTurn();
  };
  return { clock, pass };
};

/** A second instance is sound. */
const supervise = async () => {
  const host = createHost();
  for (const id of ['web', 'other']) await host.seed(id, always);
  host.hypervisor.set('web', { state: 'running', startedAt: host.clock.now() });
  host.hypervisor.set('other', { state: 'running', startedAt: host.clock.now() });
  let saves = 0;
  const { clock, pass } = createHandClock(host.clock.now());
  const { store } = host;
  const controller = controllerOf({
    hypervisor: host.hypervisor,
    clock,
    store: {
      ...store,
      save: (id, record, expected) =>
        id === 'web'
          ? async () => {
              saves++;
              return leftOf(conflict);
            }
          : store.save(id, record, expected),
    },
  });
  await pass(0);
  return { host, controller, saves: () => saves, pass };
};

const commands: ReadonlyArray<readonly [string, (controller: Controller) => () => Promise<unknown>]> = [
  ['a stop', (controller) => controller.manualStop('web')],
  ['a start', (controller) => controller.manualStart('web')],
  ['a pause', (controller) => controller.pause('web')],
  ['a policy', (controller) => controller.updatePolicy('web', { ...always, backoff: 1 })],
  ['a delete', (controller) => controller.requestDelete('web')],
];

test.each(commands)(
  '%s is tried again and again, a turn apart, and the controller closes in time',
  async (_, command) => {
    const { host, controller, saves, pass } = await supervise();
    const answer = command(controller)();
    host.hypervisor.exit('other', 1);
    while (saves() < 20) await nextTurn();
    await pass(10 * second);
    expect(host.hypervisor.running('other')).toBe(1);
    const closing = controller.close({ within: second })();
    await pass(second);
    expect(right(await closing)).toEqual({ unanswered: [] });
    expect(await answer).toMatchObject({ _tag: 'Left' });
  },
);

test('an automatic decision is made again and again, a turn apart, and the controller closes in time', async () => {
  const { host, controller, saves, pass } = await supervise();
  host.hypervisor.set('web', exited(1));
  host.hypervisor.notify('web');
  host.hypervisor.exit('other', 1);
  while (saves() < 20) await nextTurn();
  await pass(10 * second);
  expect(host.hypervisor.running('other')).toBe(1);
  const closing = controller.close({ within: second })();
  await pass(second);
  expect(right(await closing)).toEqual({ unanswered: [] });
});
