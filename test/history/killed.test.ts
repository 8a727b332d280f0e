/**
 * A host that is killed: its history lacks no more than what waited to be written, and its store nothing.
 */
import { expect, test } from 'vitest';
import { openSqliteHistory, openSqliteStore } from '../../src/adapters/sqlite.js';
import { processesOf } from '../linux/support.js';
import { connect, drivers, freshFile } from '../sqlite/drivers.js';
import { right } from '../support/either.js';

const start = processesOf(new URL('fixtures/host.ts', import.meta.url));

test('a host that is killed loses of its history at most what waits, and no decision', async () => {
  const [driver] = drivers;
  if (driver === undefined) throw new Error('libsql is always there');
  // After the first entry, in the middle of a batch's wait, and after several batches.
  for (const after of [1, 40, 150]) {
    const file = freshFile();
    const host = await start(file);
    const said = /^attempt (\d+) (\d+)$/.exec(await host.line(`attempt ${after} `));
    await host.end('SIGKILL');
    const [attempts, queued] = [Number(said?.[1]), Number(said?.[2])];

    const store = right(openSqliteStore(connect(driver, file)));
    const record = right(await store.load('web')());
    const counted = record._tag === 'Some' ? record.value.status.attempts : 0;
    expect(counted).toBeGreaterThanOrEqual(attempts);

    const history = right(openSqliteHistory(connect(driver, file), { perInstance: 100_000 }));
    const { entries } = right(await history.ofInstance('web', { limit: 1_000 })());
    const told = entries.flatMap((entry) => (entry._tag === 'Attempt' ? [entry.attempt] : [])).reverse();
    expect(told).toEqual(Array.from({ length: told.length }, (_, n) => n + 1));
    expect(told.length).toBeLessThanOrEqual(counted);
    expect(told.length).toBeGreaterThanOrEqual(attempts - queued);
    // The end of every run but the last has one entry.
    const ends = entries.filter(({ _tag }) => _tag === 'RunEnded').length;
    expect(ends - told.length).toBeGreaterThanOrEqual(0);
    expect(ends - told.length).toBeLessThanOrEqual(1);
  }
});
