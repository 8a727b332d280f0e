import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHypemanHypervisor } from '../../src/adapters/hypeman.js';
import { createMemoryStore } from '../../src/adapters/memory.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { type Hypervisor, type Permit, superseded } from '../../src/controller.js';
import { restartPolicy } from '../../src/index.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { type FakeHypeman, openFakeHypeman } from './server.js';

const permit: Permit = { revision: 1, check: async () => rightOf(undefined) };
const started = '2026-01-31T09:30:00.0004Z';
const stopped = '2026-01-31T09:31:00Z';

let hypeman: FakeHypeman;
let hypervisor: Hypervisor;

beforeEach(async () => {
  hypeman = await openFakeHypeman();
  hypervisor = right(createHypemanHypervisor({ client: hypeman.client }));
  hypeman.create('web-1');
});

afterEach(() => hypeman.close());

const inspect = () => hypervisor.inspect('web-1')();
const start = () => hypervisor.start('web-1', permit)();
const stop = () => hypervisor.stop('web-1', permit)();

describe('the client', () => {
  test.each([undefined, null, {}, { instances: {} }, { instances: { get: () => null } }])('cannot be %j', (client) => {
    expect(left(createHypemanHypervisor({ client: client as never }))).toMatchObject({
      _tag: 'InvalidOptions',
      errors: [{ option: 'client', message: expect.stringContaining('client must be a client of hypeman') }],
    });
  });

  test('is all that there is to say', () => {
    const given = { client: hypeman.client, clients: 2 };
    expect(left(createHypemanHypervisor(given))).toMatchObject({
      _tag: 'InvalidOptions',
      message: 'clients is not a known option; did you mean client?',
    });
  });
});

