/** What a case says when it fails: whose fault it is and where, in a text short enough to be read. */
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { expect, test } from 'vitest';
import type { Store } from '../../src/ports/store.js';
import { differenceOf, show } from '../../src/testing/contract/message.js';
import {
  createMemoryStore,
  createScriptedHypervisor,
  createVirtualClock,
  type HypervisorUnderTest,
  hypervisorContract,
  type StoreUnderTest,
  storeContract,
} from '../../src/testing.js';
import { right } from '../support/either.js';
import { failuresOf } from './support.js';

/** What the one case says whose name begins so. */
const saidOf = async (under: StoreUnderTest, name: string): Promise<string> => {
  const cases = storeContract(async () => under).filter((each) => each.name.startsWith(name));
  const [message, ...others] = (await failuresOf(cases)).values();
  expect(others).toEqual([]);
  return message ?? 'it held';
};

const noFile = async (): Promise<never> => {
  throw new Error('ENOENT');
};

/** The memory store with one thing done otherwise. */
const storeWith = (change: (store: Store) => Partial<Store>): Store => {
  const store = createMemoryStore();
  return { ...store, ...change(store) };
};

test.each([
  ['corrupt', '5 what is not a record'],
  ['breakDown', '6 without its medium'],
  ['another', '3 a load sees every save'],
  ['close', '4 a remove of what is not there'],
])('when what was lent as %s rejects, it is said of that and not of the store', async (part, name) => {
  const said = await saidOf({ store: createMemoryStore(), [part]: noFile }, name);
  expect(said).toContain(`${part} of the store under test rejected`);
  expect(said).toContain('says nothing of the store itself: Error: ENOENT');
});

test.each([
  ['exit', /^inspect: a run has/],
  ['kill', /^cause: a run that a signal/],
  ['endHost', /^cause: a run that its host/],
  ['countRuns', /^A1 a start on/],
  ['reopen', /^A3/],
  ['refuseNextStop', /^A4 a refused stop/],
  ['create', /^ids:/],
  ['breakDown', /^faults:/],
])('when what was lent as %s rejects, it is said of that and not of the hypervisor', async (part, name) => {
  const make = async (): Promise<HypervisorUnderTest> => ({
    hypervisor: right(createScriptedHypervisor({ clock: createVirtualClock() })),
    id: 'web-1',
    [part]: noFile,
  });
  const failures = await failuresOf(hypervisorContract(make).filter((each) => name.test(each.name)));
  expect([...failures.values()]).toEqual([
    expect.stringContaining(`${part} of the hypervisor under test rejected, which says nothing of the hypervisor`),
  ]);
});

test.each<[string, unknown, string]>([
  [
    'a call that is made at once',
    async () => E.right(O.none),
    'load of web: expected a TaskEither, which is a function; saw [object Promise]',
  ],
  [
    'an answer that is no Either',
    () => async () => ({ policy: null }),
    'load of web: expected an Either; saw {"policy":null}',
  ],
  ['an answer of undefined', () => async () => undefined, 'load of web: expected an Either; saw undefined'],
])('of a store in JavaScript %s is named as such', async (_, load, said) => {
  const store = storeWith(() => ({ load: load as Store['load'] }));
  expect(await saidOf({ store }, '1 a save of what does not exist creates')).toContain(said);
});

test('what is wrong with closing does not hide what is wrong with the store', async () => {
  const store = storeWith(() => ({ list: async () => E.right(['nobody']) }));
  expect(await saidOf({ store, close: noFile }, '5 the list')).toContain('the listed ids');
});

test('a call that rejects is named', async () => {
  const store = storeWith(() => ({ list: noFile }));
  expect(await saidOf({ store }, '5 the list')).toContain('list: nothing may throw or reject, and saw Error: ENOENT');
});

test('a call that is not answered is named', async () => {
  const make = async (): Promise<HypervisorUnderTest> => ({
    hypervisor: {
      ...right(createScriptedHypervisor({ clock: createVirtualClock() })),
      stop: () => () => new Promise(() => {}),
    },
    id: 'web-1',
    patienceMs: 50,
  });
  const cases = hypervisorContract(make).filter(({ name }) => name.startsWith('A2 nothing to stop'));
  expect([...(await failuresOf(cases)).values()]).toEqual([
    expect.stringContaining('stop of what never ran: expected an answer within 50 ms; saw none'),
  ]);
});

test('records that differ in one number are told apart by its path', async () => {
  const store = storeWith((memory) => ({
    load: (id) => async () => {
      const found = await memory.load(id)();
      if (E.isLeft(found) || O.isNone(found.right)) return found;
      const { status } = found.right.value;
      return E.right(O.some({ ...found.right.value, status: { ...status, attempts: status.attempts + 1 } }));
    },
  }));
  const said = await saidOf({ store }, '1 a save of what does not exist');
  expect(said).toContain('; differs at status.attempts: expected 1, saw 2');
});

test('an id of thousands of characters does not fill the screen', async () => {
  const store = storeWith((memory) => ({
    load: (id) => (id.length < 1_000 ? memory.load(id) : async () => E.right(O.none)),
  }));
  const said = await saidOf({ store }, '6 any text is an id');
  expect(said).toMatch(/what is stored of x+…\(\d+ more characters\)…x+: expected \{/);
  expect(said.length).toBeLessThan(1_000);
});

test('undefined differs from a text that says so, and what is no JSON is shown as well', () => {
  expect(show(E.right(undefined))).toBe('{"_tag":"Right","right":undefined}');
  expect(show(E.right('undefined'))).toBe('{"_tag":"Right","right":"undefined"}');
  expect(show([Number.NaN, 1n, new Error('gone')])).toBe('[NaN,1,Error: gone]');
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(show(circle)).toBe('{"self":…}');
});

test.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, null],
  [Number.NaN, Number.NaN, null],
  [0, -0, null],
  [1, '1', ''],
  [null, {}, ''],
  [[], {}, ''],
  [{ a: undefined }, {}, 'a'],
  [['db'], ['db', 'web'], '[1]'],
  [{ all: [{ n: 1 }, { n: 2 }] }, { all: [{ n: 1 }, { n: 3 }] }, 'all[1].n'],
])('%j and %j differ at %j', (seen, expected, path) => {
  expect(differenceOf(seen, expected)?.path ?? null).toBe(path);
});
