/**
 * What the adapter needs of a driver, and the one place that calls it.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type StoreFailed, storeFailed } from '../../ports/store.js';
import { messageOf } from '../common/answers.js';

/**
 * A pool of connections; `pg.Pool` fits as it is, and a PGlite database through `pglitePool`.
 *
 * @since 0.2.0
 */
export interface PostgresPool {
  // Methods and not properties: the drivers' own are overloaded and generic, which only a method's looser check lets in.
  query(text: string, values?: Array<string | number | null>): Promise<PostgresRows>;
  connect(): Promise<PostgresClient>;
  on(event: 'error', listener: (cause: Error) => void): unknown;
}

/**
 * A connection taken out of a pool.
 *
 * @since 0.2.0
 */
export interface PostgresClient {
  query(text: string, values?: Array<string | number | null>): Promise<PostgresRows>;
  on(event: 'notification', listener: (message: PostgresNotification) => void): unknown;
  on(event: 'error', listener: (cause: Error) => void): unknown;
  /** true: the connection is closed, and not used again. */
  release(destroy?: boolean): void;
}

/**
 * What a statement answers: its rows, as objects by column.
 *
 * @since 0.2.0
 */
export interface PostgresRows {
  readonly rows: ReadonlyArray<unknown>;
}

/**
 * A notification on a channel.
 *
 * @since 0.2.0
 */
export interface PostgresNotification {
  readonly channel: string;
  readonly payload?: string | undefined;
}

export type Row = Readonly<Record<string, unknown>>;

export const asRow = (row: unknown): Row => (typeof row === 'object' && row !== null ? { ...row } : {});

/**
 * Runs one statement. Never repeats it: after a lost connection nobody knows whether it was done, and to do a
 * compare-and-set again would answer Conflict for what has worked.
 */
export const ask = async (
  pool: PostgresPool,
  text: string,
  values?: Array<string | number | null>,
): Promise<Either<StoreFailed, ReadonlyArray<Row>>> => {
  try {
    const { rows } = values === undefined ? await pool.query(text) : await pool.query(text, values);
    return right(rows.map(asRow));
  } catch (cause) {
    return left(storeFailed(`postgres: ${messageOf(cause)}`, cause));
  }
};

/**
 * Ignores the pool's errors: an idle connection was lost, and the next statement gets another. Without a listener such an
 * error would end the process.
 */
export const outliveLostConnections = (pool: PostgresPool): void => {
  if (listenedTo.has(pool)) return;
  listenedTo.add(pool);
  pool.on('error', () => {});
};

/** Pools that are listened to already: a host may make any number of stores on one. */
const listenedTo = new WeakSet<PostgresPool>();
