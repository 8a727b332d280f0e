import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy } from '../../src/codec.js';
import { manuallyStarted, manuallyStopped } from '../../src/event.js';
import {
  crashLoop,
  drawTimeline,
  fixedRuns,
  type Run,
  type SimulationOptions,
  simulate,
  simulateFleet,
} from '../../src/simulate.js';
import { right } from '../support/either.js';
import { expectGolden } from './golden.js';
import { createCli, growing, limited } from './support.js';

/** Six runs, of which the last two come an hour after the others. */
const log = `started_at,stopped_at,exit_code
2026-05-01T10:00:00Z,2026-05-01T10:00:20Z,1
2026-05-01T10:01:00Z,2026-05-01T10:01:20Z,1
2026-05-01T10:02:00Z,2026-05-01T10:02:20Z,1
2026-05-01T10:03:00Z,2026-05-01T10:03:20Z,137
2026-05-01T11:00:00Z,2026-05-01T11:30:00Z,1
2026-05-01T11:40:00Z,2026-05-01T12:00:00Z,1
`;

const { cli } = createCli({ 'growing.yaml': growing, 'limited.yaml': limited, 'runs.csv': log });

const policyOf = (text: string) =>
  right(
    decodeRestartPolicy(
      Object.fromEntries(
        text
          .trim()
          .split('\n')
          .map((line) => line.split(': '))
          .map(([key, value]) => [key, Number(value) || value]),
      ),
    ),
  );

describe.each([120, 80, 40])('at %d columns', (columns) => {
  test.each([
    ['simulate', ['simulate', 'limited.yaml', '--crash-after', '20s', '--exit', '1', '--for', '20m']],
    ['simulate-log', ['simulate', 'growing.yaml', '--log', 'runs.csv']],
    ['simulate-words', ['simulate', 'growing.yaml', '--crash-after', '1m', '--words', 'stop@10m,start@20m']],
    [
      'simulate-fleet',
      ['simulate', 'growing.yaml', '--fleet', '50', '--mean-uptime', '30m', '--for', '6h', '--per-second', '1'],
    ],
    ['compare', ['compare', 'limited.yaml', 'growing.yaml', '--crash-after', '20s', '--for', '20m']],
    ['compare-log', ['compare', 'limited.yaml', 'growing.yaml', '--log', 'runs.csv', '--repeat']],
  ])('%s', async (name, given) => {
    const { exitCode, out, err } = await cli(given, { columns });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expectGolden(`${name}-${columns}`, out);
  });
});

/** What of a simulation every machine-readable answer has. */
const factsOf = (options: SimulationOptions) => {
  const { summary, entries } = right(simulate(options));
  return {
    attempts: summary.attempts,
    uptime: summary.uptime,
    longest: summary.longestOutage,
    entries: entries.length,
  };
};

