/**
 * The frame in which the commands stand: help, what is not understood, and exit codes.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { createCli } from './support.js';

const { cli } = createCli();

describe('help', () => {
  test.each(['--help', '-h', 'help', ...commands.map(({ name }) => `${name} --help`)])(
    '%s fits a screen of 24 lines of 80 columns, and has examples',
    async (given) => {
      const { exitCode, out, err } = await cli(given.split(' '));
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      const lines = out.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(out).toMatch(/^Usage: restart-policy /);
      expect(lines.filter((line) => line.startsWith('  restart-policy '))).not.toEqual([]);
    },
  );

  test.each(commands.map((command) => [command.name, command] as const))(
    'of %s names every option that it has, and no other',
    (_, { declare, help }) => {
      const declared = new Command();
      declare(declared);
      const options = declared.options.map(({ long }) => long).sort();
      const named = [...new Set(help.match(/--[a-z][a-z-]*/g) ?? [])].sort();
      expect(named).toEqual(options);
    },
  );

  test('of check names every field that a policy has', async () => {
    const { err } = await cli(['check', '{"nonsense-word": 1}']);
    const known = /the known ones are (.*)\n/.exec(err)?.[1]?.split(', ') ?? [];
    expect(known).toContain('start_timeout');
    const { out } = await cli(['check', '--help']);
    for (const field of known) expect(out).toMatch(new RegExp(`\\b${field}\\b`));
  });

  test('names every command', async () => {
    const { out } = await cli(['--help']);
    for (const { name, summary } of commands) expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  });

  test.each(commands.map(({ name }) => [name]))('help %s is that of the command', async (name) => {
    expect(await cli(['help', name])).toEqual(await cli([name, '--help']));
  });
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await cli(['--version'])).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
});

test('without a command it says how it is used, as of wrong input', async () => {
  const { exitCode, out, err } = await cli([]);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toMatch(/^Usage: restart-policy /);
});

test.each([
  [['chek'], "unknown command 'chek'\n(Did you mean check?)\n\nrestart-policy --help says how\n"],
  [['check'], "missing required argument 'policy'\n\nrestart-policy check --help says how\n"],
  [
    ['check', '--stric', 'x'],
    "unknown option '--stric'\n(Did you mean --strict?)\n\nrestart-policy check --help says how\n",
  ],
  [
    ['simulate', 'a', 'b'],
    "too many arguments for 'simulate'. Expected 1 argument but got 2.\n\nrestart-policy simulate --help says how\n",
  ],
  [['simulate', 'a', '--for'], "option '--for <span>' argument missing\n\nrestart-policy simulate --help says how\n"],
  [
    ['run', '--polcy', 'x', '--', 'true'],
    "unknown option '--polcy'\n(Did you mean --policy?)\n\nrestart-policy run --help says how\n",
  ],
  [['run'], "missing required argument 'command'\n\nrestart-policy run --help says how\n"],
  [['chek', '--help'], "unknown command 'chek'\n(Did you mean check?)\n\nrestart-policy --help says how\n"],
  [['help', 'chek'], "unknown command 'chek'\n(Did you mean check?)\n\nrestart-policy --help says how\n"],
])('%j is not understood', async (given, expected) => {
  const { exitCode, out, err } = await cli(given);
  expect(err).toBe(expected);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
});
