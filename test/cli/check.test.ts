import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy } from '../../src/codec.js';
import { describePolicy, lintPolicy, withWireNames } from '../../src/describe.js';
import { right } from '../support/either.js';
import { expectGolden } from './golden.js';
import { createCli, growing, limited } from './support.js';

const unreachable = 'policy: always\nbackoff: 5s\nmax_attempts: 3\nlimit_interval: 8s\n';

const { cli } = createCli({
  'growing.yaml': growing,
  'limited.yaml': limited,
  'unreachable.yaml': unreachable,
  'never.yaml': 'policy: never\n',
  'instance.json': JSON.stringify({ name: 'web', restart_policy: { policy: 'always', backoff: '2s' } }, null, '\t'),
  'broken.yaml': 'policy: sometimes\n',
});

describe.each([120, 80, 40])('at %d columns', (columns) => {
  test('a policy is described, with its first waits and its warnings', async () => {
    const { exitCode, out, err } = await cli(['check', 'unreachable.yaml'], { columns });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expectGolden(`check-${columns}`, out);
  });
});

test('several policies are told apart by their names', async () => {
  const { exitCode, out } = await cli(['check', 'growing.yaml', 'limited.yaml', 'never.yaml']);
  expect(exitCode).toBe(0);
  expectGolden('check-several', out);
});

test('several that are right there have their texts beside their numbers, in a line', async () => {
  const long = '{"policy": "on_failure",\n  "backoff": "2s", "max_backoff": "5m", "jitter": 0.2, "max_attempts": 9}';
  const { out } = await cli(['check', ' {"policy": "never"} #\u001b[2J', 'never.yaml', long], { columns: 60 });
  const names = out.split('\n').filter((line) => /^(?:inline|never\.yaml)/.test(line));
  expect(names).toEqual([
    'inline-1  {"policy": "never"} #\ufffd[2J',
    'never.yaml',
    'inline-2  {"policy": "on_failure", "backoff": "2s", "max_ba…',
  ]);
  expect(names[2]).toHaveLength(60);
  expect((await cli(['check', '{"policy": "never"}'])).out).not.toContain('{');
});

test('a policy may be the restart_policy of a document, in JSON with tabs, and the text itself', async () => {
  const ofDocument = await cli(['check', 'instance.json']);
  const inline = await cli(['check', ' {"policy": "always", "backoff": "2s"}']);
  const byInput = await cli(['check', '-'], { stdin: 'policy: always\nbackoff: 2s # seconds\n' });
  expect(ofDocument.out).toContain('It is restarted whenever a run ends');
  expect(ofDocument).toEqual(inline);
  expect(byInput).toEqual(inline);
});

test.each([
  ['growing.yaml', [], 0],
  ['growing.yaml', ['--strict'], 0],
  ['unreachable.yaml', [], 0],
  ['unreachable.yaml', ['--strict'], 1],
  ['broken.yaml', [], 2],
  ['broken.yaml', ['--strict'], 2],
])('%s with %j: the exit code is %i', async (file, options, exitCode) => {
  expect((await cli(['check', file, ...options])).exitCode).toBe(exitCode);
});

test('of several policies one that is wrong makes it wrong input, and the others are told all the same', async () => {
  const { exitCode, out, err } = await cli(['check', '--strict', 'broken.yaml', 'unreachable.yaml']);
  expect(exitCode).toBe(2);
  expect(out).toContain('warning limit_unreachable');
  expect(err).toContain(
    'broken.yaml:1:9: restart_policy.policy must be one of never, always, on_failure, got the text "sometimes"\n',
  );
});

test('for machines it says the same', async () => {
  const { out } = await cli(['check', '--json', 'unreachable.yaml', 'never.yaml']);
  const [first, second] = JSON.parse(out);
  const policy = right(decodeRestartPolicy(first.restart_policy));
  expect(first).toMatchObject({
    source: 'unreachable.yaml',
    restart_policy: { policy: 'always', backoff: '5s', max_attempts: 3, limit_interval: '8s' },
    description: describePolicy(policy),
    first_waits_ms: [0, 5_000, 5_000],
    warnings: lintPolicy(policy).map(withWireNames),
  });
  expect(first.warnings).toHaveLength(1);
  expect(second).toMatchObject({ first_waits_ms: [], warnings: [] });
});

const escaped = '\u001b';
const colours = new RegExp(`${escaped}\\[\\d+m`, 'g');

test('has colours where the terminal has them', async () => {
  const painted = await cli(['check', 'unreachable.yaml'], { colour: true });
  const plain = await cli(['check', 'unreachable.yaml']);
  expect(painted.out).toContain('\u001b[33mwarning\u001b[39m');
  expect(painted.out.replace(colours, '')).toBe(plain.out);
});
