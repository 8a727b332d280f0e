/**
 * Ports that do not answer: what the others notice of it, what people are told, and what becomes of an answer that comes late.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/controller.js';
import { initialStatus, stoppedByPerson } from '../../src/index.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import type { Held } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight, onFailure } from '../support/host.js';

const second = 1_000;
const minute = 60 * second;
const classes: ReadonlyArray<Exclusion> = ['section', 'fenced', 'none'];

/** Hangs the next call of a port for an instance, whatever its signal says. */
const hang = (host: Host, call: 'start' | 'stop' | 'inspect' | 'load' | 'save', id: string): Held => {
  switch (call) {
    case 'start':
    case 'stop':
      return host.hypervisor.hold(call, id, 'before_effect');
    case 'inspect':
      return host.hypervisor.holdInspect(id);
    default:
      return host.faulty.hold(call, id, 'before');
  }
};

const faultsOf = (faults: ReadonlyArray<Fault>): ReadonlyArray<string> =>
  faults.map(({ id, during, error }) => `${id} ${during}: ${'message' in error ? error.message : error._tag}`);

describe('forty calls that never answer', () => {
  const hung = Array.from({ length: 40 }, (_, i) => `hung-${i}`);
  const sound = Array.from({ length: 40 }, (_, i) => `sound-${i}`);
  const spans = { start: '2m0s', stop: '1m0s', inspect: '10s', load: '10s', save: '10s' } as const;

  for (const call of ['start', 'stop', 'inspect', 'load', 'save'] as const) {
    test(`hold up no other instance, are told, and keep nobody from stopping and closing: ${call}`, async () => {
      const host = createHost();
      for (const id of [...hung, ...sound]) {
        const isStopped = call === 'stop' && hung.includes(id);
        await host.seed(id, always, isStopped ? stoppedByPerson : initialStatus);
        host.hypervisor.set(id, isStopped ? { state: 'running', startedAt: midnight - 1_000 } : exited(1));
      }
      for (const id of hung) hang(host, call, id);
      const controller = await host.begin();
      // Sixteen at a time, each with its place for a second.
      await host.clock.advance(3 * second);
      for (const id of sound) expect(host.hypervisor.running(id)).toBe(1);

      await host.clock.advance(2 * minute);
      for (const id of hung) expect(faultsOf(host.faults)).toContain(`${id} ${call}: no answer within ${spans[call]}`);

      // And again, long after: an instance that crashes is brought back as if nothing was.
      const at = host.clock.now();
      host.hypervisor.exit('sound-1', 1);
      await host.clock.settle();
      expect(host.hypervisor.running('sound-1')).toBe(1);
      expect(host.clock.now()).toBe(at);
      right(await controller.manualStop('sound-2')());
      expect(host.hypervisor.running('sound-2')).toBe(0);

      const answer = controller.manualStop('hung-1')();
      await host.clock.advance(2 * minute);
      expect(['Left', 'Right']).toContain((await answer)._tag);
      expect(await host.status('hung-1')).toEqual(stoppedByPerson);

      const closing = controller.close()();
      await host.clock.advance(2 * minute);
      right(await closing);
      expect(host.clock.pending).toBe(0);
    });
  }

  test('of a list leave the instances to notifications, and the next resync lists again', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.faulty.hold('list', null, 'before');
    await host.begin();
    await host.clock.advance(10 * second);
    expect(faultsOf(host.faults)).toEqual(['null list: no answer within 10s']);
    await host.clock.advance(minute);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('of a list lead to a look at nothing when they answer late', async () => {
    const host = createHost();
    await host.seed('web', always);
    const list = host.faulty.hold('list', null, 'before');
    await host.begin();
    await host.clock.advance(10 * second);
    list.release();
    await host.clock.settle();
    expect(host.faulty.calls.map(({ operation }) => operation)).toEqual(['list']);
  });
});

test('a call has its whole deadline, whenever the ones before it began that were answered', async () => {
  const host = createHost();
  for (const id of ['answered', 'hung']) {
    await host.seed(id, always);
    host.hypervisor.set(id, { state: 'running', startedAt: midnight });
  }
  const stop = hang(host, 'stop', 'answered');
  hang(host, 'stop', 'hung');
  const controller = await host.begin();
  void controller.manualStop('answered')();
  await host.clock.advance(5 * second);
  stop.release();
  await host.clock.advance(5 * second);
  const answer = controller.manualStop('hung')();
  await host.clock.advance(minute - 1);
  expect(host.faults).toEqual([]);
  await host.clock.advance(1);
  expect(faultsOf(host.faults)).toContain('hung stop: no answer within 1m0s');
  expect(left(await answer)).toMatchObject({ _tag: 'Failed' });
});

describe('an automatic start without an answer', () => {
  const begin = async (exclusion: Exclusion) => {
    const host = createHost(exclusion);
    await host.seed('web', onFailure);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await host.begin();
    await start.reached;
    return { host, controller, start };
  };

  test.each(classes)('is a failed attempt, and the wait counts from then: %s', async (exclusion) => {
    const { host } = await begin(exclusion);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: null });
    await host.clock.advance(2 * minute);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 2 * minute + 5 * second });
    expect(faultsOf(host.faults)).toEqual(['web start: no answer within 2m0s']);
  });

  test('is told again at each resync, and since when in the status', async () => {
    const { host, controller, start } = await begin('section');
    expect(right(await controller.status('web')())?.unansweredSince).toBeNull();
    await host.clock.advance(2 * minute);
    expect(right(await controller.status('web')())?.unansweredSince).toBe(midnight + 2 * minute);
    await host.clock.advance(2 * minute);
    expect(faultsOf(host.faults)).toEqual([
      'web start: no answer within 2m0s',
      'web start: still no answer after 3m0s',
      'web start: still no answer after 4m0s',
    ]);
    start.release();
    await host.clock.settle();
    expect(right(await controller.status('web')())?.unansweredSince).toBeNull();
    await host.clock.advance(2 * minute);
    expect(host.faults).toHaveLength(3);
  });

  test('keeps its section: nothing is attempted or counted beside it, however long it takes', async () => {
    const { host, start } = await begin('section');
    await host.clock.advance(60 * minute);
    expect(host.calls('web')).toEqual(['start pending']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 2 * minute + 5 * second });
    start.release();
    await host.clock.settle();
    // It took effect after all: nothing is counted for it twice, and nothing else is started.
    expect(host.hypervisor.running('web')).toBe(1);
    expect(host.calls('web')).toEqual(['start done']);
    expect(await host.status('web')).toMatchObject({ attempts: 1 });
  });

  test('of what a person stopped meanwhile is followed by its stop when the section is free, and by none before', async () => {
    const { host, start } = await begin('section');
    await host.overwrite('web', stoppedByPerson, onFailure);
    await host.clock.advance(2 * minute);
    expect(host.calls('web')).toEqual(['start pending']);
    start.release();
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['start done', 'stop done']);
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('that ends in a failure leads to a look at once, which makes the next attempt', async () => {
    const host = createHost('section');
    await host.seed('web', onFailure);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    await host.begin();
    await host.clock.advance(10 * minute);
    expect(host.calls('web')).toEqual(['start pending']);
    start.release();
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['start Failed', 'start done']);
    expect(await host.status('web')).toMatchObject({ attempts: 2 });
  });

  test.each(['fenced', 'none'] as const)(
    'is followed by the next one, at the pace of the backoff: %s',
    async (exclusion) => {
      const { host } = await begin(exclusion);
      await host.clock.advance(2 * minute + 4 * second);
      expect(host.calls('web')).toHaveLength(1);
      await host.clock.advance(second);
      expect(host.calls('web')).toEqual(['start pending', 'start done']);
      expect(await host.status('web')).toMatchObject({ attempts: 2 });
    },
  );

  test('is unanswered until it has ended, whatever becomes of the next one', async () => {
    const { host, controller, start } = await begin('fenced');
    const next = host.hypervisor.hold('start', 'web', 'before_effect');
    const since = async () => right(await controller.status('web')())?.unansweredSince;
    const firstDeadline = midnight + 2 * minute;
    const nextDeadline = firstDeadline + 5 * second + 2 * minute;
    await host.clock.advanceTo(nextDeadline);
    expect(host.calls('web')).toEqual(['start pending', 'start pending']);
    expect(await since()).toBe(firstDeadline);
    start.release();
    await host.clock.settle();
    expect(await since()).toBe(nextDeadline);
    next.release();
    await host.clock.settle();
    expect(await since()).toBeNull();
  });

  test('and its later notification are seen: a run that came late is supervised like any other', async () => {
    const { host, start } = await begin('section');
    await host.clock.advance(5 * minute);
    start.release();
    await host.clock.settle();
    host.hypervisor.exit('web', 1);
    await host.clock.advance(5 * second);
    expect(host.hypervisor.running('web')).toBe(1);
    expect(await host.status('web')).toMatchObject({ attempts: 2 });
  });

  test('leaves a restart without its start when it is the stop that has no answer', async () => {
    for (const exclusion of classes) {
      const host = createHost(exclusion);
      await host.seed('web', always);
      host.hypervisor.set('web', { state: 'running', startedAt: midnight - minute });
      const controller = await host.begin();
      host.hypervisor.hold('stop', 'web', 'before_effect');
      right(await controller.reportHealth('web', { startedAt: midnight - minute, health: 'unhealthy' })());
      await host.clock.advance(minute);
      expect(host.calls('web')).toEqual(['stop pending']);
      expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + minute + 5 * second });
    }
  });
});

