/**
 * A real PostgreSQL that is killed, cut off and made read-only: what was acknowledged is there, what was not is answered
 * as not known, and supervision goes on by itself.
 */
import type { Pool } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { createPostgresLeases, createPostgresStore } from '../../src/adapters/postgres.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import type { Controller } from '../../src/controller.js';
import type { RestartRecord, Revision, Store } from '../../src/ports/store.js';
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import { createScriptedHypervisor } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { type CuttingProxy, createProxy } from './proxy.js';
import { setReadOnly } from './read-only.js';
import { createObserver, describeOnServer, useServer } from './server.js';

const record: RestartRecord = {
  policy: policyWith({ backoff: 1 }),
  status: initialStatus,
};

const attempts = (count: number): RestartRecord => ({ ...record, status: { ...initialStatus, attempts: count } });

const loaded = async (store: Store, id: string) => {
  const found = right(await store.load(id)());
  if (found._tag === 'None') throw new Error(`${id} has no record`);
  return found.value;
};

const open: Array<{ readonly close: () => unknown }> = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

describeOnServer('a server', () => {
  const { server, fresh } = useServer();

  // -------------------------------------------------------------------------
  // kill -9
  // -------------------------------------------------------------------------

  test.each(['on', 'off'])(
    'that is killed in the middle of saves, with synchronous_commit %s, forgets none that it acknowledged',
    async (setting) => {
      const { pool, another } = await fresh();
      const { schema } = (await pool.query('SELECT current_schema() AS schema')).rows[0];
      const store = right(
        createPostgresStore(another({ max: 8, options: `-c search_path=${schema} -c synchronous_commit=${setting}` })),
      );
      const acknowledged = new Map<string, { readonly count: number; readonly revision: Revision }>();
      const { onChange, until } = createObserver<string>();
      const write = async (id: string): Promise<void> => {
        let revision: Revision | null = null;
        for (let count = 1; ; count++) {
          const saved = await store.save(id, attempts(count), revision)();
          if (saved._tag === 'Left') return expect(saved.left._tag).toBe('StoreFailed');
          revision = saved.right;
          acknowledged.set(id, { count, revision });
          onChange(id);
        }
      };
      const writing = Array.from({ length: 8 }, (_, n) => write(`web-${n}`));
      await until(({ length }) => length >= 300);
      await server().kill();
      await Promise.all(writing);
      await server().start();

      const before = Math.max(...[...acknowledged.values()].map(({ revision }) => revision));
      for (const [id, { count, revision }] of acknowledged) {
        const found = await loaded(store, id);
        // One more than was acknowledged may have been on its way.
        expect([0, 1]).toContain(found.status.attempts - count);
        expect(found.revision).toBeGreaterThanOrEqual(revision);
        expect(right(await store.save(id, record, found.revision)())).toBeGreaterThan(before);
      }
    },
  );

  // -------------------------------------------------------------------------
  // a connection that is cut
  // -------------------------------------------------------------------------

  const openProxy = async (): Promise<CuttingProxy> => {
    const proxy = await createProxy(() => server().port);
    open.push(proxy);
    return proxy;
  };

  test.each([
    ['before', false],
    ['after', true],
  ] as const)('that is cut off %s a write was committed: nobody knows, and the next load shows', async (at, done) => {
    const { another } = await fresh();
    const proxy = await openProxy();
    const store = right(createPostgresStore(another({ port: proxy.port })));
    const first = right(await store.save('web', attempts(1), null)());
    const removable = right(await store.save('gone', attempts(1), null)());

    proxy.cutAt(at);
    // One that may be given up has a connection of its own, whose loss is nobody else's either.
    const { signal } = new AbortController();
    for (const call of [store.save('web', attempts(2), first), store.save('new', attempts(2), null, { signal })]) {
      expect(left(await call())._tag).toBe('StoreFailed');
    }
    expect(left(await store.remove('gone', removable)())._tag).toBe('StoreFailed');
    proxy.cutAt(null);

    const found = await loaded(store, 'web');
    expect(found.status.attempts).toBe(done ? 2 : 1);
    expect(found.revision > first).toBe(done);
    expect([...right(await store.list())].sort()).toEqual(done ? ['new', 'web'] : ['gone', 'web']);
    // Whoever goes on from what was loaded goes on.
    right(await store.save('web', attempts(3), found.revision)());
    expect(left(await store.save('web', attempts(4), first)())._tag).toBe('Conflict');
  });

  test('that is cut off after a stop was committed: the stop holds, though it was not acknowledged', async () => {
    const { pool, another } = await fresh();
    const proxy = await openProxy();
    const { hypervisor, controller, runs } = await supervise(another({ port: proxy.port }));
    right(await controller.updatePolicy('web', record.policy)());
    right(await controller.manualStart('web')());
    await runs.until(() => hypervisor.running('web') === 1);
    proxy.cutAt('after');
    expect(left(await controller.manualStop('web')())._tag).toBe('StoreFailed');
    proxy.cutAt(null);
    // Repair finds the marker, and finishes the stop.
    hypervisor.notify('web');
    await runs.until(() => hypervisor.running('web') === 0);
    expect((await loaded(right(createPostgresStore(pool)), 'web')).status).toEqual(stoppedByPerson);
  });

  // -------------------------------------------------------------------------
  // supervision goes on
  // -------------------------------------------------------------------------

  /** A controller with leases on the real clock; the instances are scripted. */
  const supervise = async (pool: Pool) => {
    const hypervisor = right(createScriptedHypervisor({ clock: systemClock }));
    const runs = createObserver<string>();
    hypervisor.subscribe(runs.onChange);
    const controller: Controller = controllerOf({
      store: right(createPostgresStore(pool)),
      hypervisor,
      clock: systemClock,
      leases: right(createPostgresLeases(pool, { ttl: 1_000 })),
      // Far off: what goes on here goes on without it.
      resyncEvery: 3_600_000,
    });
    open.push({ close: controller.close() });
    return { hypervisor, controller, runs };
  };

  test('that is killed and started again: a crash meanwhile is answered, and stops hold', async () => {
    const { pool } = await fresh();
    const { hypervisor, controller, runs } = await supervise(pool);
    for (const id of ['web', 'db']) {
      right(await controller.updatePolicy(id, record.policy)());
      right(await controller.manualStart(id)());
    }
    right(await controller.manualStop('db')());
    await server().kill();
    hypervisor.exit('web', 1);
    expect(left(await controller.manualStop('web')())._tag).toBe('StoreFailed');
    expect(hypervisor.running('web')).toBe(0);
    await server().start();
    await runs.until(() => hypervisor.running('web') === 1);
    right(await controller.reconcile('db')());
    expect(hypervisor.running('db')).toBe(0);
  });

  test('that may only be read: nothing is done that cannot be recorded, and then it goes on', async () => {
    const { pool } = await fresh();
    const { hypervisor, controller, runs } = await supervise(pool);
    right(await controller.updatePolicy('web', record.policy)());
    right(await controller.manualStart('web')());
    const { revision } = right(await controller.status('web')()) ?? { revision: 0 };
    await setReadOnly(pool, 'on');
    // The pool may not have noticed yet that its connections are gone.
    for (let said = ''; !said.includes('read-only'); ) {
      const refusal = left(await controller.manualStop('web')());
      expect(refusal._tag).toBe('StoreFailed');
      said = 'message' in refusal ? refusal.message : '';
    }
    hypervisor.exit('web', 1);
    await expect(controller.reconcile('web')()).resolves.toMatchObject({ _tag: 'Left' });
    expect(hypervisor.running('web')).toBe(0);
    expect(right(await controller.status('web')())).toMatchObject({ revision });
    await setReadOnly(pool, 'off');
    await runs.until(() => hypervisor.running('web') === 1);
  });
});
