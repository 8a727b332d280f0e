import { describe, expect, test } from 'vitest';
import { initialStatus, saltOf, stoppedByPerson } from '../../src/index.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, midnight, never } from '../support/host.js';

describe('the decision listener', () => {
  test('gets every decision, with what it was made of and where it is stored', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(3));
    await host.begin();
    const attempt = { ...initialStatus, attempts: 1, lastAttemptAt: midnight };
    expect(host.decisions.slice(0, 2)).toMatchObject([
      {
        id: 'web',
        event: { _tag: 'Observed', instance: exited(3) },
        policy: always,
        before: initialStatus,
        after: attempt,
        actions: [{ _tag: 'Start', attempt: 1 }],
        reason: 'restart_after_exit',
        revision: 2,
        now: midnight,
      },
      { id: 'web', before: attempt, after: attempt, actions: [], reason: 'running', revision: 2 },
    ]);
    expect(host.decisions[1]?.after).toBe(host.decisions[1]?.before);
  });

  test('harms nothing when it throws, and neither does the fault listener', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    const thrown = (): never => {
      throw new Error('a listener of the host');
    };
    controllerOf({
      store: host.faulty.store,
      hypervisor: host.hypervisor,
      clock: host.clock,
      onDecision: thrown,
      onFault: thrown,
    });
    await host.clock.advance(5_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('harms nothing either when it is an async function that rejects', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    let rejected = 0;
    const rejects = async (): Promise<never> => {
      rejected++;
      throw new Error('a listener of the host');
    };
    const options = { onDecision: rejects, onFault: rejects, onCommand: rejects };
    const controller = controllerOf({
      store: host.faulty.store,
      hypervisor: host.hypervisor,
      clock: host.clock,
      ...options,
    });
    await host.clock.advance(5_000);
    right(await controller.pause('web')());
    expect(rejected).toBeGreaterThan(3);
  });
});

