import type { Either } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { type ActionError, type Exclusion, exclusions, type Permit, superseded } from '../../src/ports/hypervisor.js';
import { createHold } from '../../src/testing/hold.js';
import { createScriptedHypervisor, createVirtualClock } from '../../src/testing.js';
import { left, right } from '../support/either.js';

const given = (revision = 1): Permit => ({ revision, check: async () => ({ _tag: 'Right', right: undefined }) });

const asDone = { _tag: 'Right', right: undefined } as const;

const denied: Permit = { revision: 1, check: async () => ({ _tag: 'Left', left: superseded }) };

const at = (exclusion: Exclusion = 'section') => {
  const clock = createVirtualClock(1_000);
  const hypervisor = right(createScriptedHypervisor({ clock, exclusion }));
  const observe = async (id: string) => right(await hypervisor.inspect(id)());
  return { clock, hypervisor, observe };
};

/** An answer that a test can ask for without waiting for it. */
const answerOf = <A>(promise: Promise<A>): { value: A | 'none yet' } => {
  const answer: { value: A | 'none yet' } = { value: 'none yet' };
  void promise.then((value) => {
    answer.value = value;
  });
  return answer;
};

describe('the options', () => {
  const clock = createVirtualClock();

  test('that are wrong are named, all at once', () => {
    const given = { clock: { now: 5 }, exclusion: 'sections', guestReboot: null, guestReset: 'exit' };
    const { _tag, errors } = left(createScriptedHypervisor(given as never));
    expect(_tag).toBe('InvalidOptions');
    expect(errors.map(({ message }) => message)).toEqual([
      'clock must be a clock with now, wakeAt, but this object has no now, wakeAt',
      'exclusion must be one of section, fenced, none, not the text "sections"',
      'guestReboot must be one of exit, event, invisible, not null',
      expect.stringMatching(/^guestReset is not a known option/),
    ]);
  });

  test('that are undefined are the defaults', () => {
    const { capabilities } = right(createScriptedHypervisor({ clock, exclusion: undefined, guestReboot: undefined }));
    expect(capabilities).toEqual({ exclusion: 'section', guestReboot: 'exit' });
  });
});

