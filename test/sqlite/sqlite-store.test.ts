/**
 * The SQLite store on real files, with each driver that can be had.
 */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openSqliteStore, type SqliteStoreOptions } from '../../src/adapters/sqlite.js';
import { asItStands, type RecordToSave, type RestartRecord, type Revision, type Store } from '../../src/ports/store.js';
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import { storeContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { type Connection, connect, type Driver, drivers, freshFile } from './drivers.js';

const record: RestartRecord = {
  policy: policyWith({ maxAttempts: 3 }),
  status: { ...initialStatus, attempts: 2, lastAttemptAt: 1_735_689_600_250 },
};

const opened = (driver: Driver, file: string, options?: SqliteStoreOptions) => {
  const connection = connect(driver, file);
  return { connection, store: right(openSqliteStore(connection, options)) };
};

const loaded = async (store: Store, id: string) => {
  const found = right(await store.load(id)());
  if (found._tag === 'None') throw new Error(`${id} has no record`);
  return found.value;
};

/** A row's columns: without a prototype or a driver's own fields, where it has some. */
const columnsOf = (row: unknown): Record<string, unknown> => {
  const { _metadata, ...columns } = Object.assign({ _metadata: null }, row);
  return columns;
};

const only = (rows: ReadonlyArray<unknown>): Record<string, unknown> => {
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error(`expected one row, got ${JSON.stringify(rows)}`);
  return columnsOf(row);
};

const rowOf = (connection: Connection, id: string) =>
  only(connection.prepare('SELECT revision, id, policy, status FROM restart_instances WHERE id = ?').all(id));

describe.each(drivers)('with $name', (driver) => {
  describe('the contract of a store', () => {
    testContract(
      storeContract(async () => {
        const file = freshFile();
        const { connection, store } = opened(driver, file);
        return {
          store,
          another: async () => opened(driver, file).store,
          corrupt: async (id, part) => {
            connection.prepare(`UPDATE restart_instances SET ${part} = ? WHERE id = ? RETURNING id`).all('{', id);
          },
          stored: async (id, part) => rowOf(connection, id)[part],
          breakDown: async () => void connection.exec('DROP TABLE restart_instances'),
        };
      }),
    );
  });

  describe('what is durable', () => {
    test('a record is there when the file is opened again, and so is a manual stop', async () => {
      const file = freshFile();
      const first = opened(driver, file);
      const web = right(await first.store.save('web', record, null)());
      const db = right(await first.store.save('db', { ...record, status: stoppedByPerson }, null)());
      first.connection.close();
      const { store } = opened(driver, file);
      expect([...right(await store.list())].sort()).toEqual(['db', 'web']);
      expect(await loaded(store, 'web')).toEqual({ ...record, revision: web });
      expect(await loaded(store, 'db')).toEqual({ ...record, status: stoppedByPerson, revision: db });
    });

    test('revisions do not repeat when the last one was removed and the file opened again', async () => {
      const file = freshFile();
      const seen: Array<Revision> = [];
      for (let life = 0; life < 3; life++) {
        const { connection, store } = opened(driver, file);
        const revision = right(await store.save('web', record, null)());
        right(await store.remove('web', revision)());
        seen.push(revision);
        connection.close();
      }
      expect(new Set(seen).size).toBe(3);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    });

    test('every write is synced to the disk before it is acknowledged, and readers do not wait for it', () => {
      const { connection } = opened(driver, freshFile(), { busyTimeout: 250 });
      const pragma = (name: string, as = name) => only(connection.prepare(`PRAGMA ${name}`).all())[as];
      expect([pragma('journal_mode'), pragma('synchronous'), pragma('busy_timeout', 'timeout')]).toEqual([
        'wal',
        2,
        250,
      ]);
    });

    test('rows hold the wire form', async () => {
      const { connection, store } = opened(driver, freshFile());
      const revision = right(await store.save('web', record, null)());
      expect(rowOf(connection, 'web')).toEqual({
        revision,
        id: 'web',
        policy: '{"policy":"always","backoff":"5s","max_attempts":3,"stable_after":"10m0s"}',
        status: '{"attempts":2,"last_attempt_at":"2025-01-01T00:00:00.25Z"}',
      });
    });
  });

  describe('two connections to one file', () => {
    test('of two saves from one revision the first wins, whoever it is', async () => {
      const file = freshFile();
      const one = opened(driver, file).store;
      const other = opened(driver, file).store;
      let revision = right(await one.save('web', record, null)());
      for (let round = 0; round < 20; round++) {
        const [first, second] = round % 2 === 0 ? [one, other] : [other, one];
        const mine = { ...record, status: { ...initialStatus, attempts: round } };
        const won = right(await first.save('web', mine, revision)());
        expect(left(await second.save('web', record, revision)())._tag).toBe('Conflict');
        expect(await loaded(second, 'web')).toEqual({ ...mine, revision: won });
        revision = won;
      }
    });

    test('while another connection writes, a save fails within its busy timeout and changes nothing', async () => {
      const file = freshFile();
      const { store } = opened(driver, file, { busyTimeout: 0 });
      const revision = right(await store.save('web', record, null)());
      const other = connect(driver, file);
      other.exec('BEGIN IMMEDIATE');
      expect(left(await store.save('web', { ...record, status: stoppedByPerson }, revision)())._tag).toBe(
        'StoreFailed',
      );
      expect(left(await store.remove('web', revision)())._tag).toBe('StoreFailed');
      // Reading is not writing.
      expect(await loaded(store, 'web')).toEqual({ ...record, revision });
      other.exec('COMMIT');
      right(await store.save('web', { ...record, status: stoppedByPerson }, revision)());
    });
  });

  describe('faults of the medium', () => {
    test('a store that may only read fails to write, and reads', async () => {
      const file = freshFile();
      const { store: writable } = opened(driver, file);
      const revision = right(await writable.save('web', record, null)());
      const readOnly = right(openSqliteStore(connect(driver, file, { readOnly: true })));
      expect(await loaded(readOnly, 'web')).toEqual({ ...record, revision });
      expect(left(await readOnly.save('web', record, revision)())._tag).toBe('StoreFailed');
      expect(left(await readOnly.save('db', record, null)())._tag).toBe('StoreFailed');
      expect(left(await readOnly.remove('web', revision)())._tag).toBe('StoreFailed');
      expect(await loaded(writable, 'web')).toEqual({ ...record, revision });
    });

    test('a disk that is full fails a save, and what was stored before is still there', async () => {
      const { connection, store } = opened(driver, freshFile());
      const revision = right(await store.save('web', record, null)());
      const pages = only(connection.prepare('PRAGMA page_count').all())['page_count'];
      connection.exec(`PRAGMA max_page_count = ${pages}`);
      let answer = await store.save('0', record, null)();
      for (let n = 1; n < 1_000 && answer._tag === 'Right'; n++) answer = await store.save(`${n}`, record, null)();
      expect(left(answer)).toMatchObject({ _tag: 'StoreFailed', message: expect.stringContaining('full') });
      expect(await loaded(store, 'web')).toEqual({ ...record, revision });
    });

    test('a file that is no database, and a table that is another, are not opened', () => {
      const file = freshFile();
      writeFileSync(file, 'this is a shopping list, and a long one, for it is to look like nothing else'.repeat(20));
      let answer: ReturnType<typeof openSqliteStore>;
      try {
        answer = openSqliteStore(connect(driver, file));
      } catch {
        // This driver reads the file when it connects: there is no connection to open a store on.
        return;
      } finally {
        const other = connect(driver, freshFile());
        other.exec('CREATE TABLE restart_instances (name TEXT)');
        expect(left(openSqliteStore(other))._tag).toBe('StoreFailed');
      }
      expect(left(answer)._tag).toBe('StoreFailed');
    });
  });

  describe('records that are none', () => {
    const good = '{"policy":"always","backoff":"5s","stable_after":"10m0s"}';
    test.each([
      ['policy', '', 'restart_policy'],
      ['policy', '{"policy":', 'restart_policy'],
      ['policy', 'null', 'restart_policy'],
      ['policy', '[]', 'restart_policy'],
      ['policy', '{"policy":"sometimes"}', 'restart_policy.policy'],
      ['policy', '{"policy":"always","backoff":"-5s"}', 'restart_policy.backoff'],
      ['policy', '{"policy":"always","colour":"red"}', 'restart_policy.colour'],
      ['status', 'nonsense', 'restart_status'],
      ['status', '7', 'restart_status'],
      ['status', '{"attempts":-1}', 'restart_status.attempts'],
      ['status', '{"attempts":1,"last_attempt_at":"yesterday"}', 'restart_status.last_attempt_at'],
      ['status', '{"attempts":1,"blocked_reason":"mood"}', 'restart_status.blocked_reason'],
    ])('%s %s is reported by id and path, left as it is, and stops nobody else', async (part, text, path) => {
      const { connection, store } = opened(driver, freshFile());
      const fine = right(await store.save('fine', record, null)());
      connection
        .prepare('INSERT INTO restart_instances (id, policy, status) VALUES (?, ?, ?) RETURNING id')
        .all('bad', part === 'policy' ? text : good, part === 'status' ? text : '{}');
      const before = rowOf(connection, 'bad');
      const found = left(await store.load('bad')());
      expect(found).toMatchObject({ _tag: 'InvalidRecord', id: 'bad' });
      if (found._tag === 'InvalidRecord') expect(found.problems.join('\n')).toMatch(new RegExp(`^${path}\\b`, 'm'));
      expect([...right(await store.list())].sort()).toEqual(['bad', 'fine']);
      expect(left(await store.save('bad', record, null)())._tag).toBe('Conflict');
      expect(rowOf(connection, 'bad')).toEqual(before);
      expect(await loaded(store, 'fine')).toEqual({ ...record, revision: fine });
    });

    test('both parts are reported at once, and bytes are not taken for text', async () => {
      const { connection, store } = opened(driver, freshFile());
      connection.exec(`INSERT INTO restart_instances (id, policy, status) VALUES ('bad', x'7b7d', '{"attempts":0.5}')`);
      const found = left(await store.load('bad')());
      if (found._tag !== 'InvalidRecord') throw new Error(`it is ${found._tag}`);
      expect(found.problems).toHaveLength(2);
    });

    test.each([
      ['status', '{"attempts":1,"generation":7}', 'restart_status.generation is not a known field'],
      ['status', '{"attempts":1,"blocked_reason":"mood"}', 'restart_status.blocked_reason'],
      ['policy', '{"policy":"always","max_runs":3}', 'restart_policy.max_runs is not a known field'],
      ['policy', '  { "policy" : "rarely", "n": 1.50 }', 'restart_policy.policy'],
      ['policy', 'no JSON at all ☃', 'restart_policy must be JSON text'],
      ['policy', null, 'restart_policy must be JSON text'],
      ['status', 7, 'restart_status must be an object'],
    ])(
      '%s %s is kept to the byte while a stop is recorded beside it, and the rest is read',
      async (part, value, problem) => {
        const { connection, store } = opened(driver, freshFile());
        right(await store.save('bad', record, null)());
        // As a later version may have it: without NOT NULL, and with a column of its own.
        connection.exec(`CREATE TABLE later AS SELECT * FROM restart_instances; DROP TABLE restart_instances;
        CREATE TABLE restart_instances (revision INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
          policy TEXT, status TEXT, notes TEXT NOT NULL DEFAULT 'none');
        INSERT INTO restart_instances (revision, id, policy, status, notes) SELECT revision, id, policy, status, 'mine' FROM later`);
        connection
          .prepare(`UPDATE restart_instances SET ${part} = ? WHERE id = ? RETURNING id`)
          .all(value as string, 'bad');
        const bytes = () =>
          only(connection.prepare(`SELECT hex(${part}) AS hex, typeof(${part}) AS type FROM restart_instances`).all());
        const before = bytes();
        const found = left(await store.load('bad')());
        if (found._tag !== 'InvalidRecord') throw new Error(`it is ${found._tag}`);
        expect(found.problems[0]).toContain(problem);
        expect([found.policy, found.status]).toEqual(part === 'policy' ? [null, record.status] : [record.policy, null]);
        const kept: RecordToSave =
          part === 'policy'
            ? { policy: asItStands, status: stoppedByPerson }
            : { policy: policyWith(), status: asItStands };
        const next = right(await store.save('bad', kept, found.revision)());
        expect(bytes()).toEqual(before);
        const again = left(await store.load('bad')());
        expect(again).toMatchObject({
          revision: next,
          [part === 'policy' ? 'status' : 'policy']: kept[part === 'policy' ? 'status' : 'policy'],
        });
        const whole = right(await store.save('bad', record, next)());
        expect(await loaded(store, 'bad')).toEqual({ ...record, revision: whole });
        expect(only(connection.prepare('SELECT notes FROM restart_instances').all())).toEqual({ notes: 'mine' });
      },
    );

    test('an id that a driver would change is no other, neither to read nor to write', async () => {
      const { store } = opened(driver, freshFile());
      const revision = right(await store.save('half \ufffd', record, null)());
      for (const id of ['half \ud834', 'half \udd1e']) {
        expect(right(await store.load(id)())._tag).toBe('None');
        expect(left(await store.remove(id, revision)())._tag).toBe('Conflict');
        const refused = left(await store.save(id, record, revision)());
        expect(refused).toMatchObject({ _tag: 'StoreFailed', message: expect.stringContaining(JSON.stringify(id)) });
      }
      expect(await loaded(store, 'half \ufffd')).toEqual({ ...record, revision });
    });

    test('pages are read from the index, and a database in UTF-16 has none', async () => {
      const { connection, store } = opened(driver, freshFile());
      expect(store.listRecords).toBeDefined();
      const plan = connection
        .prepare(`EXPLAIN QUERY PLAN SELECT id, revision, policy, status FROM restart_instances
          WHERE id > ? AND id < x'' ORDER BY id LIMIT ?`)
        .all('a', 3);
      expect(JSON.stringify(plan)).toMatch(/USING INDEX sqlite_autoindex_restart_instances_1 \(id>\? AND id<\?\)/);
      expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
      const wide = connect(driver, freshFile());
      wide.exec(`PRAGMA encoding = 'UTF-16le'`);
      expect(right(openSqliteStore(wide)).listRecords).toBeUndefined();
    });

    test('equal texts are read once, and what was read cannot be changed', async () => {
      const { store } = opened(driver, freshFile());
      for (const id of ['web', 'db']) right(await store.save(id, record, null)());
      const [web, db] = [await loaded(store, 'web'), await loaded(store, 'db')];
      expect([web.policy === db.policy, web.status === db.status]).toEqual([true, true]);
      expect([Object.isFrozen(web.policy), Object.isFrozen(web.status)]).toEqual([true, true]);
    });

    test('what could not be read back is not written', async () => {
      const { store } = opened(driver, freshFile());
      const nonsense = { ...record, policy: { ...record.policy, backoff: Number.NaN } };
      expect(left(await store.save('web', nonsense, null)())._tag).toBe('StoreFailed');
      const worse = { ...record, status: { ...record.status, attempts: 0.5 } };
      expect(left(await store.save('web', worse, null)())._tag).toBe('StoreFailed');
      const withoutText = { ...record, policy: { ...record.policy, backoff: 5_000n as never } };
      expect(left(await store.save('web', withoutText, null)())._tag).toBe('StoreFailed');
      for (const id of ['', 'a\0b', 'half a pair \ud834']) {
        expect(left(await store.save(id, record, null)())._tag).toBe('StoreFailed');
      }
      expect(right(await store.list())).toEqual([]);
    });
  });

  describe('options', () => {
    test.each([
      '',
      '1st',
      'a b',
      'a"b',
      "a'b",
      'x"; DROP TABLE restart_instances; --',
      'sqlite_sequence',
      'main.t',
      'Tabelle_ä',
      'x'.repeat(129),
      'line\nbreak',
      'instances\n',
    ])('%j is not a name for a table', async (table) => {
      const { connection } = opened(driver, freshFile());
      expect(left(openSqliteStore(connection, { table }))).toMatchObject({
        _tag: 'InvalidOptions',
        errors: [{ option: 'table', message: expect.stringMatching(/^table must be at most 128 letters, /) }],
      });
      const tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
      expect(tables.map((row) => columnsOf(row)['name'])).toEqual(['restart_instances', 'sqlite_sequence']);
    });

    test('tables of one database are stores of their own, keywords of SQL among them', async () => {
      const { connection, store } = opened(driver, freshFile());
      const other = right(openSqliteStore(connection, { table: 'order' }));
      const revision = right(await other.save('web', record, null)());
      expect(right(await store.list())).toEqual([]);
      expect(await loaded(other, 'web')).toEqual({ ...record, revision });
    });

    test.each([-1, 0.5, Number.NaN, 2 ** 31])('a busy timeout of %d milliseconds is none', (busyTimeout) => {
      expect(left(openSqliteStore(connect(driver, freshFile()), { busyTimeout }))).toMatchObject({
        _tag: 'InvalidOptions',
        message: `busyTimeout must be a whole number from 0 to 2147483647, not ${busyTimeout}`,
      });
    });

    test('that are wrong are all named, and so is a database that is none', () => {
      const wrong = { table: 1, busyTimeout: null, busyTimeOut: 5 } as unknown as SqliteStoreOptions;
      expect(left(openSqliteStore({} as Connection, wrong)).message.split('; ')).toEqual([
        'database must be a database with exec, prepare, but this object has no exec, prepare',
        expect.stringMatching(/^table must be /),
        expect.stringMatching(/^busyTimeout must be /),
        'busyTimeOut is not a known option',
        'did you mean busyTimeout?',
      ]);
      const { connection } = opened(driver, freshFile());
      class FromConfig {
        get table() {
          return 'not a name';
        }
      }
      expect(left(openSqliteStore(connection, new FromConfig())).message).toMatch(
        /^table must be at most 128 letters, /,
      );
      expect(left(openSqliteStore(connection, null as unknown as SqliteStoreOptions)).message).toBe(
        'options must be an object, not null',
      );
    });
  });
});
