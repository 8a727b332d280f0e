/**
 * Cases of rules 7 and 8, which are about every call: what is asked wrongly, what is answered without the medium, and what may
 * be an id.
 */
import { isRight } from '../../either.js';
import type { History, HistoryEntry } from '../../ports/history.js';
import type { InstanceId } from '../../ports/store.js';
import { type ContractCase, pause } from '../contract.js';
import { allPages, attempt, attempts, newestFirst, start } from './entries.js';
import type { Rule } from './under-test.js';

/** Ids are any text. */
const oddIds: ReadonlyArray<InstanceId> = [
  'web-1',
  'WEB-1',
  ' web-1',
  'a/b/../c',
  '%',
  "it's; DROP TABLE history; --",
  '"quoted"',
  'back\\slash',
  'Zürich ☃ 𝄞',
  '__proto__',
  'constructor',
  '0',
  'x'.repeat(1_000),
];

/** Each is another, and many a medium cuts or changes one of them into the next. */
const alikeIds: ReadonlyArray<InstanceId> = ['a', 'a\0b', 'a\0c', 'half \ufffd', 'half \ud834', 'half \udd1e', ''];

const lostSoFar = (history: History): number => history.state().lost;

export const callCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('7 what is asked wrongly is answered with all that is wrong', async ({ history }, expect) => {
    const wrong = { limit: 0, before: 'x', tags: [], from: 'y' } as unknown as { readonly limit: number };
    const problems = async (what: string, call: Parameters<typeof expect.left>[1]): Promise<ReadonlyArray<string>> => {
      const answer = await expect.left(what, call, 'InvalidOptions');
      return ((answer as unknown as { errors?: ReadonlyArray<{ option: string }> }).errors ?? []).map(
        ({ option }) => option,
      );
    };
    const ofInstance = await problems('a wrong page', history.ofInstance('web', wrong));
    expect.equal('what is wrong with a page', ofInstance, ['before', 'limit', 'tags', 'from']);
    expect.equal('what is wrong with a span', await problems('a wrong span', history.ofSpan(wrong)), [
      'from',
      'before',
      'limit',
      'tags',
    ]);
    expect.equal('what is wrong with the busiest', await problems('busiest', history.busiest({ limit: 1_001 })), [
      'limit',
    ]);
    return 'held';
  }),

  rule('7 what cannot be read is left out of its page, and counted', async ({ history, corrupt }, expect) => {
    if (corrupt === undefined) return 'not_applicable';
    history.add([...attempts('web', 3, start), ...attempts('db', 2, start)]);
    await expect.right('flush', history.flush);
    await expect.lent('corrupt', () => corrupt('web'));
    const page = await expect.right('page', history.ofInstance('web'));
    expect.equal('a page of what cannot be read', page, { entries: [], next: null, unreadable: 3 });
    const first = await expect.right('page', history.ofInstance('web', { limit: 2 }));
    expect.equal('how many of two are not shown', first.unreadable, 2);
    const second = await expect.right('page', history.ofInstance('web', { limit: 2, before: first.next }));
    expect.equal('how many of the last one', second, { entries: [], next: null, unreadable: 1 });
    expect.equal('others', await allPages(expect, history, 'db'), newestFirst(attempts('db', 2, start)));
    return 'held';
  }),

  rule('7 without its medium a query is HistoryFailed, and nothing is thrown', async (under, expect) => {
    const { history, breakDown } = under;
    if (breakDown === undefined) return 'not_applicable';
    history.add([attempt('web', start)]);
    await expect.right('flush', history.flush);
    expect.equal('why the last write failed', history.state().failing, null);
    await expect.lent('breakDown', breakDown);
    history.add(attempts('web', 3, start + 1));
    await expect.left('flush', history.flush, 'HistoryFailed');
    await expect.left('page', history.ofInstance('web'), 'HistoryFailed');
    await expect.left('span', history.ofSpan({}), 'HistoryFailed');
    await expect.left('busiest', history.busiest({}), 'HistoryFailed');
    const { queued, failing } = history.state();
    expect.equal('how many wait', queued, 3);
    expect.equal('why the last write failed', failing?._tag, 'HistoryFailed');
    return 'held';
  }),

  rule('7 with its medium back it goes on by itself, and nothing that waited is lost', async (under, expect) => {
    const { history, breakDown, mend } = under;
    if (breakDown === undefined || mend === undefined) return 'not_applicable';
    const told = attempts('web', 6, start);
    history.add(told.slice(0, 2));
    await expect.right('flush', history.flush);
    await expect.lent('breakDown', breakDown);
    history.add(told.slice(2, 4));
    await expect.left('flush', history.flush, 'HistoryFailed');
    history.add(told.slice(4));
    await expect.lent('mend', mend);
    await expect.eventually(async () => history.state().queued === 0);
    expect.equal('how it is', history.state(), { queued: 0, lost: 0, failing: null });
    expect.equal('the entries', await allPages(expect, history, 'web'), newestFirst(told));
    return 'held';
  }),

  rule(
    '7 after its close what was told before is there, and what is told then is lost and counted',
    async (under, expect) => {
      const { history, another } = under;
      history.add([attempt('web', start)]);
      await history.close();
      await history.close();
      history.add(attempts('web', 2, start + 1));
      expect.equal('how many are lost', lostSoFar(history), 2);
      if (another === undefined) return 'held';
      const reader = await expect.lent('another', another);
      await pause(0);
      expect.equal('the entries', await allPages(expect, reader, 'web'), [attempt('web', start)]);
      return 'held';
    },
  ),

  rule('7 what is no entry is lost and counted, and spoils no other', async ({ history }, expect) => {
    const nonsense = { _tag: 'Attempt', id: 'web', at: Number.NaN } as unknown as HistoryEntry;
    history.add([attempt('web', start, 1), nonsense, attempt('web', start + 1, 2)]);
    expect.equal('the entries', await allPages(expect, history, 'web'), [
      attempt('web', start + 1, 2),
      attempt('web', start, 1),
    ]);
    expect.equal('how many are lost', lostSoFar(history), 1);
    return 'held';
  }),

  rule('8 any text is an id, and each its own', async ({ history }, expect) => {
    for (const [n, id] of oddIds.entries()) history.add([attempt(id, start, n)]);
    for (const [n, id] of oddIds.entries()) {
      expect.equal(`the entries of ${id.slice(0, 20)}`, await allPages(expect, history, id), [attempt(id, start, n)]);
    }
    return 'held';
  }),

  rule(
    '8 an id that cannot be kept as it is has no history, and no other gets its entries',
    async ({ history }, expect) => {
      for (const [n, id] of alikeIds.entries()) history.add([attempt(id, start, n)]);
      let kept = 0;
      for (const [n, id] of alikeIds.entries()) {
        const page = await expect.answer('page', history.ofInstance(id));
        const entries = isRight(page) ? page.right.entries : [];
        const isOwn = entries.length === 1 && entries[0]?.id === id && Reflect.get(entries[0], 'attempt') === n;
        expect.that(entries.length === 0 || isOwn, `the entries of ${JSON.stringify(id)} are its own`, entries);
        kept += entries.length;
      }
      expect.equal('how many are lost', lostSoFar(history), alikeIds.length - kept);
      return 'held';
    },
  ),
];
