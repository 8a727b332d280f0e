/**
 * What the adapter needs of a driver.
 */
/**
 * A pool of connections; `pg.Pool` fits as it is, and a PGlite database through `pglitePool`.
 *
 * @since 0.2.0
 */
export interface PostgresPool {
  // Methods and not properties: the drivers' own are overloaded and generic, which only a method's looser check lets in.
  query(query: string | PostgresQuery, values?: Array<string | number | null>): Promise<PostgresRows>;
  connect(): Promise<PostgresClient>;
  on(event: 'error', listener: (cause: Error) => void): unknown;
}

/**
 * A connection taken out of a pool.
 *
 * @since 0.2.0
 */
export interface PostgresClient {
  query(query: string | PostgresQuery, values?: Array<string | number | null>): Promise<PostgresRows>;
  on(event: 'notification', listener: (message: PostgresNotification) => void): unknown;
  on(event: 'error', listener: (cause: Error) => void): unknown;
  /** true: the connection is closed, and not used again. */
  release(destroy?: boolean): void;
}

/**
 * A statement that the server keeps under a name for the time of the connection. A pool that takes texts alone is never asked for
 * one, unless the option `namedStatements` says so.
 *
 * @since 0.2.0
 */
export interface PostgresQuery {
  readonly name: string;
  readonly text: string;
  readonly values: Array<string | number | null>;
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

export type Values = Array<string | number | null>;

export type Rows = ReadonlyArray<unknown>;

/**
 * Ignores the pool's errors: an idle connection was lost, and the next statement gets another. Without a listener such an
 * error would end the process.
 */
export const outliveLostConnections = (pool: PostgresPool): void => {
  if (listenedTo.has(pool)) return;
  listenedTo.add(pool);
  pool.on('error', () => {});
};

/** What is listened to already: a host may make any number of stores on one pool, which hands out the same connections again. */
const listenedTo = new WeakSet<PostgresPool | PostgresClient>();

/** An error of a connection that is in use ends the process where nobody listens; its statement is answered by itself. */
export const outliveLoss = (client: PostgresClient): PostgresClient => {
  if (listenedTo.has(client)) return client;
  listenedTo.add(client);
  client.on('error', () => {});
  return client;
};
