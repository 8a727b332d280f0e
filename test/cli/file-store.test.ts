/**
 * The store of `run --state` keeps the contract of stores.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFileStore } from '../../src/cli/run/file-store.js';
import { initialStatus } from '../../src/status.js';
import { storeContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { left, right } from '../support/either.js';

const directory = mkdtempSync(join(tmpdir(), 'restart-policy-file-store-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
const nextFile = (): string => {
  files++;
  mkdirSync(join(directory, `${files}`));
  return join(directory, `${files}`, 'record.json');
};

interface Contents {
  revision: number;
  rows: Array<{ id: string; policy: string; status: string; revision: number }>;
}

describe('the store in a file keeps the contract', () => {
  testContract(
    storeContract(async () => {
      const file = nextFile();
      const contents = (): Contents => JSON.parse(readFileSync(file, 'utf8'));
      return {
        store: createFileStore(file),
        another: async () => createFileStore(file),
        corrupt: async (id, part) => {
          const changed = contents();
          const row = changed.rows.find((each) => each.id === id);
          if (row === undefined) throw new Error(`no row of ${id}`);
          row[part] = '{';
          writeFileSync(file, JSON.stringify(changed));
        },
        stored: async (id, part) => contents().rows.find((each) => each.id === id)?.[part] ?? null,
        breakDown: async () => writeFileSync(file, '{'),
      };
    }),
    // There is one instance in it: nobody needs pages.
    ['5 pages', '5 a page'],
  );
});

test('a file that cannot be written is a failed store, and the record stays as it was', async () => {
  const file = nextFile();
  const store = createFileStore(file);
  const policy = { mode: 'always', backoff: 1_000, maxAttempts: 0, stableAfter: 1_000 } as const;
  const revision = right(await store.save('web', { policy, status: initialStatus }, null)());
  mkdirSync(`${file}.new`);
  expect(left(await store.save('web', { policy, status: initialStatus }, revision)())).toMatchObject({
    _tag: 'StoreFailed',
    message: expect.stringContaining(file),
  });
  expect(right(await store.load('web')())).toMatchObject({ _tag: 'Some', value: { revision } });
});