describe('the options say what is simulated', () => {
  const loop = (runsFor: number, rest: Partial<Run> = {}) => ({
    workload: () => ({ runsFor, exitCode: 1, ...rest }),
    for: 3_600_000,
  });
  const hour = { for: 3_600_000 };
  test.each<readonly [string, ReadonlyArray<string>, Omit<SimulationOptions, 'policy'>]>([
    ['nothing', [], loop(1_000)],
    [
      'a crash loop',
      ['--crash-after', '2m', '--exit', '3', '--for', '1d'],
      { workload: crashLoop({ runsFor: 120_000, exitCode: 3 }), for: 86_400_000 },
    ],
    ['a clean exit', ['--exit', '0'], { workload: crashLoop({ runsFor: 1_000, exitCode: 0 }), ...hour }],
    ['an unknown end', ['--exit', 'unknown'], { workload: crashLoop({ runsFor: 1_000, exitCode: null }), ...hour }],
    [
      'several codes in turn',
      ['--exit', '1,0'],
      { workload: (run) => ({ runsFor: 1_000, exitCode: run % 2 === 1 ? 1 : 0 }), ...hour },
    ],
    ['a cause', ['--cause', 'host'], loop(1_000, { cause: 'host' })],
    ['starts that take time', ['--crash-after', '5s', '--boots-for', '3s'], loop(5_000, { bootsFor: 3_000 })],
    [
      'starts that take time alone',
      ['--boots-for', '3s'],
      { workload: () => ({ runsFor: null, bootsFor: 3_000 }), ...hour },
    ],
    [
      'bad health',
      ['--unhealthy-after', '10m'],
      { workload: () => ({ runsFor: null, unhealthyAfter: 600_000 }), ...hour },
    ],
    [
      'restarts that fail',
      ['--start-fails', '2'],
      { workload: (run) => ({ runsFor: 1_000, exitCode: 1, startFails: run > 1 && run < 4 }), ...hour },
    ],
    [
      'every restart fails',
      ['--start-fails'],
      { workload: (run) => ({ runsFor: 1_000, exitCode: 1, startFails: run > 1 }), ...hour },
    ],
    [
      'people',
      ['--words', 'start@20m, stop@10m'],
      {
        ...loop(1_000),
        words: [
          { at: 600_000, event: manuallyStopped },
          { at: 1_200_000, event: manuallyStarted },
        ],
      },
    ],
  ])('%s', async (_, given, options) => {
    const { exitCode, out, err } = await cli(['simulate', 'growing.yaml', '--json', ...given]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const { summary, entries } = JSON.parse(out);
    expect({
      attempts: summary.attempts,
      uptime: summary.uptime_ms,
      longest: summary.longest_outage_ms,
      entries: entries.length,
    }).toEqual(factsOf({ policy: policyOf(growing), ...options }));
  });

  test('another seed and another id are another draw', async () => {
    const draw = async (...given: ReadonlyArray<string>): Promise<unknown> => {
      const { out } = await cli([
        'simulate',
        'growing.yaml',
        '--mean-uptime',
        '10m',
        '--json',
        '--for',
        '1d',
        ...given,
      ]);
      return JSON.parse(out).summary.uptime_ms;
    };
    const draws = [await draw(), await draw('--seed', '1'), await draw('--id', 'web-2')];
    expect(new Set(draws).size).toBe(3);
    expect(await draw('--seed', '0', '--id', 'instance')).toBe(draws[0]);
  });

  test('it begins when it is said to, or with its log', async () => {
    const begin = async (...given: ReadonlyArray<string>): Promise<unknown> =>
      JSON.parse((await cli(['simulate', 'growing.yaml', '--json', ...given])).out).entries[0].at;
    expect(await begin()).toBe('1970-01-01T00:00:00Z');
    expect(await begin('--from', '2026-05-01 10:00:00')).toBe('2026-05-01T10:00:00Z');
    expect(await begin('--log', 'runs.csv')).toBe('2026-05-01T10:00:00Z');
  });

  test('a log of a single run is said to have one', async () => {
    const stdin = 'started_at,stopped_at\n2026-05-01T10:00:00Z,2026-05-01T10:20:00Z\n';
    const { out } = await cli(['simulate', 'growing.yaml', '--log', '-'], { stdin });
    expect(out).toMatch(/the one run of .*\bWhat really happened, by [^:]+: one run, up 100 %/s);
  });

  test('a log is replayed for as long as it lasted, and begun again when that is wanted', async () => {
    const runs: ReadonlyArray<Run> = [
      ...[1, 1, 1, 137].map((exitCode) => ({ runsFor: 20_000, exitCode })),
      { runsFor: 1_800_000, exitCode: 1 },
      { runsFor: 1_200_000, exitCode: 1 },
    ];
    const ask = async (...given: ReadonlyArray<string>): Promise<unknown> =>
      JSON.parse((await cli(['simulate', 'limited.yaml', '--json', '--log', 'runs.csv', ...given])).out).summary
        .uptime_ms;
    const policy = policyOf(limited);
    const span = 7_200_000;
    expect(await ask()).toBe(right(simulate({ policy, workload: fixedRuns(runs), for: span })).summary.uptime);
    const again = (run: number): Run => runs[(run - 1) % 6] as Run;
    expect(await ask('--repeat')).toBe(right(simulate({ policy, workload: again, for: span })).summary.uptime);
  });

  test('a fleet, with its starts limited', async () => {
    const given = [
      '--fleet',
      '40',
      '--crash-after',
      '30s',
      '--for',
      '10m',
      '--per-second',
      '2',
      '--in-flight',
      '3',
      '--seed',
      '5',
    ];
    const { out } = await cli(['simulate', 'limited.yaml', '--json', ...given]);
    const { summary, instances } = JSON.parse(out);
    const fleet = right(
      simulateFleet({
        policies: [policyOf(limited)],
        instances: 40,
        workload: crashLoop({ runsFor: 30_000 }),
        for: 600_000,
        seed: 5,
        starts: { perSecond: 2, inFlight: 3 },
      }),
    ).summary;
    expect(summary).toMatchObject({
      instances: 40,
      uptime_ms: fleet.uptime,
      peak_starts_per_second: 2,
      outage_p50_ms: fleet.outageP50,
      outage_p99_ms: fleet.outageP99,
      blocked_instances: fleet.blockedInstances,
    });
    expect(instances).toHaveLength(40);
  });
});

test('an entry for machines has its names and times as on the wire', async () => {
  const { out } = await cli([
    'simulate',
    'limited.yaml',
    '--json',
    '--crash-after',
    '20s',
    '--exit',
    '7',
    '--from',
    '2026-05-01T10:00:00Z',
  ]);
  const { source, restart_policy, summary, entries } = JSON.parse(out);
  expect(source).toMatch(/^limited.yaml$/);
  expect(restart_policy).toEqual({ policy: 'on_failure', backoff: '30s', max_attempts: 5, stable_after: '10m0s' });
  expect(summary).toMatchObject({ blocked_at: '2026-05-01T10:02:40Z', availability: 120_000 / 3_600_000 });
  expect(entries.slice(0, 4)).toEqual([
    {
      at: '2026-05-01T10:00:00Z',
      state: 'stopped',
      event: 'manual_start',
      reason: 'manual_start',
      restart_status: {},
      action: null,
    },
    {
      at: '2026-05-01T10:00:00Z',
      state: 'running',
      event: 'observed',
      exit_code: null,
      health: 'healthy',
      reason: 'running',
      restart_status: {},
      action: null,
    },
    {
      at: '2026-05-01T10:00:20Z',
      state: 'stopped',
      event: 'observed',
      exit_code: 7,
      health: 'unknown',
      reason: 'restart_after_exit',
      restart_status: { attempts: 1, last_attempt_at: '2026-05-01T10:00:20Z' },
      action: { type: 'start', attempt: 1 },
    },
    expect.objectContaining({ state: 'running' }),
  ]);
});

describe('policies that are given right there', () => {
  test('are named by numbers, each with its text beside it, without what a terminal would obey', async () => {
    const fleet = ['compare', '{"policy": "never"}', '{"policy": "always"} # \x1b[2J', '--fleet', '2'];
    const { exitCode, out } = await cli(fleet);
    expect(exitCode).toBe(0);
    expect(out).toContain('inline-1\n  {"policy": "never"}\ninline-2\n  {"policy": "always"} # \ufffd[2J\n');
    expect(out.match(/\{"policy": "never"\}/g)).toHaveLength(1);
  });

  test('have no number where there is one alone', async () => {
    const { out } = await cli(['compare', 'limited.yaml', '{"policy": "always"}']);
    expect(out).not.toMatch(/inline-|\{"policy"/);
  });
});

describe('a picture', () => {
  test('is that of the simulation', async () => {
    const file = 'one.svg';
    const { exitCode } = await cli(['simulate', 'limited.yaml', '--crash-after', '20s', '--svg', file]);
    expect(exitCode).toBe(0);
    const timeline = right(
      simulate({ policy: policyOf(limited), workload: crashLoop({ runsFor: 20_000 }), for: 3_600_000 }),
    );
    const title = 'limited.yaml: each run ends after 20s with exit code 1, for 1h';
    expect(readFileSync(file, 'utf8')).toBe(drawTimeline([timeline], { title, labels: [''] }));
  });

  test('has a lane for each policy, and for some instances of a fleet', async () => {
    const file = 'both.svg';
    await cli(['compare', 'limited.yaml', 'growing.yaml', '--svg', file]);
    expect(readFileSync(file, 'utf8').match(/(limited|growing)\.yaml/g)?.length).toBeGreaterThanOrEqual(2);
    await cli(['simulate', 'limited.yaml', '--fleet', '25', '--svg', file]);
    const drawn = readFileSync(file, 'utf8');
    expect(drawn).toContain('instance-10 of 25');
    expect(drawn).not.toContain('instance-11');
  });

  test('that cannot be written is told, and the text is printed all the same', async () => {
    const file = 'no/where.svg';
    const { exitCode, out, err } = await cli(['simulate', 'limited.yaml', '--svg', file]);
    expect({ exitCode, err }).toEqual({
      exitCode: 2,
      err: 'no/where.svg: cannot be written: its directory is not there\n',
    });
    expect(out).toContain('limit reached');
    expect(existsSync(file)).toBe(false);
  });
});

describe('what is wrong with options is told at once, and nothing is simulated', () => {
  test.each<readonly [ReadonlyArray<string>, ReadonlyArray<string>]>([
    [
      [
        '--for',
        'x',
        '--exit',
        'q',
        '--words',
        'stp@1s,jump@1s,stop@2h,stop',
        '--seed',
        '-1',
        '--fleet',
        '0',
        '--cause',
        'sgnal',
        '--from',
        'noon',
      ],
      [
        '--exit must be whole numbers, or unknown, got "q"',
        '--cause must be one of exit, signal, out_of_memory, panic, host, unknown, not the text "sgnal"; did you mean signal?',
        '--for must be a duration such as 1m30s, in d, h, m, s, ms, got "x"',
        '--from must be a time such as 2026-01-31T09:30:00Z, or milliseconds since the epoch, got the text "noon"',
        '--words "stp@1s": must be one of stop, start, pause, resume, not the text "stp"; did you mean stop?',
        '--words "jump@1s": must be one of stop, start, pause, resume, not the text "jump"',
        '--words "stop@2h": comes when it is over (--for is 1h)',
        '--words must be such as stop@10m,start@20m, got "stop"',
        '--seed must be a whole number from 0 to 4294967295, got "-1"',
        '--fleet must be a whole number from 1 to 100000, got "0"',
        '--words is of one instance, not of a --fleet',
        '--from is of one instance, not of a --fleet',
      ],
    ],
    [['--crash-after', '1s', '--mean-uptime', '1h'], ['--crash-after and --mean-uptime exclude each other']],
    [['--log', 'runs.csv', '--exit', '1'], ['--exit is not given beside --log, which says how its runs ended']],
    [['--repeat'], ['--repeat needs --log']],
    [
      ['--per-second', '2', '--in-flight', '2'],
      ['--per-second needs --fleet', '--in-flight needs --fleet'],
    ],
    [['--for', '0s'], ['--for must be 1 ms or more, got "0s"']],
    [['--crash-after', '-5s'], ['--crash-after must be 0 ms or more, got "-5s"']],
    [['--log', 'none.csv'], ['none.csv: cannot be read: there is no such file']],
    [['--start-fails', '0'], ['--start-fails must be a whole number from 1 to 9007199254740991, got "0"']],
    [
      ['--crash-after', '0s', '--for', '30d', '--id', 'x'],
      [expect.stringMatching(/^--for is too long for what this workload does/)],
    ],
  ])('%j', async (given, expected) => {
    const { exitCode, out, err } = await cli(['simulate', '{"policy": "always", "backoff": "1ms"}', ...given]);
    expect(err.trimEnd().split('\n')).toEqual(expected);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });

  test('of policies and logs too', async () => {
    const { exitCode, err } = await cli(['compare', '{"policy": "x"}', '{"backoff": 1}', '--log', '-', '--for', 'z'], {
      stdin: 'a,b\n',
    });
    expect(exitCode).toBe(2);
    expect(
      err
        .split('\n')
        .filter((line) => /^\S/.test(line))
        .map((line) => line.split(' ', 3).slice(0, 2).join(' ')),
    ).toEqual([
      'inline-1:1:12: restart_policy.policy',
      'inline-2:1:1: restart_policy.policy',
      'inline-2:1:13: restart_policy.backoff',
      '--for must',
      'stdin:1:1: has',
      'stdin:1:1: has',
    ]);
  });
});
