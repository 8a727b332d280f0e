/**
 * Cases of rule 8: parts of a record that stay as they stand, and records that cannot be read.
 */
import {
  asItStands,
  type InvalidRecord,
  type RecordToSave,
  type RestartRecord,
  type Store,
} from '../../ports/store.js';
import type { ContractCase, Expect } from '../contract.js';
import { create, isAbsent, isStored, lists, policy, record } from './records.js';
import type { Part, Rule } from './under-test.js';

const parts: ReadonlyArray<{ readonly part: Part; readonly other: Part }> = [
  { part: 'policy', other: 'status' },
  { part: 'status', other: 'policy' },
];

/** Differs from every other record in both parts. */
const another = (n: number): RestartRecord => ({ ...record(n), policy: { ...policy, maxAttempts: 50 + n } });

const leaving = (part: Part, { policy, status }: RestartRecord): RecordToSave =>
  part === 'policy' ? { policy: asItStands, status } : { policy, status: asItStands };

const loadUnreadable = async (store: Store, expect: Expect, id: string): Promise<InvalidRecord> => {
  const found = await expect.left(`load of ${id}, which cannot be read`, store.load(id), 'InvalidRecord');
  if (found._tag === 'InvalidRecord') return found;
  throw new Error(`it is ${found._tag}`);
};

/** The part is not to be read, and of the other what was written; a store may not be able to read that either. */
const isReadBut = (expect: Expect, part: Part, other: Part, found: InvalidRecord, written: RestartRecord): void => {
  expect.equal(`the ${part}, which cannot be read`, found[part], null);
  if (found[other] !== null) expect.equal(`the ${other} beside it`, found[other], written[other]);
};

export const unreadableCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('8 a part that is left as it stands stays, and the other is written', async ({ store }, expect) => {
    for (const { part } of parts) {
      const id = `web, ${part}`;
      const first = await create(store, expect, id, another(1));
      const second = await expect.right('save of one part', store.save(id, leaving(part, another(2)), first));
      expect.that(second > first, `revisions grow with every write: expected more than ${first}`, second);
      const stands = { ...another(2), [part]: another(1)[part] };
      await isStored(store, expect, id, stands, second);
      await expect.left('save at the revision before', store.save(id, leaving(part, another(3)), first), 'Conflict');
      await isStored(store, expect, id, stands, second);
      const both: RecordToSave = { policy: asItStands, status: asItStands };
      const third = await expect.right('save of neither part', store.save(id, both, second));
      expect.that(third > second, `revisions grow with every write: expected more than ${second}`, third);
      await isStored(store, expect, id, stands, third);
    }
    return 'held';
  }),

  rule('8 what does not exist does not stand', async ({ store }, expect) => {
    for (const { part } of parts) {
      const save = store.save('web', leaving(part, another(1)), null);
      await expect.left('save of a new record with a part as it stands', save, 'StoreFailed');
      await isAbsent(store, expect, 'web');
      const late = store.save('web', leaving(part, another(1)), 1);
      await expect.left('save over what is not there', late, 'Conflict');
    }
    await lists(store, expect, []);
    return 'held';
  }),

  rule('8 of what cannot be read a load answers the revision, and what can be', async ({ store, corrupt }, expect) => {
    if (corrupt === undefined) return 'not_applicable';
    for (const { part, other } of parts) {
      const id = `bad ${part}`;
      await create(store, expect, id, another(1));
      await expect.lent('corrupt', () => corrupt(id, part));
      const found = await loadUnreadable(store, expect, id);
      isReadBut(expect, part, other, found, another(1));
      const elsewhere = store.save(id, another(2), found.revision + 1);
      await expect.left('save at another revision than the answered one', elsewhere, 'Conflict');
      expect.equal('what a second load answers', await loadUnreadable(store, expect, id), found);
    }
    return 'held';
  }),

  rule('8 a save at its revision writes over what cannot be read', async ({ store, corrupt }, expect) => {
    if (corrupt === undefined) return 'not_applicable';
    for (const { part } of parts) {
      const id = `bad ${part}`;
      await create(store, expect, id, another(1));
      await expect.lent('corrupt', () => corrupt(id, part));
      const { revision } = await loadUnreadable(store, expect, id);
      const next = await expect.right('save over it', store.save(id, another(2), revision));
      expect.that(next > revision, `revisions grow with every write: expected more than ${revision}`, next);
      await isStored(store, expect, id, another(2), next);
    }
    return 'held';
  }),

  rule(
    '8 a part that cannot be read is kept as it stands, and the other is written beside it',
    async ({ store, corrupt, stored }, expect) => {
      if (corrupt === undefined) return 'not_applicable';
      for (const { part, other } of parts) {
        const id = `bad ${part}`;
        const asStored = async (): Promise<unknown> =>
          stored === undefined ? null : expect.lent('stored', () => stored(id, part));
        await create(store, expect, id, another(1));
        await expect.lent('corrupt', () => corrupt(id, part));
        const before = await asStored();
        let { revision } = await loadUnreadable(store, expect, id);
        for (let n = 2; n <= 3; n++) {
          const save = store.save(id, leaving(part, another(n)), revision);
          revision = await expect.right(`save beside the ${part}`, save);
          const found = await loadUnreadable(store, expect, id);
          expect.equal('the revision', found.revision, revision);
          isReadBut(expect, part, other, found, another(n));
          expect.equal(`the ${part} as it is stored`, await asStored(), before);
        }
        const whole = await expect.right('save of the rest', store.save(id, leaving(other, another(4)), revision));
        await isStored(store, expect, id, { ...another(4), [other]: another(3)[other] }, whole);
      }
      return 'held';
    },
  ),

  rule('8 a remove at its revision takes away what cannot be read', async ({ store, corrupt }, expect) => {
    if (corrupt === undefined) return 'not_applicable';
    for (const { part } of parts) {
      await create(store, expect, 'bad', another(1));
      await expect.lent('corrupt', () => corrupt('bad', part));
      const { revision } = await loadUnreadable(store, expect, 'bad');
      await expect.left('remove at another revision', store.remove('bad', revision + 1), 'Conflict');
      await expect.right('remove at its revision', store.remove('bad', revision));
      await isAbsent(store, expect, 'bad');
      const anew = await create(store, expect, 'bad', another(2));
      expect.that(anew > revision, `revisions grow with every write: expected more than ${revision}`, anew);
      await isStored(store, expect, 'bad', another(2), anew);
      await expect.right('remove', store.remove('bad', anew));
    }
    return 'held';
  }),
];
