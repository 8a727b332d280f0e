import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { recordName } from '../../src/adapters/linux/run-record.js';
import { openProcessHypervisor, type ProcessHypervisor } from '../../src/adapters/process.js';
import { observe, permit, shell, stopped } from '../linux/instances.js';
import { namesIn, until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { openings } from './support.js';

const { newDirectory, open } = openings();

const commandOf = () => shell('exit 3');

const runOnce = async (hypervisor: ProcessHypervisor, id: string) => {
  right(await hypervisor.start(id, permit)());
  await until(async () => (await observe(hypervisor, id)).state === 'stopped');
  return observe(hypervisor, id);
};

describe('the owner of a directory', () => {
  test('is one at a time, and another when it has closed', async () => {
    const directory = newDirectory();
    const first = await open({ directory });
    expect(left(await openProcessHypervisor({ directory, commandOf })())).toEqual({
      _tag: 'DirectoryInUse',
      message: `${directory} is in use by another hypervisor`,
    });
    await first.close();
    await open({ directory });
  });

  test('is found under every name of the directory', async () => {
    const directory = newDirectory();
    const link = join(newDirectory(), 'link');
    symlinkSync(directory, link);
    await open({ directory });
    for (const name of [link, `${directory}/`, `${directory}/../${directory.split('/').at(-1)}`]) {
      expect(left(await openProcessHypervisor({ directory: name, commandOf })())._tag).toBe('DirectoryInUse');
    }
  });

  test('has its directory made, and leaves other directories to others', async () => {
    const parent = newDirectory();
    await open({ directory: join(parent, 'a/b') });
    await open({ directory: join(parent, 'a/c') });
    expect(readdirSync(join(parent, 'a'))).toEqual(['b', 'c']);
  });

  test('of ten that open at once is exactly one', async () => {
    const directory = newDirectory();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => openProcessHypervisor({ directory, commandOf })()),
    );
    const owners = answers.flatMap((answer) => (answer._tag === 'Right' ? [answer.right] : []));
    expect(owners).toHaveLength(1);
    await Promise.all(owners.map((owner) => owner.close()));
  });
});

describe('opening', () => {
  test('a directory that cannot be is a failure, and keeps nothing', async () => {
    const file = join(newDirectory(), 'file');
    writeFileSync(file, '');
    expect(left(await openProcessHypervisor({ directory: file, commandOf })())._tag).toBe('OpenFailed');
  });

  test('without the commands that a guardian needs is a failure, and gives the directory up', async () => {
    const directory = newDirectory();
    vi.stubEnv('PATH', '/nonexistent');
    const failure = left(await openProcessHypervisor({ directory, commandOf })());
    vi.unstubAllEnvs();
    expect(failure).toMatchObject({ _tag: 'OpenFailed', message: '/bin/sh needs the commands grep and sleep' });
    await open({ directory });
  });

  test('on another operating system is unsupported', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    const failure = left(await openProcessHypervisor({ directory: '/nonexistent', commandOf })());
    expect(failure).toEqual({
      _tag: 'UnsupportedPlatform',
      message: 'instances of this adapter need Linux; this is darwin',
    });
  });

  test('finds how the last runs ended under an earlier owner', async () => {
    const directory = newDirectory();
    const first = await open({ directory, commandOf });
    const seen = await runOnce(first, 'web-1');
    await first.close();
    const second = await open({ directory, commandOf });
    expect(seen).toMatchObject({ startedAt: expect.any(Number), stoppedAt: expect.any(Number), exitCode: 3 });
    expect(await observe(second, 'web-1')).toEqual(seen);
    expect((await observe(second, 'web-2')).startedAt).toBeNull();
  });

  test('sweeps away what a write that was cut off left, and knows the record before it', async () => {
    const directory = newDirectory();
    const first = await open({ directory, commandOf });
    const seen = await runOnce(first, 'web-1');
    await first.close();
    writeFileSync(join(directory, 'web-1.json.tmp'), '{"id":"web-1","run"');
    const second = await open({ directory, commandOf });
    expect(await observe(second, 'web-1')).toEqual(seen);
    expect(namesIn(directory)).toEqual(['web-1.json']);
  });
});

