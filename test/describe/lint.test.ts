/**
 * Each warning with its numbers, a simulation that shows its trap, and one that shows the mended policy. What happens is
 * decided by `decide` and `nextWakeAt` (drive.ts); no number of it comes from the lints.
 */
import {
  explainLint,
  type LintCode,
  type LintWarning,
  lintCodes,
  lintPolicy,
  withWireNames,
} from 'restart-policy/describe';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, type RestartPolicyWire } from '../../src/codec.js';
import type { Millis } from '../../src/duration.js';
import type { RestartPolicy } from '../../src/policy.js';
import { right } from '../support/either.js';
import { drive, type Run, type Workload } from './drive.js';

type Wire = Partial<RestartPolicyWire>;

const second = 1_000;
const minute = 60 * second;

const policyOf = (wire: Wire): RestartPolicy => right(decodeRestartPolicy({ policy: 'always', ...wire }));

const warningsOf = (wire: Wire): ReadonlyArray<LintWarning> => lintPolicy(policyOf(wire));

/** Every run fails after the same time. */
const crashing = (runsFor: Millis, end: Pick<Run, 'exitCode' | 'cause'> = { exitCode: 1 }): Workload => {
  const run = { runsFor, ...end };
  return () => run;
};

/** An instance that a person starts, and that then turns unhealthy and never gets going again. */
const hanging: Workload = (attempt) =>
  attempt === 0 ? { runsFor: Number.POSITIVE_INFINITY, unhealthyAfter: second } : { bootsFor: null, runsFor: 0 };

/** When the attempts are made. */
const attemptsUnder = (wire: Wire, workload: Workload, most = 12): ReadonlyArray<Millis> =>
  drive(policyOf(wire), workload, most).attempts.map(({ at }) => at);

/** After how many attempts the limit is reached; null: never. */
const blockedUnder = (wire: Wire, workload: Workload): number | null =>
  drive(policyOf(wire), workload, 100).blockedAfter;

interface Case {
  readonly code: LintCode;
  readonly name: string;
  readonly trap: Wire;
  readonly fields: ReadonlyArray<string>;
  readonly message: string;
  readonly hint: string;
  /** What the hint says to do. */
  readonly mended: Wire;
  /** What is seen of a policy: the trap of the one, and that it is gone with the other. */
  readonly seen: (wire: Wire) => unknown;
  readonly trapped: unknown;
  readonly free: unknown;
}

