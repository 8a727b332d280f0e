import { right as rightOf } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { asItStands, type RestartRecord } from '../../src/ports/store.js';
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import { createMemoryStore, createVirtualClock, withFaults } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { policyOf } from '../support/fixtures.js';

const record: RestartRecord = {
  policy: policyOf({ backoff: 5_000 }),
  status: initialStatus,
};

describe('a store with faults', () => {
  test('is the store behind it as long as nothing is injected', async () => {
    const faulty = withFaults(createMemoryStore());
    const revision = right(await faulty.store.save('web', record, null)());
    expect(right(await faulty.store.load('web')())).toEqual({ _tag: 'Some', value: { ...record, revision } });
    expect(right(await faulty.store.list())).toEqual(['web']);
    expect(right(await faulty.store.remove('web', revision)())).toBeUndefined();
  });

  test('what is no record is so part by part, until it is written over', async () => {
    const behind = createMemoryStore();
    const { store, inject } = withFaults(behind);
    const revision = right(await store.save('web', record, null)());
    inject({
      operation: 'load',
      id: 'web',
      fault: 'invalid_record',
      unreadable: 'policy',
      times: Number.POSITIVE_INFINITY,
    });
    const unreadable = { _tag: 'InvalidRecord', policy: null };
    expect(left(await store.load('web')())).toMatchObject({ ...unreadable, revision, status: record.status });
    const next = right(await store.save('web', { policy: asItStands, status: stoppedByPerson }, revision)());
    expect(left(await store.load('web')())).toMatchObject({ ...unreadable, revision: next, status: stoppedByPerson });
    expect(right((await store.listRecords?.({ after: null, limit: 9 })()) ?? rightOf([]))).toMatchObject([
      { id: 'web', record: { left: unreadable } },
    ]);
    const last = right(await store.save('web', record, next)());
    expect(right(await store.load('web')())).toMatchObject({ value: { ...record, revision: last } });
  });

  test('a call that hangs does what was asked when the faults are taken back', async () => {
    const behind = createMemoryStore();
    const { store, inject, clear, calls } = withFaults(behind);
    inject({ operation: 'save', fault: 'hang', times: 2 });
    const saving = [store.save('web', record, null)(), store.save('db', record, null)()];
    right(await store.save('mail', record, null)());
    expect(right(await behind.list())).toEqual(['mail']);
    expect(calls.map(({ answer }) => answer)).toEqual(['pending', 'pending', 'done']);
    clear();
    for (const answer of await Promise.all(saving)) right(answer);
    expect([...right(await behind.list())].sort()).toEqual(['db', 'mail', 'web']);
  });

  test('a conflict and a failure before the write leave the record as it was', async () => {
    const faulty = withFaults(createMemoryStore());
    faulty.inject({ operation: 'save', fault: 'conflict' });
    faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await faulty.store.save('web', record, null)())._tag).toBe('Conflict');
    expect(left(await faulty.store.save('web', record, null)())._tag).toBe('StoreFailed');
    expect(right(await faulty.store.list())).toEqual([]);
    right(await faulty.store.save('web', record, null)());
  });

  test('a failure after the write has written', async () => {
    const behind = createMemoryStore();
    const faulty = withFaults(behind);
    faulty.inject({ operation: 'save', fault: 'fail_after' });
    expect(left(await faulty.store.save('web', record, null)())._tag).toBe('StoreFailed');
    expect(right(await behind.load('web')())).toMatchObject({ value: record });
    faulty.inject({ operation: 'remove', fault: 'fail_after' });
    expect(left(await faulty.store.remove('web', 1)())._tag).toBe('StoreFailed');
    expect(right(await behind.list())).toEqual([]);
  });

  test('a failure after a write that conflicts anyway says so: nothing was written', async () => {
    const faulty = withFaults(createMemoryStore());
    faulty.inject({ operation: 'remove', fault: 'fail_after' });
    expect(left(await faulty.store.remove('web', 1)())._tag).toBe('Conflict');
  });

  test('faults fit their instance, their operation and their number of calls', async () => {
    const faulty = withFaults(createMemoryStore());
    faulty.inject({ operation: 'load', id: 'web', fault: 'invalid_record', times: 2 });
    right(await faulty.store.load('db')());
    right(await faulty.store.list());
    expect(left(await faulty.store.load('web')())).toMatchObject({ _tag: 'InvalidRecord', id: 'web' });
    expect(left(await faulty.store.load('web')())).toMatchObject({ _tag: 'InvalidRecord' });
    right(await faulty.store.load('web')());
    faulty.inject({ operation: 'list', fault: 'fail_before', times: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 5; n++) left(await faulty.store.list());
    faulty.clear();
    right(await faulty.store.list());
  });

  test('a held save has not happened before, or has happened after; either way there is no answer yet', async () => {
    const behind = createMemoryStore();
    const faulty = withFaults(behind);
    for (const [at, there] of [
      ['before', false],
      ['after', true],
    ] as const) {
      const held = faulty.hold('save', at, at);
      let answered = false;
      const saving = faulty.store
        .save(at, record, null)()
        .then(() => {
          answered = true;
        });
      await held.reached;
      expect(right(await behind.list()).includes(at)).toBe(there);
      expect(answered).toBe(false);
      held.release();
      await saving;
      expect(right(await behind.list())).toContain(at);
    }
  });

  test('after a crash nothing is written and nothing answered, of what is under way too', async () => {
    const behind = createMemoryStore();
    const faulty = withFaults(behind);
    const clock = createVirtualClock(0);
    const held = faulty.hold('save', null, 'before');
    let answers = 0;
    void faulty.store
      .save('under way', record, null)()
      .then(() => answers++);
    await held.reached;
    faulty.crash();
    held.release();
    void faulty.store
      .save('too late', record, null)()
      .then(() => answers++);
    await clock.settle();
    expect(answers).toBe(0);
    expect(right(await behind.list())).toEqual([]);
  });

  test('the log says what was asked and what came of it', async () => {
    const faulty = withFaults(createMemoryStore());
    faulty.inject({ operation: 'save', fault: 'fail_after' });
    await faulty.store.save('web', record, null)();
    await faulty.store.remove('web', 7)();
    await faulty.store.load('web')();
    const held = faulty.hold('list', null, 'before');
    void faulty.store.list();
    await held.reached;
    expect(faulty.calls).toEqual([
      { operation: 'save', id: 'web', record, expected: null, answer: 'StoreFailed' },
      { operation: 'remove', id: 'web', record: null, expected: 7, answer: 'Conflict' },
      { operation: 'load', id: 'web', record: null, expected: null, answer: 'done' },
      { operation: 'list', id: null, record: null, expected: null, answer: 'pending' },
    ]);
  });
});

describe('the memory store', () => {
  test('keeps copies: a later change by the caller reaches neither it nor what it gave out', async () => {
    const store = createMemoryStore();
    const status = { ...initialStatus, attempts: 1 };
    const policy = { ...record.policy };
    right(await store.save('web', { policy, status }, null)());
    status.attempts = 2;
    policy.backoff = 1;
    const loaded = right(await store.load('web')());
    expect(loaded).toMatchObject({ value: { policy: { backoff: 5_000 }, status: { attempts: 1 } } });
    if (loaded._tag === 'None') throw new Error('it was saved');
    expect([loaded.value, loaded.value.policy, loaded.value.status].every(Object.isFrozen)).toBe(true);
  });
});
