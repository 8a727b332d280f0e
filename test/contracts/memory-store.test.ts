import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe } from 'vitest';
import type { StoredRecord } from '../../src/ports/store.js';
import { createMemoryStore, storeContract, withFaults } from '../../src/testing.js';
import { testContract } from './support.js';

describe('the memory store keeps the contract', () => {
  testContract(
    storeContract(async () => {
      const store = createMemoryStore();
      return { store, another: async () => store };
    }),
    [
      '5 what is not a record',
      '5 a page shows what is not a record',
      '6 without its medium',
      '8 of what cannot be read',
      '8 a save at its revision',
      '8 a part that cannot be read',
      '8 a remove at its revision',
    ],
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
        corrupt: async (id, unreadable) =>
          inject({ operation: 'load', id, fault: 'invalid_record', unreadable, times }),
        stored: async (id, part) =>
          E.getOrElseW(() => null)(E.map(O.map((record: StoredRecord) => record[part]))(await behind.load(id)())),
        breakDown: async () => {
          for (const operation of ['load', 'save', 'list', 'remove', 'listRecords'] as const) {
            inject({ operation, fault: 'fail_before', times });
          }
        },
      };
    }),
  );
});
