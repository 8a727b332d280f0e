/**
 * A store that fails on demand, around one that does not.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as E from '../either.js';
import * as O from '../option.js';
import {
  asItStands,
  conflict,
  type InstanceId,
  type InvalidRecord,
  invalidRecord,
  type ListedRecord,
  type RecordToSave,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../ports/store.js';
import { createHold, createHolds, type Held, type Hold, never } from './hold.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * The store's calls, by name.
 *
 * @since 0.1.0
 */
export type StoreOperation = 'load' | 'save' | 'list' | 'remove' | 'listRecords';

/**
 * A fault to come, in the next `times` calls (default 1; Infinity: until `clear`) of an operation that it fits.
 *
 * - `conflict`: answers Conflict, and writes nothing.
 * - `fail_before`: answers StoreFailed, and did nothing.
 * - `fail_after`: answers StoreFailed, but did what was asked: the write whose acknowledgement is lost.
 * - `invalid_record`: what is stored is no record, for as long as the fault lasts: loads and pages answer InvalidRecord, with
 *   what is not `unreadable` (default: both parts are). A save or a remove of its `id` ends the fault for what it writes over.
 * - `hang`: does not answer until `clear`, and then goes on; what it does is done then.
 *
 * @since 0.1.0
 */
export type StoreFault = {
  /** Only calls for this instance; absent: for any, and calls for all. */
  readonly id?: InstanceId;
  readonly times?: number;
} & (
  | { readonly operation: 'save' | 'remove'; readonly fault: 'conflict' | 'fail_before' | 'fail_after' }
  | { readonly operation: 'load' | 'list' | 'listRecords'; readonly fault: 'fail_before' }
  | { readonly operation: 'load'; readonly fault: 'invalid_record'; readonly unreadable?: 'policy' | 'status' | 'both' }
  | { readonly operation: StoreOperation; readonly fault: 'hang' }
);

/**
 * One call, as it was made and (later) as it was answered.
 *
 * @since 0.1.0
 */
export interface StoreCall {
  readonly operation: StoreOperation;
  /** null: a call for all instances. */
  readonly id: InstanceId | null;
  /** What a save wrote; null: another operation. */
  readonly record: RecordToSave | null;
  /** The revision that a save or a remove named. null: another operation, or a save of what must not exist. */
  readonly expected: Revision | null;
  /** `pending` as long as there is no answer; `done` for a Right; else the tag of the Left. */
  readonly answer: 'pending' | 'done' | 'Conflict' | 'StoreFailed' | 'InvalidRecord';
}

/**
 * A store with faults, and what a test does with it.
 *
 * @since 0.1.0
 */
export interface FaultyStore {
  /** The store to hand to the code under test. */
  readonly store: Store;
  /** Lets the next call that fits fail. Faults that fit the same call are used in the order of their injection. */
  readonly inject: (fault: StoreFault) => void;
  /**
   * Holds the next call of `operation` (for `id`; null: for any): `before` it does anything, or `after` it did, when
   * only the answer is missing.
   */
  readonly hold: (operation: StoreOperation, id: InstanceId | null, at: 'before' | 'after') => Held;
  /** Takes back all faults, and releases all holds. */
  readonly clear: () => void;
  /**
   * The process that uses this store dies: from now on no call through it has an effect or an answer, those under way
   * included. The store behind it lives on.
   */
  readonly crash: () => void;
  /** All calls, in the order in which they were made. */
  readonly calls: ReadonlyArray<StoreCall>;
}

// ---------------------------------------------------------------------------
// faults
// ---------------------------------------------------------------------------

/**
 * Wraps a store so that a test can make it conflict, fail before or after a write, hang, and die with its process.
 *
 * @example
 * import { createMemoryStore, withFaults } from 'restart-policy/testing'
 *
 * const faulty = withFaults(createMemoryStore())
 * faulty.inject({ operation: 'list', fault: 'fail_before' })
 * assert.strictEqual((await faulty.store.list())._tag, 'Left')
 * assert.strictEqual((await faulty.store.list())._tag, 'Right')
 *
 * @since 0.1.0
 */
