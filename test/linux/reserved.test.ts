/** Room that is taken before it is needed: what stands in it counts until its successor is whole. */
import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lineIn, reserve, writeReserved } from '../../src/adapters/linux/reserved.js';
import { openings } from '../process/support.js';
import { right } from '../support/either.js';
import { observe, permit } from './instances.js';
import { directories } from './support.js';

const newDirectory = directories();
const { open } = openings();

const read = (file: string): string | null => lineIn(readFileSync(file, 'utf8'));

describe('a reserved file', () => {
  test('has no line before one is written, and keeps its room after', async () => {
    const file = join(newDirectory(), 'end');
    await reserve(file);
    const { size } = statSync(file);
    expect(size).toBeGreaterThanOrEqual(512);
    expect(read(file)).toBeNull();
    await writeReserved(file, 'a long line');
    await writeReserved(file, 'a line');
    expect(read(file)).toBe('a line');
    expect(statSync(file).size).toBe(size);
  });

  test('of an earlier line keeps that, and the moment at which it was written', async () => {
    const file = join(newDirectory(), 'end');
    await writeReserved(file, 'a line');
    utimesSync(file, 1_000, 1_000);
    await reserve(file);
    expect(read(file)).toBe('a line');
    expect(statSync(file).mtimeMs).toBe(1_000_000);
  });

  test('has no line while it is being written', async () => {
    const file = join(newDirectory(), 'end');
    await reserve(file);
    const blank = readFileSync(file, 'utf8');
    const line = 'run-1 exit 137 at 12.34';
    for (let written = 1; written <= line.length; written++) {
      writeFileSync(file, line.slice(0, written) + blank.slice(written));
      expect(read(file)).toBeNull();
    }
    truncateSync(file);
    expect(read(file)).toBeNull();
  });
});

describe('the end of a process behind its record', () => {
  const record = { id: 'web-1', run: 'run-1', startedAt: 1_000, stoppedAt: null, exitCode: null };
  const end = JSON.stringify({ run: 'run-1', stoppedAt: 2_000, exitCode: 3, cause: 'exit' });
  const lost = { exitCode: null, cause: 'host', stoppedAt: null };

  /** What a host finds that opens the directory. */
  const found = async (behind: string) => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'web-1.json'), `${JSON.stringify(record)}\n${behind}`);
    return observe(await open({ directory }));
  };

  test('is read where it is whole', async () => {
    const seen = { startedAt: 1_000, stoppedAt: 2_000, exitCode: 3, cause: 'exit' };
    expect(await found(`${end}\n${' '.repeat(100)}\n`)).toMatchObject(seen);
  });

  test.each([
    ['blanks', `${' '.repeat(100)}\n`],
    ['nothing', ''],
    ['a part of it', `${end.slice(0, 40)}${' '.repeat(100)}\n`],
    ['all but its line end', `${end}${' '.repeat(100)}\n`],
    ['the end of another run', `${end.replace('run-1', 'run-2')}\n`],
    ['no end', '{"run":"run-1","exitCode":"3"}\n'],
    ['no object', '3\n'],
    ['nothing that can be read', 'null\n'],
  ])('is none where there is %s', async (_, behind) => {
    expect(await found(behind)).toMatchObject(lost);
  });

  test('of an instance that begins again is gone', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'web-1.json'), `${JSON.stringify(record)}\n${end}\n`);
    const hypervisor = await open({ directory, commandOf: () => ({ command: 'sleep', args: ['60'] }) });
    right(await hypervisor.start('web-1', permit)());
    expect(readFileSync(join(directory, 'web-1.json'), 'utf8')).not.toContain('"exitCode":3');
  });
});
