import { describe } from 'vitest';
import { createMemoryStore, storeContract, withFaults } from '../../src/testing.js';
import { testContract } from './support.js';

describe('the memory store keeps the contract', () => {
  testContract(
    storeContract(async () => {
      const store = createMemoryStore();
      return { store, another: async () => store };
    }),
    ['5 what is not a record', '6 without its medium'],
  );
});

describe('a store with faults keeps the contract, whether it has some or not', () => {
  testContract(
    storeContract(async () => {
      const behind = createMemoryStore();
      const { store, inject } = withFaults(behind);
      const times = Number.POSITIVE_INFINITY;
      return {
        store,
        another: async () => withFaults(behind).store,
        corrupt: async (id) => inject({ operation: 'load', id, fault: 'invalid_record', times }),
        breakDown: async () => {
          for (const operation of ['load', 'save', 'list', 'remove'] as const) {
            inject({ operation, fault: 'fail_before', times });
          }
        },
      };
    }),
  );
});