describe('an inspection', () => {
  test('tells of a run that ended what hypeman tells, times rounded up to the millisecond', async () => {
    hypeman.set('web-1', { started_at: started, stopped_at: stopped, exit_code: 3 });
    expect(right(await inspect())).toEqual({
      state: 'stopped',
      startedAt: Date.parse('2026-01-31T09:30:00.001Z'),
      stoppedAt: Date.parse(stopped),
      exitCode: 3,
      health: 'unknown',
    });
  });

  test.each([
    [0, undefined],
    [128, undefined],
    [129, 'unknown'],
    [137, 'unknown'],
    [255, 'unknown'],
  ] as const)(
    'tells exit code %i as hypeman does, with cause %s: above 128 it may be a signal',
    async (exitCode, cause) => {
      hypeman.set('web-1', { started_at: started, stopped_at: stopped, exit_code: exitCode });
      const seen = right(await inspect());
      expect(seen.exitCode).toBe(exitCode);
      expect(seen.cause).toBe(cause);
    },
  );

  test('tells no cause of a run that goes on, whatever code the last one left there', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started, exit_code: 137 });
    expect(right(await inspect())).not.toHaveProperty('cause');
  });

  test('does not take the end of an earlier run for that of one that ended by itself', async () => {
    expect(right(await start())).toBeUndefined();
    hypeman.set('web-1', { state: 'Running', stopped_at: stopped });
    hypeman.exit('web-1', 1);
    expect(right(await inspect())).toMatchObject({ state: 'stopped', stoppedAt: null, exitCode: 1 });
  });

  test.each([
    ['healthy', 'healthy'],
    ['unhealthy', 'unhealthy'],
    ['starting', 'unknown'],
    ['disabled', 'unknown'],
  ] as const)('takes in health: %s is %s', async (status, health) => {
    const counts = { consecutive_failures: 0, consecutive_successes: 0 };
    hypeman.set('web-1', { state: 'Running', started_at: started, health_status: { status, ...counts } });
    expect(right(await inspect())).toMatchObject({ state: 'running', health });
  });

  const began = Date.parse('2026-01-31T09:30:00Z');
  const minute = 60_000;
  const at = (minutes: number) => new Date(began + minutes * minute).toISOString();

  test.each([
    // In standby for 12 of its 20 minutes: it ran for 8, of which the last 2 came after it.
    [
      'a standby',
      { current_phase_since: at(18), phase_durations_ms: { running: 8 * minute, standby: 12 * minute } },
      12,
    ],
    ['a pause too', { current_phase_since: at(18), phase_durations_ms: { paused: minute, standby: 12 * minute } }, 13],
    [
      'no more than there was since',
      { current_phase_since: at(18), phase_durations_ms: { standby: 900 * minute } },
      18,
    ],
    [
      'no other phase',
      { current_phase_since: at(1), phase_durations_ms: { running: minute, initializing: minute } },
      0,
    ],
    ['nothing that is no span', { current_phase_since: at(18), phase_durations_ms: { standby: -minute } }, 0],
    ['nothing where only sums are told', { phase_durations_ms: { standby: 12 * minute } }, 0],
    ['nothing by a time that is none', { current_phase_since: 'lately', phase_durations_ms: { standby: minute } }, 0],
    ['nothing of a phase before it began', { current_phase_since: at(-5), phase_durations_ms: { standby: minute } }, 0],
  ] as const)('takes off the age of what runs %s', async (_, phases, minutesLater) => {
    hypeman.set('web-1', { state: 'Running', started_at: at(0), current_phase: 'running', ...phases });
    expect(right(await inspect())).toMatchObject({ state: 'running', startedAt: began + minutesLater * minute });
  });

  test('takes nothing off where another phase than that of what runs is told, or the run has ended', async () => {
    const phases = { current_phase_since: at(18), phase_durations_ms: { standby: 12 * minute } };
    hypeman.set('web-1', { state: 'Running', started_at: at(0), current_phase: 'standby', ...phases });
    expect(right(await inspect()).startedAt).toBe(began);
    hypeman.set('web-1', { state: 'Stopped', started_at: at(0), current_phase: 'stopped', ...phases });
    expect(right(await inspect()).startedAt).toBe(began);
  });

  test('finds an instance by its name, and none by the beginning of its id', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    expect(right(await hypervisor.inspect('name-of-web-1')())).toMatchObject({ state: 'running' });
    expect(right(await hypervisor.inspect('web')())).toMatchObject({ state: 'stopped', startedAt: null });
    expect(left(await hypervisor.start('web', permit)())).toMatchObject({ _tag: 'Refused' });
    expect(right(await hypervisor.stop('web', permit)())).toBeUndefined();
    expect(hypeman.calls).not.toContain('stop web');
    expect(hypeman.calls.filter((call) => !call.startsWith('get'))).toEqual([]);
  });

  test.each([
    ['a 404 that is not hypeman’s own', { status: 404, body: '<h1>Not Found</h1>' }],
    ['a 404 with another code', { status: 404, body: { code: 'route_not_found', message: 'no such route' } }],
    ['a name that fits several instances', { status: 409, body: { code: 'ambiguous', message: 'several match' } }],
    ['an answer that denies access', { status: 401, body: { code: 'unauthorized', message: 'who are you?' } }],
    ['a time that is none', { status: 200, body: { id: 'web-1', name: 'web-1', state: 'Stopped', started_at: 'now' } }],
  ])('fails at %s, and takes it for no instance that never ran', async (_, answer) => {
    // Left to itself the client asks again where it is told 409: an inspection may be repeated.
    const onceOnly = right(createHypemanHypervisor({ client: hypeman.client.withOptions({ maxRetries: 0 }) }));
    hypeman.answerNext('get', answer);
    expect(left(await onceOnly.inspect('web-1')())).toMatchObject({ _tag: 'Failed' });
  });

  test('fails where hypeman cannot be reached, and so do start and stop', async () => {
    await hypeman.close();
    const unreachable = right(createHypemanHypervisor({ client: hypeman.client.withOptions({ maxRetries: 0 }) }));
    expect(left(await unreachable.inspect('web-1')())).toMatchObject({ _tag: 'Failed' });
    expect(left(await unreachable.start('web-1', permit)())).toMatchObject({ _tag: 'Failed' });
    expect(left(await unreachable.stop('web-1', permit)())).toMatchObject({ _tag: 'Failed' });
  });

  test('fails at an id that no address can hold, without a throw', async () => {
    expect(left(await hypervisor.inspect('..')())).toMatchObject({ _tag: 'Failed' });
  });
});

