/**
 * How statements get to the server: by name, so that a connection has each of them parsed and planned once, or as texts.
 */
import { left, right } from '../../either.js';
import type { Clock } from '../../ports/clock.js';
import { describeValue } from '../../quote.js';
import { saltOf } from '../../salt.js';
import type { Check } from '../../validation.js';
import type { PostgresClient, PostgresPool, PostgresRows, Values } from './pool.js';

/** A statement that is sent often, and has a name. Other statements are texts. */
export interface NamedStatement {
  readonly text: string;
  readonly name: string;
}

/** A pool, how its connections are asked, and what times the tries to get one. */
export interface Database {
  readonly pool: PostgresPool;
  readonly clock: Clock;
  readonly send: (
    on: PostgresPool | PostgresClient,
    statement: NamedStatement | string,
    values: Values,
  ) => Promise<PostgresRows>;
}

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

/**
 * Statements with their names. A connection that several versions of this library share, or a proxy that hands it around,
 * takes a name for the statement that it heard it with first: so a name says which text it stands for.
 */
export const named = <K extends string>(texts: Readonly<Record<K, string>>): Readonly<Record<K, NamedStatement>> =>
  Object.fromEntries(
    Object.entries<string>(texts).map(([key, text]) => [key, { text, name: nameOf(key, text) }]),
  ) as Record<K, NamedStatement>;

/** Two hashes are 64 bits; the server keeps 63 characters of it. */
const nameOf = (key: string, text: string): string =>
  `restart_policy_${key}_${saltOf(text).toString(36)}_${saltOf(`${text};`).toString(36)}`;

// ---------------------------------------------------------------------------
// sending
// ---------------------------------------------------------------------------

/** null: as the pool looks. */
export const namedStatementsOption: Check<boolean | null> = (u) => {
  if (u === undefined) return right(null);
  return typeof u === 'boolean' ? right(u) : left(`must be true or false, not ${describeValue(u)}`);
};

/**
 * Where names turn out not to work, it goes on without them: behind a proxy that hands connections around after each
 * transaction, another connection than the one that heard a name may be asked for it.
 */
export const databaseOn = (pool: PostgresPool, namedStatements: boolean | null, clock: Clock): Database => {
  let byName = namedStatements ?? countsConnections(pool);
  return {
    pool,
    clock,
    send: async (on, statement, values) => {
      if (typeof statement === 'string') return on.query(statement, values);
      const { text, name } = statement;
      if (!byName) return on.query(text, values);
      try {
        return await on.query({ name, text, values });
      } catch (cause) {
        if (has(cause, nameNotWorking)) byName = false;
        else if (!has(cause, planOutdated)) throw cause;
        // The server refused it before it did anything, so this is no repetition.
        return on.query(text, values);
      }
    },
  };
};

/** As node-postgres' pools do, which know names, and what is built on them. What cannot be asked, as a strict proxy, is none. */
const countsConnections = (pool: PostgresPool): boolean => {
  try {
    return typeof Reflect.get(pool, 'totalCount') === 'number';
  } catch {
    return false;
  }
};

export const has = (cause: unknown, codes: ReadonlyArray<string>): boolean =>
  cause instanceof Error && codes.includes(Reflect.get(cause, 'code'));

/** There is no statement of this name, or there is one already. */
const nameNotWorking = ['26000', '42P05'];

/**
 * A column that it answers with has another type than when its name was heard, as after a migration: "cached plan must not change
 * result type". As a text it is planned anew. Names go on working, for other connections and for this one's other statements.
 */
const planOutdated = ['0A000'];