describe('beside a call without an answer a person', () => {
  const begin = async (exclusion: Exclusion, call: 'start' | 'stop' = 'start') => {
    const host = createHost(exclusion);
    await host.seed('web', always, call === 'stop' ? stoppedByPerson : initialStatus);
    host.hypervisor.set('web', call === 'stop' ? { state: 'running', startedAt: midnight } : exited(1));
    const held = host.hypervisor.hold(call, 'web', 'before_effect');
    const controller = await host.begin();
    await held.reached;
    await host.clock.advance(2 * minute);
    return { host, controller, held };
  };

  test('stops an instance of class section: it is recorded at once, and done when the section is free', async () => {
    const { host, controller, held } = await begin('section');
    expect(left(await controller.manualStop('web')())).toMatchObject({
      _tag: 'Failed',
      message: 'recorded, but an earlier start has not answered: the stop is made when that has',
    });
    expect(await host.status('web')).toEqual(stoppedByPerson);
    held.release();
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(0);
    await host.clock.advance(10 * minute);
    expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]);
  });

  test('starts an instance of class section: it is recorded, and answered that the earlier one has not', async () => {
    for (const call of ['start', 'stop'] as const) {
      const { host, controller, held } = await begin('section', call);
      expect(left(await controller.manualStart('web')())).toMatchObject({
        _tag: 'Failed',
        message: `an earlier ${call} has not answered`,
      });
      expect(await host.status('web')).toEqual(initialStatus);
      held.release();
      await host.clock.advance(minute);
      expect(host.hypervisor.running('web')).toBe(1); // supervision is on
    }
  });

  test.each(['fenced', 'none'] as const)('stops and starts an instance all the same: %s', async (exclusion) => {
    const { host, controller } = await begin(exclusion);
    right(await controller.manualStop('web')());
    right(await controller.manualStart('web')());
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('deletes what a late start then brings up, and it is stopped: section', async () => {
    const { host, controller, held } = await begin('section');
    expect(left(await controller.requestDelete('web')())._tag).toBe('Failed');
    held.release();
    await host.clock.settle();
    expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]);
  });

  test('waits behind a repair no longer than its deadline, and no second one is queued behind it', async () => {
    const { host, controller } = await begin('section', 'stop');
    await host.clock.advance(30 * minute);
    expect(host.calls('web')).toEqual(['stop pending']);
    expect(left(await controller.manualStop('web')())).toMatchObject({
      message: expect.stringContaining('earlier stop'),
    });
  });
});

