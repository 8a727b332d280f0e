/**
 * The command line as a process: what `run` supervises, pipes, and a terminal.
 */
import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Program, runProgram } from '../examples/program.js';
import { bundleBin } from './bundle.js';

const directory = mkdtempSync(join(tmpdir(), 'restart-policy-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const root = fileURLToPath(new URL('../..', import.meta.url));

let bin = '';
beforeAll(async () => {
  bin = await bundleBin(directory);
});

/** What it keeps while it runs is kept below a folder of ours. */
const temporary = join(directory, 'tmp');
mkdirSync(temporary);
const started: Array<Program> = [];
const run = (...given: ReadonlyArray<string>): Program => {
  const program = runProgram([bin, 'run', ...given], { TMPDIR: temporary });
  started.push(program);
  return program;
};

/** What a test that failed left running is stopped as by a person. */
afterEach(async () => {
  for (const { process: supervisor, ended } of started.splice(0)) {
    supervisor.kill('SIGTERM');
    await ended;
  }
});

let states = 0;
const freshState = (): string => join(directory, `state-${++states}`);

/** What has ended and waits for somebody to take note of it has no command line any more. */
const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

const pidsIn = (program: Program): ReadonlyArray<number> =>
  [...program.output().matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));

/** Says its number and runs until it is stopped. */
const server = ['--', 'sh', '-c', 'echo "pid $$"; exec sleep 3600'];

describe('run ends with', () => {
  test.each<readonly [string, ReadonlyArray<string>, number, RegExp]>([
    ['0 after a clean exit under on_failure', ['--mode', 'on_failure', '--', 'sh', '-c', 'echo fine'], 0, /^fine$/m],
    ['the exit code under never', ['--mode', 'never', '--', 'sh', '-c', 'exit 5'], 5, /its policy never restarts it/],
    ['1 under never after a signal', ['--mode', 'never', '--', 'sh', '-c', 'kill -9 $$'], 1, /stopped \(signal\)/],
    [
      'the exit code that a rule stops at',
      [
        '--policy',
        '{"policy": "always", "rules": [{"exit_codes": [78], "action": "stop"}]}',
        '--',
        'sh',
        '-c',
        'exit 78',
      ],
      78,
      /a rule of its policy leaves it stopped/,
    ],
    [
      '1 when the attempts are used up',
      ['--mode', 'always', '--backoff', '10ms', '--max-attempts', '2', '--', 'sh', '-c', 'echo once; exit 3'],
      1,
      // What the command prints comes through another pipe than what is told of it: which comes first is chance.
      /^(?=[\s\S]*it used up its attempts)(?:[\s\S]*?once\n){3}/,
    ],
    [
      '1 where there is no such program',
      ['--', 'no-such-program'],
      1,
      /not started: cannot run no-such-program: there is no such program/,
    ],
    [
      '2 for wrong options',
      ['--start', '--grace', 'x', '--mode', 'alway', '--', 'true'],
      2,
      /--mode must be one of never, always, on_failure, got "alway"; did you mean always\?\n--grace must be a duration[^\n]*\n--start needs --state\n/,
    ],
    [
      '2 for a policy twice',
      ['--policy', '{}', '--mode', 'always', '--jitter', '1', '--', 'true'],
      2,
      /^--policy and --mode, --jitter exclude each other\n$/,
    ],
    [
      '2 for fields that are at odds',
      ['--backoff', '5s', '--max-backoff', '1s', '--backoff-factor', '', '--', 'true'],
      2,
      /--max-backoff must not be below --backoff\n--backoff-factor must be a number above 1 and up to 100, got ""\n/,
    ],
  ])('%s', async (_, given, exitCode, output) => {
    const program = run(...given);
    expect(await program.ended).toBe(exitCode);
    expect(program.output()).toMatch(output);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('0 after %s, which is a person who stops it', async (signal) => {
    const program = run('--mode', 'always', ...server);
    await program.prints(/it is running/);
    await program.prints(/pid \d+/);
    program.process.kill(signal);
    expect(await program.ended).toBe(0);
    expect(program.output()).toMatch(/a person stopped it\n/);
    for (const pid of pidsIn(program)) expect(isAlive(pid)).toBe(false);
  });

  test('0 after Ctrl-C of a command that does not want to end, which is killed after the grace', async () => {
    const program = run(
      '--grace',
      '50ms',
      '--',
      'sh',
      '-c',
      'trap "" TERM INT; echo "pid $$"; while :; do sleep 1; done',
    );
    await program.prints(/it is running/);
    await program.prints(/pid \d+/);
    program.process.kill('SIGINT');
    expect(await program.ended).toBe(0);
    for (const pid of pidsIn(program)) expect(isAlive(pid)).toBe(false);
  });

  test('and leaves nothing behind', async () => {
    const program = run('--mode', 'never', '--', 'true');
    expect(await program.ended).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('what run prints', () => {
  test('results are the command’s alone, and decisions go to standard error, of which --quiet leaves none', async () => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [bin, 'run', '--mode', 'never', '--', 'sh', '-c', 'echo out; echo err >&2'],
      { cwd: root },
    );
    expect(stdout).toBe('out\n');
    expect(stderr).toMatch(/^err$/m);
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d attempts 0: a person started it: a new failure window$/m);
    const program = run('--quiet', '--mode', 'never', '--', 'sh', '-c', 'echo out');
    await program.ended;
    expect(program.output()).toBe('out\n');
  });

  test('what follows the command is the command’s', async () => {
    const program = run(
      '--quiet',
      '--mode',
      'never',
      'sh',
      '-c',
      'echo "$@"',
      'sh',
      '--mode',
      'always',
      '--',
      '--help',
    );
    expect(await program.ended).toBe(0);
    expect(program.output()).toBe('--mode always -- --help\n');
  });
});

describe('with --state', () => {
  test('a stop outlives the supervisor, until a person starts it', async () => {
    const state = freshState();
    const first = run('--state', state, ...server);
    await first.prints(/it is running/);
    first.process.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(first.output()).not.toContain('--start');

    const second = run('--state', state, ...server);
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/it stays stopped until a person starts it\n[\s\S]*--start starts it again/);
    expect(pidsIn(second)).toEqual([]);

    const third = run('--state', state, '--start', ...server);
    await third.prints(/it is running/);
    third.process.kill('SIGINT');
    expect(await third.ended).toBe(0);
  });

  test('attempts outlive the supervisor: what used them up is not started again', async () => {
    const state = freshState();
    const runs = join(directory, 'runs');
    const crash = [
      '--state',
      state,
      '--backoff',
      '10ms',
      '--max-attempts',
      '1',
      '--',
      'sh',
      '-c',
      `echo run >> ${runs}; exit 1`,
    ];
    expect(await run(...crash).ended).toBe(1);
    expect(await run(...crash).ended).toBe(1);
    expect(readFileSync(runs, 'utf8')).toBe('run\nrun\n');
  });

  test('SIGHUP is no stop: the next supervisor takes the command up again', async () => {
    const state = freshState();
    const first = run('--state', state, '--backoff', '10ms', ...server);
    await first.prints(/it is running/);
    await first.prints(/pid \d+/);
    first.process.kill('SIGHUP');
    expect(await first.ended).toBe(0);
    for (const pid of pidsIn(first)) expect(isAlive(pid)).toBe(false);

    const second = run('--state', state, '--backoff', '10ms', ...server);
    await second.prints(/attempts 1: it is running/);
    second.process.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  test('a supervisor that dies leaves no command behind, and the next one takes it up', async () => {
    const state = freshState();
    const first = run('--state', state, '--backoff', '10ms', ...server);
    await first.prints(/it is running/);
    await first.prints(/pid \d+/);
    first.process.kill('SIGKILL');
    await first.ended;

    const second = run('--state', state, '--backoff', '10ms', ...server);
    await second.prints(/attempts 1: it is running/);
    for (const pid of pidsIn(first)) expect(isAlive(pid)).toBe(false);
    second.process.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  test('two supervisors do not share one', async () => {
    const state = freshState();
    const first = run('--state', state, ...server);
    await first.prints(/it is running/);
    const second = run('--state', state, ...server);
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/in use/);
    first.process.kill('SIGINT');
    expect(await first.ended).toBe(0);
  });

  const row = { id: 'command', policy: '{"policy":"always","later":1}', status: '{}', revision: 1 };
  test.each([
    ['is broken', '{', /not supervised: .*record\.json/],
    ['a later version wrote', JSON.stringify({ revision: 1, rows: [row] }), /not supervised: restart_policy\.later/],
  ])('a record that %s is told, and nothing is started or written over', async (_, text, expected) => {
    const state = freshState();
    mkdirSync(state);
    writeFileSync(join(state, 'record.json'), text);
    const program = run('--state', state, ...server);
    expect(await program.ended).toBe(1);
    expect(program.output()).toMatch(expected);
    expect(pidsIn(program)).toEqual([]);
    expect(readFileSync(join(state, 'record.json'), 'utf8')).toBe(text);
  });

  test('a directory that cannot be made is told', async () => {
    const file = join(directory, 'file');
    appendFileSync(file, '');
    const program = run('--state', join(file, 'state'), ...server);
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain('cannot be used as a directory');
  });

  test('a directory that another one has is told', async () => {
    const state = freshState();
    const first = run('--state', state, ...server);
    await first.prints(/it is running/);
    const second = run('--state', state, ...server);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`${state} is in use by another restart-policy run`);
    first.process.kill('SIGINT');
    expect(await first.ended).toBe(0);
  });
});

const shell = async (script: string): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)('bash', ['-o', 'pipefail', '-c', script], {
    cwd: root,
    env: { ...process.env, CLI: `${process.execPath} ${bin}`, TERM: 'xterm', TMPDIR: temporary },
    maxBuffer: 2 ** 26,
  });

const escaped = '\u001b';
const clear = `${escaped}\\[K`;
const colours = new RegExp(`${escaped}\\[\\d+m`, 'g');
const upToBar = new RegExp(`^[^]*${clear}`);

describe('in a shell', () => {
  test('a policy comes through a pipe', async () => {
    const { stdout, stderr } = await shell('echo "policy: never" | $CLI check -');
    expect(stdout).toBe('It is never restarted automatically, however it ends: only a person starts it.\n');
    expect(stderr).toBe('');
  });

  test('whoever reads may have seen enough, of results and of what is told', async () => {
    const { stdout, stderr } = await shell(
      `$CLI simulate '{"policy": "always", "backoff": "1s"}' --for 1d --json | head -c 1; $CLI check nofile 2>&1 >/dev/null | true`,
    ).catch((error: { stdout: string; stderr: string }) => error);
    expect(stdout).toBe('{');
    expect(stderr).toBe('');
  });

  test('what is supervised does not end with whoever reads of it', async () => {
    const runs = join(directory, 'unread');
    const crash = `sh -c 'echo run >> ${runs}; sleep 0.1; exit 1'`;
    const { code } = await shell(
      `$CLI run --backoff 10ms --max-attempts 3 -- ${crash} 2> >(head -n 1 > /dev/null)`,
    ).then(
      () => ({ code: 0 }),
      (error: { readonly code: number }) => error,
    );
    expect(code).toBe(1);
    expect(readFileSync(runs, 'utf8')).toBe('run\n'.repeat(4));
  });

  test('on a terminal there are colours, its width, and progress; in a pipe there are none of these', async () => {
    const policies = `'{"policy": "always"}' `.repeat(4);
    const long = `$CLI compare ${policies}--fleet 800 --mean-uptime 5m --for 2d`;
    const file = join(directory, 'typescript');
    await shell(
      `script -qec "stty cols 60; ${long.replaceAll('"', '\\"')} && $CLI check '{\\"policy\\": \\"always\\", \\"backoff\\": \\"10ms\\"}'" ${file}`,
    );
    const seen = readFileSync(file, 'utf8');
    expect(seen).toMatch(new RegExp(`\\r${clear}[█░]{24} +\\d+ % {2}inline-\\d: \\d+ of 800`));
    expect(seen).toMatch(new RegExp(`\\r${clear}800 instances`));
    expect(seen).toContain(`${escaped}[33mwarning${escaped}[39m`);
    // The first line and the last ones are of the program that records it.
    const lines = seen.split('\n').slice(1, -2);
    const widths = lines.map((line) => line.replace(upToBar, '').replace(colours, '').replace('\r', '').length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
    expect(Math.max(...widths)).toBeGreaterThan(50);

    const { stdout, stderr } = await shell(`${long} | cat`);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\u001b');
  });
});
