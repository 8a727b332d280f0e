/**
 * The one place that asks the database.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { PortCall } from '../../ports/call.js';
import { type StoreFailed, storeFailed } from '../../ports/store.js';
import { messageOf } from '../common/answers.js';
import type { Database, NamedStatement } from './database.js';
import { queryUntil } from './given-up.js';
import type { PostgresPool, Rows, Values } from './pool.js';

/**
 * Runs one statement. Never repeats it: after a lost connection nobody knows whether it was done, and to do a
 * compare-and-set again would answer Conflict for what has worked.
 *
 * A call with a `signal` that is aborted is ended at the server, and answered when nothing more will happen of it. One that
 * still waits for a connection is answered at once.
 */
export const ask = async (
  database: Database,
  statement: NamedStatement | string,
  values: Values = [],
  call: PortCall = {},
): Promise<Either<StoreFailed, Rows>> => {
  try {
    const { rows } =
      call.signal === undefined
        ? await database.send(database.pool, statement, values)
        : await queryUntil(database, call.signal, statement, values);
    return right(rows);
  } catch (cause) {
    return left(failedQuery(cause));
  }
};

/** Runs several statements. */
export const runScript = async (pool: PostgresPool, text: string): Promise<Either<StoreFailed, void>> => {
  try {
    await pool.query(text);
    return right(undefined);
  } catch (cause) {
    return left(failedQuery(cause));
  }
};

const failedQuery = (cause: unknown): StoreFailed => storeFailed(`postgres: ${messageOf(cause)}`, cause);
