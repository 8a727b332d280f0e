/**
 * The store's contract as a suite. Case names begin with the number of the rule in `Store`.
 *
 * @since 0.1.0
 */
import { isRight } from 'fp-ts/lib/Either.js';
import type { RestartPolicy } from '../policy.js';
import type { InstanceId, RestartRecord, Revision, Store, StoredRecord } from '../ports/store.js';
import { initialStatus, type RestartStatus, stoppedByPerson } from '../status.js';
import { type ContractCase, caseMaker, type Expect } from './contract.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A store to be looked at, empty and reachable. The optional parts let the suite look further; without one, the cases
 * that need it answer `not_applicable`.
 *
 * @since 0.1.0
 */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another way to the same records, as another process would have it. */
  readonly another?: (() => Promise<Store>) | undefined;
  /** Makes of what is stored for an instance something that is not a record. */
  readonly corrupt?: ((id: InstanceId) => Promise<void>) | undefined;
  /** Takes the medium away: from now on no call can be done. */
  readonly breakDown?: (() => Promise<void>) | undefined;
  /** Called at the end of each case, after `breakDown` too. */
  readonly close?: (() => Promise<void>) | undefined;
}

// ---------------------------------------------------------------------------
// suite
// ---------------------------------------------------------------------------

const policy: RestartPolicy = { mode: 'on_failure', backoff: 1_500.000_001, maxAttempts: 3, stableAfter: 600_000 };

const recordOf = (status: Partial<RestartStatus>): RestartRecord => ({
  policy,
  status: { ...initialStatus, ...status },
});

/** A record that tells apart from others by its number. */
const record = (attempts: number): RestartRecord => recordOf({ attempts });

/** Ids are any text: what names, paths, query languages and object keys make of them must not matter. */
const oddIds: ReadonlyArray<InstanceId> = [
  'web-1',
  'WEB-1',
  ' web-1',
  'a/b/../c',
  '%',
  '_',
  "it's; DROP TABLE instances; --",
  '"quoted"',
  'back\\slash',
  'Zürich ☃ 𝄞',
  '__proto__',
  'constructor',
  'null',
  '0',
  'x'.repeat(1_000),
];

/**
 * The contract of a store as cases for any test runner. `make` gives a fresh, empty store for each.
 *
 * @example
 * import { createMemoryStore, storeContract } from 'restart-policy/testing'
 *
 * for (const { name, run } of storeContract(async () => ({ store: createMemoryStore() }))) {
 *   // one test each, in any test runner: docs/adapters.md shows how
 *   assert.match(name, /^[1-6] /)
 *   await run()
 * }
 *
 * @since 0.1.0
 */
