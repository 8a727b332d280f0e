/**
 * A controller that closes while its ports do not answer.
 */
import { describe, expect, test } from 'vitest';
import { initialStatus, stoppedByPerson } from '../../src/index.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import type { Leases } from '../../src/ports/leases.js';
import type { InstanceId } from '../../src/ports/store.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, midnight } from '../support/host.js';

const second = 1_000;
const minute = 60 * second;
const classes: ReadonlyArray<Exclusion> = ['section', 'fenced', 'none'];

/** An instance whose automatic start hangs past its check. */
const begin = async (exclusion: Exclusion = 'section') => {
  const host = createHost(exclusion);
  await host.seed('web', always);
  host.hypervisor.set('web', exited(1));
  const start = host.hypervisor.hold('start', 'web', 'before_effect');
  const controller = await host.begin();
  await start.reached;
  return { host, controller, start };
};

describe('close', () => {
  test('answers when the last deadline has passed, and names whose calls have not answered', async () => {
    const { host, controller } = await begin();
    let report: unknown = null;
    const closing = controller
      .close()()
      .then((answer) => {
        report = right(answer);
      });
    await host.clock.advance(2 * minute - 1);
    expect(report).toBeNull();
    await host.clock.advance(1);
    await closing;
    expect(report).toEqual({ unanswered: ['web'] });
    expect(host.clock.pending).toBe(0);
  });

  test('is begun once, also where what it unsubscribes from closes it again', async () => {
    const host = createHost();
    const closings: Array<Promise<unknown>> = [];
    const controller = controllerOf({
      store: host.store,
      clock: host.clock,
      hypervisor: { ...host.hypervisor, subscribe: () => () => void closings.push(controller.close()()) },
    });
    await host.clock.settle();
    expect(right(await controller.close({ within: minute })())).toEqual({ unanswered: [] });
    expect(await Promise.all(closings)).toMatchObject([{ right: { unanswered: [] } }]);
    expect(host.clock.pending).toBe(0);
  });

  test('waits no longer for a call whose deadline has passed', async () => {
    const { host, controller } = await begin();
    await host.clock.advance(2 * minute);
    expect(right(await controller.close()())).toEqual({ unanswered: ['web'] });
  });

  test('within a time answers then at the latest, and earlier when all has ended', async () => {
    for (const isEarly of [false, true]) {
      const { host, controller, start } = await begin();
      let report: unknown = null;
      void controller
        .close({ within: 10 * second })()
        .then((answer) => {
          report = right(answer);
        });
      await host.clock.advance(10 * second - 1);
      expect(report).toBeNull();
      if (isEarly) start.release();
      await host.clock.settle();
      if (isEarly) expect(report).toEqual({ unanswered: [] });
      await host.clock.advance(1);
      expect(report).toEqual({ unanswered: isEarly ? [] : ['web'] });
      expect(host.clock.pending).toBe(0);
    }
  });

  test('within a time waits also for what has outlasted its deadline', async () => {
    const { host, controller, start } = await begin();
    await host.clock.advance(5 * minute);
    const closing = controller.close({ within: 10 * minute })();
    await host.clock.advance(minute);
    start.release();
    expect(right(await closing)).toEqual({ unanswered: [] });
  });

  test('within a time waits for the last of them', async () => {
    const host = createHost();
    for (const id of ['web', 'db']) {
      await host.seed(id, always);
      host.hypervisor.set(id, exited(1));
    }
    const [web, db] = ['web', 'db'].map((id) => host.hypervisor.hold('start', id, 'before_effect'));
    const controller = await host.begin();
    let report: unknown = null;
    const closing = controller
      .close({ within: 10 * minute })()
      .then((answer) => {
        report = right(answer);
      });
    await host.clock.advance(5 * minute);
    web?.release();
    await host.clock.advance(minute);
    expect(report).toBeNull();
    db?.release();
    await closing;
    expect(report).toEqual({ unanswered: [] });
  });

  test('within a time answers at once where nothing is under way', async () => {
    const host = createHost();
    const controller = await host.begin();
    let report: unknown = null;
    void controller
      .close({ within: 10 * minute })()
      .then((answer) => {
        report = right(answer);
      });
    await host.clock.settle();
    expect(report).toEqual({ unanswered: [] });
    expect(host.clock.pending).toBe(0);
  });

  test('names the instances in order, and none for a call that is of no instance', async () => {
    const host = createHost();
    for (const id of ['a', 'z']) {
      await host.seed(id, always);
      host.hypervisor.hold('start', id, 'before_effect');
    }
    const controller = await host.begin();
    host.hypervisor.set('z', exited(1));
    await host.clock.settle();
    host.hypervisor.set('a', exited(1));
    const list = host.faulty.hold('list', null, 'before');
    void controller.reconcileAll()();
    await list.reached;
    await host.clock.settle();
    expect(right(await controller.close({ within: 0 })())).toEqual({ unanswered: ['a', 'z'] });
  });

  test('leaves no timer of what was read, neither before nor after', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    for (const when of ['before', 'after']) {
      right(await controller.status('web')());
      right(await controller.close()());
      expect([when, host.clock.pending]).toEqual([when, 0]);
    }
  });

  test('a second time may shorten the first, and has its answer', async () => {
    const { host, controller } = await begin();
    const first = controller.close({ within: Number.POSITIVE_INFINITY })();
    await host.clock.advance(minute);
    const second = controller.close({ within: 0 })();
    expect(right(await second)).toEqual({ unanswered: ['web'] });
    expect(right(await first)).toEqual({ unanswered: ['web'] });
  });

  test('sets no timer when nothing is under way, nor for a time without end', async () => {
    const host = createHost();
    const moments: Array<number> = [];
    const clock: Clock = {
      ...host.clock,
      wakeAt: (at, callback) => {
        moments.push(at);
        return host.clock.wakeAt(at, callback);
      },
    };
    for (const options of [{}, { within: Number.POSITIVE_INFINITY }]) {
      const controller = controllerOf({ store: host.store, hypervisor: host.hypervisor, clock });
      await host.clock.settle();
      moments.length = 0;
      expect(right(await controller.close(options)())).toEqual({ unanswered: [] });
      expect(moments).toEqual([]);
    }
  });

  test('refuses a time that is none, and closes nothing', async () => {
    const { controller } = await begin();
    for (const within of [-1, Number.NaN, '1s' as unknown as number]) {
      expect(left(await controller.close({ within })())).toMatchObject({
        _tag: 'InvalidOptions',
        message: expect.stringContaining('within'),
      });
    }
    right(await controller.updatePolicy('other', always)());
  });

  test.each(classes)('once answered charges nobody, looks at nothing and tells nothing more: %s', async (exclusion) => {
    const { host, controller, start } = await begin(exclusion);
    right(await controller.close({ within: 0 })());
    const before = await host.record('web');
    const told = [host.faults.length, host.decisions.length, host.faulty.calls.length];
    start.release();
    await host.clock.advance(10 * minute);
    expect(await host.record('web')).toEqual(before);
    expect([host.faults.length, host.decisions.length, host.faulty.calls.length]).toEqual(told);
    // It was past its check, and its instance is named: it may take effect.
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test.each(classes)('voids a call that has not passed its check: %s', async (exclusion) => {
    for (const at of ['before the check', 'during the check'] as const) {
      const host = createHost(exclusion);
      await host.seed('web', always);
      host.hypervisor.set('web', exited(1));
      const start = host.hypervisor.hold('start', 'web', 'before_check');
      const controller = await host.begin();
      await start.reached;
      let held = start;
      if (at === 'during the check') {
        held = host.faulty.hold('load', 'web', 'after');
        start.release();
        await held.reached;
      }
      right(await controller.close({ within: 0 })());
      held.release();
      await host.clock.advance(minute);
      expect(host.hypervisor.running('web')).toBe(0);
      expect(host.calls('web')).toEqual(['start Superseded']);
    }
  });

  test.each(classes)('voids a stop that has not passed its check, of a person or a repair: %s', async (exclusion) => {
    for (const at of ['before the check', 'during the check'] as const) {
      for (const by of ['person', 'repair'] as const) {
        const host = createHost(exclusion);
        await host.seed('web', always, by === 'repair' ? stoppedByPerson : initialStatus);
        host.hypervisor.set('web', { state: 'running', startedAt: midnight });
        const stop = host.hypervisor.hold('stop', 'web', 'before_check');
        const controller = await host.begin();
        if (by === 'person') void controller.manualStop('web')();
        await stop.reached;
        let held = stop;
        if (at === 'during the check') {
          held = host.faulty.hold('load', 'web', 'after');
          stop.release();
          await held.reached;
        }
        expect(right(await controller.close({ within: 0 })())).toEqual({ unanswered: ['web'] });
        held.release();
        await host.clock.advance(minute);
        expect([host.calls('web'), host.hypervisor.running('web')]).toEqual([['stop Superseded'], 1]);
      }
    }
  });

  test('answers people who still wait by what is durable', async () => {
    const host = createHost();
    for (const id of ['saving', 'stopping', 'loading', 'starting']) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight });
    }
    const controller = await host.begin();
    const save = host.faulty.hold('save', 'saving', 'before');
    const stop = host.hypervisor.hold('stop', 'stopping', 'before_effect');
    const load = host.faulty.hold('load', 'loading', 'before');
    const start = host.hypervisor.hold('start', 'starting', 'before_effect');
    const answers = Promise.all([
      controller.manualStop('saving')(),
      controller.manualStop('stopping')(),
      controller.manualStop('loading')(),
      controller.manualStart('starting')(),
      controller.manualStart('starting')(), // behind the other one, in the lane
    ]);
    await Promise.all([save.reached, stop.reached, load.reached, start.reached]);
    expect(right(await controller.close({ within: 0 })())).toEqual({
      unanswered: ['loading', 'saving', 'starting', 'stopping'],
    });
    const said = (await answers).map((answer) => left(answer));
    expect(said.map(({ _tag }) => _tag)).toEqual(['StoreFailed', 'Failed', 'StoreFailed', 'Failed', 'Closed']);
    expect(said[1]).toMatchObject({ message: 'the controller has closed' });

    for (const held of [save, stop, load, start]) held.release();
    await host.clock.advance(minute);
    // The save was on its way, and nothing followed it; what was still to be saved is not.
    expect([await host.status('saving'), host.hypervisor.running('saving')]).toEqual([stoppedByPerson, 1]);
    expect([await host.status('loading'), host.hypervisor.running('loading')]).toEqual([initialStatus, 1]);
    expect(await host.status('stopping')).toEqual(stoppedByPerson);
  });

  test('is answered after everybody who still waited', async () => {
    const { host, controller } = await begin();
    const save = host.faulty.hold('save', 'web', 'before');
    const answered: Array<string> = [];
    const stopping = controller
      .manualStop('web')()
      .then(() => answered.push('stop'));
    const reconciling = controller
      .reconcile('web')()
      .then(() => answered.push('reconcile'));
    await save.reached;
    right(await controller.close({ within: 0 })());
    expect(answered.sort()).toEqual(['reconcile', 'stop']);
    await Promise.all([stopping, reconciling]);
  });

  test('leaves the section to the call that holds it: a successor waits for that', async () => {
    const { host, controller, start } = await begin();
    right(await controller.close({ within: 0 })());
    const successor = await host.begin();
    const stopping = successor.manualStop('web')();
    await host.clock.settle();
    start.release();
    right(await stopping);
    expect([host.hypervisor.running('web'), await host.status('web')]).toEqual([0, stoppedByPerson]);
  });

  test('still tells what is stored', async () => {
    const { controller } = await begin();
    right(await controller.close({ within: 0 })());
    expect(right(await controller.status('web')())).toMatchObject({ policy: always });
  });
});

