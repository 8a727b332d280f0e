/**
 * A witness of every write to the store: triggers that copy it to a second table in the same transaction. A host that
 * may be killed at any moment cannot report its own writes; a trigger's copy is neither lost nor early.
 */
import { decodeRestartPolicy, decodeRestartStatus } from '../../src/codec.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { RestartStatus } from '../../src/status.js';
import { right } from '../support/either.js';

/** The part of an SQLite driver that is used here. */
export interface Database {
  readonly exec: (sql: string) => unknown;
  readonly prepare: (sql: string) => { all(...parameters: Array<number>): Array<unknown> };
}

/** One committed write. */
export interface Written {
  readonly id: string;
  readonly revision: number;
  /** Milliseconds since the epoch, by SQLite. */
  readonly at: number;
  /** null: the record was removed. */
  readonly record: { readonly policy: RestartPolicy; readonly status: RestartStatus } | null;
}

export interface Audit {
  /** What was committed since the last call, in the order of the commits. */
  readonly read: () => ReadonlyArray<Written>;
}

/** A record as the adapters' tables hold it, in JSON; null: it was removed. */
export const recordOf = (policy: string | null, status: string | null): Written['record'] =>
  policy === null
    ? null
    : {
        policy: right(decodeRestartPolicy(JSON.parse(policy))),
        status: right(decodeRestartStatus(JSON.parse(String(status)))),
      };

/** The store's table must be there already. */
export const openAudit = (database: Database, table = 'restart_instances'): Audit => {
  const now = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;
  database.exec('CREATE TABLE audit (number INTEGER PRIMARY KEY, at, id, revision, policy, status)');
  // A save inserts the first row of an instance, and updates it from then on.
  for (const change of ['INSERT', 'UPDATE']) {
    database.exec(
      `CREATE TRIGGER audit_${change} AFTER ${change} ON "${table}" BEGIN
        INSERT INTO audit (at, id, revision, policy, status)
        VALUES (${now}, new.id, new.revision, new.policy, new.status);
      END`,
    );
  }
  database.exec(
    `CREATE TRIGGER audit_remove AFTER DELETE ON "${table}" BEGIN
      INSERT INTO audit (at, id, revision) VALUES (${now}, old.id, old.revision);
    END`,
  );
  const select = database.prepare(
    'SELECT number, at, id, revision, policy, status FROM audit WHERE number > ? ORDER BY number',
  );
  let last = 0;

  return {
    read: () =>
      select.all(last).map((row) => {
        const field = (name: string): unknown =>
          typeof row === 'object' && row !== null ? Reflect.get(row, name) : null;
        const text = (name: string): string | null => (field(name) === null ? null : String(field(name)));
        last = Number(field('number'));
        return {
          id: String(field('id')),
          revision: Number(field('revision')),
          at: Number(field('at')),
          record: recordOf(text('policy'), text('status')),
        };
      }),
  };
};
