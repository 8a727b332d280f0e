/** Ports of a host that is not typed, which answer something else than what they must: told, and nothing is thrown or decided. */
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { none, some } from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';
import { initialStatus } from '../../src/index.js';
import { controllerOf } from '../support/controller.js';
import { left } from '../support/either.js';
import { always, createHost, exited, type Host } from '../support/host.js';

const unreadable = {
  get _tag(): never {
    throw new Error('not to be read');
  },
};

const record = { policy: always, status: initialStatus, revision: 1 };

/** Answers, and what is said of them. Functions, so that a test's title does not read them. */
type Wrong = ReadonlyArray<readonly [said: string, answer: () => unknown]>;

const ofAll: Wrong = [
  ['nothing instead of an Either', () => undefined],
  ['an object instead of an Either', () => none],
  ['a Left without a tag: undefined', () => leftOf(undefined)],
  ['a Left without a tag: Error: it is down', () => leftOf(new Error('it is down'))],
  ['what cannot be read', () => unreadable],
];

const ofLoad: Wrong = [
  ...ofAll,
  ['a StoreFailed with null instead of a text as its message', () => leftOf({ _tag: 'StoreFailed', message: null })],
  [
    'a Left with the text "Failed" as its tag, which is none of StoreFailed, InvalidRecord: it is down',
    () => leftOf({ _tag: 'Failed', message: 'it is down' }),
  ],
  ['an InvalidRecord without its problems', () => leftOf({ _tag: 'InvalidRecord', id: 'web', message: '' })],
  [
    'an InvalidRecord with nothing instead of a revision, a whole number',
    () => leftOf({ _tag: 'InvalidRecord', id: 'web', problems: ['policy.backoff'] }),
  ],
  ['null instead of an Option', () => rightOf(null)],
  ['nothing instead of an Option', () => rightOf(undefined)],
  ['an object instead of an Option', () => rightOf(record)],
  ['null instead of a record', () => rightOf(some(null))],
  ['a record without its policy or its status', () => rightOf(some({ ...record, policy: undefined }))],
  ['a record without its policy or its status', () => rightOf(some({ ...record, status: '{}' }))],
  [
    'a record with the text "7" instead of a revision, a whole number',
    () => rightOf(some({ ...record, revision: '7' })),
  ],
  ['what cannot be read', () => rightOf(unreadable)],
];

const ofSave: Wrong = [
  ...ofAll,
  [
    'a Left with the text "Superseded" as its tag, which is none of StoreFailed, Conflict',
    () => leftOf({ _tag: 'Superseded' }),
  ],
  ['the text "7" instead of a revision, a whole number', () => rightOf('7')],
  ['nothing instead of a revision, a whole number', () => rightOf(undefined)],
];

const observed = exited(1);

const ofInspect: Wrong = [
  ...ofAll,
  ['a Failed with nothing instead of a text as its message', () => leftOf({ _tag: 'Failed' })],
  [
    'a Left with the text "NotFound" as its tag, which is none of Failed: no such instance',
    () => leftOf({ _tag: 'NotFound', message: 'no such instance' }),
  ],
  ['null instead of an observation', () => rightOf(null)],
  [
    'an observation with the text "down" instead of one of initializing, running, stopped, other as state',
    () => rightOf({ ...observed, state: 'down' }),
  ],
  [
    'an observation with the text "2026-01-31T09:30:00Z" instead of milliseconds since the epoch or null as startedAt',
    () => rightOf({ ...observed, startedAt: '2026-01-31T09:30:00Z' }),
  ],
  [
    'an observation with NaN instead of milliseconds since the epoch or null as stoppedAt',
    () => rightOf({ ...observed, stoppedAt: Number.NaN }),
  ],
  [
    'an observation with the text "1" instead of a number or null as exitCode',
    () => rightOf({ ...observed, exitCode: '1' }),
  ],
  [
    'an observation with true instead of one of healthy, unhealthy, unknown as health',
    () => rightOf({ ...observed, health: true }),
  ],
  [
    'an observation with the text "oom" instead of one of exit, signal, out_of_memory, panic, host, unknown as cause',
    () => rightOf({ ...observed, cause: 'oom' }),
  ],
];

const hostThatRan = async (): Promise<Host> => {
  const host = createHost();
  await host.seed('web', always);
  host.hypervisor.set('web', observed);
  return host;
};

const supervise = (host: Host, ports: object): ReturnType<typeof controllerOf> =>
  controllerOf({
    clock: host.clock,
    store: host.store,
    hypervisor: host.hypervisor,
    onFault: (fault) => void host.faults.push(fault),
    ...ports,
  });