describe('a scripted start', () => {
  test('spawns a run at once when nothing else is said', async () => {
    const { hypervisor, observe } = at();
    right(await hypervisor.start('web', given(7))());
    expect(await observe('web')).toEqual({
      state: 'running',
      startedAt: 1_000,
      stoppedAt: null,
      exitCode: null,
      health: 'unknown',
    });
    expect(hypervisor.runs).toEqual([{ id: 'web', startedAt: 1_000, endedAt: null, exitCode: null, tag: 7 }]);
    expect(hypervisor.calls).toEqual([{ operation: 'start', id: 'web', revision: 7, calledAt: 1_000, answer: 'done' }]);
  });

  test('refused and failed ones do nothing; one that spawns and fails leaves a run', async () => {
    const { hypervisor, observe } = at();
    hypervisor.nextStart('web', { outcome: 'refused' });
    hypervisor.nextStart('web', { outcome: 'failed' }, 2);
    hypervisor.nextStart('web', { outcome: 'done_and_failed' });
    const tags: Array<ActionError['_tag']> = [];
    for (let n = 0; n < 3; n++) tags.push(left(await hypervisor.start('web', given())())._tag);
    expect((await observe('web')).startedAt).toBeNull();
    tags.push(left(await hypervisor.start('web', given())())._tag);
    expect(tags).toEqual(['Refused', 'Failed', 'Failed', 'Failed']);
    expect((await observe('web')).state).toBe('running');
    expect(hypervisor.running('web')).toBe(1);
  });

  test('a slow one waits on the clock, a hanging one for ever, and other instances do not wait', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.nextStart('slow', { wait: { at: 'before_effect', ms: 100 } });
    hypervisor.nextStart('hanging', { wait: { at: 'before_effect', ms: null } });
    const slow = answerOf(hypervisor.start('slow', given())());
    const hanging = answerOf(hypervisor.start('hanging', given())());
    right(await hypervisor.start('other', given())());
    await clock.advance(99);
    expect([slow.value, (await observe('slow')).state]).toEqual(['none yet', 'stopped']);
    await clock.advance(1);
    expect([slow.value, (await observe('slow')).startedAt]).toEqual([{ _tag: 'Right', right: undefined }, 1_100]);
    await clock.advance(1_000_000);
    expect(hanging.value).toBe('none yet');
    expect(clock.pending).toBe(0);
  });

  test('a run can be initializing for a while and end by itself', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.nextStart('web', { initializingMs: 10, exits: { afterMs: 50, exitCode: 3 } });
    right(await hypervisor.start('web', given())());
    expect((await observe('web')).state).toBe('initializing');
    await clock.advance(10);
    expect((await observe('web')).state).toBe('running');
    await clock.advance(40);
    expect(await observe('web')).toMatchObject({ state: 'stopped', startedAt: 1_000, stoppedAt: 1_050, exitCode: 3 });
  });

  test('what was to happen to a run does not happen to the next one', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.nextStart('web', { exits: { afterMs: 50, exitCode: 3 } });
    right(await hypervisor.start('web', given())());
    right(await hypervisor.stop('web', given())());
    right(await hypervisor.start('web', given())());
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect((await observe('web')).state).toBe('running');
  });

  test('scripts for all instances hold where nothing is said for one', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.everyStart((id) => (id === 'db' ? { outcome: 'failed' } : { exits: { afterMs: 5, exitCode: 1 } }));
    hypervisor.nextStart('web', {});
    left(await hypervisor.start('db', given())());
    right(await hypervisor.start('web', given())());
    await clock.advance(10);
    expect((await observe('web')).state).toBe('running');
    right(await hypervisor.stop('web', given())());
    right(await hypervisor.start('web', given())());
    await clock.advance(10);
    expect((await observe('web')).state).toBe('stopped');
  });

  test('a blind one spawns beside the run that is there, and the overlap is counted', async () => {
    const { hypervisor } = at();
    right(await hypervisor.start('web', given())());
    right(await hypervisor.start('web', given())());
    expect([hypervisor.running('web'), hypervisor.overlaps]).toEqual([1, 0]);
    hypervisor.nextStart('web', { blind: true });
    right(await hypervisor.start('web', given())());
    expect([hypervisor.running('web'), hypervisor.overlaps]).toEqual([2, 1]);
  });
});

describe('a scripted stop', () => {
  test('ends the run with the exit code that is asked for, and unknown otherwise', async () => {
    const { hypervisor, observe } = at();
    hypervisor.nextStop('web', { exitCode: 143 });
    for (const exitCode of [143, null]) {
      right(await hypervisor.start('web', given())());
      right(await hypervisor.stop('web', given())());
      expect(await observe('web')).toMatchObject({ state: 'stopped', exitCode });
    }
  });

  test('refused and failed ones leave the run; one that stops and fails does not', async () => {
    const { hypervisor, observe } = at();
    right(await hypervisor.start('web', given())());
    hypervisor.nextStop('web', { outcome: 'refused' });
    hypervisor.nextStop('web', { outcome: 'failed' });
    hypervisor.nextStop('web', { outcome: 'done_and_failed' });
    expect(left(await hypervisor.stop('web', given())())._tag).toBe('Refused');
    expect(left(await hypervisor.stop('web', given())())._tag).toBe('Failed');
    expect((await observe('web')).state).toBe('running');
    expect(left(await hypervisor.stop('web', given())())._tag).toBe('Failed');
    expect((await observe('web')).state).toBe('stopped');
  });
});

