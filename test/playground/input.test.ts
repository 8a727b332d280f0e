/**
 * What the playground makes of its fields: policies by the codec alone, workloads and logs by the library's own.
 */
import fc from 'fast-check';
import { decodeRestartPolicy } from 'restart-policy/codec';
import { arbRestartPolicy } from 'restart-policy/testing/arbitraries';
import { describe, expect, test } from 'vitest';
import { mostRows, readLog } from '../../playground/log-text.js';
import { mostEntries, outcomeOf } from '../../playground/outcome.js';
import { jsonOf, policyInJson, readPolicy } from '../../playground/policy-input.js';
import { firstState, presetOf, presets } from '../../playground/presets.js';
import { longestLog, noPolicy, type PolicyText, type State, type WorkloadText } from '../../playground/state.js';
import { readWorkload, type Simulated } from '../../playground/workload-input.js';

const policyText = (fields: Partial<PolicyText>): PolicyText => ({ ...noPolicy, policy: 'always', ...fields });

const stateOf = (workload: Partial<WorkloadText>, rest: Partial<State> = {}): State => ({
  ...firstState,
  ...rest,
  workload: { ...firstState.workload, ...workload },
});

const simulatedOf = (state: State): Simulated => {
  const { simulated, errors } = readWorkload(state, null);
  if (simulated === null) throw new Error(JSON.stringify([...errors]));
  return simulated;
};

describe('a policy in the form', () => {
  test.each(presets)('$name is a policy, and is known again', (preset) => {
    expect(readPolicy(preset.policy).errors).toEqual(new Map());
    expect(presetOf({ ...preset.policy })).toBe(preset);
    expect(presetOf({ ...preset.policy, jitter: '0.3' })).toBeUndefined();
  });

  test('is the policy that the codec reads from its JSON, whatever it says', () => {
    fc.assert(
      fc.property(arbRestartPolicy, (policy) => {
        const json = jsonOf(policy);
        expect(decodeRestartPolicy(JSON.parse(json))).toEqual({ _tag: 'Right', right: policy });
        const text = policyInJson(json);
        if (typeof text === 'string') throw new Error(text);
        expect(readPolicy(text)).toEqual({ policy, errors: new Map() });
      }),
    );
  });

  test('has each of its errors beside its field, in the words of the codec, all at once', () => {
    const wrong = policyText({
      backoff: '10',
      max_backoff: 'soon',
      max_attempts: '-1',
      jitter: '2',
      cooldown: '1m',
      stable_after: '0s',
      rules: [
        { action: 'stop', causes: ['exit'], exit_codes: '78, 2-5' },
        { action: 'restart', causes: [], exit_codes: '5-2, x' },
      ],
    });
    const { policy, errors } = readPolicy(wrong);
    expect(policy).toBeNull();
    expect(Object.fromEntries(errors)).toEqual({
      backoff: expect.stringMatching(/^backoff must be a valid duration: .* got the text "10"$/),
      max_backoff: expect.stringMatching(/^max_backoff must be a valid duration/),
      max_attempts: 'max_attempts must be >= 0 and a whole number up to 9007199254740991, got -1',
      stable_after: 'stable_after must be positive, got the text "0s"',
      jitter: 'jitter must be a number from 0 to 1, got 2',
      'rules[1].exit_codes':
        'rules[1].exit_codes[0] must be a whole number or a range [low, high], got [5,2]; ' +
        'rules[1].exit_codes[1] must be a whole number or a range [low, high], got the text "x"',
    });
  });

  test('has an error beside each field that needs another', () => {
    const { errors } = readPolicy(policyText({ backoff_factor: '3', limit_interval: '1m', cooldown: '1h' }));
    expect([...errors.keys()]).toEqual(['backoff_factor', 'limit_interval', 'cooldown']);
  });

  test('takes exit codes as people write them', () => {
    const codes = (exit_codes: string) =>
      readPolicy(policyText({ rules: [{ action: 'stop', causes: [], exit_codes }] })).policy?.rules?.[0]?.exitCodes;
    expect(codes('78')).toEqual([78]);
    expect(codes(' 78, 2 - 5;  -1 9..12')).toEqual([78, [2, 5], -1, [9, 12]]);
    expect(codes('-5..-2')).toEqual([[-5, -2]]);
    expect(codes('  ')).toBeUndefined();
  });

  test('says what is wrong with JSON that is none, or no policy', () => {
    expect(policyInJson('{')).toMatch(/^This is no JSON/);
    expect(policyInJson('{"policy":"always","max_attempt":3,"backoff":null}')).toBe(
      [
        'restart_policy.backoff must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got null',
        'restart_policy.max_attempt is not a known field; did you mean max_attempts?',
      ].join('\n'),
    );
  });
});