describe('a port that fails', () => {
  test.each(['load', 'save'] as const)(
    'a %s that fails is a fault, and the next resync makes up for it',
    async (operation) => {
      const host = createHost();
      await host.seed('web', always);
      host.hypervisor.set('web', exited(1));
      host.faulty.inject({ operation, fault: 'fail_before' });
      await host.begin();
      expect(host.faults).toMatchObject([{ id: 'web', during: operation, error: { _tag: 'StoreFailed' } }]);
      expect(host.calls('web')).toEqual([]);
      await host.clock.advance(60_000);
      expect(host.hypervisor.running('web')).toBe(1);
    },
  );

  test('an attempt whose save was done without an answer is spent, never made uncounted', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.faulty.inject({ operation: 'save', fault: 'fail_after' });
    await host.begin();
    expect(host.calls('web')).toEqual([]);
    expect(await host.status('web')).toMatchObject({ attempts: 1 });
    await host.clock.advance(60_000);
    expect(await host.status('web')).toMatchObject({ attempts: 2 });
    expect(host.calls('web')).toEqual(['start done']);
  });

  test('a list that fails is a fault, and the next resync makes up for it', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.faulty.inject({ operation: 'list', fault: 'fail_before' });
    await host.begin();
    expect(host.faults).toMatchObject([{ id: null, during: 'list' }]);
    await host.clock.advance(60_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('a stored record that is none is a fault of its id, left as it is, and stops nobody else', async () => {
    const host = createHost();
    await host.seed('broken', always);
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.faulty.inject({ operation: 'load', id: 'broken', fault: 'invalid_record', times: Number.POSITIVE_INFINITY });
    const controller = await host.begin();
    expect(host.faults).toMatchObject([
      { id: 'broken', during: 'load', error: { _tag: 'InvalidRecord', id: 'broken' } },
    ]);
    expect(host.hypervisor.running('web')).toBe(1);
    expect(left(await controller.manualStart('broken')())._tag).toBe('InvalidRecord');
    expect(left(await controller.status('broken')())._tag).toBe('InvalidRecord');
    expect((await host.record('broken'))?.revision).toBe(1);
  });

  test('a repair that fails is a fault, and is made again at the next resync', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'failed' });
    await host.begin();
    expect(host.faults).toMatchObject([{ id: 'web', during: 'stop', error: { _tag: 'Failed' } }]);
    await host.clock.advance(60_000);
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test.each([
    [
      'throws',
      () => () => {
        throw Object.create(null);
      },
    ],
    [
      'rejects',
      () => () =>
        Promise.reject({
          toString: () => {
            throw new Error('no text');
          },
        }),
    ],
  ])('a port that %s what has no text counts as one that failed, and is asked again', async (_, inspect) => {
    const host = createHost();
    await host.seed('web', always);
    const controller = controllerOf({
      clock: host.clock,
      store: host.store,
      hypervisor: { ...host.hypervisor, inspect },
      onFault: (fault) => host.faults.push(fault),
    });
    await host.clock.settle();
    await controller.reconcile('web')();
    const error = { _tag: 'Failed', message: 'the hypervisor threw: an object' };
    expect(host.faults).toMatchObject([
      { during: 'inspect', error },
      { during: 'inspect', error },
    ]);
  });

  test('a port that throws instead of answering counts as one that failed', async () => {
    const host = createHost();
    await host.seed('web', always);
    const thrown = (): never => {
      throw new Error('not what was agreed');
    };
    const controller = controllerOf({
      clock: host.clock,
      store: host.store,
      hypervisor: { ...host.hypervisor, inspect: thrown, stop: () => () => Promise.reject(new Error('nor this')) },
      onFault: (fault) => host.faults.push(fault),
    });
    await host.clock.settle();
    const said = { _tag: 'Failed', message: 'the hypervisor threw: Error: not what was agreed' };
    expect(host.faults).toMatchObject([{ during: 'inspect', error: said }]);
    expect(left(await controller.manualStop('web')())).toMatchObject({
      ...said,
      message: expect.stringContaining('nor this'),
    });

    const odd = controllerOf({
      clock: host.clock,
      store: { ...host.store, load: () => async () => undefined as never },
      hypervisor: host.hypervisor,
    });
    expect(left(await odd.status('web')())).toMatchObject({
      _tag: 'StoreFailed',
      message: 'the store answered nothing instead of an Either',
    });

    const withoutStore = controllerOf({
      clock: host.clock,
      hypervisor: host.hypervisor,
      store: { ...host.store, load: thrown, list: thrown, listRecords: thrown },
    });
    expect(left(await withoutStore.status('web')())).toMatchObject({
      _tag: 'StoreFailed',
      message: 'the store threw: Error: not what was agreed',
    });
    expect(left(await withoutStore.reconcileAll()())).toMatchObject({ _tag: 'StoreFailed' });
  });
});

