/**
 * Calls that hang, where they meet: behind each other, behind a resync, and behind a controller that closes.
 */
import { describe, expect, test } from 'vitest';
import type { Controller } from '../../src/controller.js';
import { createController } from '../../src/controller.js';
import { stoppedByPerson } from '../../src/index.js';
import { createMemoryStore } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, midnight } from '../support/host.js';

const second = 1_000;
const minute = 60 * second;

describe('an instance of class section whose start never answers', () => {
  test('is stopped by one stop that waits for it, however often it is looked at', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    host.hypervisor.everyStop(() => ({ ignoresSignal: true }));
    const controller = await host.begin({ deadlines: { start: minute } });
    await start.reached;
    // Something runs already: what the start waits for is not that.
    host.hypervisor.set('web', { state: 'initializing', startedAt: midnight });
    await host.clock.advance(minute);
    expect(left(await controller.manualStop('web')())).toMatchObject({ _tag: 'Failed' });
    await host.clock.advance(30 * minute);
    const stops = host.calls('web').filter((call) => call.startsWith('stop'));
    expect(stops).toEqual(['stop pending']);
    start.release();
    await host.clock.settle();
    expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]);
  });
});

test('a fleet of hung starts keeps no resync from reaching the others', async () => {
  const host = createHost('none', createMemoryStore());
  const hung = Array.from({ length: 200 }, (_, n) => `a-${String(n).padStart(3, '0')}`);
  for (const id of hung) {
    await host.seed(id, always);
    host.hypervisor.set(id, exited(1));
    host.hypervisor.nextStart(id, { wait: { at: 'before_effect', ms: null }, ignoresSignal: true }, 1_000);
  }
  await host.seed('z', always);
  host.hypervisor.set('z', { state: 'running', startedAt: midnight });
  await host.begin();
  // Their starts hang until two minutes have passed.
  await host.clock.advance(30 * second);
  host.hypervisor.deliver({ id: 'z', copies: 0 });
  host.hypervisor.set('z', exited(1));
  await host.clock.advance(50 * second);
  expect(host.hypervisor.running('z')).toBe(1);
});

test('a host that gives a command at each fault keeps no other call from being given up', async () => {
  const host = createHost();
  const ids = Array.from({ length: 20 }, (_, n) => `hung-${n}`);
  for (const id of ids) {
    await host.seed(id, always);
    host.hypervisor.set(id, exited(1));
  }
  const told: Array<string | null> = [];
  const controller: Controller = right(
    createController({
      store: host.faulty.store,
      hypervisor: host.hypervisor,
      clock: host.clock,
      onFault: ({ id, during, error }) => {
        if (during === 'load' && 'message' in error && error.message.startsWith('no answer')) told.push(id);
        void controller.pause('other')();
      },
    }),
  );
  await host.clock.settle();
  for (const id of ids) host.faulty.hold('load', id, 'before');
  for (const id of ids) host.hypervisor.exit(id, 1);
  await host.clock.advance(3 * second + 10 * second);
  expect(new Set(told)).toEqual(new Set(ids));
  void controller.close({ within: 0 })();
});

test('an instance whose stops hang day and night is told once at each resync', async () => {
  const host = createHost('none');
  await host.seed('web', always, stoppedByPerson);
  host.hypervisor.set('web', { state: 'running', startedAt: midnight });
  host.hypervisor.nextStop('web', { wait: { at: 'before_effect', ms: null }, ignoresSignal: true }, 10_000);
  await host.begin();
  await host.clock.advance(6 * 60 * minute);
  host.faults.splice(0);
  await host.clock.advance(10 * minute);
  const reminded = host.faults.filter(({ error }) => 'message' in error && error.message.startsWith('still no answer'));
  expect(reminded.length).toBeLessThanOrEqual(11);
  expect(reminded.length).toBeGreaterThan(0);
});

describe('a controller that closes', () => {
  test('waits for whoever reads a list no longer than it may', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin({ deadlines: { inspect: Number.POSITIVE_INFINITY } });
    host.hypervisor.holdInspect('web');
    void controller.list()();
    await host.clock.settle();
    let isClosed = false;
    void controller
      .close({ within: second })()
      .then(() => {
        isClosed = true;
      });
    await host.clock.advance(minute);
    expect(isClosed).toBe(true);
  });

  test('and is closed again sets no timer', async () => {
    const host = createHost();
    const controller = await host.begin();
    right(await controller.close()());
    right(await controller.close({ within: 60 * minute })());
    expect(host.clock.pending).toBe(0);
  });

  test('answers also after a call with what is no report', async () => {
    const host = createHost();
    const controller = await host.begin();
    await controller
      .reportHealth('web', undefined as never)()
      .catch(() => {});
    right(await controller.close()());
  });

  test('lists no further page of a resync that is under way', async () => {
    const store = createMemoryStore();
    const host = createHost('section', store);
    for (let n = 0; n < 1_000; n++) await host.seed(`id-${String(n).padStart(4, '0')}`, always);
    const controller = await host.begin();
    const listed = (): number => host.faulty.calls.filter(({ operation }) => operation === 'listRecords').length;
    const before = listed();
    const page = host.faulty.hold('listRecords', null, 'after');
    const reconciled = controller.reconcileAll()();
    await page.reached;
    const closing = controller.close()();
    page.release();
    right(await closing);
    await reconciled;
    expect(listed() - before).toBe(1);
  });
});