export const withFaults = (store: Store): FaultyStore => {
  const faults: Array<Injected> = [];
  const holds = createHolds<HoldAt>();
  const hanging: Array<Hold> = [];
  const calls: Array<Mutable<StoreCall>> = [];
  let alive = true;

  /** The next fault for such a call, which it uses up; null: there is none. */
  const take = (operation: StoreOperation, id: InstanceId | null, only?: StoreFault['fault']): Injected | null => {
    const index = faults.findIndex(
      ({ fault }) =>
        fault.operation === operation &&
        (fault.id === undefined || fault.id === id) &&
        (only === undefined || fault.fault === only),
    );
    const found = faults[index];
    if (found === undefined) return null;
    found.left--;
    if (found.left <= 0) faults.splice(index, 1);
    return found;
  };

  const pass = async (call: StoreCall, at: 'before' | 'after'): Promise<void> => {
    await holds.pass(
      (held) => held.operation === call.operation && held.at === at && (held.id === null || held.id === call.id),
    );
    if (!alive) return never();
  };

  const hang = async (): Promise<void> => {
    const held = createHold();
    hanging.push(held);
    await held.pass();
    if (!alive) return never();
  };

  const through =
    <L extends StoreLeft, A>(
      made: Omit<StoreCall, 'answer'>,
      run: (injected: Injected | null) => Promise<Either<L | StoreFailed, A>>,
    ): TaskEither<L | StoreFailed, A> =>
    async () => {
      const call: Mutable<StoreCall> = { ...made, answer: 'pending' };
      calls.push(call);
      await pass(call, 'before');
      const injected = take(call.operation, call.id);
      const fault = injected?.fault.fault;
      if (fault === 'hang') await hang();
      // A fault fits its operation by its type, so its answer is one that the operation may give.
      const done = fault === 'conflict' || fault === 'fail_before' ? E.left(refusals[fault] as L) : await run(injected);
      await pass(call, 'after');
      const answer =
        fault === 'fail_after' && E.isRight(done) ? E.left(storeFailed('injected: after the write')) : done;
      call.answer = E.isRight(answer) ? 'done' : answer.left._tag;
      return answer;
    };

  /** `record`: what was saved; null: it was removed. */
  const writtenOver = (id: InstanceId, record: RecordToSave | null): void => {
    for (const injected of [...faults]) {
      if (injected.fault.fault !== 'invalid_record' || injected.fault.id !== id) continue;
      if (record?.policy !== asItStands) injected.unreadable.delete('policy');
      if (record?.status !== asItStands) injected.unreadable.delete('status');
      if (injected.unreadable.size === 0) faults.splice(faults.indexOf(injected), 1);
    }
  };

  const { listRecords } = store;
  return {
    store: {
      load: (id, call) =>
        through<StoreFailed | InvalidRecord, Option<StoredRecord>>(
          { operation: 'load', id, record: null, expected: null },
          async (injected) => {
            const found = await store.load(id, call)();
            if (injected?.fault.fault !== 'invalid_record' || E.isLeft(found)) return found;
            return E.left(unreadable(id, O.toNullable(found.right), injected));
          },
        ),
      save: (id, record, expected, call) =>
        through({ operation: 'save', id, record, expected }, async () => {
          const saved = await store.save(id, record, expected, call)();
          if (E.isRight(saved)) writtenOver(id, record);
          return saved;
        }),
      list: (call) => through({ operation: 'list', id: null, record: null, expected: null }, () => store.list(call))(),
      remove: (id, expected, call) =>
        through({ operation: 'remove', id, record: null, expected }, async () => {
          const removed = await store.remove(id, expected, call)();
          if (E.isRight(removed)) writtenOver(id, null);
          return removed;
        }),
      ...(listRecords && {
        listRecords: (page, call) =>
          through({ operation: 'listRecords', id: null, record: null, expected: null }, async () => {
            const listed = await listRecords(page, call)();
            return E.map((records: ReadonlyArray<ListedRecord>) =>
              records.map(({ id, record }) => {
                const injected = E.isRight(record) ? take('load', id, 'invalid_record') : null;
                return injected === null || E.isLeft(record)
                  ? { id, record }
                  : { id, record: E.left(unreadable(id, record.right, injected)) };
              }),
            )(listed);
          }),
      }),
    },
    inject: (fault) => {
      const parts = fault.fault === 'invalid_record' ? (fault.unreadable ?? 'both') : 'both';
      faults.push({
        fault,
        left: fault.times ?? 1,
        unreadable: new Set(parts === 'both' ? (['policy', 'status'] as const) : [parts]),
      });
    },
    hold: (operation, id, at) => holds.add({ operation, id, at }),
    clear: () => {
      faults.length = 0;
      holds.clear();
      for (const held of hanging.splice(0)) held.release();
    },
    crash: () => {
      alive = false;
    },
    calls,
  };
};

interface Injected {
  readonly fault: StoreFault;
  /** How many calls it is still for. */
  left: number;
  /** Of a record that is none: what nobody has written over. */
  readonly unreadable: Set<'policy' | 'status'>;
}

interface HoldAt {
  readonly operation: StoreOperation;
  readonly id: InstanceId | null;
  readonly at: 'before' | 'after';
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] };

type StoreLeft = { readonly _tag: 'Conflict' | 'StoreFailed' | 'InvalidRecord' };

const refusals: Readonly<Record<'conflict' | 'fail_before', StoreLeft>> = {
  conflict,
  fail_before: storeFailed('injected: before anything was done'),
};

/** `stored`: null: nothing is, so nothing can be written over it either. */
const unreadable = (id: InstanceId, stored: StoredRecord | null, { unreadable: parts }: Injected): InvalidRecord =>
  invalidRecord(
    id,
    [...parts].map((part) => `restart_${part} is not readable: injected`),
    {
      revision: stored?.revision ?? 0,
      policy: stored === null || parts.has('policy') ? null : stored.policy,
      status: stored === null || parts.has('status') ? null : stored.status,
    },
  );
