/** The admission of starts: what a host can bear at once, through the whole controller. */
import { describe, expect, test } from 'vitest';
import type { Controller } from '../../src/controller.js';
import { initialStatus } from '../../src/index.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight, never, onFailure } from '../support/host.js';
import { policyWith } from '../support/values.js';

const minute = 60_000;

/** Instances whose host died: nobody knows their exit codes. Their starts answer at once, and take a minute to be running. */
const afterReboot = async (ids: ReadonlyArray<string>, initializingMs = minute): Promise<Host> => {
  const host = createHost();
  for (const id of ids) {
    await host.seed(id, always);
    host.hypervisor.set(id, exited(null));
  }
  host.hypervisor.everyStart(() => ({ initializingMs }));
  return host;
};

const numbered = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => `vm-${String(n).padStart(3, '0')}`);

/** The ids in the order in which their runs began. */
const begun = (host: Host): ReadonlyArray<string> => host.hypervisor.runs.map(({ id }) => id);

/** The ids in the order in which their starts were called. */
const startsOf = (host: Host): ReadonlyArray<string> =>
  host.hypervisor.calls.filter(({ operation }) => operation === 'start').map(({ id }) => id);

/** When the runs began, in milliseconds since the host's clock did. */
const moments = (host: Host): ReadonlyArray<number> =>
  host.hypervisor.runs.map(({ startedAt }) => startedAt - midnight);

/** Most runs that were on their way to be running at one moment. */
const peak = (host: Host, initializingMs = minute): number => {
  const { runs } = host.hypervisor;
  return Math.max(
    ...runs.map(
      ({ startedAt: at }) => runs.filter(({ startedAt }) => startedAt <= at && at < startedAt + initializingMs).length,
    ),
  );
};