describe('an instance with a restart policy of hypeman’s own', () => {
  test.each(['always', 'on_failure', 'sometimes'])('%s: is neither looked at nor started', async (policy) => {
    hypeman.set('web-1', { restart_policy: { policy: policy as 'always' } });
    expect(left(await inspect())).toMatchObject({ _tag: 'Failed', message: expect.stringContaining(policy) });
    expect(left(await start())).toMatchObject({ _tag: 'Refused', message: expect.stringContaining(policy) });
    expect(hypeman.runs('web-1')).toBe(0);
  });

  test('can be stopped all the same', async () => {
    right(await start());
    hypeman.set('web-1', { restart_policy: { policy: 'always' } });
    expect(right(await stop())).toBeUndefined();
    expect(hypeman.runs('web-1')).toBe(0);
  });

  test.each([
    ['never', { policy: 'never' as const }],
    ['an empty policy', {}],
  ])('%s is no policy', async (_, own) => {
    hypeman.set('web-1', { restart_policy: own });
    expect(right(await start())).toBeUndefined();
    expect(right(await inspect())).toMatchObject({ startedAt: expect.any(Number) });
  });
});

/** What comes of hypeman's answer to a call, whatever the call; 404 and 409 have cases of their own for a stop. */
const outcomes = [
  { status: 400, tag: 'Refused' },
  { status: 401, tag: 'Refused' },
  { status: 403, tag: 'Refused' },
  { status: 408, tag: 'Failed' },
  { status: 422, tag: 'Refused' },
  { status: 429, tag: 'Refused' },
  { status: 500, tag: 'Failed' },
  { status: 502, tag: 'Failed' },
  { status: 503, tag: 'Failed' },
  { status: 504, tag: 'Failed' },
];

describe('a start', () => {
  test.each([...outcomes, { status: 404, tag: 'Refused' }])('answered $status is $tag, and made once', async (of) => {
    hypeman.answerNext('start', { status: of.status, body: { code: 'a_code', message: 'in its words' } });
    const answer = left(await start());
    expect(answer).toMatchObject({ _tag: of.tag, message: expect.stringContaining('in its words') });
    expect(hypeman.calls).toEqual(['get web-1', 'start web-1']);
  });

  test('whose connection breaks has failed, for it may have happened', async () => {
    hypeman.answerNext('start', 'hangUp', 'anyway');
    expect(left(await start())).toMatchObject({ _tag: 'Failed' });
    expect(hypeman.runs('web-1')).toBe(1);
    expect(hypeman.calls).toEqual(['get web-1', 'start web-1']);
  });

  test('that is not answered in time has failed', async () => {
    hypeman.answerNext('start', 'silence');
    const impatient = right(createHypemanHypervisor({ client: hypeman.client.withOptions({ timeout: 100 }) }));
    expect(left(await impatient.start('web-1', permit)())).toMatchObject({ _tag: 'Failed' });
  });

  test('that somebody else’s start came before is answered started', async () => {
    const busy = { status: 409, body: { code: 'invalid_state', message: 'cannot start from state Running' } };
    hypeman.answerNext('start', busy, 'anyway');
    expect(right(await start())).toBeUndefined();
    expect(hypeman.runs('web-1')).toBe(1);
  });

  test.each(['Paused', 'Standby', 'Unknown'] as const)('from %s is refused', async (state) => {
    hypeman.set('web-1', { state });
    expect(left(await start())).toMatchObject({ _tag: 'Refused', message: expect.stringContaining(state) });
  });

  test.each(['Created', 'Initializing', 'Running'] as const)(
    'of what is %s is done, and starts nothing',
    async (state) => {
      hypeman.set('web-1', { state });
      expect(right(await start())).toBeUndefined();
      expect(hypeman.runs('web-1')).toBe(0);
    },
  );

  test('waits for a stop that hypeman is busy with, and begins a run of its own', async () => {
    right(await start());
    const former = right(await inspect()).startedAt;
    const release = hypeman.slowStops();
    const stopping = stop();
    await vi.waitFor(() => expect(hypeman.calls.at(-1)).toBe('stop web-1'));
    let answered = false;
    const starting = start().then((answer) => {
      answered = true;
      return answer;
    });
    await vi.waitFor(() => expect(hypeman.calls.at(-1)).toBe('start web-1'));
    expect([right(await inspect()).state, answered]).toEqual(['running', false]);
    release();
    right(await stopping);
    right(await starting);
    expect(hypeman.runs('web-1')).toBe(1);
    expect(right(await inspect()).startedAt).toBeGreaterThan(former ?? 0);
  });

  test('of what is shutting down waits until that is done, and is checked again', async () => {
    hypeman.set('web-1', { state: 'Shutdown' });
    let checks = 0;
    const check = async () => {
      checks++;
      return rightOf(undefined);
    };
    const starting = hypervisor.start('web-1', { revision: 1, check })();
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    expect(hypeman.calls).not.toContain('start web-1');
    hypeman.set('web-1', { state: 'Stopped' });
    right(await starting);
    expect([checks, hypeman.runs('web-1')]).toEqual([2, 1]);
  });

  test('refused because a shutdown began meanwhile waits for it too', async () => {
    hypeman.answerNext('get', { status: 200, body: { id: 'web-1', name: 'web-1', state: 'Running' } });
    hypeman.set('web-1', { state: 'Shutdown' });
    const starting = start();
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    expect(hypeman.calls).toContain('start web-1');
    hypeman.set('web-1', { state: 'Stopped' });
    right(await starting);
    expect(hypeman.runs('web-1')).toBe(1);
  });

  test('of what does not end its shutdown has failed, and is not taken back as a refusal', async () => {
    hypeman.set('web-1', { state: 'Shutdown' });
    hypeman.answerNext('wait', { status: 200, body: { state: 'Shutdown', timed_out: true } });
    expect(left(await start())).toMatchObject({ _tag: 'Failed', message: expect.stringContaining('still Shutdown') });
    expect(hypeman.runs('web-1')).toBe(0);
  });

  test('is checked after the inspection, directly before the call', async () => {
    const seen: Array<string> = [];
    const check = async () => {
      seen.push(...hypeman.calls);
      return leftOf(superseded);
    };
    expect(left(await hypervisor.start('web-1', { revision: 1, check })())).toEqual(superseded);
    expect(seen).toEqual(['get web-1']);
    expect(hypeman.calls).toEqual(['get web-1']);
  });

  test('whose check throws has failed, and has not been made', async () => {
    const check = () => Promise.reject(new Error('no store'));
    expect(left(await hypervisor.start('web-1', { revision: 1, check })())).toMatchObject({ _tag: 'Failed' });
    expect(hypeman.runs('web-1')).toBe(0);
  });
});

