/**
 * Cases of rule 4: what a remove takes away, at which revision.
 */
import type { ContractCase } from '../contract.js';
import { create, isAbsent, isStored, record } from './records.js';
import type { Rule } from './under-test.js';

export const removeCases = (rule: Rule): ReadonlyArray<ContractCase> => [
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
];