const cases: ReadonlyArray<Case> = [
  {
    code: 'limit_unreachable',
    name: 'five attempts, five seconds apart, never fall within ten seconds',
    trap: { backoff: '5s', max_attempts: 5, limit_interval: '10s' },
    fields: ['limitInterval', 'maxAttempts', 'backoff'],
    message:
      'The limit of 5 attempts within 10 s is never reached, and a crash loop goes on for ever: the waits alone spread 5 attempts and the next one over 25 s.',
    hint: 'Set limitInterval to 26s, or leave limitInterval out, so that all attempts in a row count.',
    mended: { backoff: '5s', max_attempts: 5, limit_interval: '26s' },
    seen: (wire) => blockedUnder(wire, crashing(0)),
    trapped: null,
    free: 5,
  },
  {
    code: 'limit_unreachable',
    name: 'two attempts within half an hour, each of which is followed by ten good minutes',
    trap: { backoff: '15s', max_attempts: 2, limit_interval: '30m', backoff_from: 'exit' },
    fields: ['stableAfter', 'limitInterval', 'maxAttempts'],
    message:
      'An instance whose runs last 10 min each is restarted for ever, although 2 attempts and the next one fall within 30 min: each of these runs is stable, and the attempts before it are forgotten.',
    hint: 'Set stableAfter to 30m.',
    mended: { backoff: '15s', max_attempts: 2, limit_interval: '30m', backoff_from: 'exit', stable_after: '30m' },
    seen: (wire) => blockedUnder(wire, crashing(10 * minute)),
    trapped: null,
    free: 2,
  },
  {
    code: 'tight_loop',
    name: 'ten attempts a second, for ever',
    trap: { backoff: '100ms' },
    fields: ['backoff', 'maxAttempts'],
    message: 'An instance that ends at once is started again after 100 ms at the latest, for ever: no limit ends it.',
    hint: 'Set backoff to 1s, or maxBackoff to 1m.',
    mended: { backoff: '100ms', max_backoff: '1m' },
    seen: (wire) => attemptsUnder(wire, crashing(0), 101).at(-1),
    trapped: 10 * second,
    free: 91 * minute + 42_300,
  },
  {
    code: 'tight_loop',
    name: 'an end that is not counted, and so neither grows the wait nor reaches the limit',
    trap: {
      policy: 'on_failure',
      backoff: '100ms',
      max_backoff: '1s',
      max_attempts: 6,
      rules: [{ exit_codes: [0], action: 'restart_uncounted' }],
    },
    fields: ['backoff', 'rules'],
    message:
      'An instance that ends at once, with an end of which a rule does not count the attempts, is started again every 100 ms, for ever: its wait does not grow, and no limit ends it.',
    hint: 'Set backoff to 1s, or the action of the rule to restart.',
    mended: {
      policy: 'on_failure',
      backoff: '100ms',
      max_backoff: '1s',
      max_attempts: 6,
      rules: [{ exit_codes: [0], action: 'restart' }],
    },
    seen: (wire) => attemptsUnder(wire, () => ({ beginsAfter: 1, runsFor: 0, exitCode: 0 }), 101).length,
    trapped: 101,
    free: 6,
  },
  {
    code: 'growth_unreachable',
    name: 'a wait that is to grow to an hour, and five attempts',
    trap: { backoff: '1s', max_backoff: '1h', max_attempts: 5 },
    fields: ['maxBackoff', 'maxAttempts'],
    message: 'No wait ever reaches 1 h: the limit of 5 attempts is reached before, and the longest wait is 8 s.',
    hint: 'Set maxAttempts to 14, or maxBackoff to 8s.',
    mended: { backoff: '1s', max_backoff: '1h', max_attempts: 14 },
    seen: (wire) => Math.max(...drive(policyOf(wire), crashing(0), 100).attempts.map(({ pause }) => pause)),
    trapped: 8 * second,
    free: 60 * minute,
  },
  {
    code: 'growth_unreachable',
    name: 'one attempt, which is not waited for',
    trap: { backoff: '1s', max_backoff: '1h', backoff_factor: 100, max_attempts: 1 },
    fields: ['maxBackoff', 'maxAttempts'],
    message: 'No wait ever reaches 1 h: the limit of 1 attempt is reached before, and there is no wait at all.',
    hint: 'Set maxAttempts to 4, or leave maxBackoff and backoffFactor out.',
    mended: { backoff: '1s', max_attempts: 1 },
    seen: (wire) => [attemptsUnder(wire, crashing(0)), warningsOf(wire).length],
    trapped: [[0], 1],
    free: [[0], 0],
  },
  {
    code: 'growth_unreachable',
    name: 'a run of five minutes is stable, and the first wait is ten',
    trap: { backoff: '10m', max_backoff: '1h', stable_after: '5m' },
    fields: ['stableAfter', 'backoff', 'maxBackoff'],
    message:
      'An instance whose runs last 5 min each waits 10 min every time, and never longer: each of these runs is stable although it is shorter than the wait, and the attempts before it are forgotten.',
    hint: 'Set stableAfter to 1h.',
    mended: { backoff: '10m', max_backoff: '1h', stable_after: '1h' },
    seen: (wire) => attemptsUnder(wire, crashing(5 * minute), 5).map((at) => at / minute),
    trapped: [5, 15, 25, 35, 45],
    free: [5, 15, 35, 75, 135],
  },
  {
    code: 'cooldown_below_wait',
    name: 'a cooldown that ends before the wait that it takes the place of',
    trap: { backoff: '1s', max_backoff: '32s', max_attempts: 7, cooldown: '10s' },
    fields: ['cooldown', 'maxAttempts', 'backoff', 'maxBackoff'],
    message:
      'The limit of 7 attempts holds nothing back: at the limit the next attempt comes after 10 s, and without a limit it would come after 32 s.',
    hint: 'Set cooldown to 33s.',
    mended: { backoff: '1s', max_backoff: '32s', max_attempts: 7, cooldown: '33s' },
    seen: (wire) => drive(policyOf(wire), crashing(0), 8).attempts.map(({ pause }) => pause / second),
    trapped: [0, 1, 2, 4, 8, 16, 32, 10],
    free: [0, 1, 2, 4, 8, 16, 32, 33],
  },
  {
    code: 'cooldown_below_wait',
    name: 'a cooldown that is over before the first wait is',
    trap: { backoff: '2s', max_backoff: '4s', backoff_from: 'exit', max_attempts: 2, cooldown: '1s' },
    fields: ['cooldown', 'maxAttempts', 'backoff', 'maxBackoff'],
    message:
      'The limit of 2 attempts holds nothing back: at the limit the next attempt comes after 2 s, and without a limit it would come after 4 s.',
    hint: 'Set cooldown to 5s.',
    mended: { backoff: '2s', max_backoff: '4s', backoff_from: 'exit', max_attempts: 2, cooldown: '5s' },
    seen: (wire) => drive(policyOf(wire), crashing(0), 3).attempts.map(({ pause }) => pause / second),
    trapped: [2, 4, 2],
    free: [2, 4, 5],
  },
  {
    code: 'rule_unreachable',
    name: 'an exit code that is in the range of the rule before',
    trap: {
      policy: 'on_failure',
      rules: [
        { exit_codes: [[0, 127]], action: 'restart' },
        { causes: ['exit'], exit_codes: [78], action: 'stop' },
      ],
    },
    fields: ['rules[1]', 'rules[0]'],
    message: 'rules[1] never decides: rules[0] decides about every end that it matches.',
    hint: 'Remove rules[1], or move it before rules[0].',
    mended: {
      policy: 'on_failure',
      rules: [
        { causes: ['exit'], exit_codes: [78], action: 'stop' },
        { exit_codes: [[0, 127]], action: 'restart' },
      ],
    },
    seen: (wire) => attemptsUnder(wire, crashing(second, { exitCode: 78 })).length,
    trapped: 12,
    free: 0,
  },
  {
    code: 'rule_without_effect',
    name: 'a rule that leaves down what on_failure leaves down',
    trap: {
      policy: 'on_failure',
      rules: [
        { causes: ['host'], exit_codes: [0], action: 'stop' },
        { exit_codes: [78], action: 'stop' },
      ],
    },
    fields: ['rules[0]'],
    message: 'rules[0] changes nothing: whatever it decides about stays down without it, too.',
    hint: 'Remove rules[0].',
    mended: { policy: 'on_failure', rules: [{ exit_codes: [78], action: 'stop' }] },
    seen: (wire) => [
      attemptsUnder(wire, crashing(0, { exitCode: 0, cause: 'host' })).length,
      warningsOf(wire)
        .map(({ code }) => code)
        .filter((code) => code === 'rule_without_effect').length,
    ],
    trapped: [0, 1],
    free: [0, 0],
  },
  {
    code: 'start_timeout_without_effect',
    name: 'a start time-out of two seconds, and waits of thirty',
    trap: { backoff: '30s', start_timeout: '2s' },
    fields: ['startTimeout', 'backoff'],
    message:
      'An automatic start that hangs is given up after 30 s and not after 2 s: the next attempt waits for the backoff, and until then the instance is left as it is.',
    hint: 'Set startTimeout to 30s, or backoff to 2s.',
    mended: { backoff: '2s', start_timeout: '2s' },
    seen: (wire) => attemptsUnder(wire, hanging, 4).map((at) => at / second),
    trapped: [1, 31, 61, 91],
    free: [1, 3, 5, 7],
  },
  {
    code: 'never_with_fields',
    name: 'a backoff that nothing waits for',
    trap: { policy: 'never', backoff: '1s', max_attempts: 3 },
    fields: ['mode', 'backoff', 'maxAttempts'],
    message: 'Nothing is ever restarted: backoff and maxAttempts have no effect.',
    hint: 'Set mode to always or on_failure, or leave backoff and maxAttempts out.',
    mended: { policy: 'on_failure', backoff: '1s', max_attempts: 3 },
    seen: (wire) => attemptsUnder(wire, crashing(0)),
    trapped: [],
    free: [0, second, 2 * second],
  },
];