describe('a stop', () => {
  beforeEach(async () => {
    right(await start());
  });

  test.each(outcomes)('answered $status is $tag, and made once', async ({ status, tag }) => {
    hypeman.answerNext('stop', { status, body: { code: 'a_code', message: 'in its words' } });
    expect(left(await stop())).toMatchObject({ _tag: tag, message: expect.stringContaining('in its words') });
    expect(hypeman.calls.filter((call) => call === 'stop web-1')).toHaveLength(1);
    expect(hypeman.runs('web-1')).toBe(1);
  });

  test('whose connection breaks has failed, for it may have happened', async () => {
    hypeman.answerNext('stop', 'hangUp');
    expect(left(await stop())).toMatchObject({ _tag: 'Failed' });
  });

  test('of what was deleted meanwhile is done', async () => {
    hypeman.answerNext('stop', { status: 404, body: { code: 'not_found', message: 'instance not found' } });
    expect(right(await stop())).toBeUndefined();
  });

  test('refused because the run has just ended is done', async () => {
    const down = { status: 409, body: { code: 'invalid_state', message: 'cannot stop from state Stopped' } };
    hypeman.answerNext('stop', down, 'anyway');
    expect(right(await stop())).toBeUndefined();
  });

  test('of what is on standby is done: nothing runs', async () => {
    hypeman.set('web-1', { state: 'Standby' });
    expect(right(await stop())).toBeUndefined();
  });

  test.each(['Created', 'Paused', 'Unknown'] as const)('of what stays %s is refused', async (state) => {
    hypeman.set('web-1', { state });
    expect(left(await stop())).toMatchObject({ _tag: 'Refused', message: expect.stringContaining(state) });
  });

  test('of what is shutting down answers when that is done', async () => {
    hypeman.set('web-1', { state: 'Shutdown' });
    const stopping = stop();
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.set('web-1', { state: 'Stopped' });
    expect(right(await stopping)).toBeUndefined();
  });

  test('that is answered before the run is gone waits for that', async () => {
    hypeman.answerNext('stop', { status: 200, body: { id: 'web-1', name: 'web-1', state: 'Shutdown' } });
    const stopping = stop();
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.exit('web-1', 0);
    expect(right(await stopping)).toBeUndefined();
  });

  test.each([
    ['does not end in time', { status: 200, body: { state: 'Shutdown', timed_out: true } }],
    ['cannot be waited for', { status: 500, body: { code: 'internal_error', message: 'failed' } }],
  ])('whose run %s has failed', async (_, answer) => {
    hypeman.answerNext('stop', { status: 200, body: { state: 'Shutdown' } });
    hypeman.answerNext('wait', answer);
    expect(left(await stop())).toMatchObject({ _tag: 'Failed' });
  });

  test('ends the start that hypeman is still busy with', async () => {
    right(await stop());
    const starting = start();
    await vi.waitFor(() => expect(hypeman.calls.at(-1)).toBe('start web-1'));
    right(await stop());
    await starting;
    expect(hypeman.runs('web-1')).toBe(0);
  });
});