describe('held calls', () => {
  test('in class section a stop waits for the start that is past its check, and then ends its run', async () => {
    const { clock, hypervisor, observe } = at('section');
    const held = hypervisor.hold('start', 'web', 'before_effect');
    const starting = answerOf(hypervisor.start('web', given(1))());
    await held.reached;
    const stopping = answerOf(hypervisor.stop('web', given(2))());
    await clock.settle();
    expect([starting.value, stopping.value]).toEqual(['none yet', 'none yet']);
    held.release();
    await clock.settle();
    expect([starting.value, stopping.value]).toMatchObject([{ _tag: 'Right' }, { _tag: 'Right' }]);
    expect((await observe('web')).state).toBe('stopped');
    expect(hypervisor.runs).toHaveLength(1);
  });

  test('in class fenced the stop answers, and the late start is superseded', async () => {
    const { clock, hypervisor } = at('fenced');
    const held = hypervisor.hold('start', 'web', 'before_effect');
    const starting = answerOf(hypervisor.start('web', given(1))());
    await held.reached;
    right(await hypervisor.stop('web', given(2))());
    held.release();
    await clock.settle();
    expect(starting.value).toEqual({ _tag: 'Left', left: superseded });
    expect(hypervisor.runs).toEqual([]);
  });

  test('in class none the stop answers, and the late start takes effect all the same', async () => {
    const { clock, hypervisor, observe } = at('none');
    const held = hypervisor.hold('start', 'web', 'before_effect');
    const starting = answerOf(hypervisor.start('web', given(1))());
    await held.reached;
    right(await hypervisor.stop('web', given(2))());
    held.release();
    await clock.settle();
    expect(starting.value).toMatchObject({ _tag: 'Right' });
    expect((await observe('web')).state).toBe('running');
  });

  test('a start held after its effect is out of the section: a stop ends its run meanwhile', async () => {
    const { hypervisor, observe } = at('section');
    const held = hypervisor.hold('start', 'web', 'after_effect');
    const starting = answerOf(hypervisor.start('web', given(1))());
    await held.reached;
    expect((await observe('web')).state).toBe('running');
    right(await hypervisor.stop('web', given(2))());
    expect((await observe('web')).state).toBe('stopped');
    expect(starting.value).toBe('none yet');
  });

  test('a call that its check ends comes to no later point', async () => {
    const { hypervisor } = at('section');
    hypervisor.hold('stop', 'web', 'before_effect');
    hypervisor.hold('stop', 'web', 'after_effect');
    expect(left(await hypervisor.stop('web', denied)())._tag).toBe('Superseded');
  });
});

describe('a process that crashes', () => {
  const caught = async (exclusion: Exclusion, point: 'before_check' | 'before_effect' | 'after_effect') => {
    const world = at(exclusion);
    const controller = world.hypervisor.connect();
    const held = world.hypervisor.hold('start', 'web', point);
    const answer = answerOf<Either<ActionError, void>>(controller.start('web', given())());
    await held.reached;
    controller.crash();
    held.release();
    await world.clock.settle();
    return { ...world, controller, answer };
  };

  test.each([
    ['section', 'before_check', 0],
    ['section', 'before_effect', 0],
    ['section', 'after_effect', 1],
    ['fenced', 'before_check', 0],
    ['fenced', 'before_effect', 1],
    ['none', 'before_check', 0],
    ['none', 'before_effect', 1],
  ] as const)(
    'class %s, during a start, %s: it gets no answer, and %i run is there',
    async (exclusion, point, runs) => {
      const { hypervisor, answer } = await caught(exclusion, point);
      expect(answer.value).toBe('none yet');
      expect(hypervisor.runs).toHaveLength(runs);
      // Its section, if there was one, is free again.
      right(await hypervisor.stop('web', given(2))());
      expect(hypervisor.running('web')).toBe(0);
    },
  );

  test('one that died while it waited for the section does not come in', async () => {
    const { clock, hypervisor } = at('section');
    const held = hypervisor.hold('start', 'web', 'before_effect');
    const first = answerOf(hypervisor.start('web', given())());
    await held.reached;
    const controller = hypervisor.connect();
    let checks = 0;
    const counting: Permit = {
      revision: 2,
      check: async () => {
        checks++;
        return { _tag: 'Right', right: undefined };
      },
    };
    void controller.stop('web', counting)();
    await clock.settle();
    controller.crash();
    held.release();
    await clock.settle();
    expect(first.value).toMatchObject({ _tag: 'Right' });
    right(await hypervisor.start('web', given(3))());
    expect([checks, hypervisor.running('web')]).toEqual([0, 1]);
  });

  test('is notified of nothing, sees and does nothing afterwards, while others go on', async () => {
    const { clock, hypervisor } = at();
    const controller = hypervisor.connect();
    let notified = 0;
    controller.subscribe(() => notified++);
    controller.crash();
    const answers = [
      answerOf<unknown>(controller.start('web', given())()),
      answerOf<unknown>(controller.inspect('web')()),
    ];
    right(await hypervisor.start('db', given())());
    await clock.settle();
    expect(answers.map(({ value }) => value)).toEqual(['none yet', 'none yet']);
    expect([notified, hypervisor.runs.length, hypervisor.calls.length]).toEqual([0, 1, 1]);
  });
});