describe('a record that is none', () => {
  const valid = { id: 'web-1', run: 'r', startedAt: 1, stoppedAt: null, exitCode: null };

  test.each([
    ['cut off', '{"id":"web-1"'],
    ['empty', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['without a run', JSON.stringify({ ...valid, run: undefined })],
    ['begun at no time', JSON.stringify({ ...valid, startedAt: null })],
    ['begun at a text', JSON.stringify({ ...valid, startedAt: '1' })],
    ['ended at a fraction', JSON.stringify({ ...valid, stoppedAt: 1.5 })],
    ['without an exit code', JSON.stringify({ ...valid, exitCode: undefined })],
    ['ended by a cause that is none', JSON.stringify({ ...valid, stoppedAt: 2, cause: 'boredom' })],
    ['of another instance', JSON.stringify({ ...valid, id: 'web-2' })],
  ])('is named, left as it is, and stops nobody else: %s', async (_, content) => {
    const directory = newDirectory();
    const file = join(directory, 'web-1.json');
    writeFileSync(file, content);
    const hypervisor = await open({ directory, commandOf });

    const failure = left(await hypervisor.inspect('web-1')());
    expect(failure._tag).toBe('Failed');
    expect(failure.message).toContain(`the record web-1.json in ${directory} is invalid: `);
    expect(left(await hypervisor.start('web-1', permit)())).toMatchObject({
      _tag: 'Refused',
      message: failure.message,
    });
    right(await hypervisor.stop('web-1', permit)());
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect((await runOnce(hypervisor, 'web-2')).exitCode).toBe(3);

    right(await hypervisor.forget('web-1')());
    expect((await runOnce(hypervisor, 'web-1')).exitCode).toBe(3);
  });

  test('may be a directory, even', async () => {
    const directory = newDirectory();
    mkdirSync(join(directory, 'web-1.json'));
    mkdirSync(join(directory, 'web-2.json.tmp'));
    const hypervisor = await open({ directory, commandOf });
    expect(left(await hypervisor.inspect('web-1')()).message).toContain('web-1.json');
    expect(left(await hypervisor.start('web-2', permit)())._tag).toBe('Refused');
    expect((await runOnce(hypervisor, 'web-3')).exitCode).toBe(3);
  });
});

describe('a record of an earlier version, without a cause,', () => {
  const valid = { id: 'web-1', run: 'r', startedAt: 1, stoppedAt: 2 as number | null, exitCode: null as number | null };

  test.each([
    ['of an exit says the exit code, which tells the cause', { exitCode: 137 }, { exitCode: 137 }],
    ['of a signal or a stop says neither', {}, { exitCode: null }],
    ['without an end is of a host that died', { stoppedAt: null }, { stoppedAt: null, exitCode: null, cause: 'host' }],
  ])('%s', async (_, changed, seen) => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'web-1.json'), JSON.stringify({ ...valid, ...changed }));
    const hypervisor = await open({ directory });
    const known = { state: 'stopped', startedAt: 1, stoppedAt: 2, health: 'unknown' };
    expect(await observe(hypervisor, 'web-1')).toEqual({ ...known, ...seen });
  });
});

describe('the end of a run that cannot be written down', () => {
  test('is written down when its host closes: it did not end the run', async () => {
    const directory = newDirectory();
    const script = 'until test -e "$0"; do sleep 0.01; done; exit 3';
    const go = join(newDirectory(), 'go');
    const hypervisor = await open({ directory, commandOf: () => shell(script, go) });
    right(await hypervisor.start('web-1', permit)());
    // Nothing can be written to a directory in its place.
    mkdirSync(join(directory, 'web-1.json.tmp'));
    writeFileSync(go, '');
    await until(async () => (await observe(hypervisor, 'web-1')).state === 'stopped');
    rmSync(join(directory, 'web-1.json.tmp'), { recursive: true });
    await hypervisor.close();
    expect(await observe(await open({ directory }), 'web-1')).toMatchObject({ exitCode: 3, cause: 'exit' });
  });

  test('is known as long as the host lives', async () => {
    const directory = newDirectory();
    const script = 'until test -e "$0"; do sleep 0.01; done; exit 3';
    const go = join(newDirectory(), 'go');
    const hypervisor = await open({ directory, commandOf: () => shell(script, go) });
    right(await hypervisor.start('web-1', permit)());
    rmSync(directory, { recursive: true });
    writeFileSync(go, '');
    await until(async () => (await observe(hypervisor, 'web-1')).state === 'stopped');
    expect((await observe(hypervisor, 'web-1')).exitCode).toBe(3);
  });
});

const oddIds: ReadonlyArray<string> = [
  '.',
  '..',
  '../../etc/passwd',
  '/',
  'a/b',
  'a%002fb',
  'a%b',
  'a b\n',
  '~',
  '__proto__',
  'web-1.json',
  'web-1.json.tmp',
  'naïve',
  '\u{1f600}',
  '\ud800',
  '\udc00',
  '\0',
  'x'.repeat(180),
  'x'.repeat(181),
  'x'.repeat(300),
  `${'x'.repeat(300)}y`,
  '界'.repeat(300),
];

describe('an id', () => {
  test('of any kind gets a file of its own inside the directory, and is found again', async () => {
    const directory = newDirectory();
    const first = await open({ directory, commandOf });
    for (const id of oddIds) right(await first.start(id, permit)());
    const seen = new Map<string, unknown>();
    for (const id of oddIds) seen.set(id, await stopped(first, id));
    await first.close();
    expect(namesIn(directory)).toHaveLength(oddIds.length);
    const second = await open({ directory, commandOf });
    for (const id of oddIds) expect([id, await observe(second, id)]).toEqual([id, seen.get(id)]);
    expect(new Set([...seen.values()].map((each) => JSON.stringify(each))).size).toBe(oddIds.length);
  });

  test('that is plain stays readable', () => {
    expect(recordName('web-1.example_A')).toBe('web-1.example_A.json');
    expect(recordName('a/b')).toBe('a%002fb.json');
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});