describe('a call that nobody waits for any more', () => {
  const abortable = () => {
    const controller = new AbortController();
    const { signal } = controller;
    return { given: { ...permit, signal }, signal, giveUp: () => controller.abort() };
  };
  const mayArrive = { _tag: 'Failed', message: expect.stringContaining('the request may still reach hypeman') };

  test('is called off where hypeman does not answer a start, and says that it may still be carried out', async () => {
    hypeman.answerNext('start', 'silence', 'anyway');
    const { given, giveUp } = abortable();
    const starting = hypervisor.start('web-1', given)();
    await vi.waitFor(() => expect(hypeman.runs('web-1')).toBe(1));
    giveUp();
    expect(left(await starting)).toMatchObject(mayArrive);
  });

  test('is called off where hypeman does not answer a stop, or the wait for its end', async () => {
    right(await start());
    hypeman.answerNext('stop', 'silence');
    const first = abortable();
    const stopping = hypervisor.stop('web-1', first.given)();
    await vi.waitFor(() => expect(hypeman.calls.at(-1)).toBe('stop web-1'));
    first.giveUp();
    expect(left(await stopping)).toMatchObject(mayArrive);
    hypeman.set('web-1', { state: 'Shutdown' });
    for (const call of [hypervisor.stop, hypervisor.start]) {
      const { given, giveUp } = abortable();
      const waiting = call('web-1', given)();
      await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
      giveUp();
      expect(left(await waiting)._tag).toBe('Failed');
      await vi.waitFor(() => expect(hypeman.waiting()).toBe(0));
    }
  });

  test('is called off where hypeman does not answer an inspection, on its own or before a start', async () => {
    const own = abortable();
    hypeman.answerNext('get', 'silence');
    const inspecting = hypervisor.inspect('web-1', { signal: own.signal })();
    await vi.waitFor(() => expect(hypeman.calls).toHaveLength(1));
    own.giveUp();
    expect(left(await inspecting)._tag).toBe('Failed');
    const { given, giveUp } = abortable();
    hypeman.answerNext('get', 'silence');
    const starting = hypervisor.start('web-1', given)();
    await vi.waitFor(() => expect(hypeman.calls).toHaveLength(2));
    giveUp();
    expect(left(await starting)._tag).toBe('Failed');
    expect(hypeman.calls).toEqual(['get web-1', 'get web-1']);
  });
});

describe('an id that an address cannot hold as it is', () => {
  test.each(['one \ud800', 'one \udbff', 'one \0'])('%j is no instance, and not that of another id', async (id) => {
    for (const other of ['one \ufffd', 'one ']) hypeman.create(other, { state: 'Running', started_at: started });
    const seen = await hypervisor.inspect(id)();
    if (seen._tag === 'Right') expect(seen.right).toMatchObject({ state: 'stopped', startedAt: null });
    else expect(seen.left.message).toContain(id);
    const refusal = left(await hypervisor.start(id, permit)());
    expect('message' in refusal && refusal.message.includes(id)).toBe(true);
    await hypervisor.stop(id, permit)();
    expect(hypeman.calls.filter((call) => !call.startsWith('get'))).toEqual([]);
  });
});