describe('what happens to instances', () => {
  test('an exit and a kill end the run; without a run they do nothing', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.exit('web', 0);
    expect((await observe('web')).stoppedAt).toBeNull();
    for (const [end, exitCode] of [
      [() => hypervisor.exit('web', 0), 0],
      [() => hypervisor.kill('web'), null],
    ] as const) {
      right(await hypervisor.start('web', given())());
      await clock.advance(5);
      end();
      expect(await observe('web')).toMatchObject({ state: 'stopped', stoppedAt: clock.now(), exitCode });
    }
    expect(hypervisor.runs.map(({ endedAt, exitCode }) => [endedAt, exitCode])).toEqual([
      [1_005, 0],
      [1_010, null],
    ]);
  });

  test('set changes what is seen, and begins and ends runs where the state says so', async () => {
    const { hypervisor, observe } = at();
    hypervisor.set('web', { state: 'running', startedAt: 500 });
    hypervisor.set('web', { health: 'unhealthy' });
    expect(await observe('web')).toMatchObject({ state: 'running', startedAt: 500, health: 'unhealthy' });
    expect(hypervisor.running('web')).toBe(1);
    hypervisor.set('web', { state: 'other' });
    expect(hypervisor.running('web')).toBe(1);
    hypervisor.set('web', { state: 'stopped', exitCode: 9 });
    expect(await observe('web')).toMatchObject({ state: 'stopped', stoppedAt: 1_000, exitCode: 9 });
    expect(hypervisor.running('web')).toBe(0);
    hypervisor.set('fork', { state: 'running', startedAt: null });
    expect(await observe('fork')).toMatchObject({ state: 'running', startedAt: null });
  });

  test('an inspection fails as often as the script says', async () => {
    const { hypervisor } = at();
    hypervisor.failInspect('web', 2);
    left(await hypervisor.inspect('web')());
    right(await hypervisor.inspect('db')());
    left(await hypervisor.inspect('web')());
    right(await hypervisor.inspect('web')());
  });
});

describe('notifications', () => {
  const notifiedBy = async (act: (world: ReturnType<typeof at>) => void | Promise<void>) => {
    const world = at();
    const notified: Array<string> = [];
    world.hypervisor.subscribe((id) => notified.push(`${id}@${world.clock.now()}`));
    await act(world);
    await world.clock.settle();
    return { ...world, notified };
  };

  test('tell of starts, exits and changes, after the call that made them has gone on', async () => {
    const { notified } = await notifiedBy(async ({ clock, hypervisor }) => {
      right(await hypervisor.start('web', given())());
      await clock.advance(1);
      hypervisor.exit('web', 1);
      hypervisor.set('db', { state: 'other' });
      hypervisor.notify('ghost');
    });
    expect(notified).toEqual(['web@1000', 'web@1001', 'db@1001', 'ghost@1001']);
  });

  test('can be lost, repeated and late, for all instances or for one', async () => {
    const { clock, hypervisor, notified } = await notifiedBy(({ hypervisor }) => {
      hypervisor.deliver({ copies: 0 });
      hypervisor.deliver({ id: 'db', copies: 2, delayMs: 50 });
      hypervisor.notify('web');
      hypervisor.notify('db');
    });
    expect(notified).toEqual([]);
    await clock.advance(50);
    expect(notified).toEqual(['db@1050', 'db@1050']);
    hypervisor.deliver({});
    hypervisor.notify('web');
    await clock.settle();
    expect(notified).toHaveLength(3);
  });

  test('that are on their way do not reach a listener that has gone', async () => {
    const { clock, hypervisor } = at();
    const notified: Array<string> = [];
    const listener = (id: string): void => void notified.push(id);
    const cancel = hypervisor.subscribe(listener);
    hypervisor.subscribe(listener);
    hypervisor.notify('web');
    cancel();
    cancel();
    await clock.settle();
    expect(notified).toEqual(['web']);
  });
});

