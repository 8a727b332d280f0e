/**
 * What docs/command-line.md shows is what the command line prints, on the files that it shows. `REWRITE=1 npx vitest run
 * test/docs/command-line.test.ts` writes it anew; then a person has to read it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands as known } from '../../src/cli/commands.js';
import { createCli } from '../cli/support.js';

const file = new URL('../../docs/command-line.md', import.meta.url);
const page = readFileSync(file, 'utf8');
const isRewriting = (process.env['REWRITE'] ?? '') !== '';

const files = Object.fromEntries(
  [...page.matchAll(/^`([\w.-]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [name, text]),
);
const blocks = [...page.matchAll(/^```console\n\$ restart-policy (.*)\n([\s\S]*?)^```$/gm)];
const { cli } = createCli(files);

/** As a shell cuts it. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** What is told of the moment at which it was printed. */
const timeless = (text: string): string =>
  text.replace(/^\d\d:\d\d:\d\d/gm, '12:00:00').replace(/next in \d+ms/g, 'next in 96ms');

test('the page has files, and examples of every command', () => {
  expect(Object.keys(files).length).toBeGreaterThan(2);
  const commands = new Set(blocks.map(([, line = '']) => line.split(' ')[0]));
  expect([...commands]).toEqual(known.map(({ name }) => name));
});

test.each(blocks.map(([, line = '', output = '']) => [line, output]))('%s', async (line, output) => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  const { out, err } = await cli(wordsOf(line));
  const printed = timeless(err + out);
  if (isRewriting) {
    const now = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      now.replace(`$ restart-policy ${line}\n${output}`, () => `$ restart-policy ${line}\n${printed}`),
    );
  } else expect(printed).toBe(output);
});
