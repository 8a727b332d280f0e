/**
 * Cases of rules 1 to 4: what is told is shown, once, the newest first.
 */
import type { HistoryEntry } from '../../ports/history.js';
import type { InstanceId } from '../../ports/store.js';
import type { ContractCase } from '../contract.js';
import { allPages, attempt, attempts, ended, everyKind, newestFirst, start } from './entries.js';
import type { Rule } from './under-test.js';

export const pageCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('1 every kind of entry is shown as it was told, in order', async ({ history }, expect) => {
    const told = everyKind('web');
    for (const entry of told) history.add([entry]);
    history.add(everyKind('other'));
    expect.equal('the entries of web', await allPages(expect, history, 'web'), newestFirst(told));
    expect.equal('the entries of an instance of which none were told', await allPages(expect, history, 'db'), []);
    return 'held';
  }),

  rule('2 what was told is shown to whoever asks next, in every process', async (under, expect) => {
    const readers = [under.history];
    if (under.another !== undefined) readers.push(await expect.lent('another', under.another));
    for (let n = 1; n <= 5; n++) {
      under.history.add([attempt('web', start + n, n)]);
      // The others see it when it is written, which this sees to.
      await expect.right('flush', under.history.flush);
      for (const reader of readers) {
        const { entries } = await expect.right('the newest', reader.ofInstance('web', { limit: 1 }));
        expect.equal('the newest entry', entries, [attempt('web', start + n, n)]);
      }
    }
    under.history.add([attempt('web', start + 6, 6)]);
    const { entries } = await expect.right(
      'the newest, without a flush',
      under.history.ofInstance('web', { limit: 1 }),
    );
    expect.equal('the newest entry', entries, [attempt('web', start + 6, 6)]);
    return 'held';
  }),

  rule('3 pages of any length hold every entry once, the newest first', async ({ history }, expect) => {
    const web = attempts('web', 7, start);
    // Of one time, and told before what has an earlier one: of an instance the order of telling counts.
    const odd: ReadonlyArray<HistoryEntry> = [attempt('web', start, 8), attempt('web', start, 9)];
    const db = attempts('db', 5, start + 100);
    history.add([...web, ...db, ...odd]);
    const ofSpan = [
      ...newestFirst([...web.slice(1), ...db].sort((a, b) => a.at - b.at)),
      attempt('web', start, 9),
      attempt('web', start, 8),
      attempt('web', start, 1),
    ];
    for (const limit of [1, 2, 3, 9, 14, 1_000]) {
      const ofInstance = await allPages(expect, history, 'web', { limit });
      expect.equal(`pages of ${limit} of web`, ofInstance, newestFirst([...web, ...odd]));
      expect.equal(`pages of ${limit} of all`, await allPages(expect, history, {}, { limit }), ofSpan);
    }
    return 'held';
  }),

  rule('3 pages go on where they ended, whatever is told meanwhile', async ({ history }, expect) => {
    const told = attempts('web', 6, start);
    history.add(told);
    for (const of of ['web', {}] as const) {
      let n = 0;
      const between = (): void => history.add([attempt('db', start + 50_000 + n++, n)]);
      const pages = await allPages(expect, history, of, { limit: 2 }, between);
      const seen = pages.filter(({ id }) => id === 'web');
      expect.equal('the entries of web that were there at the first page', seen, newestFirst(told));
    }
    // Of the very instance too.
    let m = 0;
    const newer = (): void => history.add([attempt('web', start + 60_000 + m++, 100 + m)]);
    expect.equal('pages', await allPages(expect, history, 'web', { limit: 2 }, newer), newestFirst(told));
    return 'held';
  }),

  rule('3 a page has only entries of the kinds that were asked for', async ({ history }, expect) => {
    const told = everyKind('web');
    history.add(told);
    const tags = ['Blocked', 'RunEnded'] as const;
    const some = newestFirst(told.filter(({ _tag }) => _tag === 'Blocked' || _tag === 'RunEnded'));
    expect.equal('ends and blocks of web', await allPages(expect, history, 'web', { tags, limit: 2 }), some);
    expect.equal('ends and blocks of all', await allPages(expect, history, {}, { tags, limit: 3 }), some);
    return 'held';
  }),

  rule('4 what is told again is kept once', async (under, expect) => {
    const told = everyKind('web');
    const tellers = [under.history, under.history];
    if (under.another !== undefined) tellers.push(await expect.lent('another', under.another));
    under.history.add([...told, ...told]);
    for (const teller of tellers) {
      teller.add(told);
      await expect.right('flush', teller.flush);
    }
    expect.equal('the entries', await allPages(expect, under.history, 'web'), newestFirst(told));
    return 'held';
  }),

  rule('4 a run has one end, and each run of each instance its own', async ({ history }, expect) => {
    const again = (id: InstanceId, at: number): HistoryEntry =>
      ({ ...ended(id, at, start), cause: 'signal' }) as HistoryEntry;
    history.add([
      ended('web', start + 10, start),
      ended('web', start + 30, start + 20),
      ended('db', start + 10, start),
    ]);
    await expect.right('flush', history.flush);
    history.add([again('web', start + 99), again('web', start + 100)]);
    const web = [ended('web', start + 30, start + 20), ended('web', start + 10, start)];
    expect.equal('the ends of web', await allPages(expect, history, 'web'), web);
    expect.equal('the ends of db', await allPages(expect, history, 'db'), [ended('db', start + 10, start)]);
    return 'held';
  }),

  rule('4 what differs in anything is another entry', async ({ history }, expect) => {
    const one = {
      _tag: 'AttemptFailed',
      id: 'web',
      at: start,
      attempt: 1,
      during: 'start',
      message: 'a',
      nextAttemptAt: null,
    } as const;
    const told: ReadonlyArray<HistoryEntry> = [
      one,
      { ...one, message: 'A' },
      { ...one, message: null },
      { ...one, attempt: 2 },
      { ...one, at: start + 1 },
      { ...one, nextAttemptAt: start },
    ];
    history.add(told);
    expect.equal('the entries', await allPages(expect, history, 'web'), newestFirst(told));
    return 'held';
  }),
];