describe('why a run ended', () => {
  test('is what the script says, until the next run begins', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.nextStart('web', { exits: { afterMs: 10, exitCode: null, cause: 'out_of_memory' } });
    right(await hypervisor.start('web', given())());
    expect((await observe('web')).cause).toBeUndefined();
    await clock.advance(10);
    expect(await observe('web')).toMatchObject({ state: 'stopped', exitCode: null, cause: 'out_of_memory' });
    right(await hypervisor.start('web', given())());
    expect(await observe('web')).not.toHaveProperty('cause');
    hypervisor.exit('web', 0, 'host');
    expect(await observe('web')).toMatchObject({ exitCode: 0, cause: 'host' });
    right(await hypervisor.start('web', given())());
    hypervisor.kill('web', 'signal');
    right(await hypervisor.start('web', given())());
    hypervisor.nextStop('web', { exitCode: 143, cause: 'exit' });
    right(await hypervisor.stop('web', given())());
    expect(await observe('web')).toMatchObject({ exitCode: 143, cause: 'exit' });
    expect(hypervisor.runs.map(({ cause }) => cause)).toEqual(['out_of_memory', 'host', 'signal', 'exit']);
  });

  test('is not said when the script says nothing, also after an end of which something was said', async () => {
    const { hypervisor, observe } = at();
    right(await hypervisor.start('web', given())());
    hypervisor.set('web', { cause: 'signal' });
    hypervisor.exit('web', 3);
    expect(await observe('web')).not.toHaveProperty('cause');
    expect(hypervisor.runs[0]).not.toHaveProperty('cause');
    hypervisor.set('web', { cause: 'panic' });
    hypervisor.set('web', { state: 'running' });
    expect(await observe('web')).not.toHaveProperty('cause');
    hypervisor.set('web', { state: 'stopped', exitCode: null, cause: 'panic' });
    expect(await observe('web')).toMatchObject({ state: 'stopped', cause: 'panic' });
    expect(hypervisor.runs[1]?.cause).toBe('panic');
  });

  test('is the host for every run when that goes down, and for nothing else', async () => {
    const { clock, hypervisor, observe } = at();
    hypervisor.nextStart('web', { exits: { afterMs: 10, exitCode: 0 } });
    for (const id of ['web', 'db', 'gone']) right(await hypervisor.start(id, given())());
    hypervisor.exit('gone', 1, 'exit');
    const notified: Array<string> = [];
    hypervisor.subscribe((id) => notified.push(id));
    hypervisor.endHost();
    await clock.advance(20);
    for (const id of ['web', 'db']) {
      expect(await observe(id)).toMatchObject({ state: 'stopped', stoppedAt: 1_000, exitCode: null, cause: 'host' });
    }
    expect(await observe('gone')).toMatchObject({ exitCode: 1, cause: 'exit' });
    expect(notified).toEqual(['web', 'db']);
  });
});