describe('a store that answers', () => {
  test.each(ofLoad)('to a load %s says so to everybody, and starts nothing', async (said, answer) => {
    const host = await hostThatRan();
    const controller = supervise(host, {
      store: { ...host.store, load: () => async () => answer(), listRecords: undefined },
    });
    await host.clock.settle();
    const message = `the store answered ${said}`;
    expect(host.faults).toMatchObject([{ id: 'web', during: 'load', error: { _tag: 'StoreFailed', message } }]);
    for (const command of ['manualStop', 'manualStart', 'requestDelete', 'pause', 'reset'] as const) {
      expect(left<unknown, unknown>(await controller[command]('web')())).toMatchObject({
        message,
      });
    }
    expect(left(await controller.updatePolicy('web', always)())).toMatchObject({ _tag: 'StoreFailed', message });
    expect(left(await controller.status('web')())).toMatchObject({ _tag: 'StoreFailed', message });
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test.each(ofSave)('to a save %s says so, and starts nothing', async (said, answer) => {
    const host = await hostThatRan();
    const controller = supervise(host, { store: { ...host.store, save: () => async () => answer() } });
    await host.clock.settle();
    const message = `the store answered ${said}`;
    expect(host.faults).toMatchObject([{ id: 'web', during: 'save', error: { _tag: 'StoreFailed', message } }]);
    expect(left<unknown, unknown>(await controller.manualStop('web')())).toMatchObject({ message });
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test.each<readonly [port: string, said: string, answer: unknown]>([
    ['list', 'an object instead of an array', rightOf(new Set(['web']))],
    ['listRecords', 'the text "web" instead of an array', rightOf('web')],
    ['list', 'a list with something else than ids', rightOf(['web', null])],
    ['listRecords', 'a list with something else than ids and records', rightOf([null])],
    ['listRecords', 'a list with something else than ids and records', rightOf([{ record: rightOf(record) }])],
    ['listRecords', 'a list with something else than ids and records', rightOf([{ id: 'web', record }])],
    ['listRecords', 'a record without its policy or its status', rightOf([{ id: 'web', record: rightOf(none) }])],
    [
      'listRecords',
      'a record without its policy or its status',
      rightOf([record, none].map((each) => ({ id: 'web', record: rightOf(each) }))),
    ],
  ])('to a %s %s says so', async (port, said, answer) => {
    const host = await hostThatRan();
    const listed =
      port === 'list' ? { listRecords: undefined, list: async () => answer } : { [port]: () => async () => answer };
    supervise(host, { store: { ...host.store, ...listed } });
    await host.clock.settle();
    expect(host.faults).toMatchObject([{ id: null, during: 'list', error: { message: `the store answered ${said}` } }]);
  });
});

describe('a hypervisor that answers', () => {
  test.each(ofInspect)('to an inspect %s says so, and nothing is decided', async (said, answer) => {
    const host = await hostThatRan();
    const controller = supervise(host, {
      hypervisor: { ...host.hypervisor, inspect: () => async () => answer() },
      onDecision: () => expect.unreachable(),
    });
    await host.clock.settle();
    const error = { _tag: 'Failed', message: `the hypervisor answered ${said}` };
    expect(host.faults).toMatchObject([{ id: 'web', during: 'inspect', error }]);
    expect(left(await controller.reconcile('web')())).toMatchObject({ _tag: 'Fault', during: 'inspect', error });
  });

  test.each([
    ['the text "NotFound" as its tag', { _tag: 'NotFound', message: 'no such instance' }, ': no such instance'],
    ['the text "Busy" as its tag', { _tag: 'Busy', message: 7 }, ''],
  ])('to a start and a stop a Left with %s says so to everybody', async (said, answer, reason) => {
    const host = await hostThatRan();
    const action = () => async () => leftOf(answer);
    const controller = supervise(host, { hypervisor: { ...host.hypervisor, start: action, stop: action } });
    await host.clock.settle();
    const known = 'Failed, Refused, Superseded, StoreFailed, InvalidRecord';
    const message = `the hypervisor answered a Left with ${said}, which is none of ${known}${reason}`;
    expect(host.faults).toMatchObject([{ id: 'web', during: 'start', error: { _tag: 'Failed', message } }]);
    for (const command of ['manualStart', 'manualStop', 'requestDelete'] as const) {
      expect(left<unknown, unknown>(await controller[command]('web')())).toMatchObject({ _tag: 'Failed', message });
    }
    expect(await controller.close()()).toMatchObject({ right: { unanswered: [] } });
  });

  test('to an inspect without what is not known is understood', async () => {
    const host = await hostThatRan();
    supervise(host, { hypervisor: { ...host.hypervisor, inspect: () => async () => rightOf({ state: 'running' }) } });
    await host.clock.settle();
    expect(host.faults).toEqual([]);
  });
});

describe('leases that answer', () => {
  test.each<readonly [port: string, said: string, answer: unknown]>([
    ['hold', 'the text "mine" instead of a lease or null', rightOf('mine')],
    ['hold', 'nothing instead of a lease or null', rightOf(undefined)],
    ['check', 'the text "yes" instead of true or false', rightOf('yes')],
  ])('to a %s %s say so, and nothing is started', async (port, said, answer) => {
    const host = await hostThatRan();
    const leases = {
      hold: () => async () => rightOf({ id: 'web' }),
      check: () => async () => rightOf(true),
      release: () => async () => rightOf(undefined),
      subscribe: () => () => {},
      close: () => async () => rightOf(undefined),
      [port]: () => async () => answer,
    };
    supervise(host, { leases });
    await host.clock.settle();
    expect(host.faults[0]).toMatchObject({ id: 'web', error: { message: `the leases answered ${said}` } });
    expect(host.hypervisor.running('web')).toBe(0);
  });
});