describe.each(cases)('$code: $name', ({ code, trap, fields, message, hint, mended, seen, trapped, free }) => {
  test('is warned of with the numbers of the policy', () => {
    expect(warningsOf(trap)).toEqual([{ code, fields, message, hint }]);
  });

  test('is seen to happen, and no longer where the policy is mended', () => {
    expect(seen(trap)).toEqual(trapped);
    expect(seen(mended)).toEqual(free);
    expect(warningsOf(mended)).toEqual([]);
  });
});

describe('at the edge', () => {
  test('one attempt from the exit is waited for, but not for longer than the first wait', () => {
    const wire: Wire = { backoff: '1s', max_backoff: '1h', backoff_from: 'exit', max_attempts: 1 };
    expect(drive(policyOf(wire), crashing(0), 2).attempts.map(({ pause }) => pause)).toEqual([second]);
    expect(warningsOf(wire).map(({ message }) => message)).toEqual([
      'No wait ever reaches 1 h: the limit of 1 attempt is reached before, and the longest wait is 1 s.',
    ]);
  });

  test('a run that is a millisecond from stable spreads the attempts by as much as any that is not', () => {
    const wire: Wire = {
      backoff: '1s',
      max_backoff: '1h',
      max_attempts: 5,
      stable_after: '2001ms',
      limit_interval: '32001ms',
    };
    expect(blockedUnder(wire, crashing(2_000))).toBe(5);
    expect(warningsOf(wire).map(({ code }) => code)).toEqual(['growth_unreachable']);
    const shorter: Wire = { ...wire, limit_interval: '32s' };
    expect(blockedUnder(shorter, crashing(2_000))).toBeNull();
    expect(warningsOf(shorter)).toEqual([]);
  });

  test('a limit of one within as long as the wait is not reached by a start that times out', () => {
    const wire: Wire = { backoff: '5s', max_attempts: 1, limit_interval: '5s', start_timeout: '1s' };
    expect(attemptsUnder(wire, hanging, 3)).toEqual([second, 6 * second, 11 * second]);
    expect(warningsOf(wire).map(({ code }) => code)).toEqual(['limit_unreachable', 'start_timeout_without_effect']);
    const longer: Wire = { ...wire, limit_interval: '5001ms' };
    expect(attemptsUnder(longer, hanging, 3)).toEqual([second]);
    expect(warningsOf(longer)).toEqual([]);
  });

  test('a longer interval has room for what jitter makes of the waits', () => {
    const [warning] = warningsOf({ backoff: '5s', jitter: 1, max_attempts: 5, limit_interval: '10s' });
    expect(warning?.hint).toMatch(/^Set limitInterval to 51s,/);
    expect(warning?.message).toMatch(/over 25 s\. Jitter lengthens these waits\.$/);
    const mended = policyOf({ backoff: '5s', jitter: 1, max_attempts: 5, limit_interval: '51s' });
    for (let salt = 0; salt < 1_000; salt++) expect(drive(mended, crashing(0), 10, salt).blockedAfter).toBe(5);
  });

  test('a hint has room for what jitter makes of the waits', () => {
    const hintOf = (wire: Wire): ReadonlyArray<string> => warningsOf(wire).map(({ hint }) => hint);
    const waits = { backoff: '10s', jitter: 0.5 };
    expect(hintOf({ ...waits, max_attempts: 3, cooldown: '5s' })).toEqual(['Set cooldown to 16s.']);
    const starts: Wire = { ...waits, max_backoff: '1m', backoff_from: 'exit', start_timeout: '2s' };
    expect(hintOf(starts)).toEqual(['Set startTimeout to 15s, or backoff to 2s.']);
  });

  test('an interval that has to be longer needs a stable run and a cooldown that are, too', () => {
    const wire: Wire = { backoff: '10m', stable_after: '5m', max_attempts: 2, limit_interval: '15m', cooldown: '15m' };
    expect(warningsOf(wire).map(({ hint }) => hint)).toEqual([
      'Set limitInterval to 21m, stableAfter to 21m and cooldown to 21m, or leave limitInterval out, so that all attempts in a row count.',
    ]);
    const mended: Wire = { ...wire, stable_after: '21m', limit_interval: '21m', cooldown: '21m' };
    expect(warningsOf(mended)).toEqual([]);
    expect([wire, mended].map((each) => blockedUnder(each, crashing(5 * minute)))).toEqual([null, 2]);
  });

  test('a rule that never decides is told by which rules do, and they alone', () => {
    const rules: NonNullable<Wire['rules']> = [
      { exit_codes: [78], action: 'stop' },
      { exit_codes: [[1, 5]], action: 'restart_uncounted' },
      { exit_codes: [[6, 9]], action: 'stop' },
      { exit_codes: [[4, 7]], action: 'restart' },
    ];
    expect(warningsOf({ max_attempts: 3, rules })).toEqual([
      {
        code: 'rule_unreachable',
        fields: ['rules[3]', 'rules[1]', 'rules[2]'],
        message: 'rules[3] never decides: rules[1] and rules[2] decide about every end that it matches.',
        hint: 'Remove rules[3], or move it before rules[1].',
      },
    ]);
  });

  test('an unknown exit code is none of any, so a rule for it is reached behind one for all codes', () => {
    const [low, high] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    const rules: NonNullable<Wire['rules']> = [
      { exit_codes: [[low, high]], action: 'stop' },
      { causes: ['signal'], action: 'restart_uncounted' },
    ];
    expect(warningsOf({ max_attempts: 3, rules })).toEqual([]);
    const killed = drive(
      policyOf({ max_attempts: 3, rules }),
      crashing(second, { exitCode: null, cause: 'signal' }),
      3,
    );
    expect(killed.attempts).toHaveLength(3);
  });
});

