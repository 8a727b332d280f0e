/** The options of a controller: what is wrong with them is said at once, and nothing is begun or put right. */
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { type Clock, type ControllerOptions, createController, type Fault, type Store } from '../../src/controller.js';
import { restartPolicy } from '../../src/index.js';
import type { OptionError } from '../../src/options.js';
import { left, right } from '../support/either.js';
import { createHost } from '../support/host.js';

const { store, hypervisor, clock } = createHost();
const sound: ControllerOptions = { store, hypervisor, clock };

const errorsOf = (options: unknown): ReadonlyArray<OptionError> =>
  left(createController(options as ControllerOptions)).errors;

const messageOf = (changed: Readonly<Record<string, unknown>>): string =>
  left(createController({ ...sound, ...changed } as ControllerOptions)).message;

describe('options that are sound', () => {
  test.each<Partial<ControllerOptions>>([
    {},
    { leases: undefined, concurrency: undefined, resyncEvery: undefined, onDecision: undefined, onFault: undefined },
    { concurrency: 1, resyncEvery: 0.5 },
    { starts: undefined },
    { starts: {} },
    { starts: { inFlight: 1, perSecond: 0.1, burst: 1, priority: () => 0 } },
    { starts: { inFlight: undefined, perSecond: undefined, burst: undefined, priority: undefined } },
    { starts: { inFlight: Number.MAX_SAFE_INTEGER, perSecond: 0.000_001, burst: 1 } },
    { starts: { perSecond: 1_000_000, burst: 1_000_000 } },
    { deadlines: undefined },
    { deadlines: {} },
    {
      deadlines: {
        store: 0.5,
        leases: 1,
        inspect: undefined,
        start: Number.POSITIVE_INFINITY,
        stop: 9_223_372_036_854.775,
      },
    },
    { store: { ...store, listRecords: () => async () => ({ _tag: 'Right', right: [] }) } },
    { concurrency: Number.MAX_SAFE_INTEGER, resyncEvery: 0.000_001 },
    { resyncEvery: 9_223_372_036_854.775 },
    { store: { ...store, subscribe: () => () => {} } },
    { store: Object.create(store) },
    { store: Object.assign(() => {}, store) },
    { retries: undefined } as Partial<ControllerOptions>,
  ])('%# make a controller', async (options) => {
    await right(createController({ ...sound, ...options })).close()();
  });

  test('may be instances of classes', async () => {
    const host = createHost();
    await host.seed('web', right(restartPolicy({ mode: 'always' })));
    class OwnStore {
      readonly #kept = host.store;
      load = (id: string) => this.#kept.load(id);
      save(...given: Parameters<Store['save']>) {
        return this.#kept.save(...given);
      }
      list() {
        return this.#kept.list();
      }
      remove(...given: Parameters<Store['remove']>) {
        return this.#kept.remove(...given);
      }
    }
    class OwnClock {
      readonly #kept = host.clock;
      async nextTurn() {
        this.#kept.now();
      }
      now() {
        return this.#kept.now();
      }
      wakeAt(...given: Parameters<Clock['wakeAt']>) {
        return this.#kept.wakeAt(...given);
      }
    }
    const faults: Array<Fault> = [];
    const controller = right(
      createController({
        store: new OwnStore(),
        hypervisor: host.hypervisor,
        clock: new OwnClock(),
        onFault: (fault) => faults.push(fault),
      }),
    );
    right(await controller.manualStart('web')());
    right(await controller.reconcileAll()());
    expect(host.hypervisor.running('web')).toBe(1);
    await controller.close()();
    expect(faults).toEqual([]);
  });
});

