/**
 * The history in SQLite on real files, with each driver that can be had.
 */
import { describe, expect, test } from 'vitest';
import { openSqliteHistory, openSqliteStore, type SqliteHistoryOptions } from '../../src/adapters/sqlite.js';
import type { HistoryEntry } from '../../src/history.js';
import { createVirtualClock, historyContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { connect, type Driver, drivers, freshFile } from '../sqlite/drivers.js';
import { left, right } from '../support/either.js';
import { midnight } from '../support/host.js';

const opened = (driver: Driver, file: string, options?: SqliteHistoryOptions) => {
  const connection = connect(driver, file);
  return { connection, history: right(openSqliteHistory(connection, options)) };
};

describe.each(drivers)('with $name', (driver) => {
  describe('the contract of a history', () => {
    testContract(
      historyContract(async (bounds) => {
        const file = freshFile();
        const { connection, history } = opened(driver, file, bounds);
        return {
          history,
          another: async () => opened(driver, file, bounds).history,
          corrupt: async (id) => {
            connection.prepare("UPDATE restart_history SET entry = '{' WHERE id = ? RETURNING id").all(id);
          },
          breakDown: async () => void connection.exec('ALTER TABLE restart_history RENAME TO away'),
          mend: async () => void connection.exec('ALTER TABLE away RENAME TO restart_history'),
          close: history.close,
        };
      }),
    );
  });
});

const attempt = (n: number, id = 'web'): HistoryEntry => ({
  _tag: 'Attempt',
  id,
  at: midnight + n,
  attempt: n,
  action: 'Start',
  why: 'exit',
  counted: true,
});

describe.each(drivers)('with $name', (driver) => {
  const numbersOf = async (file: string) => {
    const { history } = opened(driver, file);
    return right(await history.ofSpan({ limit: 1_000 })()).entries.map(({ at }) => at - midnight);
  };

  test('what was written is there when the file is opened again', async () => {
    const file = freshFile();
    const { connection, history } = opened(driver, file);
    history.add([attempt(1), attempt(2)]);
    right(await history.flush());
    connection.close();
    expect(await numbersOf(file)).toEqual([2, 1]);
  });

  test('a database that is locked is not waited for, and costs nothing once it is free', async () => {
    const file = freshFile();
    const clock = createVirtualClock(midnight);
    const { connection, history } = opened(driver, file, { clock });
    history.add([attempt(1)]);
    right(await history.flush());
    const [busy] = connection.prepare('PRAGMA busy_timeout').all();
    expect(busy).toMatchObject({ timeout: 0 });
    const other = connect(driver, file);
    other.exec('BEGIN IMMEDIATE');
    history.add([attempt(2)]);
    expect(left(await history.flush()).message).toMatch(/locked/);
    // Reading goes on.
    expect(right(await history.ofInstance('web')()).entries).toEqual([attempt(1)]);
    other.exec('COMMIT');
    await clock.advance(30_000);
    expect(history.state()).toEqual({ queued: 0, lost: 0, failing: null });
    expect(await numbersOf(file)).toEqual([2, 1]);
  });

  test('a batch that fails half-way is not there at all, and is written whole later', async () => {
    const file = freshFile();
    const clock = createVirtualClock(midnight);
    const { connection, history } = opened(driver, file, { clock });
    right(await history.ofInstance('web')());
    connection.exec(
      `CREATE TRIGGER full BEFORE INSERT ON restart_history WHEN NEW.at = ${midnight + 3}
       BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    history.add([1, 2, 3, 4].map((n) => attempt(n)));
    expect(left(await history.flush()).message).toMatch(/no room/);
    expect(connection.prepare('SELECT place FROM restart_history').all()).toEqual([]);
    connection.exec('DROP TRIGGER full');
    await clock.advance(30_000);
    expect(await numbersOf(file)).toEqual([4, 3, 2, 1]);
  });

  test('a file that cannot be written holds nobody up: not even the opening', async () => {
    const file = freshFile();
    right(openSqliteStore(connect(driver, file)));
    const history = right(openSqliteHistory(connect(driver, file, { readOnly: true })));
    history.add([attempt(1)]);
    expect(left(await history.flush())).toMatchObject({ _tag: 'HistoryFailed' });
    expect(history.state()).toMatchObject({ queued: 1, lost: 0 });
    await history.close();
  });

  test('what is too old by the clock of whoever writes is given up, and a time far ahead gives up nothing', async () => {
    const file = freshFile();
    const clock = createVirtualClock(midnight + 2_000);
    const { history } = opened(driver, file, { clock, maxAge: 1_000 });
    history.add([attempt(1_500)]);
    right(await history.flush());
    history.add([attempt(86_400_000)]);
    right(await history.flush());
    expect(await numbersOf(file)).toEqual([86_400_000, 1_500]);
    clock.jump(midnight + 86_400_000);
    history.add([attempt(86_400_001)]);
    right(await history.flush());
    expect(await numbersOf(file)).toEqual([86_400_001, 86_400_000]);
  });

  test('a connection of a store is no connection for a history, nor the other way round', () => {
    const file = freshFile();
    const [one, other] = [connect(driver, file), connect(driver, file)];
    right(openSqliteStore(one));
    expect(left(openSqliteHistory(one)).message).toBe(
      'database is the connection of a store: open another one for the history',
    );
    right(openSqliteHistory(other));
    expect(left(openSqliteStore(other))).toMatchObject({
      _tag: 'InvalidOptions',
      message: 'database is the connection of a history: open another one for the store',
    });
    // Another one on the same connection is of the same kind.
    right(openSqliteStore(one, { table: 'others' }));
    right(openSqliteHistory(other, { table: 'other_history' }));
  });

  test('histories in tables of one file see nothing of each other', async () => {
    const file = freshFile();
    const { connection, history } = opened(driver, file);
    const other = right(openSqliteHistory(connection, { table: 'other_history' }));
    history.add([attempt(1)]);
    other.add([attempt(2)]);
    expect(right(await history.ofSpan({})()).entries).toEqual([attempt(1)]);
    expect(right(await other.ofSpan({})()).entries).toEqual([attempt(2)]);
  });

  test('a message that no text can hold as it is is kept without what cannot be', async () => {
    const { history } = opened(driver, freshFile());
    const failed = {
      _tag: 'AttemptFailed',
      id: 'web',
      at: midnight,
      attempt: 1,
      during: null,
      nextAttemptAt: null,
    } as const;
    history.add([{ ...failed, message: 'a\0b \ud834 𝄞' }]);
    expect(right(await history.ofInstance('web')()).entries).toEqual([{ ...failed, message: 'a\ufffdb \ufffd 𝄞' }]);
  });

  test('counting a history that is long lets others have their turn', async () => {
    const { history } = opened(driver, freshFile(), { perInstance: 10_000 });
    history.add(Array.from({ length: 9_000 }, (_, n) => attempt(n)));
    right(await history.flush());
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const [web] = right(await history.busiest({})());
    clearInterval(count);
    expect(web).toMatchObject({ id: 'web', attempts: 9_000 });
    expect(turns).toBeGreaterThan(0);
  });
});

test('options of a history in SQLite are checked, all at once', () => {
  const options = { table: 'sqlite_x', perInstance: -1, maxAge: 0, queue: 0, clock: 1, onFault: 2, extra: 3 };
  const wrong = openSqliteHistory({} as never, options as never);
  expect(left(wrong).errors.map(({ option }) => option)).toEqual([
    'database',
    'table',
    'perInstance',
    'maxAge',
    'queue',
    'clock',
    'onFault',
    'extra',
  ]);
});
