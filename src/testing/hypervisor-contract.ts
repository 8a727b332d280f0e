/**
 * The hypervisor's contract as a suite. Case names begin with the rule in `Hypervisor` (A1..A7), with the class of
 * exclusion whose promise they check, or with what the rule is about that has no number.
 *
 * Real hypervisors take their time: the suite asks again until it sees what must come, for some seconds at most, and
 * waits a moment where something must not come. It uses real timers and no `Clock`.
 *
 * @since 0.1.0
 */
import { type ContractCase, caseMaker } from './contract.js';
import { answerCases } from './hypervisor-contract/answers.js';
import { checkCases } from './hypervisor-contract/checks.js';
import { endCases } from './hypervisor-contract/ends.js';
import { exclusionCases } from './hypervisor-contract/exclusion.js';
import { givenUpCases } from './hypervisor-contract/given-up.js';
import { notificationCases } from './hypervisor-contract/notifications.js';
import { runCases } from './hypervisor-contract/runs.js';
import { timeCases } from './hypervisor-contract/times.js';
import type { HypervisorUnderTest } from './hypervisor-contract/under-test.js';

export type { HypervisorUnderTest } from './hypervisor-contract/under-test.js';

/**
 * The contract of a hypervisor as cases for any test runner. `make` gives a fresh one for each. The same cases are
 * listed for every class of exclusion; those of other classes answer `not_applicable`.
 *
 * @example
 * import { createScriptedHypervisor, createVirtualClock, hypervisorContract } from 'restart-policy/testing'
 *
 * const make = async () => {
 *   const created = createScriptedHypervisor({ clock: createVirtualClock() })
 *   if (created._tag === 'Left') throw new Error(created.left.message)
 *   return { hypervisor: created.right, id: 'web-1' }
 * }
 * const verdicts = new Map<string, string>()
 * for (const { name, run } of hypervisorContract(make)) {
 *   // one test each, in any test runner: docs/adapters.md shows how
 *   verdicts.set(name, await run())
 * }
 * assert.strictEqual(verdicts.get('A2 nothing to stop is a stop that is done'), 'held')
 *
 * @since 0.1.0
 */
export const hypervisorContract = (make: () => Promise<HypervisorUnderTest>): ReadonlyArray<ContractCase> => {
  const rule = caseMaker('hypervisor', make);
  return [
    ...answerCases(rule),
    ...endCases(rule),
    ...runCases(rule),
    ...checkCases(rule),
    ...exclusionCases(rule),
    ...givenUpCases(rule),
    ...timeCases(rule),
    ...notificationCases(rule),
  ];
};