describe('what a person is told', () => {
  const begin = async (exclusion: Exclusion = 'section') => {
    const host = createHost(exclusion);
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin();
    return { host, controller };
  };

  test('while their word is being saved: that nobody knows, and nothing is stopped or started', async () => {
    for (const say of ['manualStop', 'manualStart', 'requestDelete', 'pause'] as const) {
      const { host, controller } = await begin();
      const save = host.faulty.hold('save', 'web', 'before');
      const answer = controller[say]('web')();
      await save.reached;
      await host.clock.advance(10 * second);
      expect(left(await answer)).toMatchObject({ _tag: 'StoreFailed', message: 'no answer within 10s' });
      expect(host.calls('web')).toEqual([]);
      // It lands late, as the compare-and-set that it was, and a look carries it out.
      save.release();
      await host.clock.settle();
      if (say === 'manualStop') expect(host.hypervisor.running('web')).toBe(0);
    }
  });

  test('once it is recorded: never that the store failed, the load in a permit’s check included', async () => {
    const { host, controller } = await begin();
    const stop = host.hypervisor.hold('stop', 'web', 'before_check');
    const answer = controller.manualStop('web')();
    await stop.reached;
    const check = host.faulty.hold('load', 'web', 'before');
    stop.release();
    await check.reached;
    await host.clock.advance(10 * second);
    expect(left(await answer)).toMatchObject({
      _tag: 'Failed',
      message: 'recorded, but the store failed: no answer within 10s',
      cause: { _tag: 'StoreFailed' },
    });
    await host.clock.settle();
    expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]); // by repair
  });

  test('and notified is the same, once', async () => {
    const { host, controller } = await begin();
    const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
    const answer = controller.manualStop('web')();
    await stop.reached;
    await host.clock.advance(minute);
    expect(left(await answer)).toMatchObject({ _tag: 'Failed', message: 'no answer within 1m0s' });
    expect(faultsOf(host.faults).filter((fault) => fault.includes('within'))).toEqual([
      'web stop: no answer within 1m0s',
    ]);
  });

  test.each(classes)(
    'of a stop that lands late: it was no acknowledgement, and the stop holds: %s',
    async (exclusion) => {
      const { host, controller } = await begin(exclusion);
      const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
      const answer = controller.manualStop('web')();
      await stop.reached;
      await host.clock.advance(minute);
      expect(left(await answer)._tag).toBe('Failed');
      stop.release();
      await host.clock.advance(10 * minute);
      expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]);
    },
  );

  test('stands: what is refused after its deadline puts nothing back', async () => {
    for (const exclusion of classes) {
      const { host, controller } = await begin(exclusion);
      host.hypervisor.nextStop('web', { outcome: 'refused' });
      const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
      const answer = controller.manualStop('web')();
      await stop.reached;
      await host.clock.advance(minute);
      expect(left(await answer)._tag).toBe('Failed');
      stop.release();
      await host.clock.settle();
      expect(await host.status('web')).toEqual(stoppedByPerson);
      // Repair finishes it.
      expect(host.hypervisor.running('web')).toBe(0);
    }
  });

  test('of a refusal that is being put back at the deadline: refused, once it is; else that nobody knows', async () => {
    for (const isPutBack of [true, false]) {
      const { host, controller } = await begin('section');
      host.hypervisor.nextStop('web', { outcome: 'refused' });
      const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
      const answer = controller.manualStop('web')();
      await stop.reached;
      await host.clock.advance(55 * second);
      const undo = host.faulty.hold('save', 'web', 'before');
      stop.release();
      await undo.reached;
      await host.clock.advance(5 * second); // the stop's deadline, but not the undo's
      if (isPutBack) undo.release();
      else await host.clock.advance(5 * second);
      expect(left(await answer)).toMatchObject(
        isPutBack
          ? { _tag: 'Refused', message: 'the hypervisor refused it' }
          : {
              _tag: 'Failed',
              message: 'refused (the hypervisor refused it), and whether its record was put back is not known',
            },
      );
      if (isPutBack) expect(await host.status('web')).toEqual(initialStatus);
    }
  });

  test('of a start that has no answer: supervision is on, and what was stopped meanwhile is stopped', async () => {
    for (const exclusion of classes) {
      const host = createHost(exclusion);
      await host.seed('web', always, stoppedByPerson);
      host.hypervisor.set('web', exited(1));
      const controller = await host.begin();
      const start = host.hypervisor.hold('start', 'web', 'before_effect');
      const answer = controller.manualStart('web')();
      await start.reached;
      await host.clock.advance(2 * minute);
      expect(left(await answer)).toMatchObject({ _tag: 'Failed', message: 'no answer within 2m0s' });
      await controller.manualStop('web')();
      start.release();
      await host.clock.advance(10 * minute);
      expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]);
    }
  });
});

