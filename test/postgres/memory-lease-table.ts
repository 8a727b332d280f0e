/**
 * Leases in memory, by the rules of the tables: for what owners do over time, on a clock that a test moves.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from 'fp-ts/lib/Either.js';
import type { LeaseTable, Owner } from '../../src/adapters/postgres/lease-table.js';
import type { Millis } from '../../src/duration.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Lease } from '../../src/ports/leases.js';
import { type InstanceId, type StoreFailed, storeFailed } from '../../src/ports/store.js';

export type Call =
  | 'register'
  | 'renew'
  | 'find'
  | 'take'
  | 'isGood'
  | 'survey'
  | 'release'
  | 'releaseOthers'
  | 'retire';

/** One controller's way to the leases. */
export interface Way {
  readonly table: LeaseTable;
  /** What was asked for, in order. */
  readonly calls: ReadonlyArray<Call>;
  /**
   * `up`; `down`: calls fail; `dead`: calls never answer, and nothing is notified any more; `deaf`: the next call is done,
   * and its answer is lost.
   */
  readonly become: (state: 'up' | 'down' | 'dead' | 'deaf') => void;
}

export interface MemoryLeases {
  readonly way: () => Way;
  /** Another takes a lease over, whoever has it: an owner that lives long, and that no test meets. */
  readonly seize: (id: InstanceId) => void;
  /** Owner and epoch of each lease. */
  readonly leases: () => ReadonlyMap<InstanceId, { readonly owner: Owner; readonly epoch: number }>;
}

/** `clock` is the one by which leases lapse, whatever the owners' own clocks say. */
export const createMemoryLeases = (clock: Pick<Clock, 'now'>): MemoryLeases => {
  const owners = new Map<Owner, number>();
  const leases = new Map<InstanceId, { owner: Owner; epoch: number }>();
  const listeners = new Map<Way, (released: InstanceId | null) => void>();
  let numbers = 0;

  const isAlive = (owner: Owner): boolean => (owners.get(owner) ?? 0) > clock.now();
  const remainingOf = (owner: Owner): Millis => Math.max(0, (owners.get(owner) ?? 0) - clock.now());
  const holdsSomething = (owner: Owner): boolean => [...leases.values()].some((lease) => lease.owner === owner);
  const notify = (released: InstanceId): void => {
    for (const listener of listeners.values()) listener(released);
  };

  const way = (): Way => {
    const calls: Array<Call> = [];
    let state: 'up' | 'down' | 'dead' | 'deaf' = 'up';

    const call = async <A>(name: Call, done: () => A): Promise<Either<StoreFailed, A>> => {
      calls.push(name);
      if (state === 'dead') return new Promise(() => {});
      if (state === 'down') return left(storeFailed('no answer'));
      const answer = done();
      if (state !== 'deaf') return right(answer);
      state = 'up';
      return left(storeFailed('the answer was lost'));
    };

    const table: LeaseTable = {
      register: (ttl) =>
        call('register', () => {
          numbers++;
          owners.set(numbers, clock.now() + ttl);
          return numbers;
        }),
      renew: (owner, ttl) =>
        call('renew', () => {
          if (!isAlive(owner)) return false;
          owners.set(owner, clock.now() + ttl);
          return true;
        }),
      find: (id) =>
        call('find', () => {
          const lease = leases.get(id);
          return lease === undefined ? null : { id, ...lease, remaining: remainingOf(lease.owner) };
        }),
      take: (id, owner, epoch) =>
        call('take', (): Lease | null => {
          const lease = leases.get(id);
          if (!isAlive(owner) || (lease?.epoch ?? null) !== epoch) return null;
          if (lease !== undefined && isAlive(lease.owner)) return null;
          numbers++;
          leases.set(id, { owner, epoch: numbers });
          return { id, epoch: numbers };
        }),
      isGood: ({ id, epoch }) =>
        call('isGood', () => {
          const lease = leases.get(id);
          return lease?.epoch === epoch && isAlive(lease.owner);
        }),
      survey: (asking) =>
        call('survey', () => {
          const free = [...leases].flatMap(([id, { owner }]) => (isAlive(owner) ? [] : [id]));
          const others = [...owners.keys()].filter(
            (owner) => owner !== asking && isAlive(owner) && holdsSomething(owner),
          );
          return { free, nextIn: others.length === 0 ? null : Math.min(...others.map(remainingOf)) };
        }),
      release: ({ id, epoch }) =>
        call('release', () => {
          if (leases.get(id)?.epoch !== epoch) return;
          leases.delete(id);
          notify(id);
        }),
      releaseOthers: (owner, keep) =>
        call('releaseOthers', () => {
          for (const [id, lease] of [...leases]) {
            if (lease.owner !== owner || keep.includes(id)) continue;
            leases.delete(id);
            notify(id);
          }
        }),
      retire: (owner) =>
        call('retire', () => {
          owners.delete(owner);
          notify('');
        }),
      subscribe: (onChange) => {
        listeners.set(self, (released) => {
          if (state !== 'dead') onChange(released);
        });
        return () => void listeners.delete(self);
      },
    };
    const self: Way = { table, calls, become: (next) => (state = next) };
    return self;
  };

  const seize = (id: InstanceId): void => {
    numbers += 2;
    owners.set(numbers, clock.now() + 1_000_000_000);
    leases.set(id, { owner: numbers, epoch: numbers - 1 });
  };

  return { way, seize, leases: () => leases };
};
