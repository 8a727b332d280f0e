import { readFileSync } from 'node:fs';
import Database from 'libsql';
import { initialStatus, restartPolicy, stoppedByPerson } from 'restart-policy';
import { createPostgresStore } from 'restart-policy/adapters/postgres';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { faultSteps, type Store } from 'restart-policy/controller';
import { describe, expect, test } from 'vitest';
import { restartReasons } from '../../src/reason.js';
import { usePglite } from '../postgres/server.js';
import { left, right } from '../support/either.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const page = read('docs/operating.md');

/** The first cells of the rows of a section, without what quotes them. */
const rowsOf = (heading: string): ReadonlyArray<string> => {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^\| `([a-z_]+)(?:\{[^}]*\})?` \|/gm)].map(([, cell]) => cell ?? '');
};

describe('the page for whoever is on call', () => {
  test('has a row for every reason that a decision on an instance can have', () => {
    expect(rowsOf('The reasons')).toEqual(restartReasons);
  });

  test('has a row for every step in which there can be a fault', () => {
    expect(rowsOf('Faults')).toEqual(faultSteps);
  });

  test('has a row for every metric of the example, and for no other', () => {
    const metrics = [...read('examples/03-hypeman-api/metrics.ts').matchAll(/name: '(restart_policy_\w+)'/g)];
    expect(metrics.length).toBeGreaterThan(0);
    expect([...rowsOf('What to watch')].sort()).toEqual(metrics.map(([, name]) => name).sort());
  });
});

describe('its SQL for a record that cannot be read', () => {
  const [, mends = ''] = /^```sql\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const pglite = usePglite();

  const mendsIt = async (store: Store, run: (sql: string) => unknown): Promise<void> => {
    const policy = right(restartPolicy({ mode: 'always' }));
    for (const id of ['web-1', 'web-2']) right(await store.save(id, { policy, status: initialStatus }, null)());
    await run(`UPDATE restart_instances SET policy = '{"policy":"perhaps"}' WHERE id = 'web-1'`);
    expect(left(await store.load('web-1')())._tag).toBe('InvalidRecord');

    await run(mends);
    expect(right(await store.load('web-1')())).toMatchObject({
      value: { policy: { mode: 'never' }, status: stoppedByPerson },
    });
    expect(right(await store.load('web-2')())).toMatchObject({ value: { policy, status: initialStatus } });
  };

  test('mends it in SQLite', async () => {
    const database = new Database(':memory:');
    await mendsIt(right(openSqliteStore(database)), (sql) => database.exec(sql));
  });

  test('mends it in PostgreSQL', async () => {
    const pool = await pglite.fresh();
    await mendsIt(right(createPostgresStore(pool)), (sql) => pool.query(sql));
  });
});
