import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { createCli, growing } from './support.js';

const watch = (isWatched = true, columns = 80) => {
  let [now, text] = [0, ''];
  const terminal = { isWatched, columns, err: (more: string) => (text += more) } as unknown as Terminal;
  return {
    progress: createProgress(terminal, () => now),
    pass: (ms: number) => {
      now += ms;
    },
    text: () => text,
  };
};

describe('progress', () => {
  test('is shown when work has taken a while, now and then, and is taken away', () => {
    const { progress, pass, text } = watch();
    progress.show(0.1, 'begins');
    pass(300);
    progress.show(0.25, 'a');
    pass(50);
    progress.show(0.3, 'too soon');
    pass(50);
    progress.show(0.5, 'b');
    progress.end();
    const bar = (filled: number): string => '█'.repeat(filled) + '░'.repeat(24 - filled);
    expect(text()).toBe(`\r\u001b[K${bar(6)}  25 %  a\r\u001b[K${bar(12)}  50 %  b\r\u001b[K`);
  });

  test('of short work is nothing at all', () => {
    const { progress, pass, text } = watch();
    pass(299);
    progress.show(1, 'done');
    progress.end();
    expect(text()).toBe('');
  });

  test('is nothing where nobody watches', () => {
    const { progress, pass, text } = watch(false);
    pass(10_000);
    progress.show(0.5, 'half');
    progress.end();
    expect(text()).toBe('');
  });

  test('of which no share is known says how far it is, within the width of the terminal', () => {
    const { progress, pass, text } = watch(true, 10);
    pass(300);
    progress.show(null, '123456 starts');
    expect(text()).toBe('\r\u001b[K123456 st');
  });
});

const { cli } = createCli({ 'growing.yaml': growing });

test('a simulation prints no progress into a pipe, and the same result with it and without', async () => {
  const given = ['simulate', 'growing.yaml', '--fleet', '60', '--mean-uptime', '2m', '--for', '1d', '--json'];
  const unwatched = await cli(given);
  const watched = await cli(given, { isWatched: true });
  expect(unwatched.err).toBe('');
  expect(watched.out).toBe(unwatched.out);
});
