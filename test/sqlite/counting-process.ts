/**
 * A process that counts an instance's attempts up by compare-and-set, as often as its arguments say.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openSqliteStore, type SqliteDatabase } from '../../src/adapters/sqlite.js';

const [file = '', times = '0'] = process.argv.slice(2);

// From where the process runs and not from where it was built to.
const Libsql: new (path: string) => SqliteDatabase = createRequire(join(process.cwd(), 'package.json'))('libsql');

const count = async (): Promise<void> => {
  const store = openSqliteStore(new Libsql(file), { busyTimeout: 10_000 });
  if (store._tag === 'Left') throw new Error(store.left.message);
  for (let done = 0; done < Number(times); ) {
    const loaded = await store.right.load('web')();
    if (loaded._tag === 'Left' || loaded.right._tag === 'None') throw new Error(JSON.stringify(loaded));
    const { policy, status, revision } = loaded.right.value;
    const next = { policy, status: { ...status, attempts: status.attempts + 1 } };
    const saved = await store.right.save('web', next, revision)();
    if (saved._tag === 'Right') done++;
    else if (saved.left._tag === 'StoreFailed') throw new Error(saved.left.message);
  }
};

void count();
