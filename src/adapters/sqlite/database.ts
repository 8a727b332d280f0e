/**
 * What the store and the history need of a database, and what they may not share of it.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left } from '../../either.js';
import { port, text } from '../../options.js';

/**
 * What the store needs of a database connection; the drivers' own objects fit.
 *
 * @since 0.1.0
 */
export interface SqliteDatabase {
  readonly exec: (sql: string) => unknown;
  readonly prepare: (sql: string) => SqliteStatement;
}

/**
 * A prepared statement, of which the store needs no more than to run it to its end.
 *
 * @since 0.1.0
 */
export interface SqliteStatement {
  // A method and not a property: some drivers are generic in the parameters, which only a method's looser check lets in.
  all(...parameters: Array<string | number>): Array<unknown>;
}

type User = 'store' | 'history';

/** Whose connection each is. A store and a history set it up in ways of their own. */
const claims = new WeakMap<SqliteDatabase, User>();

export const claim = (database: SqliteDatabase, by: User): void => void claims.set(database, by);

const aDatabase = port<SqliteDatabase>('a database', 'exec', 'prepare');

/** A connection that is not the other's. */
export const aDatabaseFor =
  (user: User) =>
  (u: unknown): Either<string, SqliteDatabase> => {
    const checked = aDatabase(u);
    const claimed = checked._tag === 'Right' ? claims.get(checked.right) : undefined;
    return claimed === undefined || claimed === user
      ? checked
      : left(`is the connection of a ${claimed}: open another one for the ${user}`);
  };

/** Names take no parameters: this check is all that keeps other SQL out of them. */
export const aTableName = text(
  'at most 128 letters, digits and underscores, beginning neither with a digit nor with sqlite_',
  (name) => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) && !/^sqlite_/i.test(name),
);
