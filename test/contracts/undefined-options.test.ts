/** What is given as undefined is not given: for hosts that compile with `exactOptionalPropertyTypes`, and pass it on. */
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/adapters/sqlite.js';
import {
  type ContractCase,
  createMemoryStore,
  createScriptedHypervisor,
  createVirtualClock,
  type HypervisorUnderTest,
  hypervisorContract,
  type StartScript,
  type StoreUnderTest,
  storeContract,
} from '../../src/testing.js';
import { right } from '../support/either.js';

const verdictsOf = async (cases: ReadonlyArray<ContractCase>): Promise<ReadonlyMap<string, string>> => {
  const verdicts = new Map<string, string>();
  for (const { name, run } of cases) verdicts.set(name, await run());
  return verdicts;
};

test('a part of a store under test that is undefined is not lent', async () => {
  const bare = async (): Promise<StoreUnderTest> => ({ store: createMemoryStore() });
  const spelledOut = async (): Promise<StoreUnderTest> => ({
    store: createMemoryStore(),
    another: undefined,
    corrupt: undefined,
    breakDown: undefined,
    close: undefined,
  });
  expect(await verdictsOf(storeContract(spelledOut))).toEqual(await verdictsOf(storeContract(bare)));
});

test('a part of a hypervisor under test that is undefined is not lent', async () => {
  const hypervisor = () => right(createScriptedHypervisor({ clock: createVirtualClock() }));
  const bare = async (): Promise<HypervisorUnderTest> => ({ hypervisor: hypervisor(), id: 'web-1' });
  const spelledOut = async (): Promise<HypervisorUnderTest> => ({
    hypervisor: hypervisor(),
    id: 'web-1',
    exit: undefined,
    exitRange: undefined,
    kill: undefined,
    endHost: undefined,
    slowToStop: undefined,
    clock: undefined,
    countRuns: undefined,
    refusingStart: undefined,
    refuseNextStop: undefined,
    reopen: undefined,
    create: undefined,
    breakDown: undefined,
    patienceMs: undefined,
    close: undefined,
  });
  expect(await verdictsOf(hypervisorContract(spelledOut))).toEqual(await verdictsOf(hypervisorContract(bare)));
});

test('a start whose script leaves everything undefined runs at once, until it is stopped', async () => {
  const scripted = right(createScriptedHypervisor({ clock: createVirtualClock(0) }));
  const script: StartScript = {
    outcome: undefined,
    wait: undefined,
    initializingMs: undefined,
    exits: undefined,
    blind: undefined,
  };
  scripted.nextStart('web-1', script);
  right(await scripted.start('web-1', { revision: 1, check: async () => ({ _tag: 'Right', right: undefined }) })());
  expect(right(await scripted.inspect('web-1')()).state).toBe('running');
});

test('options of an SQLite store that are undefined are the defaults', async () => {
  const store = right(openSqliteStore(new Libsql(':memory:'), { table: undefined, busyTimeout: undefined }));
  expect(right(await store.list())).toEqual([]);
});
