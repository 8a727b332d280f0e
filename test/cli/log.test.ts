/**
 * Logs as people export them, and what is wrong with them by line and column.
 */
import { describe, expect, test } from 'vitest';
import { readLog } from '../../src/cli/input/log.js';
import { problemText } from '../../src/cli/problem.js';
import { left, right } from '../support/either.js';

const read = (text: string, id?: string) => right(readLog({ name: 'runs', text }, id));

const at = (time: string): number => Date.parse(`2026-05-01T${time}Z`);

const twoRuns = [
  { startedAt: at('10:00:00'), stoppedAt: at('10:00:02.500'), exitCode: 1 },
  { startedAt: at('10:00:07'), stoppedAt: null, exitCode: null },
];

describe('two runs are read from', () => {
  test.each<readonly [string, string]>([
    ['CSV', 'started_at,stopped_at,exit_code\n2026-05-01T10:00:00Z,2026-05-01T10:00:02.5Z,1\n2026-05-01T10:00:07Z,,\n'],
    [
      'CSV with names of TypeScript',
      'startedAt,stoppedAt,exitCode\n2026-05-01T10:00:00Z,2026-05-01T10:00:02.5Z,1\n2026-05-01T10:00:07Z,,',
    ],
    [
      'CSV of a spreadsheet',
      '\ufeffStarted At;Stopped At;Exit Code;Note\r\n"2026-05-01 10:00:00";"2026-05-01 10:00:02.5";1;"a; ""b""\r\nc"\r\n2026-05-01 10:00:07;-;-;\r\n',
    ],
    [
      'CSV of PostgreSQL, the newest first',
      'id\tstarted_at\tstopped_at\texit_code\nweb\t2026-05-01 12:00:07+02\t\\N\t\\N\nweb\t2026-05-01 12:00:00+02\t2026-05-01 12:00:02.5+0200\t1\n',
    ],
    [
      'CSV in milliseconds',
      `started_at,stopped_at,exit_code\n${at('10:00:00')},${at('10:00:02.500')},1\n${at('10:00:07')},null,null\n`,
    ],
    [
      'JSON lines',
      '{"started_at":"2026-05-01T10:00:00Z","stopped_at":"2026-05-01T10:00:02.5Z","exit_code":1}\n\n{"started_at":"2026-05-01T10:00:07Z"}\n',
    ],
    [
      'an array of JSON',
      '[{"startedAt": "2026-05-01T10:00:00Z", "stoppedAt": "2026-05-01T10:00:02.5Z", "exitCode": 1},\n {"startedAt": "2026-05-01T10:00:07Z", "stoppedAt": null}]\n',
    ],
    [
      'states of Docker',
      '{"StartedAt":"2026-05-01T10:00:00.000000123Z","FinishedAt":"2026-05-01T10:00:02.500000001Z","ExitCode":1,"OOMKilled":false}\n{"StartedAt":"2026-05-01T10:00:07Z","FinishedAt":"0001-01-01T00:00:00Z","ExitCode":null}\n',
    ],
    [
      'events of Docker',
      [
        ['die', at('09:59:59'), '3'],
        ['start', at('10:00:00'), undefined],
        ['kill', at('10:00:02'), undefined],
        ['die', at('10:00:02.500'), '1'],
        ['start', at('10:00:07'), undefined],
      ]
        .map(([action, ms, exitCode]) =>
          JSON.stringify({
            status: action,
            Action: action,
            id: 'c0ffee',
            Actor: { ID: 'c0ffee', Attributes: { name: 'web', exitCode } },
            timeNano: `NANOS${ms}`,
          }).replace(/"NANOS(\d+)"/, '$1000000'),
        )
        .join('\n'),
    ],
  ])('%s', (_, text) => {
    const { runs, from, span } = read(text);
    expect(runs).toEqual(twoRuns);
    expect({ from, span }).toEqual({ from: at('10:00:00'), span: 7_000 });
  });
});

test('why a run ended is read where it is said', () => {
  const csv = 'started_at,stopped_at,cause\n0,5,panic\n10,20,\n';
  expect(read(csv).runs.map(({ cause }) => cause)).toEqual(['panic', undefined]);
  const oom =
    '{"StartedAt":"2026-05-01T10:00:00Z","FinishedAt":"2026-05-01T10:00:01Z","ExitCode":137,"OOMKilled":true}';
  expect(read(oom).runs[0]?.cause).toBe('out_of_memory');
});

