import type { Either } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { initialStatus } from '../../src/index.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, midnight } from '../support/host.js';

const reconciliationsOf = (host: ReturnType<typeof createHost>, id: string): number =>
  host.decisions.filter((decision) => decision.id === id && decision.event._tag === 'Observed').length;

describe('reconciliations', () => {
  test('of one instance are collapsed: a burst of notifications leads to one', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    await host.begin();
    const before = reconciliationsOf(host, 'web');
    for (let i = 0; i < 100; i++) host.hypervisor.notify('web');
    await host.clock.settle();
    // The first notification begins a reconciliation at once; the other 99 came while it was under way, and share one more.
    expect(reconciliationsOf(host, 'web') - before).toBe(2);
  });

  test('are never made by polling: a quiet hour has its resyncs and nothing else', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    await host.begin();
    const before = reconciliationsOf(host, 'web');
    await host.clock.advance(3_600_000);
    expect(reconciliationsOf(host, 'web') - before).toBe(60);
  });

  test('at most so many at a time as was said, in the order in which they were asked for', async () => {
    const host = createHost();
    for (const id of ['a', 'b', 'c', 'd']) {
      await host.seed(id, always);
      host.hypervisor.set(id, exited(1));
    }
    const held = ['a', 'b', 'c', 'd'].map((id) => host.hypervisor.hold('start', id, 'before_effect'));
    const controller = await host.begin({ concurrency: 2 });
    expect(host.hypervisor.calls.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(controller.activity()).toMatchObject({ active: 2, queued: 2 });
    held[1]?.release();
    await host.clock.settle();
    expect(host.hypervisor.calls.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    for (const hold of held) hold.release();
    await host.clock.settle();
    expect(controller.activity()).toMatchObject({ active: 0, queued: 0 });
  });

  test('wait for no hanging start of another instance', async () => {
    const host = createHost();
    for (let i = 0; i < 50; i++) {
      await host.seed(`vm-${i}`, always);
      host.hypervisor.set(`vm-${i}`, exited(1));
    }
    host.hypervisor.hold('start', 'vm-0', 'before_effect');
    await host.begin();
    for (let i = 1; i < 50; i++) expect(host.hypervisor.running(`vm-${i}`)).toBe(1);
  });

  test('a person waits for none of them', async () => {
    const host = createHost();
    for (const id of ['a', 'b']) {
      await host.seed(id, always);
      host.hypervisor.set(id, exited(1));
    }
    host.hypervisor.hold('start', 'a', 'before_effect');
    const controller = await host.begin({ concurrency: 1 });
    right(await controller.manualStart('b')());
    right(await controller.manualStop('b')());
    expect(host.calls('b')).toEqual(['start done', 'stop done']);
  });

  test('answer to whoever asked for them, with what went wrong', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    right(await controller.reconcile('web')());
    host.hypervisor.failInspect('web');
    expect(left(await controller.reconcile('web')())).toMatchObject({ id: 'web', during: 'inspect' });
    right(await controller.reconcileAll()());
    host.faulty.inject({ operation: 'list', fault: 'fail_before' });
    expect(left(await controller.reconcileAll()())).toMatchObject({ _tag: 'StoreFailed' });
  });
});

describe('10,000 supervised instances', () => {
  test('settle after a crash storm: one reconciliation per due instance, and no timer leaks', async () => {
    const host = createHost();
    const count = 10_000;
    for (let i = 0; i < count; i++) {
      await host.seed(`vm-${i}`, always);
      host.hypervisor.set(`vm-${i}`, { state: 'running', startedAt: midnight });
    }
    const controller = await host.begin({ resyncEvery: 600_000 });
    expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });

    // The storm: all crash, are started again at once, and half of them crash once more.
    for (let i = 0; i < count; i++) host.hypervisor.exit(`vm-${i}`, 1);
    await host.clock.settle();
    for (let i = 0; i < count; i += 2) host.hypervisor.exit(`vm-${i}`, 1);
    await host.clock.settle();
    expect(controller.activity().armed).toBe(count); // half for the backoff, half for the stable moment
    expect(host.clock.pending).toBe(5); // behind one timer; one for each kind of call, and one for the places

    // Nothing else in the way, each due instance costs one round that decides to start it, and one that sees it run.
    host.hypervisor.deliver({ copies: 0 });
    const decided = host.decisions.length;
    await host.clock.advance(5_000);
    expect(host.decisions.length - decided).toBe(count);
    for (let i = 0; i < count; i++) expect(host.hypervisor.running(`vm-${i}`)).toBe(1);

    await host.clock.advance(605_000);
    expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });
    expect(host.clock.pending).toBe(1); // the resync
    for (let i = 0; i < count; i += 1_000) expect(await host.status(`vm-${i}`)).toEqual(initialStatus);
    expect(host.hypervisor.overlaps).toBe(0);

    await controller.close()();
    expect(host.clock.pending).toBe(0);
  });
});

describe('close', () => {
  test('calls wake-ups off, refuses what comes later, and is idempotent', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    await Promise.all([controller.close()(), controller.close()()]);
    expect(host.clock.pending).toBe(0);
    const commands: ReadonlyArray<() => Promise<Either<{ readonly _tag?: string }, unknown>>> = [
      controller.manualStop('web'),
      controller.manualStart('web'),
      controller.updatePolicy('web', always),
      controller.requestDelete('web'),
      controller.reset('web'),
      controller.reportHealth('web', { startedAt: midnight, health: 'healthy' }),
      controller.reconcile('web'),
      controller.reconcileAll(),
      controller.pause('web'),
      controller.resume('web'),
      controller.list(),
    ];
    for (const command of commands) expect(left(await command())._tag).toBe('Closed');
    host.hypervisor.notify('web');
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
  });

  test('lets a running start finish, and charges nobody', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await host.begin();
    await start.reached;
    let isClosed = false;
    const closing = controller
      .close()()
      .then(() => {
        isClosed = true;
      });
    await host.clock.settle();
    expect(isClosed).toBe(false);
    start.release();
    await closing;
    expect(host.hypervisor.running('web')).toBe(1);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: null });
  });

  test('stops no instance: what was running runs on', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    await controller.close()();
    expect(host.calls('web')).toEqual([]);
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('answers reconciliations and steps that have not begun, instead of leaving them waiting', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await host.begin();
    await start.reached;
    const reconciling = controller.reconcile('web')();
    const starting = controller.manualStart('web')();
    const closing = controller.close()();
    expect(left(await reconciling)).toEqual({ _tag: 'Closed' });
    expect(left(await starting)).toEqual({ _tag: 'Closed' });
    start.release();
    await closing;
  });
});