describe('500 instances whose host rebooted', () => {
  test('come back ten at a time, by priority, but for the one that a person stops meanwhile', async () => {
    const ids = numbered(500);
    const host = await afterReboot(ids);
    const priority = (id: string): number => Number(id.slice(3)) % 5;
    const controller = await host.begin({ starts: { inFlight: 10, priority } });
    expect(controller.activity()).toMatchObject({ waiting: 490, inFlight: 10, active: 0, queued: 0 });

    await host.clock.advance(10 * minute);
    const stopped = 'vm-400'; // of the last priority
    expect(right(await controller.status(stopped)())).toMatchObject({ waiting: true, status: initialStatus });
    right(await controller.manualStop(stopped)());
    await host.clock.settle();
    expect(right(await controller.status(stopped)())).toMatchObject({ waiting: false });

    await host.clock.advance(39 * minute - 1);
    expect(host.hypervisor.runs).toHaveLength(490);
    await host.clock.advance(1 + minute);

    const back = ids.filter((id) => id !== stopped);
    for (const id of back) expect(right(await host.hypervisor.inspect(id)()).state).toBe('running');
    expect(host.hypervisor.running(stopped)).toBe(0);
    expect(host.calls(stopped)).toEqual(['stop done']);

    // Ten at a time, and its place was given on: 499 of them need 50 minutes, and not a moment more.
    expect(peak(host)).toBe(10);
    expect(moments(host).at(-1)).toBe(49 * minute);
    expect(begun(host)).toEqual([...back].sort((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1)));
    // Nobody was charged for waiting.
    const attempts = host.decisions.filter(({ actions }) => actions.length > 0);
    expect(attempts.map(({ id }) => id).sort()).toEqual(back);
    expect(host.faults).toEqual([]);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  test('begin so many a second, after the burst', async () => {
    const host = await afterReboot(numbered(500), 0);
    await host.begin({ starts: { perSecond: 4, burst: 20 } });
    expect(host.hypervisor.runs).toHaveLength(20);
    await host.clock.advance(120_000);
    expect(moments(host)).toEqual(Array.from({ length: 500 }, (_, n) => Math.max(0, n - 19) * 250));
  });

  test('are looked at no more than once more for having waited', async () => {
    const host = await afterReboot(numbered(100));
    await host.begin({ starts: { inFlight: 10 }, resyncEvery: 100 * minute });
    await host.clock.advance(21 * minute); // all are stable then
    const loads = host.faulty.calls.filter(({ operation }) => operation === 'load').length;
    const bare = await afterReboot(numbered(100));
    await bare.begin({ resyncEvery: 100 * minute });
    await bare.clock.advance(21 * minute);
    const without = bare.faulty.calls.filter(({ operation }) => operation === 'load').length;
    expect(loads).toBe(without + 100);
  });
});

describe('an attempt that waits', () => {
  /** `a` is in flight, `b` and `c` wait. */
  const queue = async (resyncEvery = 90_000): Promise<{ readonly host: Host; readonly controller: Controller }> => {
    const host = await afterReboot(['a', 'b', 'c']);
    const controller = await host.begin({ starts: { inFlight: 1 }, resyncEvery });
    expect(begun(host)).toEqual(['a']);
    return { host, controller };
  };

  test('is not decided on: nothing is saved or told of it, and no wait begins anew', async () => {
    const { host, controller } = await queue();
    const before = await host.record('b');
    await host.clock.advance(minute - 1);
    right(await controller.reconcileAll()());
    expect(await host.record('b')).toEqual(before);
    expect(host.decisions.filter(({ id }) => id === 'b')).toEqual([]);
    expect(right(await controller.status('b')())).toMatchObject({ waiting: true, wakesAt: null });
    await host.clock.advance(1);
    expect(await host.status('b')).toMatchObject({ attempts: 1, lastAttemptAt: midnight + minute });
  });

  test('gives its turn on when a person stops, pauses or deletes the instance, or no policy wants it any more', async () => {
    const ids = ['a', 'deleted', 'paused', 'stopped', 'unwanted', 'wanted'];
    const host = await afterReboot(ids);
    const controller = await host.begin({ starts: { inFlight: 1 } });
    right(await controller.manualStop('stopped')());
    right(await controller.pause('paused')());
    right(await controller.requestDelete('deleted')());
    right(await controller.updatePolicy('unwanted', never)());
    await host.clock.settle();
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
    await host.clock.advance(10 * minute);
    expect(begun(host)).toEqual(['a', 'wanted']);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  test('gives its turn on at once where a person stops the instance after it was called', async () => {
    const { host, controller } = await queue();
    // b is called, and its reconciliation loads the record: the stop is recorded right before.
    const hold = host.faulty.hold('load', 'b', 'before');
    await host.clock.advance(minute);
    await hold.reached;
    await host.overwrite('b', { ...initialStatus, blockedReason: 'manual_stop' });
    hold.release();
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'c']);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 1 });
  });

  test('gives its turn on where the hypervisor does not say what the instance looks like, and has it again later', async () => {
    const { host, controller } = await queue();
    host.hypervisor.failInspect('b');
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'c']);
    expect(host.faults).toMatchObject([{ id: 'b', during: 'inspect' }]);
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'c', 'b']);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 1 });
  });

  test('gives its turn on at once where the record is gone when the instance is called', async () => {
    const { host, controller } = await queue();
    const hold = host.faulty.hold('load', 'b', 'before');
    await host.clock.advance(minute);
    await hold.reached;
    // b was called and has not begun: it counts among those that wait, beside c.
    expect(controller.activity()).toMatchObject({ waiting: 2, inFlight: 0 });
    await host.remove('b');
    hold.release();
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'c']);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 1 });
  });

  test('that could not be saved is made at the next look, and leads to none by itself', async () => {
    const host = await afterReboot(['a']);
    host.faulty.inject({ operation: 'save', id: 'a', fault: 'fail_before' });
    const controller = await host.begin({ starts: { inFlight: 1 }, resyncEvery: minute });
    await host.clock.advance(minute - 1);
    expect(host.faults).toMatchObject([{ id: 'a', during: 'save' }]);
    expect(begun(host)).toEqual([]);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 0 });
    await host.clock.advance(1);
    expect(begun(host)).toEqual(['a']);
  });

  test('is no more when another controller removed the record, as the next resync finds', async () => {
    const { host, controller } = await queue(30_000);
    await host.remove('b');
    expect(controller.activity()).toMatchObject({ waiting: 2 });
    await host.clock.advance(30_000);
    expect(controller.activity()).toMatchObject({ waiting: 1 });
    await host.clock.advance(30_000);
    expect(begun(host)).toEqual(['a', 'c']);
  });

  test('goes before those who are due for a shorter time, and after those of higher priority', async () => {
    const host = await afterReboot([]);
    const due = { a: 3_000, b: 9_000, c: 6_000, urgent: 0 };
    for (const [id, ago] of Object.entries(due)) {
      await host.seed(id, always);
      host.hypervisor.set(id, { ...exited(1), startedAt: midnight - 20_000, stoppedAt: midnight - ago });
    }
    await host.begin({ starts: { inFlight: 1, priority: (id) => (id === 'urgent' ? 1 : 0) } });
    await host.clock.advance(10 * minute);
    expect(begun(host)).toEqual(['urgent', 'b', 'c', 'a']);
  });

  test.each([
    ['nothing is told of an earlier run', null],
    ['an earlier run is told to have ended long ago', midnight - 50_000],
  ])('to restart a run that turns unhealthy is due since that was seen: %s', async (_, stoppedAt) => {
    const host = await afterReboot(['a', 'b']);
    for (const id of ['late', 'sick']) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight - 1_000 });
    }
    host.hypervisor.set('sick', { stoppedAt });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    await host.clock.advance(10_000);
    right(await controller.reportHealth('sick', { startedAt: midnight - 1_000, health: 'unhealthy' })());
    await host.clock.advance(10_000);
    host.hypervisor.exit('late', 1);
    await host.clock.advance(4 * minute);
    expect(startsOf(host)).toEqual(['a', 'b', 'sick', 'late']);
  });

  test('to restart an unhealthy run is due since the end of its wait, also where another controller waited', async () => {
    const host = await afterReboot(['crashed']);
    await host.seed('sick', always, {
      ...initialStatus,
      attempts: 1,
      lastAttemptAt: midnight - 60_000,
      nextAttemptAt: midnight - 55_000,
      lastReason: 'health_check_failed',
    });
    host.hypervisor.set('sick', { state: 'running', startedAt: midnight - 60_000, health: 'unhealthy' });
    await host.begin({ starts: { inFlight: 1 } });
    await host.clock.advance(minute);
    expect(startsOf(host)).toEqual(['sick', 'crashed']);
  });

  test('behind a call that keeps the section asks for no room, and is not counted', async () => {
    const host = await afterReboot([]);
    await host.seed('a', always);
    host.hypervisor.set('a', exited(null));
    const start = host.hypervisor.hold('start', 'a', 'before_effect');
    const controller = await host.begin({ starts: { inFlight: 1 } });
    await start.reached;
    await host.clock.advance(60 * minute);
    expect(host.calls('a')).toEqual(['start pending']);
    expect(await host.status('a')).toMatchObject({ attempts: 1 });
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  test('waits with its stop, where it is a restart', async () => {
    const host = await afterReboot(['a']);
    await host.seed('sick', always);
    host.hypervisor.set('sick', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    right(await controller.reportHealth('sick', { startedAt: midnight - 1_000, health: 'unhealthy' })());
    await host.clock.advance(minute - 1);
    expect(host.calls('sick')).toEqual([]);
    expect(controller.activity().waiting).toBe(1);
    await host.clock.advance(1);
    expect(host.calls('sick')).toEqual(['stop done', 'start done']);
  });

  test('is called off when the workload recovers by itself', async () => {
    const host = await afterReboot(['a']);
    await host.seed('sick', always);
    host.hypervisor.set('sick', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    right(await controller.reportHealth('sick', { startedAt: midnight - 1_000, health: 'unhealthy' })());
    await host.clock.settle();
    right(await controller.reportHealth('sick', { startedAt: midnight - 1_000, health: 'healthy' })());
    await host.clock.settle();
    expect(controller.activity().waiting).toBe(0);
    await host.clock.advance(2 * minute);
    expect(host.calls('sick')).toEqual([]);
  });

  test('is forgotten by a controller that is closed, and made by the next one', async () => {
    const { host, controller } = await queue();
    await controller.close()();
    expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });
    expect(host.clock.pending).toBe(1); // a becomes running
    await host.clock.advance(10 * minute);
    expect(begun(host)).toEqual(['a']);
    await host.begin({ starts: { inFlight: 1 } });
    expect(begun(host)).toEqual(['a', 'b']);
  });

  test('is not begun by a look that a closing finds under way, and nothing is counted after the closing', async () => {
    const host = await afterReboot([]);
    for (const id of ['asks', 'begins', 'is seen']) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight - 1_000 });
    }
    const asked: Array<string> = [];
    const priority = (id: string): number => asked.push(id);
    const controller = await host.begin({ starts: { inFlight: 10, priority } });
    const holds = [
      host.faulty.hold('load', 'asks', 'before'),
      host.faulty.hold('save', 'begins', 'before'),
      host.faulty.hold('load', 'is seen', 'before'),
    ];
    host.hypervisor.exit('asks', 1);
    host.hypervisor.exit('begins', 1);
    host.hypervisor.set('is seen', { state: 'initializing', startedAt: midnight });
    await Promise.all(holds.map(({ reached }) => reached));

    const closing = controller.close()();
    for (const hold of holds) hold.release();
    expect(right(await closing)).toEqual({ unanswered: [] });
    expect(asked).toEqual(['begins']);
    expect(startsOf(host)).toEqual(['begins']);
    expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 });
  });
});