describe('a listener', () => {
  const waits = (): number => hypeman.calls.filter((call) => call.startsWith('wait')).length;

  test('notifies that an instance has started, and that its run ended, when somebody inspects in between', async () => {
    hypeman.set('web-1', { state: 'Initializing', started_at: started });
    const notified: Array<string> = [];
    const cancel = hypervisor.subscribe((id) => notified.push(id));
    right(await inspect());
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.set('web-1', { state: 'Running' });
    await vi.waitFor(() => expect(notified).toEqual(['web-1']));
    right(await inspect());
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.set('web-1', { state: 'Stopped' });
    await vi.waitFor(() => expect(notified).toEqual(['web-1', 'web-1']));
    cancel();
  });

  test('is notified of the instance by the name it was asked for', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    const notified: Array<string> = [];
    const cancel = hypervisor.subscribe((id) => notified.push(id));
    right(await hypervisor.inspect('name-of-web-1')());
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.set('web-1', { state: 'Standby' });
    await vi.waitFor(() => expect(notified).toEqual(['name-of-web-1']));
    cancel();
  });

  test('is notified of a run that was seen before it came', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    right(await inspect());
    expect(waits()).toBe(0);
    const notified: Array<string> = [];
    const cancel = hypervisor.subscribe((id) => notified.push(id));
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.remove('web-1');
    await vi.waitFor(() => expect(notified).toEqual(['web-1']));
    cancel();
  });

  test('leaves no call open when it goes, unless another one stays', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    const cancels = [hypervisor.subscribe(() => undefined), hypervisor.subscribe(() => undefined)];
    right(await inspect());
    right(await inspect());
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    cancels[0]?.();
    right(await inspect());
    expect([hypeman.waiting(), waits()]).toEqual([1, 1]);
    cancels[1]?.();
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(0));
  });

  test('holds one call open for an instance, whatever it is seen to do', async () => {
    const cancel = hypervisor.subscribe(() => undefined);
    for (const [before, state] of (['Running', 'Initializing', 'Running'] as const).entries()) {
      hypeman.set('web-1', { state, started_at: started });
      right(await inspect());
      await vi.waitFor(() => expect([waits(), hypeman.waiting()]).toEqual([before + 1, 1]));
    }
    cancel();
  });

  test('is not notified that the time was over; the same is asked again', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    hypeman.answerNext('wait', { status: 200, body: { state: 'Running', timed_out: true } });
    const notified: Array<string> = [];
    const cancel = hypervisor.subscribe((id) => notified.push(id));
    right(await inspect());
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    expect([notified, waits()]).toEqual([[], 2]);
    cancel();
  });

  test('is not notified of a call that breaks; the next inspection begins a new one', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    hypeman.answerNext('wait', 'hangUp');
    const notified: Array<string> = [];
    const cancel = hypervisor.subscribe((id) => notified.push(id));
    right(await inspect());
    await vi.waitFor(async () => {
      right(await inspect());
      expect(hypeman.waiting()).toBe(1);
    });
    expect([notified, waits()]).toEqual([[], 2]);
    cancel();
  });

  test('that throws does not keep the others from being notified', async () => {
    hypeman.set('web-1', { state: 'Running', started_at: started });
    const notified: Array<string> = [];
    const cancels = [
      hypervisor.subscribe(() => {
        throw new Error('deaf');
      }),
      hypervisor.subscribe((id) => notified.push(id)),
    ];
    right(await inspect());
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.set('web-1', { state: 'Stopped' });
    await vi.waitFor(() => expect(notified).toEqual(['web-1']));
    for (const cancel of cancels) cancel();
  });
});

test('a controller restarts what crashes there, notified by hypeman and not by a resync', async () => {
  const store = createMemoryStore();
  const policy = right(restartPolicy({ mode: 'on_failure', backoff: '1ms' }));
  const controller = controllerOf({ store, hypervisor, clock: systemClock, resyncEvery: 3_600_000 });
  right(await controller.updatePolicy('web-1', policy)());
  right(await controller.manualStart('web-1')());
  for (const attempts of [1, 2]) {
    await vi.waitFor(() => expect(hypeman.waiting()).toBe(1));
    hypeman.exit('web-1', 1);
    await vi.waitFor(() => expect(hypeman.runs('web-1')).toBe(1));
    await vi.waitFor(async () =>
      expect(right(await store.load('web-1')())).toMatchObject({ value: { status: { attempts } } }),
    );
  }
  right(await controller.manualStop('web-1')());
  expect(hypeman.runs('web-1')).toBe(0);
  await controller.close()();
  await vi.waitFor(() => expect(hypeman.waiting()).toBe(0));
});