describe('options that are not', () => {
  test('are all named at once, and nothing is begun', async () => {
    const host = createHost();
    const invalid = left(
      createController({
        store: host.faulty.store,
        clock: { now: host.clock.now },
        concurrency: Number.NaN,
        resyncEvery: -1,
        onDecison: () => {},
      } as unknown as ControllerOptions),
    );
    expect(invalid).toMatchObject({
      _tag: 'InvalidOptions',
      errors: [
        {
          option: 'hypervisor',
          message: 'hypervisor must be a hypervisor with inspect, start, stop, subscribe, but it is missing',
        },
        { option: 'clock', message: 'clock must be a clock with now, wakeAt, but this object has no wakeAt' },
        { option: 'concurrency', message: 'concurrency must be a whole number from 1, not NaN' },
        { option: 'resyncEvery', message: 'resyncEvery must be a positive number of milliseconds, not -1' },
        { option: 'onDecison', message: 'onDecison is not a known option; did you mean onDecision?' },
      ],
    });
    expect(invalid.message).toBe(invalid.errors.map(({ message }) => message).join('; '));
    await host.clock.settle();
    expect(host.faulty.calls).toEqual([]);
  });

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['store', 'the text "store"'],
    [16, '16'],
  ])('are %j', (options, described) => {
    expect(errorsOf(options)).toEqual([{ option: 'options', message: `options must be an object, not ${described}` }]);
  });

  test('have an option that is near none of those that there are', () => {
    expect(messageOf({ annotations: 1, region: undefined })).toMatch(
      /^annotations is not a known option; the known ones are store, hypervisor, clock, .*, onFault$/,
    );
  });

  test('are none at all', () => {
    expect(errorsOf({}).map(({ option }) => option)).toEqual(['store', 'hypervisor', 'clock']);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '16', null])(
    'are a concurrency of %j',
    (concurrency) => {
      expect(messageOf({ concurrency })).toMatch(/^concurrency must be a whole number from 1, not /);
    },
  );

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1m', null])('are a resync every %j', (resyncEvery) => {
    expect(messageOf({ resyncEvery })).toMatch(/^resyncEvery must be a positive number of milliseconds, not /);
  });

  test.each(['load', 'save', 'list', 'remove'])('are a store without %s', (method) => {
    expect(messageOf({ store: { ...store, [method]: undefined } })).toBe(
      `store must be a store with load, save, list, remove, but this object has no ${method}`,
    );
  });

  test.each<[string, unknown]>([
    ['is an Either: unwrap its Right first', rightOf(store)],
    ['is an Either: unwrap its Right first', leftOf(new Error('no database'))],
    ['is a function: if it is a TaskEither, call it and await it', async () => rightOf(store)],
    ['is a Promise: await it', Promise.resolve(store)],
    ['must be a store with load, save, list, remove, not null', null],
    ['must be a store with load, save, list, remove, not the text "memory"', 'memory'],
    [
      'must be a store with load, save, list, remove, but this object has no load, save, list, remove',
      { _tag: 'Some' },
    ],
  ])('are a store that %s', (message, given) => {
    expect(messageOf({ store: given })).toBe(`store ${message}`);
  });

  test('are a store whose subscribe is no function', () => {
    expect(messageOf({ store: { ...store, subscribe: true } })).toBe(
      'store must have a function as subscribe, or none, not true',
    );
  });

  test.each(['inspect', 'start', 'stop', 'subscribe'])('are a hypervisor without %s', (method) => {
    expect(messageOf({ hypervisor: { ...hypervisor, [method]: undefined } })).toBe(
      `hypervisor must be a hypervisor with inspect, start, stop, subscribe, but this object has no ${method}`,
    );
  });

  test.each([undefined, null, {}, { exclusion: 'lock' }])('are a hypervisor of capabilities %j', (capabilities) => {
    expect(messageOf({ hypervisor: { ...hypervisor, capabilities } })).toMatch(
      /^hypervisor must have one of section, fenced, none as capabilities\.exclusion, not /,
    );
  });

  test('are a hypervisor whose fence cannot be told of a new revision, and a retag that is no function', () => {
    const fenced = { exclusion: 'fenced', guestReboot: 'exit' };
    expect(messageOf({ hypervisor: { ...hypervisor, retag: undefined, capabilities: fenced } })).toBe(
      'hypervisor must have retag, for its capabilities.exclusion is fenced',
    );
    expect(messageOf({ hypervisor: { ...hypervisor, retag: true } })).toBe(
      'hypervisor must have a function as retag, or none, not true',
    );
  });

  test('are leases without their methods, and listeners that are no functions', () => {
    expect(messageOf({ leases: {}, onDecision: 'log', onFault: {} })).toBe(
      [
        'leases must be leases with hold, check, release, subscribe, close, but this object has no hold, check, release, subscribe, close',
        'onDecision must be a function, not the text "log"',
        'onFault must be a function, not an object',
      ].join('; '),
    );
  });

  test('are deadlines, each by its name, with those of a name that is not known', () => {
    const deadlines = { store: 0, leases: -1, inspect: Number.NaN, start: '2m', stop: null, startTimeout: 5 };
    expect(errorsOf({ ...sound, deadlines })).toEqual([
      ...(['0', '-1', 'NaN', 'the text "2m"', 'null'] as const).map((given, place) => {
        const option = `deadlines.${['store', 'leases', 'inspect', 'start', 'stop'][place]}`;
        return { option, message: `${option} must be a positive number of milliseconds, or Infinity, not ${given}` };
      }),
      {
        option: 'deadlines.startTimeout',
        message: expect.stringContaining('deadlines.startTimeout is not a known option'),
      },
    ]);
    expect(messageOf({ deadlines: 5_000 })).toBe('deadlines must be an object, not 5000');
  });

  test('are a store whose listRecords is no function', () => {
    expect(messageOf({ store: { ...store, listRecords: [] } })).toContain(
      'must have a function as listRecords, or none',
    );
  });

  test('are limits of starts, each by its name, with those of a name that is not known', () => {
    const starts = { inFlight: 0, perSecond: Number.POSITIVE_INFINITY, burst: 1.5, priority: 1, inflight: 5 };
    expect(errorsOf({ ...sound, concurrency: 0, starts, onFault: 1 })).toEqual([
      { option: 'concurrency', message: 'concurrency must be a whole number from 1, not 0' },
      { option: 'starts.inFlight', message: 'starts.inFlight must be a whole number from 1, not 0' },
      {
        option: 'starts.perSecond',
        message: 'starts.perSecond must be a number from 0.000001 to 1000000, not Infinity',
      },
      { option: 'starts.burst', message: 'starts.burst must be a whole number from 1 to 1000000, not 1.5' },
      { option: 'starts.priority', message: 'starts.priority must be a function, not 1' },
      { option: 'starts.inflight', message: 'starts.inflight is not a known option; did you mean inFlight?' },
      { option: 'onFault', message: 'onFault must be a function, not 1' },
    ]);
  });

  test('are what is just beyond its limit, or a number as a text', () => {
    expect(messageOf({ starts: { perSecond: 1, burst: 1_000_001 } })).toMatch(/^starts\.burst must be /);
    for (const perSecond of [0.000_000_9, 1_000_000.1, '5']) {
      expect(messageOf({ starts: { perSecond } })).toMatch(/^starts\.perSecond must be /);
    }
    for (const resyncEvery of [0.000_000_9, 9_223_372_036_854.78]) {
      expect(messageOf({ resyncEvery })).toMatch(/^resyncEvery must be /);
    }
  });

  test('are a burst without a rate, and limits that are no object', () => {
    expect(messageOf({ starts: { burst: 5 } })).toBe('starts.burst needs perSecond');
    expect(messageOf({ starts: 10 })).toBe('starts must be an object, not 10');
    expect(messageOf({ starts: null })).toBe('starts must be an object, not null');
  });

  const throws = (): never => {
    throw new Error('not now');
  };
  const unreadable = { get: throws, has: throws, ownKeys: throws };

  test('are those that cannot be read, each by its name', () => {
    const given = Object.defineProperty({ ...sound, resyncEvery: 0 }, 'concurrency', { get: throws });
    expect(errorsOf(given).map(({ message }) => message)).toEqual([
      'concurrency cannot be read',
      'resyncEvery must be a positive number of milliseconds, not 0',
    ]);
    expect(messageOf({ store: new Proxy(store, unreadable) })).toBe('store cannot be read');
    expect(messageOf({ hypervisor: Object.defineProperty({ ...hypervisor }, 'capabilities', { get: throws }) })).toBe(
      'hypervisor cannot be read',
    );
    expect(errorsOf(new Proxy(sound, unreadable)).map(({ option }) => option)).toContain('options');
  });
});