describe("a person's start", () => {
  test('is not held back, and takes the place of one that would have been next', async () => {
    const host = await afterReboot(numbered(6));
    const controller = await host.begin({ starts: { inFlight: 2 } });
    await host.clock.advance(1_000);
    right(await controller.manualStart('vm-005')());
    await host.clock.settle();
    expect(begun(host)).toEqual(['vm-000', 'vm-001', 'vm-005']);
    expect(controller.activity()).toMatchObject({ waiting: 3, inFlight: 3 });
    // Two leave their places a second before the person's: one of them may be given on.
    await host.clock.advance(minute - 1_000);
    expect(begun(host).slice(3)).toEqual(['vm-002']);
    await host.clock.advance(1_000);
    expect(begun(host).slice(3)).toEqual(['vm-002', 'vm-003']);
    await host.clock.advance(2 * minute);
    expect(begun(host).slice(5)).toEqual(['vm-004']);
    expect((await host.status('vm-005'))?.attempts).toBe(0);
  });

  test('takes the place also of one that was called and has not begun', async () => {
    const host = await afterReboot(['a', 'b', 'c']);
    const controller = await host.begin({ starts: { inFlight: 1 } });
    const hold = host.faulty.hold('load', 'b', 'before');
    await host.clock.advance(minute);
    await hold.reached;
    right(await controller.manualStart('c')());
    hold.release();
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'c']);
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'c', 'b']);
  });

  test('of one that was called gives its turn on at once', async () => {
    const host = await afterReboot(['a', 'b', 'c']);
    await host.seed('other', always);
    host.hypervisor.set('other', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.begin({ starts: { perSecond: 1 }, concurrency: 1 });
    await host.clock.advance(999);
    // b is called, and has to wait for the look at another instance.
    const hold = host.faulty.hold('load', 'other', 'before');
    host.hypervisor.notify('other');
    await hold.reached;
    await host.clock.advance(1);
    expect(startsOf(host)).toEqual(['a']);
    right(await controller.manualStart('b')());
    hold.release();
    await host.clock.settle();
    expect(startsOf(host)).toEqual(['a', 'b', 'c']);
  });

  test('is in flight from its call on, also while it has no answer', async () => {
    const host = await afterReboot([]);
    await host.seed('a', always);
    host.hypervisor.set('a', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    const start = host.hypervisor.hold('start', 'mine', 'before_effect');
    const starting = controller.manualStart('mine')();
    await start.reached;
    host.hypervisor.exit('a', 1);
    await host.clock.settle();
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
    start.release();
    right(await starting);
    await host.clock.advance(minute);
    expect(begun(host).slice(1)).toEqual(['mine', 'a']);
  });

  test('takes nothing of what may begin in a second', async () => {
    const host = await afterReboot(['a', 'b', 'c']);
    const controller = await host.begin({ starts: { perSecond: 1 } });
    right(await controller.manualStart('b')());
    await host.clock.settle();
    await host.clock.advance(1_000);
    expect(begun(host)).toEqual(['a', 'b', 'c']);
    expect(moments(host)).toEqual([0, 0, 1_000]);
  });

  test('that is refused, or fails, leaves its place at the next look', async () => {
    const host = await afterReboot(['a']);
    await host.seed('mine', never);
    const controller = await host.begin({ starts: { inFlight: 1 } });
    for (const outcome of ['refused', 'failed'] as const) {
      host.hypervisor.nextStart('mine', { outcome });
      left(await controller.manualStart('mine')());
      await host.clock.settle();
      expect(controller.activity().inFlight).toBe(1);
    }
  });
});

