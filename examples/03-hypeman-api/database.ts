/** The database file: a connection for the restart store, and one for what the API itself keeps. */
import Database from 'libsql';

/** Durable like the restart store: what is answered to a client survives a power cut. The host closes it. */
export const openDatabase = (path: string): Database.Database => {
  const database = new Database(path);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 1000']) {
    database.exec(`PRAGMA ${pragma}`);
  }
  return database;
};

/**
 * The texts in the first column of what a statement answers. `all` runs a statement to its end; the driver's `get`
 * stops half-way, with the lock still held.
 */
export const texts = (
  statement: Database.Statement<Array<unknown>>,
  ...parameters: ReadonlyArray<string>
): ReadonlyArray<string> =>
  statement
    .raw()
    .all(...parameters)
    .map((row) => String(Array.isArray(row) ? row[0] : ''));