test('a save without an answer of a record that is there keeps nobody from deleting it', async () => {
  const host = createHost();
  await host.seed('web', always);
  const controller = await host.begin();
  const save = host.faulty.hold('save', 'web', 'before');
  const paused = controller.pause('web')();
  await host.clock.advance(10 * second);
  expect(left(await paused)).toMatchObject({ _tag: 'StoreFailed' });
  right(await controller.requestDelete('web')());
  save.release();
  await host.clock.settle();
  expect(await host.record('web')).toBeNull();
});

describe('a record whose creation has no answer', () => {
  test('is not removed before that has ended: a delete is not undone by a save of before', async () => {
    for (const say of ['manualStart', 'updatePolicy'] as const) {
      const host = createHost();
      const controller = await host.begin();
      const save = host.faulty.hold('save', 'web', 'before');
      const created: Promise<Either<unknown, unknown>> =
        say === 'manualStart' ? controller.manualStart('web')() : controller.updatePolicy('web', always)();
      await save.reached;
      await host.clock.advance(10 * second);
      expect(left(await created)).toMatchObject({ _tag: 'StoreFailed' });
      expect(left(await controller.requestDelete('web')())).toMatchObject({
        _tag: 'Failed',
        message: expect.stringContaining('stopped, but not removed'),
      });
      save.release();
      await host.clock.settle();
      expect(await host.status('web')).toEqual(stoppedByPerson);
      right(await controller.requestDelete('web')());
      expect(await host.record('web')).toBeNull();
      expect(host.hypervisor.running('web')).toBe(0);
    }
  });
});