export const storeContract = (make: () => Promise<StoreUnderTest>): ReadonlyArray<ContractCase> => {
  const rule = caseMaker('store', make);
  return [
    rule('1 a save of what does not exist creates it and answers its revision', async ({ store }, expect) => {
      const revision = await create(store, expect, 'web', record(1));
      expect.that(Number.isSafeInteger(revision) && revision >= 1, 'a revision is a whole number from 1', revision);
      await isStored(store, expect, 'web', record(1), revision);
      return 'held';
    }),

    rule('1 a save of what must not exist, and does, is a conflict and writes nothing', async ({ store }, expect) => {
      const revision = await create(store, expect, 'web', record(1));
      await expect.left('save, expecting none', store.save('web', record(2), null), 'Conflict');
      await isStored(store, expect, 'web', record(1), revision);
      return 'held';
    }),

    rule(
      '1 a save at the current revision replaces the record and answers a greater one',
      async ({ store }, expect) => {
        const first = await create(store, expect, 'web', record(1));
        const second = await expect.right('save at the current revision', store.save('web', record(2), first));
        expect.that(second > first, `revisions grow with every write: expected more than ${first}`, second);
        await isStored(store, expect, 'web', record(2), second);
        return 'held';
      },
    ),

    rule('1 a save of the same record is a write too, with a new revision', async ({ store }, expect) => {
      const first = await create(store, expect, 'web', record(1));
      const second = await expect.right('save of an equal record', store.save('web', record(1), first));
      expect.that(second > first, `revisions grow with every write: expected more than ${first}`, second);
      await expect.left('save at the revision before', store.save('web', record(2), first), 'Conflict');
      return 'held';
    }),

    rule('1 a save at a revision that has passed is a conflict and writes nothing', async ({ store }, expect) => {
      const first = await create(store, expect, 'web', record(1));
      const second = await expect.right('save', store.save('web', record(2), first));
      await expect.left('save at the revision before', store.save('web', record(3), first), 'Conflict');
      await isStored(store, expect, 'web', record(2), second);
      return 'held';
    }),

    rule(
      '1 a save at a revision of what does not exist is a conflict and writes nothing',
      async ({ store }, expect) => {
        const other = await create(store, expect, 'db', record(1));
        for (const expected of [1, other, other + 1]) {
          await expect.left('save of what is not there', store.save('web', record(1), expected), 'Conflict');
        }
        await isAbsent(store, expect, 'web');
        return 'held';
      },
    ),

    rule('1 of saves that race from one revision exactly one wins, and the others conflict', async (under, expect) => {
      const stores = await waysTo(under, expect);
      const revision = await create(under.store, expect, 'web', record(0));
      for (const expected of [revision, null]) {
        const id = expected === null ? 'new' : 'web';
        const saves = Array.from({ length: 8 }, async (_, n) => {
          const store = stores[n % stores.length] ?? under.store;
          return { n, answer: await expect.answer('save', store.save(id, record(n + 1), expected)) };
        });
        const answers = await Promise.all(saves);
        const won = answers.flatMap(({ n, answer }) => (isRight(answer) ? [{ n, revision: answer.right }] : []));
        const [winner] = won;
        const seen = answers.map(({ answer }) => (isRight(answer) ? answer.right : answer.left._tag));
        expect.that(won.length === 1 && winner !== undefined, 'exactly one save wins', seen);
        const lost = answers.flatMap(({ answer }) => (isRight(answer) ? [] : [answer.left]));
        // A fault would be told to a person as one, where to look again is all that is needed.
        const fault = lost.find(({ _tag }) => _tag !== 'Conflict');
        expect.that(fault === undefined, 'a save that loses is a Conflict', fault);
        if (winner !== undefined) await isStored(under.store, expect, id, record(winner.n + 1), winner.revision);
      }
      return 'held';
    }),

    rule('1 saves of different ids at the same time all stay', async (under, expect) => {
      const stores = await waysTo(under, expect);
      const stored = new Map<InstanceId, Revision>();
      for (let round = 1; round <= 4; round++) {
        // Some are created while others are replaced.
        const ids = [...stored.keys(), `web-${round}`, `db-${round}`, `cache-${round}`];
        const saves = ids.map(async (id, n) => {
          const store = stores[n % stores.length] ?? under.store;
          const save = store.save(id, record(round), stored.get(id) ?? null);
          stored.set(id, await expect.right(`save of ${id}, while others are saved`, save));
        });
        await Promise.all(saves);
        for (const [id, revision] of stored) await isStored(under.store, expect, id, record(round), revision);
        await lists(under.store, expect, [...stored.keys()]);
      }
      return 'held';
    }),

    rule(
      '1 a write that is built and not run writes nothing; run twice it is two writes',
      async ({ store }, expect) => {
        const built = store.save('web', record(1), null);
        await isAbsent(store, expect, 'web');
        const revision = await expect.right('the first run', built);
        await expect.left('the second run', built, 'Conflict');
        const removal = store.remove('web', revision);
        await isStored(store, expect, 'web', record(1), revision);
        await expect.right('remove', removal);
        return 'held';
      },
    ),

    rule('2 revisions do not repeat across remove and create', async ({ store }, expect) => {
      const seen: Array<Revision> = [];
      for (let life = 0; life < 4; life++) {
        const first = await create(store, expect, 'web', record(1));
        const second = await expect.right('save', store.save('web', record(2), first));
        await expect.right('remove', store.remove('web', second));
        seen.push(first, second);
      }
      const grows = seen.every((revision, n) => n === 0 || revision > (seen[n - 1] ?? Number.POSITIVE_INFINITY));
      expect.that(grows, 'each revision is greater than all before', seen);
      return 'held';
    }),

    rule('2 a revision from before a remove does not fit what was created after', async ({ store }, expect) => {
      const before = await create(store, expect, 'web', record(1));
      await expect.right('remove', store.remove('web', before));
      const after = await create(store, expect, 'web', record(2));
      await expect.left('save at the old revision', store.save('web', record(3), before), 'Conflict');
      await expect.left('remove at the old revision', store.remove('web', before), 'Conflict');
      await isStored(store, expect, 'web', record(2), after);
      return 'held';
    }),

    rule('3 what was saved is loaded whole, field by field', async ({ store }, expect) => {
      const at = 1_735_689_600_123;
      const statuses: ReadonlyArray<RestartStatus> = [
        initialStatus,
        stoppedByPerson,
        { attempts: 2, lastAttemptAt: at, nextAttemptAt: at + 1, blockedReason: null, lastReason: null },
        { ...initialStatus, attempts: 3, lastAttemptAt: at, blockedReason: 'max_attempts_exceeded' },
        { ...initialStatus, nextAttemptAt: at, lastReason: 'health_check_failed' },
        { ...initialStatus, attempts: Number.MAX_SAFE_INTEGER, lastAttemptAt: 0 },
      ];
      const policies: ReadonlyArray<RestartPolicy> = [
        policy,
        { mode: 'never', backoff: 5_000, maxAttempts: 0, stableAfter: 600_000 },
        { mode: 'always', backoff: 0.000_001, maxAttempts: Number.MAX_SAFE_INTEGER, stableAfter: 7_776_000_000 },
      ];
      for (const [n, status] of statuses.entries()) {
        for (const [m, each] of policies.entries()) {
          const id = `instance-${n}-${m}`;
          const revision = await create(store, expect, id, { policy: each, status });
          await isStored(store, expect, id, { policy: each, status }, revision);
        }
      }
      return 'held';
    }),

    rule('3 what the caller does to a record after its save reaches nobody', async ({ store }, expect) => {
      const mine = { policy: { ...policy }, status: { ...initialStatus } };
      const revision = await create(store, expect, 'web', mine);
      mine.status.attempts = 99;
      mine.policy.maxAttempts = 99;
      await isStored(store, expect, 'web', record(0), revision);
      return 'held';
    }),

    rule('3 a load sees every save that was answered before, by whichever process', async (under, expect) => {
      if (under.another === undefined) return 'not_applicable';
      const other = await expect.lent('another', under.another);
      let revision = await create(under.store, expect, 'web', record(0));
      for (let n = 1; n <= 6; n++) {
        const [writer, reader] = n % 2 === 0 ? [under.store, other] : [other, under.store];
        // A look before the write, so that a reader who keeps what it saw is found out.
        await isStored(reader, expect, 'web', record(n - 1), revision);
        revision = await expect.right('save', writer.save('web', record(n), revision));
        await isStored(reader, expect, 'web', record(n), revision);
      }
      await expect.right('remove', under.store.remove('web', revision));
      await isAbsent(other, expect, 'web');
      return 'held';
    }),

    rule(
      '3 a load of what was written a moment ago sees it, and of what never was sees none',
      async ({ store }, expect) => {
        let revision = await create(store, expect, 'web', record(0));
        for (let n = 1; n <= 3; n++) {
          await isStored(store, expect, 'web', record(n - 1), revision);
          revision = await expect.right('save', store.save('web', record(n), revision));
          await isStored(store, expect, 'web', record(n), revision);
        }
        await isAbsent(store, expect, 'db');
        return 'held';
      },
    ),

    rule('4 a remove at the current revision takes the record away', async ({ store }, expect) => {
      const revision = await create(store, expect, 'web', record(1));
      const other = await create(store, expect, 'db', record(2));
      await expect.right('remove', store.remove('web', revision));
      await isAbsent(store, expect, 'web');
      await isStored(store, expect, 'db', record(2), other);
      return 'held';
    }),

    rule('4 a remove at a revision that has passed is a conflict and takes nothing away', async ({ store }, expect) => {
      const first = await create(store, expect, 'web', record(1));
      const second = await expect.right('save', store.save('web', record(2), first));
      await expect.left('remove at the revision before', store.remove('web', first), 'Conflict');
      await expect.left('remove at a revision to come', store.remove('web', second + 1), 'Conflict');
      await isStored(store, expect, 'web', record(2), second);
      return 'held';
    }),

    rule('4 a remove of what is not there is a conflict', async ({ store }, expect) => {
      await expect.left('remove of what never was', store.remove('web', 1), 'Conflict');
      const revision = await create(store, expect, 'web', record(1));
      await expect.right('remove', store.remove('web', revision));
      await expect.left('remove of what was removed', store.remove('web', revision), 'Conflict');
      return 'held';
    }),

    rule('5 the list names every instance that has a record, once, and no other', async ({ store }, expect) => {
      await lists(store, expect, []);
      const web = await create(store, expect, 'web', record(1));
      await create(store, expect, 'db', record(1));
      await expect.right('save', store.save('web', record(2), web));
      const gone = await create(store, expect, 'gone', record(1));
      await expect.right('remove', store.remove('gone', gone));
      await lists(store, expect, ['db', 'web']);
      return 'held';
    }),

    rule(
      '5 what is not a record is reported by id, left as it is, listed, and stops nobody else',
      async (under, expect) => {
        const { store, corrupt } = under;
        if (corrupt === undefined) return 'not_applicable';
        await create(store, expect, 'bad', record(1));
        const good = await create(store, expect, 'good', record(2));
        await expect.lent('corrupt', () => corrupt('bad'));
        for (let look = 0; look < 2; look++) {
          const found = await expect.left('load of what is not a record', store.load('bad'), 'InvalidRecord');
          if (found._tag === 'InvalidRecord') {
            expect.equal('it is reported by id', found.id, 'bad');
            expect.that(found.problems.length > 0, 'it says what is wrong', found.problems);
          }
        }
        await lists(store, expect, ['bad', 'good']);
        await isStored(store, expect, 'good', record(2), good);
        await expect.left('save of what must not exist', store.save('bad', record(3), null), 'Conflict');
        await expect.left('load after that save', store.load('bad'), 'InvalidRecord');
        return 'held';
      },
    ),

    rule('6 any text is an id, and each its own', async ({ store }, expect) => {
      const revisions = new Map<InstanceId, Revision>();
      for (const [n, id] of oddIds.entries()) {
        await isAbsent(store, expect, id);
        revisions.set(id, await create(store, expect, id, record(n)));
      }
      await lists(store, expect, oddIds);
      for (const [n, id] of oddIds.entries()) {
        await isStored(store, expect, id, record(n), revisions.get(id) ?? 0);
        await expect.right('remove', store.remove(id, revisions.get(id) ?? 0));
      }
      await lists(store, expect, []);
      return 'held';
    }),

    rule('6 without its medium every call answers StoreFailed', async ({ store, breakDown }, expect) => {
      if (breakDown === undefined) return 'not_applicable';
      const revision = await create(store, expect, 'web', record(1));
      await expect.lent('breakDown', breakDown);
      await expect.left('load', store.load('web'), 'StoreFailed');
      await expect.left('save', store.save('web', record(2), revision), 'StoreFailed');
      await expect.left('save of a new one', store.save('new', record(2), null), 'StoreFailed');
      await expect.left('list', store.list, 'StoreFailed');
      await expect.left('remove', store.remove('web', revision), 'StoreFailed');
      return 'held';
    }),
  ];
};

