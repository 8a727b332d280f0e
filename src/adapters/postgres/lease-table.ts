/**
 * Leases in tables. Each call is one statement, compares and sets by itself, and reads no clock but the database's.
 *
 * An owner is one row, and a lease points to it: a thousand leases are renewed by writing one row, and all lapse in the
 * same moment. An owner that has lapsed is never revived, so a late renewal brings no lease back.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { map, right } from '../../either.js';
import { pipe } from '../../function.js';
import type { PortCall } from '../../ports/call.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Lease } from '../../ports/leases.js';
import type { InstanceId, StoreFailed } from '../../ports/store.js';
import { column } from '../common/record-text.js';
import { idProblem } from '../common/stored-id.js';
import { ask } from './ask.js';
import { type Database, type NamedStatement, named } from './database.js';
import { listen } from './listener.js';
import type { Rows, Values } from './pool.js';
import { longestId } from './schema.js';

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
  readonly register: (ttl: Millis, call?: PortCall) => Promise<Either<StoreFailed, Owner>>;
  /** false: the owner has lapsed, and with it all that it held. */
  readonly renew: (owner: Owner, ttl: Millis, call?: PortCall) => Promise<Either<StoreFailed, boolean>>;
  readonly find: (id: InstanceId, call?: PortCall) => Promise<Either<StoreFailed, LeaseRow | null>>;
  /**
   * Takes what is free. `epoch`: of the lapsed lease that it replaces; null: there is none. Answers null: another was
   * quicker, the owner itself has lapsed, or there is no record of such an instance.
   */
  readonly take: (
    id: InstanceId,
    owner: Owner,
    epoch: Lease['epoch'] | null,
    call?: PortCall,
  ) => Promise<Either<StoreFailed, Lease | null>>;
  readonly isGood: (lease: Lease, call?: PortCall) => Promise<Either<StoreFailed, boolean>>;
  readonly survey: (owner: Owner, call?: PortCall) => Promise<Either<StoreFailed, Survey>>;
  readonly release: (lease: Lease, call?: PortCall) => Promise<Either<StoreFailed, void>>;
  /** Releases all that the owner has but these. */
  readonly releaseOthers: (
    owner: Owner,
    keep: ReadonlyArray<InstanceId>,
    call?: PortCall,
  ) => Promise<Either<StoreFailed, void>>;
  /** Ends the owner, and with it all that it holds. */
  readonly retire: (owner: Owner, call?: PortCall) => Promise<Either<StoreFailed, void>>;
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

const statements = /* @__PURE__ */ named({
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
  releaseOthers: `WITH gone AS (DELETE FROM restart_leases
    WHERE owner = $1::bigint AND id NOT IN (SELECT json_array_elements_text($2::text::json)) RETURNING id) ${notify('id')}`,
  retire: `WITH gone AS (DELETE FROM restart_owners WHERE owner = $1::bigint RETURNING owner) ${notify("''")}`,
});

export const leaseTableOn = (database: Database, clock: Clock, name: string): LeaseTable => ({
  register: async (ttl, call) => ownerIn(await ask(database, statements.register, [name, ttl], call)),
  renew: async (owner, ttl, call) => anyRow(await ask(database, statements.renew, [owner, ttl], call)),
  find: async (id, call) =>
    pipe(
      await askOf(database, id, statements.find, [], call),
      map(([row]) =>
        row === undefined
          ? null
          : { id, epoch: numberIn(row, 'epoch'), owner: numberIn(row, 'owner'), remaining: numberIn(row, 'remaining') },
      ),
    ),
  take: async (id, owner, epoch, call) =>
    pipe(
      await (epoch === null
        ? askOf(database, id, statements.takeNew, [owner], call)
        : askOf(database, id, statements.takeOver, [owner, epoch], call)),
      map(([row]) => (row === undefined ? null : { id, epoch: numberIn(row, 'epoch') })),
    ),
  isGood: async ({ id, epoch }, call) => anyRow(await ask(database, statements.isGood, [id, epoch], call)),
  survey: async (owner, call) => pipe(await ask(database, statements.survey, [owner], call), map(surveyIn)),
  release: async ({ id, epoch }, call) => nothing(await ask(database, statements.release, [id, epoch], call)),
  releaseOthers: async (owner, keep, call) =>
    nothing(await ask(database, statements.releaseOthers, [owner, JSON.stringify(keep)], call)),
  retire: async (owner, call) => nothing(await ask(database, statements.retire, [owner], call)),
  subscribe: (onChange) => listen(database.pool, clock, 'restart_leases', onChange),
});

/** Of an id that no table can keep there are no rows; a driver may cut or change it into one that has a lease. */
const askOf = async (
  database: Database,
  id: InstanceId,
  statement: NamedStatement,
  values: Values,
  call: PortCall | undefined,
): Promise<Either<StoreFailed, Rows>> =>
  idProblem(id, longestId) === null ? ask(database, statement, [id, ...values], call) : right([]);

type Answer<A> = (rows: Either<StoreFailed, Rows>) => Either<StoreFailed, A>;

const numberIn = (row: unknown, name: string): number => Number(column(row, name));

const ownerIn: Answer<Owner> = map(([row]) => numberIn(row, 'owner'));

const anyRow: Answer<boolean> = map((rows) => rows.length > 0);

const nothing: Answer<void> = map(() => undefined);

const surveyIn = ([row]: Rows): Survey => {
  const nextIn = column(row, 'next_in');
  const ids: ReadonlyArray<unknown> = JSON.parse(String(column(row, 'free')));
  return { free: ids.map(String), nextIn: nextIn === null ? null : Number(nextIn) };
};
