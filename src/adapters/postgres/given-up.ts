/**
 * A statement that may be given up while it runs. It is ended at the server, so that nothing of it happens later, and its
 * connection is never used again.
 */
import type { Millis } from '../../duration.js';
import type { CallSignal } from '../../ports/call.js';
import { unlessAborted } from '../common/given-up.js';
import { column } from '../common/record-text.js';
import { type Database, has, type NamedStatement } from './database.js';
import { outliveLoss, type PostgresClient, type PostgresPool, type PostgresRows, type Values } from './pool.js';

/**
 * Runs one statement on a connection of its own. Rejects as the driver does, and when it was given up: then only once nothing
 * more will happen of it. What was done all the same is answered.
 */
export const queryUntil = async (
  database: Database,
  signal: CallSignal,
  statement: NamedStatement | string,
  values: Values,
): Promise<PostgresRows> => {
  const { pool, send } = database;
  const client = await connectUntil(pool, signal);
  // Of a connection on which something failed nobody knows what is still on its way.
  let good = false;
  const release = once(() => client.release(!good));
  try {
    if (signal.aborted) throw givenUp();
    const session = await unlessAborted(sessionOf(client), signal, aborted);
    if (session === aborted || signal.aborted) throw givenUp();
    const running = send(client, statement, values);
    const answer = await unlessAborted(running, signal, aborted);
    if (answer === aborted) {
      // Without its session's name nothing but its own answer says that it has ended.
      if (session !== null) {
        // First, for where all of a pool's connections are stuck there is no other to end one from.
        release();
        await end(database, session);
      }
      return await running;
    }
    good = true;
    return answer;
  } catch (cause) {
    throw signal.aborted ? givenUp(cause) : cause;
  } finally {
    release();
  }
};

const givenUp = (cause?: unknown): Error =>
  new Error('given up, because nobody waits for the answer any more', cause === undefined ? undefined : { cause });

const once = (run: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
};

// ---------------------------------------------------------------------------
// waiting
// ---------------------------------------------------------------------------

const aborted = Symbol('aborted');

const connectUntil = async (pool: PostgresPool, signal: CallSignal): Promise<PostgresClient> => {
  if (signal.aborted) throw givenUp();
  const connecting = pool.connect();
  const client = await unlessAborted(connecting, signal, aborted);
  if (client !== aborted) return outliveLoss(client);
  // It may come yet, and others wait for it.
  connecting.then(
    (late) => late.release(),
    () => {},
  );
  throw givenUp();
};

// ---------------------------------------------------------------------------
// sessions
// ---------------------------------------------------------------------------

/** What the server calls a connection. Numbers are used again; with the moment at which it began, one is no other's. */
interface Session {
  readonly pid: number;
  /** In the server's own words. */
  readonly startedAt: string;
}

const began = 'extract(epoch FROM backend_start)::text';

/** null: the server does not say, or it would not stay the same. */
const sessionOf = (client: PostgresClient): Promise<Session | null> => {
  const known = sessions.get(client) ?? findSession(client);
  sessions.set(client, known);
  return known;
};

const sessions = new WeakMap<PostgresClient, Promise<Session | null>>();

const findSession = async (client: PostgresClient): Promise<Session | null> => {
  try {
    const { rows } = await client.query(
      `SELECT pid, ${began} AS started_at FROM pg_stat_get_activity(pg_backend_pid()) WHERE backend_start IS NOT NULL`,
    );
    if (rows.length === 0) return null;
    const session = { pid: Number(column(rows[0], 'pid')), startedAt: String(column(rows[0], 'started_at')) };
    return isProxied(client, session) ? null : session;
  } catch {
    return null;
  }
};

/**
 * Whether there is a proxy in between, as PgBouncer: it tells node-postgres a number of its own. The next statement may go to
 * another session then, and this one may be at somebody else's by the time at which it would be ended.
 */
const isProxied = (client: PostgresClient, { pid }: Session): boolean => {
  const told: unknown = Reflect.get(client, 'processID');
  return typeof told === 'number' && told !== pid;
};

/**
 * Ends a session, and answers when it is gone: what it had not committed by then never will be. The waiting is the server's.
 * Where all connections are one session, as PGlite's, this comes after what it has begun before.
 */
const end = async (database: Database, { pid, startedAt }: Session): Promise<void> => {
  const client = await connectAtLast(database);
  let good = false;
  try {
    for (let there = true; there; ) {
      const { rows } = await client.query(
        `SELECT pg_terminate_backend(pid), pg_sleep(0.02) FROM pg_stat_get_activity($1::integer)
          WHERE ${began} = $2 AND pid <> pg_backend_pid()`,
        [pid, startedAt],
      );
      there = rows.length > 0;
    }
    good = true;
  } finally {
    client.release(!good);
  }
};

/**
 * A server that has no room for one more connection is there, and so is the session. It makes none for the one that was given
 * up: who waits at the server does not notice that its client has left. Others must end first.
 */
const connectAtLast = async ({ pool, clock }: Database): Promise<PostgresClient> => {
  for (;;) {
    try {
      return outliveLoss(await pool.connect());
    } catch (cause) {
      if (!has(cause, noRoom)) throw cause;
      await new Promise<void>((resolve) => void clock.wakeAt(clock.now() + connectAgainAfter, resolve));
    }
  }
};

/** The server has, or allows the role or the database, no more connections. */
const noRoom = ['53300'];

const connectAgainAfter: Millis = 250;