test('every code has a case, and says in words when it is given', () => {
  expect([...new Set(cases.map(({ code }) => code))].sort()).toEqual([...lintCodes].sort());
  for (const code of lintCodes) expect(explainLint(code)).toMatch(/^[A-Z].*\.$/);
});

test('on the wire a warning bears the names of JSON and YAML', () => {
  const [warning] = warningsOf({ policy: 'never', max_attempts: 3, start_timeout: '1m' });
  expect(warning && withWireNames(warning)).toEqual({
    code: 'never_with_fields',
    fields: ['policy', 'max_attempts', 'start_timeout'],
    message: 'Nothing is ever restarted: max_attempts and start_timeout have no effect.',
    hint: 'Set policy to always or on_failure, or leave max_attempts and start_timeout out.',
  });
});

test.each<[string, Wire]>([
  ['the default', {}],
  ['on_failure with a limit', { policy: 'on_failure', max_attempts: 5 }],
  ['never alone', { policy: 'never' }],
  ["Docker's", { backoff: '100ms', max_backoff: '1m', backoff_from: 'exit' }],
  ["Kubernetes'", { backoff: '10s', max_backoff: '5m', backoff_from: 'exit', stable_after: '10m' }],
  ["systemd's with a limit", { backoff: '1s', backoff_from: 'exit', max_attempts: 5, limit_interval: '1m' }],
  [
    'one with every word',
    {
      policy: 'on_failure',
      backoff: '1s',
      max_backoff: '5m',
      backoff_from: 'exit',
      jitter: 0.5,
      max_attempts: 10,
      limit_interval: '30m',
      cooldown: '1h',
      start_timeout: '2m',
      rules: [
        { causes: ['host'], action: 'restart_uncounted' },
        { exit_codes: [78], action: 'stop' },
      ],
    },
  ],
])('a sensible policy has no warning: %s', (_, wire) => {
  expect(warningsOf(wire)).toEqual([]);
});

