import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { terminalOf } from '../../src/cli/terminal.js';

const stream = (properties: { isTTY?: boolean; columns?: number }) => Object.assign(new PassThrough(), properties);

const terminal = (isTTY: boolean, env: Record<string, string>, columns?: number) =>
  terminalOf({
    stdin: new PassThrough(),
    stdout: stream({ isTTY, ...(columns === undefined ? {} : { columns }) }),
    stderr: stream({ isTTY }),
    env,
  });

describe('there are colours', () => {
  test.each<readonly [string, boolean, Record<string, string>, boolean]>([
    ['on a terminal', true, {}, true],
    ['in no pipe', false, {}, false],
    ['where NO_COLOR is empty', true, { NO_COLOR: '' }, true],
    ['nowhere with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['in a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['in a pipe with an empty FORCE_COLOR', false, { FORCE_COLOR: '' }, true],
    ['nowhere with a FORCE_COLOR of 0', true, { FORCE_COLOR: '0' }, false],
    ['with FORCE_COLOR, which is stronger than NO_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['on no dumb terminal', true, { TERM: 'dumb' }, false],
  ])('%s', (_, isTTY, env, expected) => {
    const { colour, errColour } = terminal(isTTY, env);
    expect({ colour, errColour }).toEqual({ colour: expected, errColour: expected });
  });
});

test('it is as wide as the terminal, as COLUMNS says, or 80 columns', () => {
  expect(terminal(true, { COLUMNS: '33' }, 120).columns).toBe(120);
  expect(terminal(false, { COLUMNS: '33' }).columns).toBe(33);
  expect(terminal(false, { COLUMNS: 'wide' }).columns).toBe(80);
  expect(terminal(false, {}).columns).toBe(80);
});

test('progress is watched on a terminal alone', () => {
  expect(terminal(true, {}).isWatched).toBe(true);
  expect(terminal(true, { TERM: 'dumb' }).isWatched).toBe(false);
  expect(terminal(false, { FORCE_COLOR: '1' }).isWatched).toBe(false);
});

test('standard input is read whole, also where a letter comes in two parts', async () => {
  const stdin = new PassThrough();
  const reading = terminalOf({ stdin, stdout: stream({}), stderr: stream({}), env: {} }).input();
  const bytes = Buffer.from('größe');
  stdin.write(bytes.subarray(0, 3));
  stdin.end(bytes.subarray(3));
  expect(await reading).toBe('größe');
});
