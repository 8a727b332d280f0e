import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { listPage } from '../../src/controller/list.js';
import type { Reporting } from '../../src/controller/reporting.js';
import type { InstanceId, InstanceList, ListOptions } from '../../src/controller.js';
import { initialStatus, stoppedByPerson } from '../../src/index.js';
import { createMemoryStore } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight, never } from '../support/host.js';

const idsOf = ({ reports }: InstanceList): ReadonlyArray<InstanceId> => reports.map(({ id }) => id);

/** By their bytes in UTF-8. */
const inOrder = (ids: ReadonlyArray<InstanceId>): ReadonlyArray<InstanceId> =>
  [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** A store that lists no records. */
const idsOnly = (ids: ReadonlyArray<InstanceId>) => ({ list: async () => E.right(ids), listRecords: null });

const reporting = (ofId: Reporting['ofId']): Reporting => ({ ofId, ofRecord: () => expect.fail() });

const some = E.right({
  policy: never,
  status: initialStatus,
  revision: 1,
  instance: null,
  wakesAt: null,
  waiting: false,
  unansweredSince: null,
});

/** Every page there is, from the first on. */
const allPages = async (
  pageOf: (options: ListOptions) => Promise<E.Either<unknown, InstanceList>>,
  limit?: number,
): Promise<ReadonlyArray<ReadonlyArray<InstanceId>>> => {
  const pages: Array<ReadonlyArray<InstanceId>> = [];
  for (let after: InstanceId | null = null; ; ) {
    const page: InstanceList = right(await pageOf({ after, limit }));
    pages.push(idsOf(page));
    if (page.next === null) return pages;
    after = page.next;
  }
};

/** A host whose hypervisor notes whom it is asked for, and how many at a time. */
const createCountingHost = (): Host & { readonly asked: Array<InstanceId>; readonly mostAtOnce: () => number } => {
  const host = createHost();
  const asked: Array<InstanceId> = [];
  let [now, most] = [0, 0];
  const { inspect } = host.hypervisor;
  const counting: typeof inspect = (id) => async () => {
    asked.push(id);
    most = Math.max(most, ++now);
    const answer = await inspect(id)();
    await Promise.resolve();
    now--;
    return answer;
  };
  const begin: Host['begin'] = async (options = {}) => {
    const { clock, faulty, hypervisor } = host;
    const controller = controllerOf({
      store: faulty.store,
      hypervisor: { ...hypervisor, inspect: counting },
      clock,
      ...options,
    });
    await clock.settle();
    [asked.length, most] = [0, 0];
    return controller;
  };
  return { ...host, begin, asked, mostAtOnce: () => most };
};

describe('the list', () => {
  test('has of every instance with a record what its status has', async () => {
    const host = createHost();
    await host.seed('running', always);
    host.hypervisor.set('running', { state: 'running', startedAt: midnight });
    await host.seed('crashed', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('crashed', exited(1));
    await host.seed('stopped', always, stoppedByPerson);
    const controller = await host.begin();

    const { reports, next } = right(await controller.list()());
    expect(reports.map(({ id }) => id)).toEqual(['crashed', 'running', 'stopped']);
    expect(next).toBeNull();
    for (const { id, report } of reports) expect(right(report)).toEqual(right(await controller.status(id)()));
    expect(right(reports[0]?.report ?? expect.fail())).toMatchObject({ wakesAt: midnight + 5_000 });
    expect(right(reports[1]?.report ?? expect.fail())).toMatchObject({ instance: { state: 'running' } });
    expect(right(reports[2]?.report ?? expect.fail())).toMatchObject({ status: stoppedByPerson });
  });

  test('is empty where nobody has a record', async () => {
    const controller = await createHost().begin();
    expect(right(await controller.list()())).toEqual({ reports: [], next: null });
  });

  test('comes in pages in the order of the ids, and asks the hypervisor for those of the page only', async () => {
    const host = createCountingHost();
    for (const id of ['e', 'B', 'd', 'a', 'c']) await host.seed(id, never);
    const controller = await host.begin();

    const first = right(await controller.list({ limit: 2 })());
    expect(idsOf(first)).toEqual(['B', 'a']);
    expect(first.next).toBe('a');
    expect(host.asked).toEqual(['B', 'a']);
    const second = right(await controller.list({ limit: 2, after: first.next })());
    expect(idsOf(second)).toEqual(['c', 'd']);
    const third = right(await controller.list({ limit: 2, after: second.next })());
    expect([idsOf(third), third.next]).toEqual([['e'], null]);
    expect(host.asked).toEqual(['B', 'a', 'c', 'd', 'e']);
  });

  test('has a page of 100 unless told otherwise, and a last page that is full is the last', async () => {
    const host = createCountingHost();
    const ids = Array.from({ length: 200 }, (_, n) => `vm-${String(n).padStart(3, '0')}`);
    for (const id of ids) await host.seed(id, never);
    const controller = await host.begin();
    expect(await allPages((options) => controller.list(options)())).toEqual([ids.slice(0, 100), ids.slice(100)]);
    expect(host.mostAtOnce()).toBe(16);
  });

  test('asks for no more instances at a time than are reconciled at a time', async () => {
    const host = createCountingHost();
    for (const id of ['a', 'b', 'c', 'd', 'e']) await host.seed(id, never);
    const controller = await host.begin({ concurrency: 2 });
    right(await controller.list()());
    expect(host.mostAtOnce()).toBe(2);
  });

  test('names every instance once, in order, whatever the ids, their order in the store and the pages', async () => {
    const report = async () => some;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (ids, limit) => {
          const pages = await allPages((options) => listPage(idsOnly(ids), reporting(report), 4, options), limit);
          expect(pages.flat()).toEqual(inOrder(ids));
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
        },
      ),
    );
  });

  test('of a large fleet asks for a page only', async () => {
    const ids = Array.from({ length: 100_000 }, (_, n) => `vm-${String((n * 7_919) % 100_000).padStart(5, '0')}`);
    const asked: Array<InstanceId> = [];
    const report = async (id: InstanceId) => {
      asked.push(id);
      return some;
    };
    const page = right(await listPage(idsOnly(ids), reporting(report), 4, { after: 'vm-49999', limit: 10 }));
    expect(idsOf(page)).toEqual(Array.from({ length: 10 }, (_, n) => `vm-5000${n}`));
    expect(asked).toHaveLength(10);
  });

  test('goes on behind an instance that was deleted, and behind an id that never had a record', async () => {
    const host = createHost();
    for (const id of ['a', 'c', 'e']) await host.seed(id, never);
    const controller = await host.begin();
    const { next } = right(await controller.list({ limit: 2 })());
    expect(next).toBe('c');
    right(await controller.requestDelete('c')());
    expect(idsOf(right(await controller.list({ after: next })()))).toEqual(['e']);
    expect(idsOf(right(await controller.list({ after: 'b' })()))).toEqual(['e']);
    expect(right(await controller.list({ after: 'z' })())).toEqual({ reports: [], next: null });
  });

  test('leaves out who is deleted while the page is made', async () => {
    const host = createHost();
    for (const id of ['a', 'b', 'c']) await host.seed(id, never);
    const controller = await host.begin({ concurrency: 1 });
    const hold = host.faulty.hold('load', 'b', 'before');
    const listing = controller.list({ limit: 2 })();
    await hold.reached;
    await host.remove('b');
    hold.release();
    const { reports, next } = right(await listing);
    expect([reports.map(({ id }) => id), next]).toEqual([['a'], 'b']);
  });

  test('says in its place of a record that it cannot be read, and of everybody else what is known', async () => {
    const host = createHost();
    for (const id of ['a', 'b', 'c', 'd']) await host.seed(id, never);
    const controller = await host.begin();
    host.faulty.inject({ id: 'b', operation: 'load', fault: 'invalid_record' });
    host.faulty.inject({ id: 'c', operation: 'load', fault: 'fail_before' });
    host.hypervisor.failInspect('d');
    const { reports } = right(await controller.list()());
    const [a, b, c, d] = reports.map(({ report }) => report);
    expect(right(a ?? expect.fail())).toMatchObject({ policy: never });
    expect(left(b ?? expect.fail())).toMatchObject({ _tag: 'InvalidRecord', id: 'b' });
    expect(left(c ?? expect.fail())).toMatchObject({ _tag: 'StoreFailed' });
    expect(right(d ?? expect.fail())).toMatchObject({ policy: never, instance: null });
  });

  test('of a store that lists records is made of one page of them, and loads none', async () => {
    const host = createHost('section', createMemoryStore());
    for (const id of ['c', 'a', 'd', 'b']) {
      await host.seed(id, always);
      host.hypervisor.set(id, { state: 'running', startedAt: midnight });
    }
    const controller = await host.begin();
    host.faulty.inject({ id: 'b', operation: 'load', fault: 'invalid_record' });
    const before = host.faulty.calls.length;
    const { reports, next } = right(await controller.list({ limit: 2 })());
    expect(host.faulty.calls.slice(before).map(({ operation }) => operation)).toEqual(['listRecords']);
    expect([reports.map(({ id }) => id), next]).toEqual([['a', 'b'], 'b']);
    expect(right(reports[0]?.report ?? expect.fail())).toEqual(right(await controller.status('a')()));
    expect(left(reports[1]?.report ?? expect.fail())).toMatchObject({ _tag: 'InvalidRecord', id: 'b' });
  });

  test('fails when the ids cannot be listed, and whoever asked is told, nobody else', async () => {
    const host = createHost();
    const controller = await host.begin();
    host.faulty.inject({ operation: 'list', fault: 'fail_before' });
    expect(left(await controller.list()())).toMatchObject({ _tag: 'StoreFailed' });
    expect(host.faults).toEqual([]);
  });

  test.each<[ListOptions, string]>([
    [{ limit: 0 }, 'limit must be a whole number from 1, not 0'],
    [{ limit: Number.NaN }, 'limit must be a whole number from 1, not NaN'],
    [{ after: '' }, 'after must be an id, or null, not the text ""'],
    [{ before: 'b' } as ListOptions, 'before is not a known option; the known ones are after, limit'],
    [null as unknown as ListOptions, 'options must be an object, not null'],
  ])('refuses wrong options, and asks nobody: %j', async (options, message) => {
    const host = createCountingHost();
    await host.seed('a', never);
    const controller = await host.begin();
    expect(left(await controller.list(options)())).toMatchObject({ _tag: 'InvalidOptions', message });
    expect(host.asked).toEqual([]);
  });

  test('is refused by a controller that is closed, and one under way is waited for', async () => {
    const host = createHost();
    await host.seed('a', never);
    const controller = await host.begin();
    const hold = host.faulty.hold('load', 'a', 'before');
    const listing = controller.list()();
    await hold.reached;
    let closed = false;
    const closing = controller
      .close()()
      .then(() => {
        closed = true;
      });
    await host.clock.settle();
    expect(closed).toBe(false);
    hold.release();
    expect(idsOf(right(await listing))).toEqual(['a']);
    await closing;
    expect(left(await controller.list()())).toEqual({ _tag: 'Closed' });
  });
});