describe('a workload in the form', () => {
  test('runs, boots, fails to start, turns unhealthy and recovers as it is asked to', () => {
    const { workload, title } = simulatedOf(
      stateOf({
        crash_after: '2s',
        exit_code: '',
        cause: 'panic',
        boots_for: '3s',
        failing_starts: '1',
        unhealthy_after: '1s',
        recovers_after: '2',
      }),
    );
    const random = () => 0;
    expect([1, 2, 3].map((run) => workload(run, random))).toEqual([
      { runsFor: null, startFails: true },
      { runsFor: 2_000, exitCode: null, cause: 'panic', bootsFor: 3_000, unhealthyAfter: 1_000 },
      { runsFor: null, bootsFor: 3_000 },
    ]);
    expect(title).toBe(
      'Each run ends after 2s with an unknown exit code, boots for 3s, the first start fails, unhealthy after 1s, recovers after 2 runs',
    );
    expect(simulatedOf(stateOf({ boots_for: 'never' })).workload(1, random).bootsFor).toBe(Number.POSITIVE_INFINITY);
  });

  test('by chance ends with one of its exit codes, unknown ones too', () => {
    const { workload } = simulatedOf(stateOf({ runs: 'random', mean_uptime: '1m', exit_codes: '1, unknown' }));
    expect(workload(1, () => 0.2)).toMatchObject({ exitCode: 1 });
    expect(workload(1, () => 0.7)).toMatchObject({ exitCode: null });
  });

  test('has its errors beside its fields, all at once', () => {
    const wrong = { crash_after: 'x', exit_code: '1.5', boots_for: '-', failing_starts: '-1', for: '9000h' } as const;
    const acts = [
      { at: '', act: 'stop' },
      { at: '2h', act: 'policy_b' },
    ] as const;
    const { simulated, errors } = readWorkload(stateOf(wrong, { acts }), null);
    expect(simulated).toBeNull();
    expect([...errors.keys()]).toEqual([
      ...['crash_after', 'exit_code', 'boots_for', 'failing_starts', 'for'],
      ...['acts[0].at', 'acts[1].act'],
    ]);
    const late = readWorkload(stateOf({ for: '1h' }, { acts: [{ at: '2h', act: 'stop' }] }), null);
    expect(late.errors.get('acts[0].at')).toBe('must be before the end, 1h');
  });

  test('says what people do in the order of time, in whatever order it was typed in', () => {
    const acts = [
      { at: '20m', act: 'start' },
      { at: '10m', act: 'stop' },
    ] as const;
    expect(simulatedOf(stateOf({}, { acts })).words).toEqual([
      { at: 600_000, event: { _tag: 'ManualStop' } },
      { at: 1_200_000, event: { _tag: 'ManualStart' } },
    ]);
  });
});

