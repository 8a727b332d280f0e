/**
 * Cases of rule 5 for stores that list their records in pages.
 */
import type { InstanceId, ListedRecord, RestartRecord, Revision, Store } from '../../ports/store.js';
import type { ContractCase, Expect } from '../contract.js';
import { create, record } from './records.js';
import type { Rule } from './under-test.js';

type ListRecords = NonNullable<Store['listRecords']>;

/** In the order of code points; UTF-16 has the last two the other way round, and languages have it all otherwise. */
const inOrder: ReadonlyArray<InstanceId> = ['10', '9', 'Z', 'a', 'a/b', 'aa', 'b', 'z', 'ä', '☃', '～', '𝄞'];

/** All pages of so many, one after the other. */
const pagesOf = async (
  listRecords: ListRecords,
  expect: Expect,
  limit: number,
): Promise<ReadonlyArray<ListedRecord>> => {
  const all: Array<ListedRecord> = [];
  for (let after: InstanceId | null = null; ; after = all.at(-1)?.id ?? null) {
    const page = await expect.right(`page of ${limit}`, listRecords({ after, limit }));
    all.push(...page);
    expect.that(page.length <= limit, `a page of ${limit} has no more`, page.length);
    // One that does not end is found out here.
    expect.that(all.length <= 2 * inOrder.length, 'pages come to an end', all.length);
    if (page.length < limit) return all;
  }
};

const listed = (id: InstanceId, { policy, status }: RestartRecord, revision: Revision): ListedRecord => ({
  id,
  record: { _tag: 'Right', right: { policy, status, revision } },
});

export const pageCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule(
    '5 pages of any length hold every record once, in the order of code points of their ids',
    async ({ store }, expect) => {
      const { listRecords } = store;
      if (listRecords === undefined) return 'not_applicable';
      expect.equal('the records of an empty store', await pagesOf(listRecords, expect, 2), []);
      const revisions = new Map<InstanceId, Revision>();
      // Neither in their order nor in the opposite.
      for (const id of inOrder.filter((_, n) => n % 2 === 1)) {
        revisions.set(id, await create(store, expect, id, record(inOrder.indexOf(id))));
      }
      for (const id of [...inOrder].reverse().filter((each) => !revisions.has(each))) {
        revisions.set(id, await create(store, expect, id, record(inOrder.indexOf(id))));
      }
      const expected = inOrder.map((id, n) => listed(id, record(n), revisions.get(id) ?? 0));
      for (const limit of [1, 2, 3, inOrder.length - 1, inOrder.length, 1_000]) {
        expect.equal(`pages of ${limit}`, await pagesOf(listRecords, expect, limit), expected);
      }
      return 'held';
    },
  ),

  rule('5 a page begins behind an id, also where that one is gone', async ({ store }, expect) => {
    const { listRecords } = store;
    if (listRecords === undefined) return 'not_applicable';
    const revisions = new Map<InstanceId, Revision>();
    for (const [n, id] of inOrder.entries()) revisions.set(id, await create(store, expect, id, record(n)));
    await expect.right('remove', store.remove('aa', revisions.get('aa') ?? 0));
    const idsAfter = async (after: InstanceId): Promise<ReadonlyArray<InstanceId>> =>
      (await expect.right('page', listRecords({ after, limit: 3 }))).map(({ id }) => id);
    expect.equal('ids behind one that is gone', await idsAfter('aa'), ['b', 'z', 'ä']);
    expect.equal('ids behind one that never was', await idsAfter('a/'), ['a/b', 'b', 'z']);
    expect.equal('ids behind the last', await idsAfter('𝄞'), []);
    return 'held';
  }),

  rule('5 a page shows each record as it was last written, by whichever process', async (under, expect) => {
    const { listRecords } = under.store;
    if (listRecords === undefined) return 'not_applicable';
    const writer = under.another === undefined ? under.store : await expect.lent('another', under.another);
    let web = await create(writer, expect, 'web', record(0));
    const db = await create(writer, expect, 'db', record(7));
    for (let n = 1; n <= 3; n++) {
      web = await expect.right('save', writer.save('web', record(n), web));
      const seen = await pagesOf(listRecords, expect, 10);
      expect.equal('the records', seen, [listed('db', record(7), db), listed('web', record(n), web)]);
    }
    await expect.right('remove', writer.remove('web', web));
    expect.equal('the records', await pagesOf(listRecords, expect, 10), [listed('db', record(7), db)]);
    return 'held';
  }),

  rule('5 a page shows what is not a record as such, and the others whole', async ({ store, corrupt }, expect) => {
    const { listRecords } = store;
    if (listRecords === undefined || corrupt === undefined) return 'not_applicable';
    const first = await create(store, expect, 'a', record(1));
    await create(store, expect, 'bad', record(2));
    const last = await create(store, expect, 'c', record(3));
    await expect.lent('corrupt', () => corrupt('bad', 'status'));
    const found = await expect.left('load of what is not a record', store.load('bad'), 'InvalidRecord');
    for (const limit of [1, 2, 10]) {
      expect.equal(`pages of ${limit}`, await pagesOf(listRecords, expect, limit), [
        listed('a', record(1), first),
        { id: 'bad', record: { _tag: 'Left', left: found } },
        listed('c', record(3), last),
      ]);
    }
    return 'held';
  }),
];
