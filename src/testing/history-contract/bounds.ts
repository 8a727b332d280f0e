/**
 * Cases of rules 5 and 6: what is given up, what a span is, and who is busiest.
 */
import type { HistoryEntry, InstanceActivity } from '../../ports/history.js';
import type { ContractCase } from '../contract.js';
import { allPages, attempt, attempts, ended, newestFirst, start } from './entries.js';
import { bounds, type Rule } from './under-test.js';

const { perInstance, maxAge } = bounds;

const activity = (id: string, part: Partial<InstanceActivity>): InstanceActivity => ({
  id,
  attempts: 0,
  failures: 0,
  ends: 0,
  blocks: 0,
  lastAttemptAt: start,
  atLeast: false,
  ...part,
});

export const boundCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule(
    '5 of each instance the newest entries are kept, and those of others count for nothing',
    async (under, expect) => {
      const { history } = under;
      const quiet = attempts('quiet', 2, start);
      history.add(quiet);
      const told = attempts('web', 3 * perInstance, start + 1);
      // At once, one by one, and some more than are kept at a time.
      history.add(told.slice(0, perInstance + 5));
      await expect.right('flush', history.flush);
      for (const entry of told.slice(perInstance + 5, perInstance + 8)) {
        history.add([entry]);
        await expect.right('flush', history.flush);
      }
      history.add(told.slice(perInstance + 8));
      expect.equal(
        'what is kept of web',
        await allPages(expect, history, 'web'),
        newestFirst(told.slice(-perInstance)),
      );
      expect.equal('what is kept of quiet', await allPages(expect, history, 'quiet'), newestFirst(quiet));
      return 'held';
    },
  ),

  rule('5 what is too old is given up when something newer is told', async ({ history }, expect) => {
    history.add([attempt('old', start), attempt('web', start + 1, 1), attempt('web', start + 2, 2)]);
    await expect.right('flush', history.flush);
    const newest = attempt('new', start + maxAge + 2);
    history.add([newest]);
    const rest = [newest, attempt('web', start + 2, 2)];
    expect.equal('what is kept of all', await allPages(expect, history, {}), rest);
    expect.equal('what is kept of old', await allPages(expect, history, 'old'), []);
    return 'held';
  }),

  rule('6 a span begins with its first moment, and ends before its last', async ({ history }, expect) => {
    const told = attempts('web', 5, start, 10);
    history.add(told);
    for (const [from, to] of [
      [start, start + 40],
      [start + 1, start + 41],
      [start + 10, start + 30],
      [start + 20, start + 20],
      [start + 30, start + 10],
    ] as const) {
      const within = newestFirst(told.filter(({ at }) => at >= from && at < to));
      expect.equal(`from ${from} to ${to}`, await allPages(expect, history, { from, to }, { limit: 2 }), within);
    }
    expect.equal(
      'from the third on',
      await allPages(expect, history, { from: start + 20 }),
      newestFirst(told.slice(2)),
    );
    expect.equal(
      'before the third',
      await allPages(expect, history, { to: start + 20 }),
      newestFirst(told.slice(0, 2)),
    );
    return 'held';
  }),

  rule('6 the busiest come first, with what happened to them in the span', async ({ history }, expect) => {
    const failed = (id: string, at: number): HistoryEntry => ({
      _tag: 'AttemptFailed',
      id,
      at,
      attempt: 1,
      during: 'start',
      message: null,
      nextAttemptAt: null,
    });
    const blocked = (id: string, at: number): HistoryEntry => ({
      _tag: 'Blocked',
      id,
      at,
      attempts: 1,
      why: 'exit',
      until: null,
    });
    history.add([
      ...attempts('before', 5, start - 100, 1),
      ...attempts('web', 3, start, 10),
      ended('web', start + 5, start - 50),
      ended('web', start + 15, start + 11),
      failed('web', start + 16),
      blocked('web', start + 30),
      // Equals in the order of code points, which is not that of UTF-16.
      ...attempts('𝄞', 2, start),
      ...attempts('～', 2, start),
      ...attempts('Z', 2, start),
      ...attempts('a', 2, start),
      ...attempts('partly', 4, start - 20, 10),
      ended('no attempt', start + 1, start),
      ...attempts('after', 5, start + 10_000),
    ]);
    const span = { from: start, to: start + 10_000 };
    const busiest = await expect.right('busiest', history.busiest(span));
    expect.equal('the busiest', busiest, [
      activity('web', { attempts: 3, failures: 1, ends: 2, blocks: 1, lastAttemptAt: start + 20 }),
      ...['Z', 'a'].map((id) => activity(id, { attempts: 2, lastAttemptAt: start + 1_000 })),
      activity('partly', { attempts: 2, lastAttemptAt: start + 10 }),
      ...['～', '𝄞'].map((id) => activity(id, { attempts: 2, lastAttemptAt: start + 1_000 })),
    ]);
    const two = await expect.right('the two busiest', history.busiest({ ...span, limit: 2 }));
    expect.equal('the two busiest', two, busiest.slice(0, 2));
    expect.equal(
      'the busiest of a span without attempts',
      await expect.right('none', history.busiest({ to: start - 200 })),
      [],
    );
    return 'held';
  }),

  rule(
    '6 where entries of the span may have been given up, it says that there were at least so many',
    async (under, expect) => {
      const { history } = under;
      const told = attempts('web', perInstance + 3, start);
      history.add([...told, ...attempts('db', 2, start)]);
      const [web, db] = await expect.right('busiest', history.busiest({ from: start }));
      expect.equal(
        'what is known of web',
        web,
        activity('web', { attempts: perInstance, lastAttemptAt: told.at(-1)?.at ?? 0, atLeast: true }),
      );
      expect.equal('what is known of db', db?.atLeast, false);
      const [late] = await expect.right('busiest of the end', history.busiest({ from: start + 4_000 }));
      expect.equal('of the part of the span that is kept', late?.atLeast, false);
      return 'held';
    },
  ),
];
