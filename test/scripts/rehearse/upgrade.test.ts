/** What a rehearsal does with the former version and this one on one SQLite file, with the source in place of a package. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { former } from '../../../scripts/rehearse/release.js';
import { type Day, judge, printTable, programs } from '../../../scripts/rehearse/upgrade.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
let directory = '';
let days: ReadonlyArray<Day> = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'restart-policy-upgrade-'));
  const modules = join(directory, 'node_modules');
  await cp(join(root, 'scripts/rehearse/upgrade'), directory, { recursive: true });
  await mkdir(join(modules, 'restart-policy'), { recursive: true });
  await run('tar', ['xzf', join(root, former.tarball), '-C', join(modules, 'restart-policy'), '--strip-components=1']);
  for (const name of ['fp-ts', 'io-ts', 'fast-check', 'libsql']) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  const source = ['--import', pathToFileURL(join(root, 'scripts/typescript.mjs')).href];
  const seen: Array<Day> = [];
  for (const { program, by } of programs) {
    const args = [...(by === 'present' ? source : []), program, 'records.db', 'libsql'];
    seen.push(JSON.parse((await run(process.execPath, args, { cwd: directory })).stdout));
  }
  days = seen;
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test('instances of 0.1 go on under this version, under 0.1 again, and under this version again', () => {
  expect(printTable(judge(days))).toContain('stopped-later');
});

const startedAgain: Readonly<Record<string, string>> = { stopped: 'started' };

test.each<[string, number, (day: Day) => Day, RegExp]>([
  [
    'starts what a person stopped',
    2,
    (day) => ({ ...day, seen: { ...day.seen, ...startedAgain } }),
    /started, 0 manual_stop/,
  ],
  [
    'writes over what it cannot read',
    2,
    (day) => ({ ...day, rows: day.rows.map((row) => (row.id === 'renewed' ? { ...row, status: '{}' } : row)) }),
    /not readable, and changed/,
  ],
  [
    'loses an instance',
    3,
    (day) => ({ ...day, rows: day.rows.filter(({ id }) => id !== 'held') }),
    /seen: held .* not readable, as it was$/,
  ],
  [
    'brings one that nobody made',
    0,
    (day) => ({ ...day, rows: [...day.rows, { id: 'new', policy: '{}', status: '{}' }] }),
    /seen: new +0$/,
  ],
  ['stops what it could not read', 2, (day) => ({ seen: day.seen, rows: day.rows }), /refuse to stop/],
])('a version that %s is found', (_, index, change, told) => {
  expect(() => judge(days.map((day, at) => (at === index ? change(day) : day)))).toThrow(told);
});
