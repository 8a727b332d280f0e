/**
 * Leases in tables. Each call is one statement, compares and sets by itself, and reads no clock but the database's.
 *
 * An owner is one row, and a lease points to it: a thousand leases are renewed by writing one row, and all lapse in the
 * same moment. An owner that has lapsed is never revived, so a late renewal brings no lease back.
 */
import { type Either, map } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Millis } from '../../duration.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Lease } from '../../ports/leases.js';
import type { InstanceId, StoreFailed } from '../../ports/store.js';
import { listen } from './listener.js';
import { ask, type PostgresPool, type Row } from './pool.js';

/** The number of an owner, never used twice. */
export type Owner = number;

/** A lease as the table has it. */
export interface LeaseRow extends Lease {
  readonly owner: Owner;
  /** How long its owner lives if it renews no more, by the database's clock; 0: the lease is free. */
  readonly remaining: Millis;
}

/** Which leases of others may be had now, and when to ask again. */
export interface Survey {
  /** Instances whose owner is gone. */
  readonly free: ReadonlyArray<InstanceId>;
  /** Milliseconds until the next owner that holds something lapses, unless it renews; null: there is none. */
  readonly nextIn: Millis | null;
}

export interface LeaseTable {
  readonly register: (ttl: Millis) => Promise<Either<StoreFailed, Owner>>;
  /** false: the owner has lapsed, and with it all that it held. */
  readonly renew: (owner: Owner, ttl: Millis) => Promise<Either<StoreFailed, boolean>>;
  readonly find: (id: InstanceId) => Promise<Either<StoreFailed, LeaseRow | null>>;
  /**
   * Takes what is free. `epoch`: of the lapsed lease that it replaces; null: there is none. Answers null: another was
   * quicker, the owner itself has lapsed, or there is no record of such an instance.
   */
  readonly take: (
    id: InstanceId,
    owner: Owner,
    epoch: Lease['epoch'] | null,
  ) => Promise<Either<StoreFailed, Lease | null>>;
  readonly isGood: (lease: Lease) => Promise<Either<StoreFailed, boolean>>;
  readonly survey: (owner: Owner) => Promise<Either<StoreFailed, Survey>>;
  readonly release: (lease: Lease) => Promise<Either<StoreFailed, void>>;
  /** Ends the owner, and with it all that it holds. */
  readonly retire: (owner: Owner) => Promise<Either<StoreFailed, void>>;
  /** Calls with the id of a lease that was released; '': an owner retired; null: anything may have been missed. */
  readonly subscribe: (onChange: (released: InstanceId | null) => void) => Cancel;
}

const alive = (owner: string): string =>
  `EXISTS (SELECT FROM restart_owners o WHERE o.owner = ${owner} AND o.expires_at > now())`;

const fromNow = (ttl: string): string => `now() + ${ttl}::float8 * interval '1 millisecond'`;

/** Rounded up: whoever wakes up then finds that the owner has lapsed. */
const remaining = 'ceil(extract(epoch FROM o.expires_at - now()) * 1000)';

const notify = (payload: string): string =>
  `SELECT pg_notify('restart_leases_' || 'restart_leases'::regclass::oid, ${payload}) FROM gone`;

const statements = {
  // Owners that have lapsed are deleted too: for the leases that they held, that changes nothing.
  register: `WITH swept AS (DELETE FROM restart_owners WHERE expires_at <= now())
    INSERT INTO restart_owners (name, expires_at) VALUES ($1, ${fromNow('$2')}) RETURNING owner::text`,
  renew: `UPDATE restart_owners SET expires_at = ${fromNow('$2')}
    WHERE owner = $1::bigint AND expires_at > now() RETURNING owner::text`,
  find: `SELECT l.epoch::text, l.owner::text, coalesce(greatest(${remaining}, 0), 0)::text AS remaining
    FROM restart_leases l LEFT JOIN restart_owners o USING (owner) WHERE l.id = $1`,
  takeNew: `INSERT INTO restart_leases (id, owner) SELECT i.id, $2::bigint FROM restart_instances i
    WHERE i.id = $1 AND ${alive('$2::bigint')}
    ON CONFLICT (id) DO NOTHING RETURNING epoch::text`,
  takeOver: `UPDATE restart_leases l SET owner = $2::bigint, epoch = DEFAULT
    WHERE l.id = $1 AND l.epoch = $3::bigint AND ${alive('$2::bigint')} AND NOT ${alive('l.owner')}
    RETURNING l.epoch::text`,
  isGood: `SELECT FROM restart_leases l WHERE l.id = $1 AND l.epoch = $2::bigint AND ${alive('l.owner')}`,
  survey: `SELECT
      (SELECT coalesce(json_agg(l.id), '[]') FROM restart_leases l WHERE NOT ${alive('l.owner')})::text AS free,
      (SELECT min(${remaining}) FROM restart_owners o WHERE o.owner <> $1::bigint AND o.expires_at > now()
        AND EXISTS (SELECT FROM restart_leases l WHERE l.owner = o.owner))::text AS next_in`,
  release: `WITH gone AS (DELETE FROM restart_leases WHERE id = $1 AND epoch = $2::bigint RETURNING id) ${notify('id')}`,
  retire: `WITH gone AS (DELETE FROM restart_owners WHERE owner = $1::bigint RETURNING owner) ${notify("''")}`,
} as const;

export const leaseTableOn = (pool: PostgresPool, clock: Clock, name: string): LeaseTable => ({
  register: async (ttl) => ownerIn(await ask(pool, statements.register, [name, ttl])),
  renew: async (owner, ttl) => anyRow(await ask(pool, statements.renew, [owner, ttl])),
  find: async (id) =>
    pipe(
      await ask(pool, statements.find, [id]),
      map(([row]) =>
        row === undefined
          ? null
          : { id, epoch: Number(row['epoch']), owner: Number(row['owner']), remaining: Number(row['remaining']) },
      ),
    ),
  take: async (id, owner, epoch) =>
    pipe(
      await (epoch === null
        ? ask(pool, statements.takeNew, [id, owner])
        : ask(pool, statements.takeOver, [id, owner, epoch])),
      map(([row]) => (row === undefined ? null : { id, epoch: Number(row['epoch']) })),
    ),
  isGood: async ({ id, epoch }) => anyRow(await ask(pool, statements.isGood, [id, epoch])),
  survey: async (owner) => pipe(await ask(pool, statements.survey, [owner]), map(surveyIn)),
  release: async ({ id, epoch }) => nothing(await ask(pool, statements.release, [id, epoch])),
  retire: async (owner) => nothing(await ask(pool, statements.retire, [owner])),
  subscribe: (onChange) => listen(pool, clock, 'restart_leases', onChange),
});

type Rows = Either<StoreFailed, ReadonlyArray<Row>>;

const ownerIn: (rows: Rows) => Either<StoreFailed, Owner> = map(([row]) => Number(row?.['owner']));

const anyRow: (rows: Rows) => Either<StoreFailed, boolean> = map((rows) => rows.length > 0);

const nothing: (rows: Rows) => Either<StoreFailed, void> = map(() => undefined);

const surveyIn = ([row]: ReadonlyArray<Row>): Survey => {
  const { free, next_in: nextIn } = row ?? {};
  const ids: ReadonlyArray<unknown> = JSON.parse(String(free));
  return { free: ids.map(String), nextIn: nextIn === null ? null : Number(nextIn) };
};
