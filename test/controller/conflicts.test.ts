/** A store that is always in conflict, as one whose reads lag behind its writes is: it holds up its own instance, and nobody else. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { left as leftOf } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import type { Clock, Controller } from '../../src/controller.js';
import { conflict, storeFailed } from '../../src/ports/store.js';
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

/** Without a turn between two of them there would be no end of them. */
const mostSaves = 100_000;

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
              return leftOf(saves < mostSaves ? conflict : storeFailed('more saves than there are turns'));
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

type Supervised = Awaited<ReturnType<typeof supervise>>;

const expectRoomForOthers = async ({ host, controller, saves, pass }: Supervised): Promise<void> => {
  host.hypervisor.exit('other', 1);
  while (saves() < 20) await nextTurn();
  await pass(10 * second);
  expect(host.hypervisor.running('other')).toBe(1);
  const closing = controller.close({ within: second })();
  await pass(second);
  expect(right(await closing)).toEqual({ unanswered: [] });
  expect(saves()).toBeLessThan(mostSaves);
};

test.each(commands)('%s is tried again a turn later, and the controller closes in time', async (_, command) => {
  const supervised = await supervise();
  const answer = command(supervised.controller)();
  await expectRoomForOthers(supervised);
  expect(await answer).toMatchObject({ _tag: 'Left' });
});

test('an automatic decision is made again a turn later, and the controller closes in time', async () => {
  const supervised = await supervise();
  const { hypervisor } = supervised.host;
  hypervisor.set('web', exited(1));
  hypervisor.notify('web');
  await expectRoomForOthers(supervised);
});
