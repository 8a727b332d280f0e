/**
 * What tests, simulators and other adapters' authors import: a clock that obeys, a store that fails on demand, a
 * hypervisor with a script, and the two contracts as suites for any test runner. Arbitraries are in
 * `restart-policy/testing/arbitraries`, because they need fast-check; the systematic scheduler is in
 * `restart-policy/testing/explore`.
 *
 * @packageDocumentation
 */
export { createMemoryStore } from './adapters/memory.js';
export type { ContractCase, ContractVerdict } from './testing/contract.js';
export {
  type FaultyStore,
  type StoreCall,
  type StoreFault,
  type StoreOperation,
  withFaults,
} from './testing/faulty-store.js';
export { type HistoryContractBounds, type HistoryUnderTest, historyContract } from './testing/history-contract.js';
export type { Held } from './testing/hold.js';
export { type HypervisorUnderTest, hypervisorContract } from './testing/hypervisor-contract.js';
export {
  type CallOutcome,
  type CallPoint,
  type CallScript,
  createScriptedHypervisor,
  type HypervisorCall,
  type HypervisorConnection,
  type NotificationScript,
  type Run,
  type ScriptedHypervisor,
  type ScriptedHypervisorOptions,
  type ScriptedWait,
  type StartScript,
  type StopScript,
} from './testing/scripted-hypervisor.js';
export { type StoreUnderTest, storeContract } from './testing/store-contract.js';
export { createVirtualClock, type VirtualClock } from './testing/virtual-clock.js';
