/**
 * The drivers that can be had here: libsql always, node:sqlite where the running Node has it (22.5 and later).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach } from 'vitest';
import type { SqliteDatabase } from '../../src/adapters/sqlite.js';

export interface Connection extends SqliteDatabase {
  readonly close: () => unknown;
}

export interface Driver {
  readonly name: string;
  readonly open: (file: string, options?: { readonly readOnly: boolean }) => Connection;
}

const libsql: Driver = {
  name: 'libsql',
  // Its own `readonly` option is not heeded (0.5.29); SQLite's is.
  open: (file, { readOnly } = { readOnly: false }) => new Libsql(readOnly ? `file:${file}?mode=ro` : file),
};

/** The part of node:sqlite that is used here; its types come with newer versions of Node. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string, options?: { readonly readOnly?: boolean }) => Connection;
}

const nodeSqlite = (): Driver | null => {
  try {
    // Required and not imported: bundlers and older versions of Node do not know the name.
    const { DatabaseSync }: NodeSqlite = createRequire(import.meta.url)('node:sqlite');
    return { name: 'node:sqlite', open: (file, options = { readOnly: false }) => new DatabaseSync(file, options) };
  } catch {
    console.log(`node:sqlite is not run: Node ${process.version} does not have it (22.5 and later do)`);
    return null;
  }
};

const builtIn = nodeSqlite();

export const drivers: ReadonlyArray<Driver> = builtIn === null ? [libsql] : [libsql, builtIn];

const directories: Array<string> = [];

/** A path for a database of the running test; it goes with the test. */
export const freshFile = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-sqlite-'));
  directories.push(directory);
  return join(directory, 'instances.db');
};

const connections: Array<Connection> = [];

/** Opens a connection that is closed with the test. */
export const connect = (driver: Driver, file: string, options?: { readonly readOnly: boolean }): Connection => {
  const connection = driver.open(file, options);
  connections.push(connection);
  return connection;
};

afterEach(() => {
  for (const connection of connections.splice(0)) {
    try {
      connection.close();
    } catch {
      // A test may have closed it already.
    }
  }
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});
