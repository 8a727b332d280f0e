/**
 * Several real processes on one file: what a compare-and-set is for.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { build } from 'tsup';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/adapters/sqlite.js';
import { initialStatus } from '../../src/status.js';
import { right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { connect, drivers, freshFile } from './drivers.js';

const processes = 4;
const timesEach = 50;

test('processes that count one instance up at the same time lose no count', async () => {
  const file = freshFile();
  const outDir = join(dirname(file), 'built');
  await build({
    entry: ['test/sqlite/counting-process.ts'],
    outDir,
    format: 'cjs',
    // Everything in one file: the directory that it runs from has no modules.
    noExternal: [/.*/],
    config: false,
    silent: true,
  });
  const [driver] = drivers;
  if (driver === undefined) throw new Error('libsql is always there');
  const store = right(openSqliteStore(connect(driver, file)));
  const policy = policyWith();
  right(await store.save('web', { policy, status: initialStatus }, null)());

  const exits = Array.from({ length: processes }, async () => {
    const script = join(outDir, 'counting-process.cjs');
    const child = spawn(process.execPath, [script, file, String(timesEach)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [exitCode] = await once(child, 'exit');
    return exitCode;
  });
  expect(await Promise.all(exits)).toEqual(Array.from({ length: processes }, () => 0));
  const counted = right(await store.load('web')());
  expect(counted).toMatchObject({ value: { status: { attempts: processes * timesEach } } });
});
