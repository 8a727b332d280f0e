/**
 * Cases of rule 6, which is about every call: what may be an id, and what is answered without the medium.
 */
import type { InstanceId, Revision } from '../../ports/store.js';
import type { ContractCase } from '../contract.js';
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
    return 'held';
  }),
];