// ---------------------------------------------------------------------------
// looks
// ---------------------------------------------------------------------------

/** The store, and the other way to the same records where there is one: what races comes by both. */
const waysTo = async ({ store, another }: StoreUnderTest, expect: Expect): Promise<ReadonlyArray<Store>> =>
  another === undefined ? [store] : [store, await expect.lent('another', another)];

const create = (store: Store, expect: Expect, id: InstanceId, what: RestartRecord): Promise<Revision> =>
  expect.right(`save of a new record of ${id}`, store.save(id, what, null));

const isStored = async (
  store: Store,
  expect: Expect,
  id: InstanceId,
  { policy, status }: RestartRecord,
  revision: Revision,
): Promise<void> => {
  const loaded = await expect.right(`load of ${id}`, store.load(id));
  const stored: StoredRecord = { policy, status, revision };
  expect.equal(`what is stored of ${id}`, loaded._tag === 'Some' ? loaded.value : 'none', stored);
};

const isAbsent = async (store: Store, expect: Expect, id: InstanceId): Promise<void> => {
  const loaded = await expect.right(`load of ${id}`, store.load(id));
  expect.equal(`whether ${id} has a record`, loaded._tag, 'None');
};

const lists = async (store: Store, expect: Expect, ids: ReadonlyArray<InstanceId>): Promise<void> => {
  const listed = await expect.right('list', store.list);
  expect.equal('the listed ids', [...listed].sort(), [...ids].sort());
};
