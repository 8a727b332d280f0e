/**
 * Each store here breaks one rule, and the suite must say which.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';
import { createSection } from '../../src/adapters/common/section.js';
import { conflict, type RestartRecord, type Store, type StoredRecord, storeFailed } from '../../src/ports/store.js';
import { createMemoryStore, type StoreUnderTest, storeContract } from '../../src/testing.js';
import { type Broken, failuresOf, testBroken } from './support.js';

/** A store with its inside open, so that a broken one can go past the compare-and-set. */
const openStore = (count: (current: number, last: number) => number = (_, last) => last + 1) => {
  const records = new Map<string, StoredRecord>();
  let last = 0;
  const isAt = (id: string, expected: number | null) => (records.get(id)?.revision ?? null) === expected;
  const write = (id: string, record: RestartRecord): number => {
    last = count(records.get(id)?.revision ?? 0, last);
    records.set(id, { policy: { ...record.policy }, status: { ...record.status }, revision: last });
    return last;
  };
  const store: Store = {
    load: (id) => async () => E.right(O.fromNullable(records.get(id))),
    save: (id, record, expected) => async () => (isAt(id, expected) ? E.right(write(id, record)) : E.left(conflict)),
    list: async () => E.right([...records.keys()]),
    remove: (id, expected) => async () => {
      if (!records.has(id) || !isAt(id, expected)) return E.left(conflict);
      records.delete(id);
      return E.right(undefined);
    },
  };
  return { records, isAt, write, store };
};

const wrapped = (change: (store: Store) => Partial<Store>) => async (): Promise<StoreUnderTest> => {
  const store = createMemoryStore();
  return { store: { ...store, ...change(store) }, another: async () => ({ ...store, ...change(store) }) };
};

