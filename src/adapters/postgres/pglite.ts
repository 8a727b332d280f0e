/**
 * PGlite, which is PostgreSQL within the process: one connection, in the shape of a pool.
 */
import type { PostgresClient, PostgresNotification, PostgresPool, PostgresRows } from './pool.js';

/**
 * What is needed of a PGlite database; PGlite's own object fits.
 *
 * @since 0.2.0
 */
export interface PgliteDatabase {
  query(text: string, values?: Array<string | number | null>): Promise<PostgresRows>;
  exec(text: string): Promise<ReadonlyArray<PostgresRows>>;
  onNotification(listener: (channel: string, payload: string) => void): () => void;
}

export const poolOn = (database: PgliteDatabase): PostgresPool => {
  const ask: PostgresPool['query'] = async (query, beside) => {
    // PGlite has no names for statements.
    const { text, values } = typeof query === 'string' ? { text: query, values: beside } : query;
    if (values !== undefined) return database.query(text, values);
    const results = await database.exec(text);
    return results.at(-1) ?? { rows: [] };
  };

  const connect = (): PostgresClient => {
    const subscriptions: Array<() => void> = [];
    // The one connection is never lost, so there is never an error.
    const on = (event: string, listener: (message: PostgresNotification & Error) => void): void => {
      if (event !== 'notification') return;
      subscriptions.push(
        database.onNotification((channel, payload) => {
          listener({ channel, payload, name: '', message: '' });
        }),
      );
    };
    return {
      query: ask,
      on,
      // There is no UNLISTEN: another subscription may listen to the same channel.
      release: () => {
        for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
      },
    };
  };

  return { query: ask, connect: async () => connect(), on: () => {} };
};
