import { readFileSync } from 'node:fs';
import Database from 'libsql';
import { restartPolicy } from 'restart-policy';
import { createPostgresStore } from 'restart-policy/adapters/postgres';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { createController, faultSteps, hostResources, type Store } from 'restart-policy/controller';
import { lintCodes } from 'restart-policy/describe';
import { historyTags } from 'restart-policy/history';
import { metricNames } from 'restart-policy/metrics';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';
import { describe, expect, test } from 'vitest';
import { countedStates } from '../../src/metrics/states.js';
import { restartReasons } from '../../src/reason.js';
import { usePglite } from '../postgres/server.js';
import { left, right } from '../support/either.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const page = read('docs/operating.md');

/** The first cells of the rows of a section, without what quotes them. */
const rowsOf = (heading: string): ReadonlyArray<string> => {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^\| `([a-z_.]+)(?:\{[^}]*\})?` \|/gm)].map(([, cell]) => cell ?? '');
};

describe('the page for whoever is on call', () => {
  test('has a row for every reason that a decision on an instance can have', () => {
    expect(rowsOf('The reasons')).toEqual(restartReasons);
  });

  test('has a row for every step in which there can be a fault', () => {
    expect(rowsOf('Faults')).toEqual(faultSteps);
  });

  test('has a row for every code of a lint', () => {
    expect(rowsOf('Before a policy is used')).toEqual(lintCodes);
  });

  test('has a row for every kind of entry of a history', () => {
    const [, section = ''] = page.split('\n## What happened\n');
    const [text = ''] = section.split('\n## ');
    expect([...text.matchAll(/^\| `([A-Za-z]+)` \|/gm)].map(([, tag]) => tag)).toEqual(historyTags);
  });

  test('names everything that a host can lack', () => {
    const [, section = ''] = page.split('\n### What the host lacks\n');
    const [text = ''] = section.split('\n### ');
    for (const resource of hostResources) expect(text).toContain(`\`${resource}\``);
  });

  test('has a row for every metric, and for every state that instances are counted in, and for no other', () => {
    expect([...rowsOf('What to watch')].sort()).toEqual([...metricNames, ...countedStates].sort());
  });
});

describe('an instance whose record a newer version wrote comes back as the page says', () => {
  const pglite = usePglite();
  const ofLater = `policy = '{"policy":"sometimes"}', status = '{"attempts":0,"phase_of_the_moon":1}'`;
  const policy = right(restartPolicy({ mode: 'always' }));

  const comesBack = async (store: Store, run: (sql: string) => unknown): Promise<void> => {
    const clock = createVirtualClock();
    const hypervisor = right(createScriptedHypervisor({ clock }));
    const controller = right(createController({ store, hypervisor, clock }));
    right(await controller.updatePolicy('web-1', policy)());
    right(await controller.manualStart('web-1')());
    await clock.settle(); // what it has loaded by then would be saved over what is written here
    await run(`UPDATE restart_instances SET ${ofLater} WHERE id = 'web-1'`);

    hypervisor.exit('web-1', 1);
    await clock.advance(3_600_000);
    expect(hypervisor.running('web-1')).toBe(0);
    for (const refused of [controller.manualStart, controller.pause, controller.resume, controller.reset]) {
      expect(left(await refused('web-1')())._tag).toBe('InvalidRecord');
    }
    right(await controller.manualStop('web-1')());
    expect(left(await store.load('web-1')())).toMatchObject({ policy: null, status: { blockedReason: 'manual_stop' } });

    right(await controller.updatePolicy('web-1', policy)());
    right(await controller.manualStart('web-1')());
    hypervisor.exit('web-1', 1);
    await clock.advance(3_600_000);
    expect(hypervisor.running('web-1')).toBe(1);
    await controller.close()();
  };

  test('in SQLite', async () => {
    const database = new Database(':memory:');
    await comesBack(right(openSqliteStore(database)), (sql) => database.exec(sql));
  });

  test('in PostgreSQL', async () => {
    const pool = await pglite.fresh();
    await comesBack(right(createPostgresStore(pool)), (sql) => pool.query(sql));
  });
});
