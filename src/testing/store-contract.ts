/**
 * The store's contract as a suite. Case names begin with the number of the rule in `Store`.
 *
 * @since 0.1.0
 */
import { type ContractCase, caseMaker } from './contract.js';
import { callCases } from './store-contract/calls.js';
import { listCases } from './store-contract/list.js';
import { loadCases } from './store-contract/load.js';
import { pageCases } from './store-contract/pages.js';
import { removeCases } from './store-contract/remove.js';
import { saveCases } from './store-contract/save.js';
import type { StoreUnderTest } from './store-contract/under-test.js';
import { unreadableCases } from './store-contract/unreadable.js';

export type { StoreUnderTest } from './store-contract/under-test.js';

/**
 * The contract of a store as cases for any test runner. `make` gives a fresh, empty store for each.
 *
 * @example
 * import { createMemoryStore, storeContract } from 'restart-policy/testing'
 *
 * for (const { name, run } of storeContract(async () => ({ store: createMemoryStore() }))) {
 *   // one test each, in any test runner: docs/adapters.md shows how
 *   assert.match(name, /^\d+ /)
 *   await run()
 * }
 *
 * @since 0.1.0
 */
export const storeContract = (make: () => Promise<StoreUnderTest>): ReadonlyArray<ContractCase> => {
  const rule = caseMaker('store', make);
  const families = [saveCases, loadCases, removeCases, listCases, pageCases, callCases, unreadableCases];
  return families.flatMap((cases) => cases(rule));
};
