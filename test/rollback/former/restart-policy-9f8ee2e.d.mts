/**
 * What the tests use of the former library: it had no more than what these types say, and in this it had the same.
 */
import type * as postgres from '../../../src/adapters/postgres.js';
import type * as sqlite from '../../../src/adapters/sqlite.js';
import type * as controller from '../../../src/controller.js';

export declare const createController: typeof controller.createController;
export declare const createPostgresStore: typeof postgres.createPostgresStore;
export declare const migrate: typeof postgres.migrate;
export declare const openSqliteStore: typeof sqlite.openSqliteStore;