describe('health', () => {
  const running = { state: 'running', startedAt: midnight - 1_000 } as const;
  const unhealthy = { startedAt: midnight - 1_000, health: 'unhealthy' } as const;

  test('that is bad leads to a restart: a stop, then a start', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', running);
    const controller = await host.begin();
    right(await controller.reportHealth('web', unhealthy)());
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop done', 'start done']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, lastReason: 'health_check_failed' });
    // The new run begins unknown: the old verdict is not held against it.
    await host.clock.advance(120_000);
    expect(host.calls('web')).toEqual(['stop done', 'start done']);
  });

  test('of an earlier run is dropped', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', running);
    const controller = await host.begin();
    expect(left(await controller.reportHealth('web', { ...unhealthy, startedAt: midnight - 9_000 })())).toEqual({
      _tag: 'StaleRun',
    });
    host.hypervisor.exit('web', 1);
    expect(left(await controller.reportHealth('web', unhealthy)())).toEqual({ _tag: 'StaleRun' });
    host.hypervisor.failInspect('web');
    expect(left(await controller.reportHealth('web', unhealthy)())._tag).toBe('Failed');
  });

  test('that is bad during the backoff is not lost, and is dropped when the workload recovers (D11)', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight - 1_000 });
    host.hypervisor.set('web', running);
    const controller = await host.begin();
    right(await controller.reportHealth('web', unhealthy)());
    await host.clock.settle();
    expect(await host.status('web')).toMatchObject({ nextAttemptAt: midnight + 4_000 });

    right(await controller.reportHealth('web', { ...unhealthy, health: 'healthy' })());
    await host.clock.settle();
    expect(await host.status('web')).toMatchObject({ nextAttemptAt: null, lastReason: null });

    right(await controller.reportHealth('web', unhealthy)());
    await host.clock.advance(4_000);
    expect(host.calls('web')).toEqual(['stop done', 'start done']);
  });

  test('that was reported already leads to no new reconciliation', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', running);
    const controller = await host.begin();
    const healthy = { ...unhealthy, health: 'healthy' } as const;
    right(await controller.reportHealth('web', healthy)());
    await host.clock.settle();
    const decided = host.decisions.length;
    host.hypervisor.failInspect('web'); // nor to a question
    right(await controller.reportHealth('web', healthy)());
    await host.clock.settle();
    expect(host.decisions.length).toBe(decided);
  });

  test('that was taken up later, and answered first, is not undone by an earlier one', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', running);
    let answerFirst = (): void => {};
    const mayAnswer = new Promise<void>((resolve) => {
      answerFirst = resolve;
    });
    let asked = 0;
    const controller = controllerOf({
      clock: host.clock,
      store: host.store,
      hypervisor: {
        ...host.hypervisor,
        // The second question is the first report's; the first reconciliation asked the first.
        inspect: (id) => async () => {
          asked++;
          if (asked === 2) await mayAnswer;
          return host.hypervisor.inspect(id)();
        },
      },
    });
    await host.clock.settle();
    const earlier = controller.reportHealth('web', unhealthy)();
    right(await controller.reportHealth('web', { ...unhealthy, health: 'healthy' })());
    answerFirst();
    right(await earlier);
    await host.clock.settle();
    expect(right(await controller.status('web')())?.instance?.health).toBe('healthy');
    expect(host.calls('web')).toEqual([]);
  });

  test('of a run is no longer said of the instance once the run has ended', async () => {
    const host = createHost();
    await host.seed('web', never);
    host.hypervisor.set('web', running);
    const controller = await host.begin();
    right(await controller.reportHealth('web', unhealthy)());
    expect(right(await controller.status('web')())?.instance).toMatchObject({ health: 'unhealthy' });
    host.hypervisor.set('web', { ...running, state: 'stopped' });
    expect(right(await controller.status('web')())?.instance).toMatchObject({ state: 'stopped', health: 'unknown' });
  });

  test('is forgotten with the record', async () => {
    const host = createHost();
    await host.seed('web', never);
    host.hypervisor.set('web', running);
    const controller = await host.begin();
    right(await controller.reportHealth('web', unhealthy)());
    right(await host.store.remove('web', 1)());
    right(await controller.reconcile('web')());
    right(await controller.updatePolicy('web', never)());
    expect(right(await controller.status('web')())?.instance).toMatchObject({ state: 'running', health: 'unknown' });
  });

  test('whose restart cannot stop the run counts the attempt, and tries again after the backoff', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', running);
    host.hypervisor.nextStop('web', { outcome: 'failed' });
    const controller = await host.begin();
    right(await controller.reportHealth('web', unhealthy)());
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop Failed']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 5_000 });
    await host.clock.advance(5_000);
    expect(host.calls('web')).toEqual(['stop Failed', 'stop done', 'start done']);
  });
});

describe('status', () => {
  test('tells what is stored, what the instance looks like, and when it is reconciled next', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin();
    right(await controller.reportHealth('web', { startedAt: midnight, health: 'healthy' })());
    await host.clock.settle();
    expect(right(await controller.status('web')())).toEqual({
      policy: always,
      status: { ...initialStatus, attempts: 1, lastAttemptAt: midnight },
      revision: 1,
      instance: {
        state: 'running',
        startedAt: midnight,
        stoppedAt: null,
        exitCode: null,
        health: 'healthy',
        salt: saltOf('web'),
      },
      wakesAt: midnight + 600_000,
      waiting: false,
      unansweredSince: null,
    });
    host.hypervisor.failInspect('web');
    expect(right(await controller.status('web')())?.instance).toBeNull();
    expect(right(await controller.status('nobody')())).toBeNull();
  });
});