describe('whoever reads a status', () => {
  const beginReading = async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    return { host, controller: await host.begin() };
  };

  test('before, while and after the controller closes leaves no timer, which would keep the process alive', async () => {
    const { host, controller } = await beginReading();
    right(await controller.status('web')());
    right(await controller.close()());
    expect(host.clock.pending).toBe(0);

    right(await controller.status('web')());
    expect(host.clock.pending).toBe(0);

    const other = await beginReading();
    const load = other.host.faulty.hold('load', 'web', 'before');
    const reading = other.controller.status('web')();
    await load.reached;
    right(await other.controller.close()());
    // Its deadline.
    expect(other.host.clock.pending).toBe(1);
    load.release();
    right(await reading);
    expect(other.host.clock.pending).toBe(0);
  });

  test('after the controller has closed is answered at the deadline, also where others were answered before', async () => {
    const { host, controller } = await beginReading();
    right(await controller.close()());
    host.faulty.hold('load', 'web', 'before');
    const hung = controller.status('web')();
    right(await controller.status('web')());
    await host.clock.advance(10 * second);
    expect(left(await hung)).toMatchObject({ _tag: 'StoreFailed', message: 'no answer within 10s' });
    expect(host.clock.pending).toBe(0);
  });
});

describe('the leases of a controller that closes', () => {
  const createLeases = () => {
    const held = new Set<InstanceId>();
    const closedWith: Array<ReadonlyArray<InstanceId>> = [];
    const checks: Array<InstanceId> = [];
    let epoch = 0;
    const leases: Leases = {
      hold: (id) => async () => {
        held.add(id);
        return { _tag: 'Right', right: { id, epoch: ++epoch } };
      },
      check:
        ({ id }) =>
        async () => {
          checks.push(id);
          return { _tag: 'Right', right: true };
        },
      release: (id) => async () => {
        held.delete(id);
        return { _tag: 'Right', right: undefined };
      },
      subscribe: () => () => {},
      close: async (keep = []) => {
        closedWith.push(keep);
        for (const id of [...held]) if (!keep.includes(id)) held.delete(id);
      },
    };
    return { leases, held, closedWith, checks };
  };

  test('are let go, but for those of instances whose calls have not ended, until they have', async () => {
    const host = createHost();
    const { leases, held, closedWith } = createLeases();
    for (const id of ['web', 'quiet']) await host.seed(id, always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.set('quiet', { state: 'running', startedAt: midnight });
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await host.begin({ leases });
    await start.reached;
    expect([...held].sort()).toEqual(['quiet', 'web']);
    right(await controller.close({ within: 0 })());
    expect([...held]).toEqual(['web']);
    start.release();
    await host.clock.settle();
    expect([...held]).toEqual([]);
    expect(closedWith).toEqual([['web'], []]);
  });

  test('are let go once when every call has ended', async () => {
    const host = createHost();
    const { leases, held, closedWith } = createLeases();
    await host.seed('web', always);
    const controller = await host.begin({ leases });
    expect([...held]).toEqual(['web']);
    right(await controller.close()());
    await host.clock.settle();
    expect(closedWith).toEqual([[]]);
    expect([...held]).toEqual([]);
  });

  test('permit no attempt any more, whenever it is checked', async () => {
    for (const at of ['before the check', 'during the check'] as const) {
      const host = createHost();
      const { leases, checks } = createLeases();
      await host.seed('web', always);
      host.hypervisor.set('web', exited(1));
      const start = host.hypervisor.hold('start', 'web', 'before_check');
      let answer = (): void => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const check: Leases['check'] = (lease) => async () => {
        const checked = await leases.check(lease)();
        await answered;
        return checked;
      };
      const controller = await host.begin({ leases: { ...leases, check } });
      await start.reached;
      if (at === 'during the check') {
        start.release();
        await host.clock.settle();
      }
      right(await controller.close({ within: 0 })());
      const loads = host.faulty.calls.length;
      start.release();
      answer();
      await host.clock.advance(minute);
      expect([host.calls('web'), host.hypervisor.running('web')]).toEqual([['start Superseded'], 0]);
      expect([checks.length, host.faulty.calls.length]).toEqual([at === 'during the check' ? 1 : 0, loads]);
    }
  });

  test('are not waited for longer than their deadline, and that is told', async () => {
    const host = createHost();
    const { leases } = createLeases();
    const controller = await host.begin({ leases: { ...leases, close: () => new Promise(() => {}) } });
    const closing = controller.close()();
    await host.clock.advance(10 * second);
    expect(right(await closing)).toEqual({ unanswered: [] });
    expect(host.faults).toMatchObject([{ id: null, during: 'release', error: { message: 'no answer within 10s' } }]);
    expect(host.clock.pending).toBe(0);
  });
});