describe('a place', () => {
  test('is free when the start fails, is refused or superseded', async () => {
    for (const outcome of ['failed', 'refused'] as const) {
      const host = await afterReboot(['a', 'b']);
      host.hypervisor.nextStart('a', { outcome });
      const controller = await host.begin({ starts: { inFlight: 1 } });
      expect(begun(host)).toEqual(['b']);
      expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 1 });
      // Its next attempt is due after the backoff, and waits then.
      await host.clock.advance(5_000);
      expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
      await host.clock.advance(minute - 5_000);
      expect(begun(host)).toEqual(['b', 'a']);
    }
    const host = await afterReboot(['a', 'b']);
    const start = host.hypervisor.hold('start', 'a', 'before_check');
    const controller = await host.begin({ starts: { inFlight: 1 } });
    await start.reached;
    const stopping = controller.manualStop('a')();
    await host.clock.settle();
    start.release();
    right(await stopping);
    await host.clock.settle();
    expect(host.calls('a')).toEqual(['start Superseded', 'stop done']);
    expect(begun(host)).toEqual(['b']);
  });

  test('is taken from the call of the start on, however long it takes to answer', async () => {
    const host = await afterReboot(['a', 'b']);
    const start = host.hypervisor.hold('start', 'a', 'before_effect');
    const controller = await host.begin({ starts: { inFlight: 1 }, deadlines: { start: 20 * minute } });
    await start.reached;
    await host.clock.advance(10 * minute);
    expect(begun(host)).toEqual([]);
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1, active: 1 });
    start.release();
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'b']);
  });

  test('is free when the run ends before it was running, or its record is gone', async () => {
    const host = await afterReboot(['a', 'b', 'c']);
    const controller = await host.begin({ starts: { inFlight: 1 } });
    host.hypervisor.exit('a', 1);
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'b']);
    right(await controller.requestDelete('b')());
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'b', 'c']);
    await host.remove('c');
    // Another controller's delete: its run is still initializing, but nobody supervises it.
    host.hypervisor.deliver({ copies: 0 });
    await host.clock.advance(minute);
    expect(controller.activity().inFlight).toBe(1); // a, which was down for a minute
    expect(begun(host)).toEqual(['a', 'b', 'c', 'a']);
  });

  test('is given on at once when a look finds that the record is gone', async () => {
    const host = await afterReboot(['a', 'b']);
    const controller = await host.begin({ starts: { inFlight: 1 } });
    await host.remove('a');
    right(await controller.reconcile('a')());
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'b']);
  });

  test('is kept by an instance that an earlier controller, or somebody else, has started', async () => {
    const host = await afterReboot(['a', 'b']);
    host.hypervisor.set('a', { state: 'initializing', startedAt: midnight });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
    host.hypervisor.set('a', { state: 'running' });
    await host.clock.settle();
    expect(begun(host)).toEqual(['a', 'b']);
  });

  test.each([
    ['waits', { attempts: 1, lastAttemptAt: midnight - 1_000, nextAttemptAt: midnight + 4_000 }],
    [
      'may not be made',
      { attempts: 1, lastAttemptAt: midnight - 1_000, blockedReason: 'max_attempts_exceeded' as const },
    ],
  ])('is kept by what somebody else has started while its next attempt %s', async (_, status) => {
    const host = await afterReboot(['b']);
    await host.seed('a', always, { ...initialStatus, ...status });
    host.hypervisor.set('a', { state: 'initializing', startedAt: midnight });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
    host.hypervisor.set('a', { state: 'running' });
    await host.clock.settle();
    expect(startsOf(host)).toEqual(['b']);
  });

  test('is given up by the second resync that cannot see the instance', async () => {
    const host = await afterReboot(['a', 'b']);
    host.hypervisor.everyStart(() => ({}));
    const start = host.hypervisor.hold('start', 'a', 'before_effect');
    const controller = await host.begin({ starts: { inFlight: 1 } });
    await start.reached;
    host.hypervisor.failInspect('a', Number.POSITIVE_INFINITY);
    start.release();
    await host.clock.settle();
    for (let notifications = 0; notifications < 5; notifications++) {
      host.hypervisor.notify('a');
      await host.clock.settle();
    }
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'b']);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  test('is left by a start that timed out, which waits for its next turn behind the others', async () => {
    const host = await afterReboot([]);
    for (const id of ['a', 'b', 'c']) {
      await host.seed(id, policyWith({ startTimeout: 30_000 }));
      host.hypervisor.set(id, exited(null));
    }
    // a never gets going.
    host.hypervisor.everyStart((id) => ({ initializingMs: id === 'a' ? 1_000 * minute : 10_000 }));
    const controller = await host.begin({ starts: { inFlight: 1 } });
    await host.clock.advance(30_000);
    expect(begun(host)).toEqual(['a', 'b']);
    expect(host.calls('a')).toEqual(['start done']);
    await host.clock.advance(10_000);
    expect(begun(host)).toEqual(['a', 'b', 'c']);
    await host.clock.advance(10_000);
    expect(begun(host)).toEqual(['a', 'b', 'c', 'a']);
    expect(host.calls('a')).toEqual(['start done', 'stop done', 'start done']);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 1 });
  });

  test('is left by a start that timed out also while its next attempt is not due', async () => {
    const host = await afterReboot(['b']);
    await host.seed('a', policyWith({ startTimeout: 30_000, backoff: minute }));
    host.hypervisor.set('a', exited(null));
    host.hypervisor.nextStart('a', { initializingMs: 1_000 * minute });
    await host.begin({ starts: { inFlight: 1 } });
    expect(begun(host)).toEqual(['a']);
    await host.clock.advance(30_000);
    expect(begun(host)).toEqual(['a', 'b']);
    expect(await host.status('a')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + minute });
  });

  test('is left by a start that timed out also where no more attempts may be made', async () => {
    const host = await afterReboot(['b']);
    const policy = policyWith({ startTimeout: 30_000, maxAttempts: 1 });
    await host.seed('a', policy);
    host.hypervisor.set('a', { ...exited(null), stoppedAt: midnight - 1_500 });
    host.hypervisor.nextStart('a', { initializingMs: 1_000 * minute });
    const controller = await host.begin({ starts: { inFlight: 1 } });
    expect(begun(host)).toEqual(['a']);
    await host.clock.advance(30_000);
    expect(begun(host)).toEqual(['a', 'b']);
    expect(await host.status('a')).toMatchObject({ blockedReason: 'max_attempts_exceeded' });
    await host.clock.advance(2 * minute);
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 0 });
  });
});