test('of several instances one is read', () => {
  const csv = 'instance,started_at,stopped_at,exit_code\na,0,10,1\nb,5,6,2\na,20,30,3\n';
  expect(read(csv, 'a').runs.map(({ exitCode }) => exitCode)).toEqual([1, 3]);
  expect(read(csv, 'b').runs.map(({ exitCode }) => exitCode)).toEqual([2]);
  expect(problems(csv)).toBe('runs: has runs of 2 instances: --id says whose are meant (a, b)');
  expect(problems(csv, 'c')).toBe('runs: has no runs of c, which is what --id says (a, b)');
});

const problems = (text: string, id?: string): string =>
  left(readLog({ name: 'runs', text }, id))
    .map((each) => problemText(each, { errColour: false, columns: 80 } as never))
    .join('\n');

describe('what is wrong with a log is said with its line', () => {
  test.each<readonly [string, string, string]>([
    ['nothing', ' \n', 'runs: is empty: a log has a row for each run'],
    ['a header alone', 'started_at,stopped_at\n', 'runs: has no runs: a log has a row for each run'],
    [
      'no header',
      '2026-05-01T10:00:00Z,2026-05-01T10:00:02Z,1\n',
      `runs:1:1: has no column started_at: the first line names the columns, which are started_at, stopped_at, exit_code and cause
  1 | 2026-05-01T10:00:00Z,2026-05-01T10:00:02Z,1
      ^
runs:1:1: has no column stopped_at: the first line names the columns, which are started_at, stopped_at, exit_code and cause
  1 | 2026-05-01T10:00:00Z,2026-05-01T10:00:02Z,1
      ^`,
    ],
    [
      'a misspelt column',
      'startd_at,stopped_at\n0,1\n',
      'runs:1:1: startd_at is not a known column; did you mean started_at?\n  1 | startd_at,stopped_at\n      ^^^^^^^^^',
    ],
    [
      'cells, all at once',
      'started_at,stopped_at,exit_code,cause\nyesterday,1,1,\n5,4,0.5,sgnal\n,7,,\n',
      `runs:2:1: started_at must be a time such as 2026-01-31T09:30:00Z, or milliseconds since the epoch, got the text "yesterday"
  2 | yesterday,1,1,
      ^^^^^^^^^
runs:3:3: stopped_at must not be before started_at
  3 | 5,4,0.5,sgnal
        ^
runs:3:5: exit_code must be a whole number, or empty where it is not known, got the text "0.5"
  3 | 5,4,0.5,sgnal
          ^^^
runs:3:9: cause must be one of exit, signal, out_of_memory, panic, host, unknown, not the text "sgnal"; did you mean signal?
  3 | 5,4,0.5,sgnal
              ^^^^^
runs:4:1: started_at is missing
  4 | ,7,,
      ^`,
    ],
    [
      'an impossible day',
      'started_at,stopped_at\n2026-02-30T00:00:00Z,\n',
      `runs:2:1: started_at must be a time such as 2026-01-31T09:30:00Z, or milliseconds since the epoch, got the text "2026-02-30T00:00:00Z"
  2 | 2026-02-30T00:00:00Z,
      ^^^^^^^^^^^^^^^^^^^^`,
    ],
    [
      'runs that overlap, and one that never ended',
      'started_at,stopped_at\n0,10\n5,20\n30,\n40,50\n',
      `runs:3:1: started_at must not be before the run of line 2 ended
  3 | 5,20
      ^
runs:4:1: stopped_at is missing, though a later run began (in the last run alone it may be)
  4 | 30,
      ^^`,
    ],
    [
      'seconds',
      'started_at,stopped_at\n1777629600,1777629602\n',
      'runs:2:1: looks like seconds since the epoch: milliseconds are expected, or times such as 2026-01-31T09:30:00Z\n  2 | 1777629600,1777629602\n      ^^^^^^^^^^',
    ],
    [
      'a line that is no JSON',
      '{"started_at": 0, "stopped_at": 1}\n{"started_at": 5,\n',
      'runs:2:1: must be one JSON object in each line, such as {"started_at": …}\n  2 | {"started_at": 5,\n      ^',
    ],
    [
      'a field of JSON lines',
      '{"started_at": 0, "stopped_at": 1}\n{"started_at": 5, "stopped_at": true}\n',
      'runs:2:19: stopped_at must be a time such as 2026-01-31T09:30:00Z, or milliseconds since the epoch, got true\n  2 | {"started_at": 5, "stopped_at": true}\n                        ^^^^^^^^^^^^',
    ],
    [
      'a field of an array',
      '[\n  {"startedAt": 5, "stoppedAt": 3}\n]\n',
      'runs:2:33: stopped_at must not be before started_at\n  2 |   {"startedAt": 5, "stoppedAt": 3}\n                                      ^',
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toBe(expected);
  });
});