describe('a pasted log', () => {
  const runs = [{ runsFor: 42_000, exitCode: 1 }, { runsFor: 5_000 }, { runsFor: null }];
  const csv = `startedAt,stoppedAt,exitCode,host
2026-01-31T12:00:00Z,2026-01-31T12:00:42Z,1,"a,b"
2026-01-31T13:01:00+01:00,1769860865000,,x

1769860870000,,,`;

  test('is read as CSV, with times as milliseconds or as RFC 3339', () => {
    expect(readLog(csv)).toEqual({ runs, span: 70_000 });
    expect(readLog(csv.replace('startedAt,stoppedAt,exitCode', 'Started_At,stopped at,exit_code'))).toEqual({
      runs,
      span: 70_000,
    });
    const semicolons = 'startedAt;stoppedAt;exitCode;cause\n0;"42000";1;panic';
    expect(readLog(semicolons)).toEqual({ runs: [{ runsFor: 42_000, exitCode: 1, cause: 'panic' }], span: 42_000 });
  });

  test('is read with the newest first, too, and by the names that others give its columns', () => {
    const newest = 'Start;FinishedAt;Exit Code\n70000;0001-01-01T00:00:00Z;\n60000;65000;-\n0;42000;1';
    expect(readLog(newest)).toEqual({ runs, span: 70_000 });
    expect(readLog(newest.replace('65000', '50000'))).toEqual([
      'Row 2, stoppedAt: must not be before startedAt: 50000 is before 60000',
    ]);
  });

  test('in seconds is refused, for it would be over in a moment', () => {
    expect(readLog('startedAt,stoppedAt\n1769860800,1769860842')).toEqual([
      expect.stringMatching(/^Its times look like seconds/),
    ]);
    expect(readLog('startedAt,stoppedAt\n')).toEqual(['The log has no rows.']);
  });

  test('is read as JSON, all of it or line by line', () => {
    const rows = [
      { startedAt: 0, stoppedAt: 42_000, exitCode: 1 },
      { started_at: 60_000, stopped_at: 65_000 },
      { startedAt: '1970-01-01T00:01:10Z', stoppedAt: null },
    ];
    expect(readLog(JSON.stringify(rows))).toEqual({ runs, span: 70_000 });
    expect(readLog(rows.map((row) => JSON.stringify(row)).join('\n'))).toEqual({ runs, span: 70_000 });
  });

  test('has each error with its row, all at once', () => {
    const wrong = `startedAt,stoppedAt,exitCode,cause
yesterday,5000,1,
6000,5000,x,
7000,,0,
8000,9000,1,boredom`;
    expect(readLog(wrong)).toEqual([
      'Row 1, startedAt: must be milliseconds since the epoch, or a time such as 2026-01-31T12:00:00Z, not the text "yesterday"',
      'Row 2, stoppedAt: must not be before startedAt: 5000 is before 6000',
      'Row 2, exitCode: must be null or a whole number, not the text "x"',
      'Row 3, stoppedAt: is missing, which it may be in the last row alone',
      'Row 4, cause: must be one of exit, signal, out_of_memory, panic, host, unknown, not the text "boredom"',
    ]);
    expect(readLog('startedAt,stoppedAt\n2026-01-31T12:00:00Z,1769860920000\n2026-01-31T12:01:00Z,')).toEqual([
      'Row 2, startedAt: must not be before the end of the run in the row before: ' +
        '2026-01-31T12:01:00Z is before 1769860920000',
    ]);
    expect(readLog('[{"startedAt":0},7]')).toContain('Row 2: must be an object with startedAt and stoppedAt, not 7');
  });

  test('that is none says what is missing', () => {
    expect(readLog(' ')).toEqual(['Paste a log here: CSV or JSON.']);
    expect(readLog('1,2,3')).toEqual([
      'The first line must name the columns: startedAt, stoppedAt, exitCode, cause; it is 1,2,3',
    ]);
    expect(readLog('[{]')).toEqual([expect.stringMatching(/^This is no JSON/)]);
    expect(readLog('{"startedAt":0,"stoppedAt":1}\n{')).toEqual([expect.stringMatching(/^Row 2 is no JSON/)]);
    expect(readLog(`startedAt\n${'1\n'.repeat(mostRows + 1)}`)).toEqual([
      `The log has ${mostRows + 1} rows; at most ${mostRows} are looked at.`,
    ]);
    expect(readLog('x'.repeat(longestLog + 1))).toEqual([
      `The log has ${longestLog + 1} characters; at most ${longestLog} are looked at.`,
    ]);
  });

  test('of any text is read or refused, and never throws', () => {
    const pieces = fc.constantFrom(
      'startedAt',
      'constructor',
      ',',
      ';',
      '"',
      '\n',
      '{',
      '}',
      '[',
      ']',
      ':',
      '1',
      'Z',
      '-',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (texts) => {
        const read = readLog(texts.join(''));
        expect('runs' in read || read.length > 0).toBe(true);
      }),
    );
  });

  test('is shown for as long as it tells of, where no span is given', () => {
    expect(simulatedOf(stateOf({ runs: 'log', log: csv })).for).toBe(70_000);
    expect(simulatedOf(stateOf({ runs: 'log', log: csv, for: '2m' })).for).toBe(120_000);
    expect(readWorkload(stateOf({ runs: 'log', log: 'x' }), null).errors.get('log')).toMatch(/^The first line/);
  });
});

describe('what comes of it', () => {
  const policyOf = (fields: Partial<PolicyText>) => {
    const { policy } = readPolicy(policyText(fields));
    if (policy === null) throw new Error('a policy of this test is wrong');
    return policy;
  };

  test('is the whole span, where that is a moderate number of decisions', () => {
    const outcome = outcomeOf([policyOf({})], simulatedOf(stateOf({ for: '24h' })));
    if (typeof outcome === 'string') throw new Error(outcome);
    expect(outcome.cutFrom).toBeNull();
    expect(outcome.timelines[0]?.summary.for).toBe(86_400_000);
  });

  test('is the beginning, the same for both policies, where one of them decides too often', () => {
    const policies = [policyOf({ backoff: '1ns' }), policyOf({ backoff: '1h' })];
    const acts = [{ at: '8000h', act: 'stop' }] as const;
    const outcome = outcomeOf(policies, simulatedOf(stateOf({ crash_after: '0s', for: '8760h' }, { acts })));
    if (typeof outcome === 'string') throw new Error(outcome);
    expect(outcome.cutFrom).toBe(8_760 * 3_600_000);
    const spans = outcome.timelines.map(({ summary }) => summary.for);
    expect(spans[0]).toBeGreaterThan(1_000);
    expect(spans[1]).toBe(spans[0]);
    for (const { entries } of outcome.timelines) expect(entries.length).toBeLessThanOrEqual(mostEntries);
  });
});