describe('a new controller', () => {
  test('waits for the first look at every instance no longer than ten seconds', async () => {
    const host = await afterReboot(['a', 'b', 'urgent']);
    const hold = host.faulty.hold('load', 'urgent', 'before');
    const controller = await host.begin({ starts: { inFlight: 1, priority: (id) => (id === 'urgent' ? 1 : 0) } });
    await hold.reached;
    await host.clock.advance(9_999);
    expect(begun(host)).toEqual([]);
    expect(controller.activity()).toMatchObject({ waiting: 2, inFlight: 0, armed: 0 });
    await host.clock.advance(1);
    expect(begun(host)).toEqual(['a']);
    hold.release();
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'urgent']);
  });

  test('wakes up for those that it holds back, and not when there are none any more', async () => {
    const host = await afterReboot(['a', 'b']);
    const hold = host.faulty.hold('load', 'b', 'before');
    const controller = await host.begin({ starts: { inFlight: 1 }, deadlines: { store: minute, inspect: minute } });
    await hold.reached;
    expect(host.clock.nextAt).toBe(midnight + 10_000);
    right(await controller.manualStop('a')());
    right(await controller.reconcile('a')());
    expect(controller.activity().waiting).toBe(0);
    expect(host.clock.nextAt).toBe(midnight + minute); // the deadline of the load
  });

  test('holds nothing back by a clock that shows a time before 1970', async () => {
    const host = await afterReboot(['a', 'b']);
    host.clock.jump(-60 * minute);
    await host.begin({ starts: { inFlight: 1 } });
    expect(begun(host)).toEqual(['a']);
    await host.clock.advance(minute);
    expect(begun(host)).toEqual(['a', 'b']);
  });

  test('holds nothing back for longer because the clock was set back', async () => {
    const host = await afterReboot(['a', 'b']);
    const hold = host.faulty.hold('load', 'b', 'before');
    await host.begin({ starts: { perSecond: 1, priority: () => 0 }, deadlines: { store: minute } });
    await hold.reached;
    host.clock.jump(midnight - 60 * minute);
    await host.clock.advance(20_000);
    expect(begun(host)).toEqual(['a']);
    hold.release();
    await host.clock.advance(1_000);
    expect(begun(host)).toEqual(['a', 'b']);
  });
});