describe('deadlines', () => {
  test('of Infinity never pass, and set no timer', async () => {
    const forever = Number.POSITIVE_INFINITY;
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const deadlines = { store: forever, leases: forever, inspect: forever, start: forever, stop: forever };
    await host.begin({ deadlines });
    await start.reached;
    expect(host.clock.pending).toBe(1); // the resync
    await host.clock.advance(24 * 60 * minute);
    expect(host.faults).toEqual([]);
    start.release();
    await host.clock.settle();
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: null });
  });

  test('are each call’s own: one that began later has longer', async () => {
    const host = createHost();
    for (const id of ['a', 'b']) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight });
      hang(host, 'start', id);
    }
    await host.begin({ deadlines: { start: minute } });
    host.hypervisor.exit('a', 1);
    await host.clock.advance(30 * second);
    host.hypervisor.exit('b', 1);
    await host.clock.advance(30 * second);
    expect(faultsOf(host.faults)).toEqual(['a start: no answer within 1m0s']);
    await host.clock.advance(30 * second);
    expect(faultsOf(host.faults)).toContain('b start: no answer within 1m0s');
  });

  test('pass by the time that went by, also when the clock is set back meanwhile', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    hang(host, 'start', 'web');
    await host.begin();
    host.clock.jump(midnight - 60 * minute);
    await host.clock.advance(2 * minute);
    expect(faultsOf(host.faults)).toEqual(['web start: no answer within 2m0s']);
  });

  test('are whole for a call that begins after the clock was set back, whatever timer stood before', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin();
    right(await controller.manualStart('other')());
    host.clock.jump(midnight - 60 * minute);
    // A start that has ended was due in a second from now.
    await host.clock.advance(2 * minute - second);
    hang(host, 'start', 'web');
    host.hypervisor.exit('web', 1);
    await host.clock.advance(2 * minute - second);
    expect(faultsOf(host.faults)).toEqual([]);
    await host.clock.advance(second);
    expect(faultsOf(host.faults)).toEqual(['web start: no answer within 2m0s']);
  });
});