const broken: ReadonlyArray<Broken<StoreUnderTest>> = [
  {
    what: 'counts revisions per record',
    make: async () => ({ store: openStore((current) => current + 1).store }),
    fails: [/^2 revisions do not repeat/, /^2 a revision from before a remove/],
  },
  {
    what: 'counts from the greatest revision that is there',
    make: async () => {
      const { records, store } = openStore(() => Math.max(0, ...[...records.values()].map((r) => r.revision)) + 1);
      return { store };
    },
    fails: [/^2 revisions do not repeat/, /^2 a revision from before a remove/],
  },
  {
    what: 'compares, waits, and then writes',
    make: async () => {
      const { isAt, write, store } = openStore();
      const save: Store['save'] = (id, record, expected) => async () => {
        if (!isAt(id, expected)) return E.left(conflict);
        await Promise.resolve();
        return E.right(write(id, record));
      };
      return { store: { ...store, save } };
    },
    fails: [/^1 of saves that race/],
  },
  {
    what: 'answers that it is busy to whoever loses a race',
    make: async () => {
      const { store } = openStore();
      const busy = new Set<string>();
      const save: Store['save'] = (id, record, expected) => async () => {
        if (busy.has(id)) return E.left(storeFailed('database is locked'));
        busy.add(id);
        await Promise.resolve();
        const saved = await store.save(id, record, expected)();
        busy.delete(id);
        return saved;
      };
      return { store: { ...store, save } };
    },
    fails: [/^1 of saves that race/],
    alone: true,
  },
  {
    what: 'keeps all records in one file, with a lock for each',
    make: async () => {
      const { records, store } = openStore();
      const locked = createSection<string>();
      const save: Store['save'] = (id, record, expected) => () =>
        locked(id, async () => {
          const read = [...records];
          await Promise.resolve();
          const saved = await store.save(id, record, expected)();
          const written = records.get(id);
          if (E.isLeft(saved) || written === undefined) return saved;
          records.clear();
          for (const [each, as] of [...read, [id, written] as const]) records.set(each, as);
          return saved;
        });
      return { store: { ...store, save } };
    },
    fails: [/^1 saves of different ids at the same time/],
    alone: true,
  },
  {
    what: 'writes whatever the revision is',
    make: async () => {
      const { write, store } = openStore();
      return { store: { ...store, save: (id, record) => async () => E.right(write(id, record)) } };
    },
    fails: [/^1 a save of what must not exist/, /^1 a save at a revision that has passed/, /^1 of saves that race/],
  },
  {
    what: 'writes when a write is built',
    make: wrapped((store) => ({
      save: (id, record, expected) => {
        const done = store.save(id, record, expected)();
        return () => done;
      },
    })),
    fails: [/^1 a write that is built and not run/],
  },
  {
    what: 'does not write what is the same',
    make: wrapped((store) => ({
      save: (id, record, expected) => async () => {
        const seen = await store.load(id)();
        if (E.isRight(seen) && O.isSome(seen.right) && expected === seen.right.value.revision) {
          const { revision, policy, status } = seen.right.value;
          if (JSON.stringify({ policy, status }) === JSON.stringify(record)) return E.right(revision);
        }
        return store.save(id, record, expected)();
      },
    })),
    fails: [/^1 a save of the same record is a write too/],
  },
  {
    what: 'remembers what it has loaded',
    make: wrapped((store) => {
      const cache = new Map<string, Awaited<ReturnType<ReturnType<Store['load']>>>>();
      return {
        load: (id) => async () => {
          const known = cache.get(id) ?? (await store.load(id)());
          cache.set(id, known);
          return known;
        },
        save: (id, record, expected) => async () => {
          cache.delete(id);
          return store.save(id, record, expected)();
        },
        remove: (id, expected) => async () => {
          cache.delete(id);
          return store.remove(id, expected)();
        },
      };
    }),
    fails: [/^3 a load sees every save that was answered before/],
  },
  {
    what: 'keeps the objects of its caller',
    make: async () => {
      const { records, store } = openStore();
      const save: Store['save'] = (id, record, expected) => async () => {
        const saved = await store.save(id, record, expected)();
        if (E.isRight(saved)) records.set(id, { ...record, revision: saved.right });
        return saved;
      };
      return { store: { ...store, save } };
    },
    fails: [/^3 what the caller does to a record/],
  },
  {
    what: 'removes whatever the revision is',
    make: wrapped((store) => ({
      remove: (id) => async () => {
        const seen = await store.load(id)();
        return store.remove(id, E.isRight(seen) && O.isSome(seen.right) ? seen.right.value.revision : 0)();
      },
    })),
    fails: [/^4 a remove at a revision that has passed/],
  },
  {
    what: 'is content with removing nothing',
    make: wrapped((store) => ({
      remove: (id, expected) => async () => {
        const removed = await store.remove(id, expected)();
        const seen = await store.load(id)();
        return E.isRight(seen) && O.isNone(seen.right) ? E.right(undefined) : removed;
      },
    })),
    fails: [/^4 a remove of what is not there/],
  },
  {
    what: 'lists what is gone',
    make: wrapped((store) => {
      const everSeen = new Set<string>();
      return {
        save: (id, record, expected) => {
          everSeen.add(id);
          return store.save(id, record, expected);
        },
        list: async () => E.right([...everSeen]),
      };
    }),
    fails: [/^5 the list names every instance/],
  },
  {
    what: 'folds the case of ids',
    make: wrapped((store) => ({
      load: (id) => store.load(id.toLowerCase()),
      save: (id, record, expected) => store.save(id.toLowerCase(), record, expected),
    })),
    fails: [/^6 any text is an id/],
  },
  {
    what: 'throws at what it does not find',
    make: wrapped((store) => ({
      remove: (id, expected) => async () => {
        const removed = await store.remove(id, expected)();
        if (E.isLeft(removed)) throw new Error('no such row');
        return removed;
      },
    })),
    fails: [/^4 a remove of what is not there/],
  },
];

test('the store that the broken ones are made from is not broken', async () => {
  expect(await failuresOf(storeContract(async () => ({ store: openStore().store })))).toEqual(new Map());
});

describe('a store is found out that', () => testBroken('store', storeContract, broken));
