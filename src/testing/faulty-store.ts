/**
 * A store that fails on demand, around one that does not.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  conflict,
  type InstanceId,
  invalidRecord,
  type RestartRecord,
  type Revision,
  type Store,
  type StoreFailed,
  storeFailed,
} from '../ports/store.js';
import { createHolds, type Held, never } from './hold.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * The store's four calls, by name.
 *
 * @since 0.1.0
 */
export type StoreOperation = 'load' | 'save' | 'list' | 'remove';

/**
 * A fault to come, in the next `times` calls (default 1; Infinity: until `clear`) of an operation that it fits.
 *
 * - `conflict`: answers Conflict, and writes nothing.
 * - `fail_before`: answers StoreFailed, and did nothing.
 * - `fail_after`: answers StoreFailed, but did what was asked: the write whose acknowledgement is lost.
 * - `invalid_record`: what is stored is no record, for as long as the fault lasts.
 *
 * @since 0.1.0
 */
export type StoreFault = {
  /** Only calls for this instance; absent: for any, and `list`. */
  readonly id?: InstanceId;
  readonly times?: number;
} & (
  | { readonly operation: 'save' | 'remove'; readonly fault: 'conflict' | 'fail_before' | 'fail_after' }
  | { readonly operation: 'load'; readonly fault: 'fail_before' | 'invalid_record' }
  | { readonly operation: 'list'; readonly fault: 'fail_before' }
);

/**
 * One call, as it was made and (later) as it was answered.
 *
 * @since 0.1.0
 */
export interface StoreCall {
  readonly operation: StoreOperation;
  /** null: `list`. */
  readonly id: InstanceId | null;
  /** What a save wrote; null: another operation. */
  readonly record: RestartRecord | null;
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
  const faults: Array<{ readonly fault: StoreFault; left: number }> = [];
  const holds = createHolds<HoldAt>();
  const calls: Array<Mutable<StoreCall>> = [];
  let alive = true;

  const takeFault = (call: StoreCall): StoreFault['fault'] | null => {
    const index = faults.findIndex(
      ({ fault }) => fault.operation === call.operation && (fault.id === undefined || fault.id === call.id),
    );
    const found = faults[index];
    if (found === undefined) return null;
    found.left--;
    if (found.left <= 0) faults.splice(index, 1);
    return found.fault.fault;
  };

  const pass = async (call: StoreCall, at: 'before' | 'after'): Promise<void> => {
    await holds.pass(
      (held) => held.operation === call.operation && held.at === at && (held.id === null || held.id === call.id),
    );
    if (!alive) return never();
  };

  const through =
    <L extends StoreLeft, A>(
      made: Omit<StoreCall, 'answer'>,
      run: TaskEither<L | StoreFailed, A>,
    ): TaskEither<L | StoreFailed, A> =>
    async () => {
      const call: Mutable<StoreCall> = { ...made, answer: 'pending' };
      calls.push(call);
      await pass(call, 'before');
      const fault = takeFault(call);
      // A fault fits its operation by its type, so its answer is one that the operation may give.
      const done = fault === null || fault === 'fail_after' ? await run() : E.left(faultAnswer(fault, call) as L);
      await pass(call, 'after');
      const answer =
        fault === 'fail_after' && E.isRight(done) ? E.left(storeFailed('injected: after the write')) : done;
      call.answer = E.isRight(answer) ? 'done' : answer.left._tag;
      return answer;
    };

  return {
    store: {
      load: (id) => through({ operation: 'load', id, record: null, expected: null }, store.load(id)),
      save: (id, record, expected) =>
        through({ operation: 'save', id, record, expected }, store.save(id, record, expected)),
      list: through({ operation: 'list', id: null, record: null, expected: null }, store.list),
      remove: (id, expected) =>
        through({ operation: 'remove', id, record: null, expected }, store.remove(id, expected)),
    },
    inject: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    hold: (operation, id, at) => holds.add({ operation, id, at }),
    clear: () => {
      faults.length = 0;
      holds.clear();
    },
    crash: () => {
      alive = false;
    },
    calls,
  };
};

interface HoldAt {
  readonly operation: StoreOperation;
  readonly id: InstanceId | null;
  readonly at: 'before' | 'after';
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] };

type StoreLeft = { readonly _tag: 'Conflict' | 'StoreFailed' | 'InvalidRecord' };

const faultAnswer = (fault: Exclude<StoreFault['fault'], 'fail_after'>, call: StoreCall): StoreLeft => {
  switch (fault) {
    case 'conflict':
      return conflict;
    case 'fail_before':
      return storeFailed('injected: before anything was done');
    case 'invalid_record':
      return invalidRecord(call.id ?? '', ['injected: not a record']);
  }
};
