/**
 * What tests, simulators and other adapters' authors import: a clock that obeys, a store that fails on demand, a
 * hypervisor with a script, and the two contracts as suites for any test runner. Arbitraries are in
 * `restart-policy/testing/arbitraries`, because they need fast-check.
 *
 * @packageDocumentation
 */
export { createMemoryStore } from '../adapters/memory.js';
export type { ContractCase, ContractVerdict } from './contract.js';
export {
  type FaultyStore,
  type StoreCall,
  type StoreFault,
  type StoreOperation,
  withFaults,
} from './faulty-store.js';
export type { Held } from './hold.js';
export { type HypervisorUnderTest, hypervisorContract } from './hypervisor-contract.js';
export {
  type Exploration,
  type ExploreOptions,
  exploreSchedules,
  type Happening,
  replaySchedule,
  showViolation,
  type Violation,
} from './interleave/explore.js';
export type { Budgets, Person, Scenario, Word, WorldDefect } from './interleave/scenario.js';
export {
  type CallOutcome,
  type CallPoint,
  type CallScript,
  createScriptedHypervisor,
  type HypervisorCall,
  type HypervisorConnection,
  type ScriptedHypervisor,
  type ScriptedHypervisorOptions,
  type ScriptedWait,
  type StartScript,
  type StopScript,
} from './scripted-hypervisor.js';
export type { NotificationScript, Run } from './scripted-instances.js';
export { type StoreUnderTest, storeContract } from './store-contract.js';
export { createVirtualClock, type VirtualClock } from './virtual-clock.js';