describe('the priority of a host', () => {
  test('that throws, or is no number, counts as 0, and is notified as a fault', async () => {
    const host = await afterReboot(['a', 'b', 'c', 'd']);
    const priority = (id: string): number => {
      if (id === 'b') throw new Error('no such tenant');
      return { a: -1, c: 1, d: Number.NaN }[id] ?? 0;
    };
    await host.begin({ starts: { inFlight: 1, priority } });
    await host.clock.advance(4 * minute);
    expect(begun(host)).toEqual(['c', 'b', 'd', 'a']);
    expect(host.faults.find(({ id }) => id === 'b')).toMatchObject({
      during: 'priority',
      error: { _tag: 'Failed', message: 'starts.priority threw: Error: no such tenant' },
    });
    expect(host.faults.map(({ id }) => id)).toContain('d');
    expect(host.faults.filter(({ id }) => id === 'a' || id === 'c')).toEqual([]);
  });

  test.each([
    ['NaN', Number.NaN],
    ['7', '7'],
    ['null', null],
  ])('is told word for word where it is no number: %s', async (text, answer) => {
    const host = await afterReboot(['a', 'b']);
    // A host without types.
    const priority = (id: string) => (id === 'b' ? answer : 0) as number;
    await host.begin({ starts: { inFlight: 1, priority } });
    expect(begun(host)).toEqual(['a']);
    expect(host.faults).toMatchObject([
      {
        id: 'b',
        during: 'priority',
        error: { _tag: 'Failed', message: `starts.priority answered ${text}, which is no number` },
      },
    ]);
  });

  test('lets no attempt begin where it closes the controller', async () => {
    const host = await afterReboot([]);
    await host.seed('a', always);
    host.hypervisor.set('a', { state: 'running', startedAt: midnight - 1_000 });
    const closings: Array<Promise<unknown>> = [];
    const priority = (): number => {
      closings.push(controller.close()());
      return 0;
    };
    const controller = await host.begin({ starts: { inFlight: 1, priority } });
    host.hypervisor.exit('a', 1);
    await host.clock.settle();
    await Promise.all(closings);
    expect(closings).toHaveLength(1);
    expect(startsOf(host)).toEqual([]);
    expect(await host.status('a')).toEqual(initialStatus);
    expect(controller.activity().waiting).toBe(0);
  });
});

