/**
 * LISTEN on a connection of its own, which is made anew whenever it is lost.
 */
import type { Cancel, Clock } from '../../ports/clock.js';
import { column } from '../common/record-text.js';
import type { PostgresClient, PostgresPool } from './pool.js';

/** Milliseconds from a lost connection, or a connection that could not be had, to the next try. */
const reconnectAfter = 1_000;

/**
 * Calls `onChange` with the payload of every notification on the channel of a table, and with null each time that the
 * connection was made, because notifications before that may have been missed.
 */
export const listen = (
  pool: PostgresPool,
  clock: Clock,
  table: string,
  onChange: (payload: string | null) => void,
): Cancel => {
  let cancelled = false;
  let current: PostgresClient | null = null;
  let cancelTry: Cancel | null = null;

  const drop = (client: PostgresClient): void => {
    if (current !== client) return;
    current = null;
    try {
      client.release(true);
    } catch {
      // A driver may have given it up by itself.
    }
    if (!cancelled) cancelTry = clock.wakeAt(clock.now() + reconnectAfter, () => void connect());
  };

  const connect = async (): Promise<void> => {
    let client: PostgresClient;
    try {
      client = await pool.connect();
    } catch {
      if (!cancelled) cancelTry = clock.wakeAt(clock.now() + reconnectAfter, () => void connect());
      return;
    }
    current = client;
    client.on('error', () => drop(client));
    if (cancelled) return drop(client);
    try {
      const { rows } = await client.query(`SELECT '${table}_' || '${table}'::regclass::oid AS channel`);
      const channel = column(rows[0], 'channel');
      client.on('notification', (message) => {
        if (message.channel === channel && current === client) onChange(message.payload ?? '');
      });
      await client.query(`LISTEN "${channel}"`);
    } catch {
      return drop(client);
    }
    if (current === client) onChange(null);
  };

  void connect();
  return () => {
    cancelled = true;
    cancelTry?.();
    if (current !== null) drop(current);
  };
};
