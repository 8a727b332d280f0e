/**
 * Cases of rule 5: which instances are listed, also where what is stored is no record.
 */
import type { ContractCase } from '../contract.js';
import { create, isStored, lists, record } from './records.js';
import type { Rule } from './under-test.js';

export const listCases = (rule: Rule): ReadonlyArray<ContractCase> => [
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
      await expect.lent('corrupt', () => corrupt('bad', 'status'));
      for (let load = 0; load < 2; load++) {
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
];
