import type { Pool } from 'pg';

/** From now on nobody can write to the database; or everybody can again. */
export const setReadOnly = async (pool: Pool, setting: 'on' | 'off'): Promise<void> => {
  const admin = await pool.connect();
  await admin.query('SET default_transaction_read_only = off');
  await admin.query(`ALTER DATABASE postgres SET default_transaction_read_only = ${setting}`);
  // A session keeps the default that it began with.
  await admin.query(
    'SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename IS NOT NULL AND pid <> pg_backend_pid()',
  );
  admin.release(true);
};
