/**
 * Each store here breaks one rule, and the suite must say which.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';
import { createSection } from '../../src/adapters/common/section.js';
import { leavesAPart, savedOver } from '../../src/adapters/common/standing.js';
import {
  asItStands,
  conflict,
  type InvalidRecord,
  type ListedRecord,
  type RecordPage,
  type RecordToSave,
  type RestartRecord,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../src/ports/store.js';
import { initialStatus } from '../../src/status.js';
import { createMemoryStore, type StoreUnderTest, storeContract, withFaults } from '../../src/testing.js';
import { policyWith } from '../support/values.js';
import { type Broken, failuresOf, testBroken } from './support.js';

type Page = ReadonlyArray<ListedRecord>;

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const pageOf = (
  records: ReadonlyArray<readonly [string, StoredRecord]>,
  order: (a: string, b: string) => number,
  after: string | null,
  limit: number,
): Page =>
  [...records]
    .sort(([a], [b]) => order(a, b))
    .filter(([id]) => after === null || order(id, after) > 0)
    .slice(0, limit)
    .map(([id, record]) => ({ id, record: E.right(record) }));

/** A store with its inside open, so that a broken one can go past the compare-and-set. */
const openStore = (count: (current: number, last: number) => number = (_, last) => last + 1) => {
  const records = new Map<string, StoredRecord>();
  let last = 0;
  const isAt = (id: string, expected: number | null) => (records.get(id)?.revision ?? null) === expected;
  const write = (id: string, record: RecordToSave): number => {
    const { policy, status } = savedOver(record, records.get(id)) ?? { policy: policyWith({}), status: initialStatus };
    last = count(records.get(id)?.revision ?? 0, last);
    records.set(id, { policy: { ...policy }, status: { ...status }, revision: last });
    return last;
  };
  const store: Store = {
    load: (id) => async () => E.right(O.fromNullable(records.get(id))),
    save: (id, record, expected) => async () => {
      if (expected === null && leavesAPart(record)) return E.left(storeFailed('nothing stands'));
      return isAt(id, expected) ? E.right(write(id, record)) : E.left(conflict);
    },
    listRecords:
      ({ after, limit }) =>
      async () =>
        E.right(pageOf([...records], byBytes, after, limit)),
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

/** One whose records can be made unreadable. */
const unreadable = (change: (store: Store, behind: Store) => Partial<Store>) => async (): Promise<StoreUnderTest> => {
  const behind = createMemoryStore();
  const { store, inject } = withFaults(behind);
  return {
    store: { ...store, ...change(store, behind) },
    corrupt: async (id, part) =>
      inject({ operation: 'load', id, fault: 'invalid_record', unreadable: part, times: Number.POSITIVE_INFINITY }),
    stored: async (id, part) => {
      const found = await behind.load(id)();
      return E.isRight(found) && O.isSome(found.right) ? found.right.value[part] : null;
    },
  };
};

const initial: RestartRecord = { policy: policyWith({}), status: initialStatus };

type Unreadable = StoreFailed | InvalidRecord;

/** A store whose pages are made by `page` of all that it has. */
const paged = (page: (records: ReadonlyArray<readonly [string, StoredRecord]>, of: RecordPage) => Page) => async () => {
  const { records, store } = openStore();
  return { store: { ...store, listRecords: (of: RecordPage) => async () => E.right(page([...records], of)) } };
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
        const whole = savedOver(record, records.get(id));
        if (E.isRight(saved) && whole !== null) records.set(id, { ...whole, revision: saved.right });
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
  {
    what: 'pages in the order of UTF-16',
    make: paged((records, { after, limit }) => {
      const order = (a: string, b: string) => Number(a > b) - Number(a < b);
      return pageOf(records, order, after, limit);
    }),
    fails: [/^5 pages of any length/],
  },
  {
    what: 'pages in the order of a language',
    make: paged((records, { after, limit }) => pageOf(records, (a, b) => a.localeCompare(b), after, limit)),
    fails: [/^5 pages of any length/],
  },
  {
    what: 'begins a page with the id that the last one ended with',
    make: paged((records, { after, limit }) => {
      const all = pageOf(records, byBytes, null, records.length);
      return all.filter(({ id }) => after === null || byBytes(id, after) >= 0).slice(0, limit);
    }),
    fails: [/^5 pages of any length/, /^5 a page begins behind an id/],
  },
  {
    what: 'finds no page behind an id that is gone',
    make: paged((records, { after, limit }) => {
      const all = pageOf(records, byBytes, null, records.length);
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      return from === 0 && after !== null ? [] : all.slice(from, from + limit);
    }),
    fails: [/^5 a page begins behind an id/],
    alone: true,
  },
  {
    what: 'ends a page too early',
    make: paged((records, { after, limit }) => pageOf(records, byBytes, after, Math.min(limit, 5))),
    fails: [/^5 pages of any length/],
  },
  {
    what: 'pages what it has listed once',
    make: wrapped((store) => {
      const pages = new Map<string, Promise<E.Either<never, Page>>>();
      const listRecords: Store['listRecords'] = (page) => () => {
        const key = JSON.stringify(page);
        const known = pages.get(key) ?? (store.listRecords?.(page)() as Promise<E.Either<never, Page>>);
        pages.set(key, known);
        return known;
      };
      return { listRecords };
    }),
    fails: [/^5 a page shows each record as it was last written/],
  },
  {
    what: 'leaves what is not a record out of its pages',
    make: unreadable((store) => ({
      listRecords: (page) => async () => {
        const listed = await store.listRecords?.(page)();
        return E.map((all: Page) => all.filter(({ record }) => E.isRight(record)))(listed ?? E.right([]));
      },
    })),
    fails: [/^5 a page shows what is not a record/],
    alone: true,
  },
  {
    what: 'takes a part that stays for the initial one',
    make: wrapped((store) => ({
      save: (id, { policy, status }, expected) =>
        store.save(id, { policy, status: status === asItStands ? initialStatus : status }, expected),
    })),
    fails: [/^8 a part that is left as it stands/, /^8 what does not exist does not stand/],
  },
  {
    what: 'creates a record of which a part should stand',
    make: wrapped((store) => ({
      save: (id, record, expected) =>
        store.save(id, (expected === null ? savedOver(record, initial) : null) ?? record, expected),
    })),
    fails: [/^8 what does not exist does not stand/],
    alone: true,
  },
  {
    what: 'does not say at which revision it cannot read',
    make: unreadable((store) => ({
      load: (id) => async () => E.mapLeft((left: Unreadable) => ({ ...left, revision: 0 }))(await store.load(id)()),
    })),
    fails: [/^8 of what cannot be read/, /^8 a save at its revision/],
  },
  {
    what: 'answers a default for what it cannot read',
    make: unreadable((store) => ({
      load: (id) => async () =>
        E.mapLeft((left: Unreadable) => ({ ...left, policy: policyWith({}) }))(await store.load(id)()),
    })),
    fails: [/^8 of what cannot be read/],
  },
  {
    what: 'writes nothing over what it cannot read',
    make: unreadable((store) => ({
      save: (id, record, expected) => async () => {
        const found = await store.load(id)();
        if (E.isLeft(found)) return E.left(storeFailed('what is stored is not a record'));
        return store.save(id, record, expected)();
      },
    })),
    fails: [/^8 a save at its revision/, /^8 a part that cannot be read/],
  },
  {
    what: 'mends what is to stay as it stands',
    make: unreadable((store, behind) => ({
      save: (id, record, expected) => async () => {
        const saved = await store.save(id, record, expected)();
        if (E.isLeft(saved) || record.policy !== asItStands) return saved;
        return behind.save(id, { policy: policyWith({}), status: asItStands }, saved.right)();
      },
    })),
    fails: [/^8 a part that cannot be read is kept/],
  },
  {
    what: 'removes only what it can read',
    make: unreadable((store) => ({
      remove: (id, expected) => async () => {
        const found = await store.load(id)();
        return E.isLeft(found) ? E.left(conflict) : store.remove(id, expected)();
      },
    })),
    fails: [/^8 a remove at its revision/],
    alone: true,
  },
  ...[
    { what: 'loses half a pair', changed: (id: string) => Buffer.from(id).toString() },
    { what: 'ends an id at a NUL', changed: (id: string) => id.split('\0')[0] ?? '' },
    { what: 'cuts an id that is too long', changed: (id: string) => id.slice(0, 2_000) },
  ].map(({ what, changed }) => ({
    what,
    make: wrapped((store) => ({
      load: (id) => store.load(changed(id)),
      save: (id, record, expected, call) => store.save(changed(id), record, expected, call),
      remove: (id, expected) => store.remove(changed(id), expected),
    })),
    fails: [/^9 an id that cannot be kept/],
  })),
  {
    what: 'refuses an id without its name',
    make: wrapped((store) => ({
      save: (id, record, expected, call) =>
        id.length > 2_000 ? async () => E.left(storeFailed('too long')) : store.save(id, record, expected, call),
    })),
    fails: [/^9 an id that cannot be kept/],
    alone: true,
  },
  {
    what: 'refuses to save an id, and loads the record of another',
    make: wrapped((store) => ({
      load: (id) => store.load(Buffer.from(id).toString()),
      save: (id, record, expected, call) =>
        id === Buffer.from(id).toString()
          ? store.save(id, record, expected, call)
          : async () => E.left(storeFailed(`cannot keep ${JSON.stringify(id)}`)),
    })),
    fails: [/^9 an id that cannot be kept/],
    alone: true,
  },
  {
    what: 'never answers a call that is given up',
    make: async () => ({
      ...(await wrapped((store) => ({
        save: (id, record, expected, call) =>
          call?.signal?.aborted === true ? () => new Promise(() => {}) : store.save(id, record, expected, call),
      }))()),
      patienceMs: 50,
    }),
    fails: [/^10 a call that is given up/],
    alone: true,
  },
  {
    what: 'does what was given up again, whatever was written meanwhile',
    make: async () => {
      const { write, store } = openStore();
      const save: Store['save'] = (id, record, expected, call) => async () => {
        if (call?.signal?.aborted !== true) return store.save(id, record, expected)();
        setImmediate(() => write(id, record));
        return E.left(storeFailed('given up'));
      };
      return { store: { ...store, save } };
    },
    fails: [/^10 a call that is given up/],
    alone: true,
  },
];

test('what is unreadable before it is broken is not broken', async () => {
  expect(await failuresOf(storeContract(unreadable(() => ({}))))).toEqual(new Map());
});

test('the store that the broken ones are made from is not broken', async () => {
  expect(await failuresOf(storeContract(async () => ({ store: openStore().store })))).toEqual(new Map());
});

describe('a store is found out that', () => testBroken('store', storeContract, broken));