describe('the limits', () => {
  test('hold for each span also when the clock is set back', async () => {
    const host = await afterReboot(numbered(10), 0);
    await host.begin({ starts: { perSecond: 1 } });
    await host.clock.advance(3_000);
    host.clock.jump(midnight - 60 * minute);
    await host.clock.advance(20_000);
    expect(new Set(begun(host)).size).toBe(10);
    const began = moments(host);
    for (const [index, at] of began.entries()) {
      const next = began[index + 1];
      if (next !== undefined && next > at) expect(next - at).toBeGreaterThanOrEqual(1_000);
    }
    expect(began.filter((at) => at >= 0)).toEqual([0, 1_000, 2_000, 3_000]);
  });

  test('hold nobody back who is not decided to be started', async () => {
    const host = await afterReboot(['a', 'b']);
    await host.overwrite('b', initialStatus, onFailure);
    host.hypervisor.set('b', exited(0));
    const controller = await host.begin({ starts: { inFlight: 1 } });
    expect(controller.activity()).toMatchObject({ waiting: 0, inFlight: 1 });
    expect(host.decisions.find(({ id }) => id === 'b')?.reason).toBe('clean_exit');
  });

  test('lead to no write where nothing is decided to change', async () => {
    const host = await afterReboot([]);
    await host.seed('a', always);
    host.hypervisor.set('a', { state: 'running', startedAt: midnight - 1_000 });
    await host.begin({ starts: { inFlight: 1 } });
    expect(host.decisions.map(({ id, reason }) => [id, reason])).toEqual([['a', 'running']]);
    expect(host.faulty.calls.filter(({ operation }) => operation === 'save')).toEqual([]);
  });

  test('survive a conflict while the attempt is saved: it begins once, and takes one place', async () => {
    const host = await afterReboot(['a', 'b']);
    host.faulty.inject({ operation: 'save', id: 'a', fault: 'conflict' });
    const controller = await host.begin({ starts: { inFlight: 1, perSecond: 1 } });
    expect(begun(host)).toEqual(['a']);
    expect(controller.activity()).toMatchObject({ waiting: 1, inFlight: 1 });
  });
});
