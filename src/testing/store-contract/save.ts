/**
 * Cases of rules 1 and 2: what a save writes, at which revision, and which of several wins.
 */
import { isRight } from '../../either.js';
import type { InstanceId, Revision } from '../../ports/store.js';
import type { ContractCase } from '../contract.js';
import { create, isAbsent, isStored, lists, record, waysTo } from './records.js';
import type { Rule } from './under-test.js';

export const saveCases = (rule: Rule): ReadonlyArray<ContractCase> => [
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

  rule('1 a save at the current revision replaces the record and answers a greater one', async ({ store }, expect) => {
    const first = await create(store, expect, 'web', record(1));
    const second = await expect.right('save at the current revision', store.save('web', record(2), first));
    expect.that(second > first, `revisions grow with every write: expected more than ${first}`, second);
    await isStored(store, expect, 'web', record(2), second);
    return 'held';
  }),

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

  rule('1 a save at a revision of what does not exist is a conflict and writes nothing', async ({ store }, expect) => {
    const other = await create(store, expect, 'db', record(1));
    for (const expected of [1, other, other + 1]) {
      await expect.left('save of what is not there', store.save('web', record(1), expected), 'Conflict');
    }
    await isAbsent(store, expect, 'web');
    return 'held';
  }),

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
      // A person would be told of a fault, where loading again is all that is needed.
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

  rule('1 a write that is built and not run writes nothing; run twice it is two writes', async ({ store }, expect) => {
    const built = store.save('web', record(1), null);
    await isAbsent(store, expect, 'web');
    const revision = await expect.right('the first run', built);
    await expect.left('the second run', built, 'Conflict');
    const removal = store.remove('web', revision);
    await isStored(store, expect, 'web', record(1), revision);
    await expect.right('remove', removal);
    return 'held';
  }),

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
];