describe('a clock that is set', () => {
  test.each([3_600_000, -3_600_000])('by %d ms makes no run older, and its times are told by it', async (by) => {
    const { clock, hypervisor, observe } = at();
    right(await hypervisor.start('web', given())());
    await clock.advance(40);
    clock.jump(clock.now() + by);
    expect(await observe('web')).toMatchObject({ state: 'running', startedAt: 1_000 + by });
    await clock.advance(10);
    hypervisor.exit('web', 3);
    clock.jump(clock.now() + by);
    await clock.advance(5);
    expect(await observe('web')).toMatchObject({ startedAt: 1_000 + 2 * by, stoppedAt: 1_050 + 2 * by });
    // What was written down stays as it was then.
    expect(hypervisor.runs).toMatchObject([{ startedAt: 1_000, endedAt: 1_050 + by }]);
  });

  test.each([3_600_000, -3_600_000])('by %d ms ends no run and no wait before its time, nor after it', async (by) => {
    const { clock, hypervisor, observe } = at();
    hypervisor.nextStart('web', { initializingMs: 30, exits: { afterMs: 100, exitCode: 1 } });
    hypervisor.nextStart('slow', { wait: { at: 'before_effect', ms: 50 } });
    hypervisor.deliver({ delayMs: 60 });
    let notified = 0;
    hypervisor.subscribe(() => notified++);
    right(await hypervisor.start('web', given())());
    const slow = answerOf(hypervisor.start('slow', given())());
    await clock.advance(10);
    clock.jump(clock.now() + by);
    await clock.advance(19);
    expect((await observe('web')).state).toBe('initializing');
    await clock.advance(20);
    expect([(await observe('web')).state, slow.value, notified]).toEqual(['running', 'none yet', 0]);
    await clock.advance(50);
    expect([(await observe('web')).state, slow.value, notified]).toEqual(['running', asDone, 2]);
    await clock.advance(1);
    expect(await observe('web')).toMatchObject({ state: 'stopped', startedAt: 1_000 + by, stoppedAt: 1_100 + by });
  });

  test('sets what a test says of an instance in the terms of now', async () => {
    const { clock, hypervisor, observe } = at();
    clock.jump(9_000);
    hypervisor.set('web', { state: 'running', startedAt: 8_000 });
    clock.jump(5_000);
    expect((await observe('web')).startedAt).toBe(4_000);
    hypervisor.set('web', { state: 'stopped', stoppedAt: 4_500 });
    clock.jump(6_000);
    expect(await observe('web')).toMatchObject({ startedAt: 5_000, stoppedAt: 5_500 });
    expect(hypervisor.runs).toMatchObject([{ startedAt: 8_000, endedAt: 4_500 }]);
  });

  test('that does not tell what has passed dates a run once, as nobody sets it', async () => {
    const clock = createVirtualClock(1_000);
    const { now, wakeAt } = clock;
    const hypervisor = right(createScriptedHypervisor({ clock: { now, wakeAt } }));
    hypervisor.nextStart('web', { exits: { afterMs: 50, exitCode: 1 } });
    right(await hypervisor.start('web', given())());
    clock.jump(500);
    await clock.advance(50);
    expect(right(await hypervisor.inspect('web')())).toMatchObject({ startedAt: 1_000, stoppedAt: 550 });
  });
});

describe('a stop that takes its time', () => {
  test.each(exclusions)(
    'is under way, and a start waits for its end and begins a run of its own (%s)',
    async (exclusion) => {
      const { clock, hypervisor, observe } = at(exclusion);
      right(await hypervisor.start('web', given(1))());
      hypervisor.nextStop('web', { endingMs: 100, exitCode: 4 });
      const stopping = answerOf(hypervisor.stop('web', given(2))());
      await clock.advance(40);
      const starting = answerOf(hypervisor.start('web', given(3))());
      await clock.settle();
      expect([(await observe('web')).state, stopping.value, starting.value]).toEqual(['other', 'none yet', 'none yet']);
      await clock.advance(60);
      expect([stopping.value, starting.value]).toEqual([asDone, asDone]);
      expect(hypervisor.runs).toMatchObject([
        { startedAt: 1_000, endedAt: 1_100, exitCode: 4 },
        { startedAt: 1_100, endedAt: null },
      ]);
      expect(hypervisor.overlaps).toBe(0);
    },
  );

  test('is over when the run ends by itself before, and two of them end it once', async () => {
    const { clock, hypervisor, observe } = at('none');
    right(await hypervisor.start('web', given())());
    hypervisor.nextStop('web', { endingMs: 100 }, 2);
    const stops = [answerOf(hypervisor.stop('web', given())()), answerOf(hypervisor.stop('web', given())())];
    await clock.advance(30);
    hypervisor.exit('web', 7);
    await clock.settle();
    expect(stops.map(({ value }) => value)).toEqual([asDone, asDone]);
    await clock.advance(200);
    expect(await observe('web')).toMatchObject({ state: 'stopped', stoppedAt: 1_030, exitCode: 7 });
  });

  test('lets a fenced start wait that is superseded by then', async () => {
    const { clock, hypervisor } = at('fenced');
    right(await hypervisor.start('web', given(1))());
    hypervisor.nextStop('web', { endingMs: 100 });
    const stopping = answerOf(hypervisor.stop('web', given(2))());
    await clock.settle();
    const starting = answerOf(hypervisor.start('web', given(3))());
    await clock.settle();
    const later = answerOf(hypervisor.stop('web', given(4))());
    await clock.advance(100);
    expect([stopping.value, starting.value, later.value]).toEqual([asDone, { _tag: 'Left', left: superseded }, asDone]);
    expect(hypervisor.running('web')).toBe(0);
  });
});

