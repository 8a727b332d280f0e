/**
 * The history's contract as a suite. Case names begin with the number of the rule in `History`.
 *
 * @since 0.2.0
 */
import { type ContractCase, caseMaker } from './contract.js';
import { boundCases } from './history-contract/bounds.js';
import { callCases } from './history-contract/calls.js';
import { pageCases } from './history-contract/pages.js';
import { bounds, type HistoryContractBounds, type HistoryUnderTest } from './history-contract/under-test.js';

export type { HistoryContractBounds, HistoryUnderTest } from './history-contract/under-test.js';

/**
 * The contract of a history as cases for any test runner. `make` gives a fresh, empty history for each, which keeps no more
 * than these bounds.
 *
 * @example
 * import { createMemoryHistory } from 'restart-policy/history'
 * import { historyContract } from 'restart-policy/testing'
 *
 * const make = async (bounds: object) => {
 *   const history = createMemoryHistory(bounds)
 *   if (history._tag === 'Left') throw new Error(history.left.message)
 *   return { history: history.right }
 * }
 * for (const { name, run } of historyContract(make)) {
 *   // one test each, in any test runner: docs/adapters.md shows how
 *   assert.match(name, /^\d+ /)
 *   await run()
 * }
 *
 * @since 0.2.0
 */
export const historyContract = (
  make: (bounds: HistoryContractBounds) => Promise<HistoryUnderTest>,
): ReadonlyArray<ContractCase> => {
  const rule = caseMaker('history', () => make(bounds));
  return [pageCases, boundCases, callCases].flatMap((cases) => cases(rule));
};
