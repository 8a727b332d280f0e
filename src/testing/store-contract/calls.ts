/**
 * Cases of rules 6, 9 and 10, which are about every call: what may be an id, what is answered without the medium, and what
 * comes of a call that is given up.
 */
import { isRight } from '../../either.js';
import type { InstanceId, Revision } from '../../ports/store.js';
import { type ContractCase, pause } from '../contract.js';
import { create, isAbsent, isStored, lists, record } from './records.js';
import type { Rule } from './under-test.js';

/** Ids are any text: special characters of file names, paths, query languages and object keys must not matter. */
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

/** Each is another, and many a medium cuts or changes one of them into the next. */
const alikeIds: ReadonlyArray<InstanceId> = [
  'a',
  'a\0b',
  'a\0c',
  'half \ufffd',
  'half \ud834',
  'half \udd1e',
  '',
  `${'x'.repeat(100_000)}a`,
  `${'x'.repeat(100_000)}b`,
];

export const callCases = (rule: Rule): ReadonlyArray<ContractCase> => [
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
    const { listRecords } = store;
    if (listRecords !== undefined) {
      await expect.left('page of records', listRecords({ after: null, limit: 10 }), 'StoreFailed');
    }
    return 'held';
  }),

  rule('9 an id that cannot be kept as it is is refused by name, and is no other', async ({ store }, expect) => {
    const kept = new Map<InstanceId, { readonly n: number; readonly revision: Revision }>();
    for (const [n, id] of alikeIds.entries()) {
      const saved = await expect.answer(`save of ${inShort(id)}`, store.save(id, record(n), null));
      if (isRight(saved)) {
        kept.set(id, { n, revision: saved.right });
        continue;
      }
      expect.equal(`the answer to a save of ${inShort(id)}, which cannot be kept`, saved.left._tag, 'StoreFailed');
      const message = saved.left._tag === 'StoreFailed' ? saved.left.message : '';
      const named = message.includes(inShort(id)) || message.includes(id.slice(0, shortest));
      expect.that(named, `the error names ${inShort(id)}`, message);
    }
    for (const id of alikeIds.filter((each) => !kept.has(each))) {
      const loaded = await expect.answer(`load of ${inShort(id)}, which was refused`, store.load(id));
      const isNothing = isRight(loaded) ? loaded.right._tag === 'None' : loaded.left._tag === 'StoreFailed';
      expect.that(isNothing, `${inShort(id)}, which was refused, has no record`, loaded);
      // At the revision of what it may have been taken for.
      for (const { revision } of kept.values()) {
        await expect.left(`save of ${inShort(id)}`, store.save(id, record(99), revision), 'StoreFailed', 'Conflict');
        await expect.left(`remove of ${inShort(id)}`, store.remove(id, revision), 'StoreFailed', 'Conflict');
      }
    }
    for (const [id, { n, revision }] of kept) await isStored(store, expect, id, record(n), revision);
    await lists(store, expect, [...kept.keys()]);
    return 'held';
  }),

  rule(
    '10 a call that is given up is answered, and its save overtakes none that was made after it',
    async ({ store }, expect) => {
      let revision = await create(store, expect, 'web', record(0));
      for (let round = 1; round <= 20; round++) {
        // Given up before it is made, while it is under way, and when it is done.
        const controller = new AbortController();
        if (round % 3 === 0) controller.abort();
        const late = store.save('web', record(1_000 + round), revision, { signal: controller.signal });
        const answered = expect.answer('save that is given up', late);
        if (round % 3 === 1) controller.abort();
        const answer = await answered;
        controller.abort();
        const found = await expect.right('load', store.load('web'));
        if (found._tag === 'None') expect.that(false, 'the record is still there', found);
        else if (isRight(answer)) await isStored(store, expect, 'web', record(1_000 + round), answer.right);
        const at = found._tag === 'Some' ? found.value.revision : 0;
        // It may still be written, and then it is this one that comes too late.
        const saved = await expect.answer('save after it', store.save('web', record(round), at));
        if (isRight(saved)) {
          // Whatever else is on its way in this process comes first.
          await pause(0);
          await isStored(store, expect, 'web', record(round), saved.right);
          revision = saved.right;
        } else {
          expect.equal('the answer to a save that was overtaken', saved.left._tag, 'Conflict');
          const there = await expect.right('load', store.load('web'));
          revision = there._tag === 'Some' ? there.value.revision : 0;
        }
      }
      const gone = new AbortController();
      gone.abort();
      const call = { signal: gone.signal };
      await expect.answer('load that is given up', store.load('web', call));
      await expect.answer('list that is given up', () => store.list(call));
      await expect.answer('remove that is given up', store.remove('web', 0, call));
      return 'held';
    },
  ),
];

/** As much of an id as an error must name: people know a long one by its beginning. */
const shortest = 20;

const inShort = (id: InstanceId): string => JSON.stringify(id.slice(0, shortest)).slice(1, -1);