describe('a hint says', () => {
  const hintsFor = (wire: Wire): ReadonlyArray<string> => warningsOf(wire).map(({ hint }) => hint);

  test('a span as it is written in a policy, no part of which is left out', () => {
    const shortRuns: Wire = { backoff: '10m', stable_after: '5m' };
    expect(hintsFor({ ...shortRuns, max_backoff: '1h0m5s' })).toEqual(['Set stableAfter to 1h0m5s.']);
    expect(hintsFor({ ...shortRuns, max_backoff: '1h' })).toEqual(['Set stableAfter to 1h.']);
    expect(hintsFor({ ...shortRuns, max_backoff: '90m' })).toEqual(['Set stableAfter to 1h30m.']);
  });

  test.each([
    ['attempt', 'Set maxAttempts to 11, or maxBackoff to 4s.'],
    // From the exit a wait has grown once more.
    ['exit', 'Set maxAttempts to 10, or maxBackoff to 8s.'],
  ] as const)('how long a wait becomes that is not counted, from the %s', (backoff_from, hint) => {
    const rules = [{ causes: ['host'], action: 'restart_uncounted' }] as const;
    const wire: Wire = { backoff: '1s', max_backoff: '10m', max_attempts: 3, backoff_from, rules };
    expect(hintsFor(wire)).toEqual([hint]);
  });
});