describe('a call that nobody waits for any more', () => {
  const givenUp = {
    _tag: 'Left',
    left: { _tag: 'Failed', message: 'scripted: this start was given up, and nothing is done', cause: undefined },
  };
  const abortable = (revision = 1) => {
    const controller = new AbortController();
    return { permit: { ...given(revision), signal: controller.signal }, abort: () => controller.abort() };
  };

  test('gives up its wait for the section, and leaves it to those behind it', async () => {
    const { clock, hypervisor } = at();
    const held = hypervisor.hold('start', 'web', 'before_effect');
    const first = answerOf(hypervisor.start('web', given())());
    await held.reached;
    const { permit, abort } = abortable();
    const second = answerOf(hypervisor.start('web', permit)());
    const third = answerOf(hypervisor.stop('web', given())());
    await clock.settle();
    abort();
    await clock.settle();
    expect([first.value, second.value, third.value]).toEqual(['none yet', givenUp, 'none yet']);
    held.release();
    await clock.settle();
    expect([first.value, third.value, hypervisor.runs.length]).toEqual([asDone, asDone, 1]);
  });

  test.each([
    ['before_check', 'section', 'given up'],
    ['before_effect', 'section', 'given up'],
    ['after_effect', 'section', 'none yet'],
    ['before_check', 'none', 'given up'],
    ['before_effect', 'none', 'none yet'],
    ['before_effect', 'fenced', 'none yet'],
  ] as const)('while it waits %s in class %s is %s', async (point, exclusion, expected) => {
    const { clock, hypervisor } = at(exclusion);
    hypervisor.nextStart('web', { wait: { at: point, ms: 100 } });
    const { permit, abort } = abortable();
    const answer = answerOf(hypervisor.start('web', permit)());
    await clock.advance(50);
    abort();
    await clock.settle();
    expect(answer.value).toEqual(expected === 'given up' ? givenUp : expected);
    // Nothing comes of what was given up, and the section is free.
    await clock.advance(50);
    expect(hypervisor.runs.length).toBe(expected === 'given up' ? 0 : 1);
    right(await hypervisor.start('web', given(2))());
    expect(hypervisor.runs.length).toBe(1);
  });

  test('hangs all the same when it ignores that, or is held', async () => {
    const { clock, hypervisor } = at();
    hypervisor.nextStart('deaf', { wait: { at: 'before_effect', ms: null }, ignoresSignal: true });
    const held = hypervisor.hold('start', 'held', 'before_effect');
    const { permit, abort } = abortable();
    const deaf = answerOf(hypervisor.start('deaf', permit)());
    const late = answerOf(hypervisor.start('held', permit)());
    const behind = answerOf(hypervisor.stop('deaf', given())());
    await held.reached;
    abort();
    await clock.advance(1_000);
    expect([deaf.value, late.value, behind.value, hypervisor.runs.length]).toEqual([
      'none yet',
      'none yet',
      'none yet',
      0,
    ]);
    held.release();
    await clock.settle();
    expect([deaf.value, late.value, hypervisor.running('held')]).toEqual(['none yet', asDone, 1]);
  });

  test('is given up after its check too, when that was what took so long', async () => {
    const { clock, hypervisor } = at();
    const { permit, abort } = abortable();
    const check = createHold();
    const answer = answerOf(
      hypervisor.start('web', { ...permit, check: async () => check.pass().then(() => asDone) })(),
    );
    await check.reached;
    abort();
    check.release();
    await clock.settle();
    expect([answer.value, hypervisor.runs.length]).toEqual([givenUp, 0]);
  });
});

test('an inspection that is held answers what is so when it is released, and only the next one is', async () => {
  const { clock, hypervisor } = at();
  const held = hypervisor.holdInspect('web');
  const first = answerOf(hypervisor.inspect('web')());
  await held.reached;
  right(await hypervisor.start('web', given())());
  expect(right(await hypervisor.inspect('web')()).state).toBe('running');
  expect([first.value, hypervisor.observation('web').state]).toEqual(['none yet', 'running']);
  held.release();
  await clock.settle();
  expect(first.value).toMatchObject({ right: { state: 'running' } });
});
