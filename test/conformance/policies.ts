/**
 * Policies as users write them: each combination of fields that there can be, each that is refused, and what can be wrong with
 * one field. Those that are read come with their canonical form, the others with all
 * their errors.
 */
import { isDeepStrictEqual } from 'node:util';
import { type DecodeError, decodeRestartPolicy, RestartPolicyCodec } from '../../src/codec.js';
import { endCauses } from '../../src/event.js';
import { restartModes } from '../../src/policy.js';
import type { RestartPolicyWire } from '../../src/wire.js';

export interface Policy {
  readonly name: string;
  readonly input: unknown;
  /** As it is written back; left out where that is the input itself, or where it is not read. */
  readonly canonical?: RestartPolicyWire;
  /** Where it is not. */
  readonly errors?: ReadonlyArray<DecodeError>;
}

type Fields = Readonly<Record<string, unknown>>;

// ---------------------------------------------------------------------------
// combinations
// ---------------------------------------------------------------------------

/** Each with each. */
const product = (...choices: ReadonlyArray<ReadonlyArray<Fields>>): ReadonlyArray<Fields> =>
  choices.reduce<ReadonlyArray<Fields>>(
    (rows, choice) => rows.flatMap((row) => choice.map((fields) => ({ ...row, ...fields }))),
    [{}],
  );

const growths = [
  {},
  { max_backoff: '1m0s' },
  { max_backoff: '5s' },
  { max_backoff: '4.999999999s' },
  { backoff_factor: 1.5 },
  { max_backoff: '1m0s', backoff_factor: 1.5 },
  { max_backoff: '1s', backoff_factor: 100 },
];
const limits = [{}, { max_attempts: 0 }, { max_attempts: 1 }, { max_attempts: 100 }, { max_attempts: 101 }];
const intervals = [{}, { limit_interval: '1m0s' }];
const cooldowns = [{}, { cooldown: '59.999s' }, { cooldown: '1m0s' }];

/** Those whose fields must go together. */
const dependent = product(growths, limits, intervals, cooldowns);

const rule = { causes: ['host'], action: 'restart_uncounted' };

/** Those that stand alone, beside each other and beside the others. */
const independent = product(
  [{}, { max_backoff: '1m0s' }, { max_backoff: '1m0s', backoff_factor: 1.5 }],
  [{}, { backoff_from: 'exit' }],
  [{}, { jitter: 0.2 }],
  [
    {},
    { max_attempts: 3 },
    { max_attempts: 3, limit_interval: '1m0s' },
    { max_attempts: 3, cooldown: '30s' },
    { max_attempts: 3, limit_interval: '1m0s', cooldown: '1h0m0s' },
  ],
  [{}, { start_timeout: '30s' }],
  [{}, { rules: [rule] }],
);

const combinations: ReadonlyArray<readonly [string, unknown]> = [...dependent, ...independent].map((fields, index) => [
  `combination ${index}`,
  { policy: restartModes[index % restartModes.length], backoff: '5s', stable_after: '10m0s', ...fields },
]);

// ---------------------------------------------------------------------------
// by hand
// ---------------------------------------------------------------------------

const always = { policy: 'always' };

/** Each value of one field beside the others that it needs; the name says which. */
const each = (
  field: string,
  beside: Fields,
  values: ReadonlyArray<unknown>,
): ReadonlyArray<readonly [string, unknown]> =>
  values.map((value, index) => [`${field} ${index}`, { ...always, ...beside, [field]: value }]);

const rules = (...all: ReadonlyArray<unknown>): Fields => ({ ...always, rules: all });

const wrongKinds = [null, true, [], {}];
const wrongSpans = [
  null,
  5,
  true,
  [],
  '0',
  '0s',
  '-1s',
  '5',
  's',
  '1.5',
  '1m 30s',
  '1d',
  'five seconds',
  '2562047h47m16.854775808s',
];
const spans = [
  '',
  ' ',
  '1ns',
  '0.5s',
  '90s',
  '1h',
  '1.5h',
  '+10m',
  ' 10m ',
  '1000us',
  '1µs',
  '2562047h47m16.854775807s',
];

const byHand: ReadonlyArray<readonly [string, unknown]> = [
  ['nothing is never', {}],
  ['no object: null', null],
  ['no object: a text', 'always'],
  ['no object: a number', 5],
  ['no object: an array', [always]],
  ['the defaults', always],
  ...each('policy', {}, [...restartModes, '', 'Always', 'on-failure', 'unless-stopped', ...wrongKinds]),
  ['no policy', { backoff: '5s' }],
  ['no policy, and a field that is not known', { retries: 5 }],
  ['a misspelt policy', { polcy: 'always', backoff: '5s' }],
  ['a misspelt policy, and a wrong backoff', { polcy: 'always', backoff: '0' }],
  ['a misspelt field', { ...always, max_attempt: 5, jiter: 0.5, start_time_out: '5s' }],
  ['a field that is not known', { ...always, '': 1, maxAttempts: 5, 'a.b': 1, __proto: 1, constructor: 1 }],
  ['a field of a long name', { ...always, ['x'.repeat(70)]: 1 }],
  ...each('backoff', {}, [...spans, ...wrongSpans]),
  ...each('stable_after', {}, ['', '1ns', '90s', ...wrongSpans]),
  ...each('max_attempts', {}, [0, 1, 2 ** 53 - 1, -1, 1.5, 2 ** 53, '3', ...wrongKinds]),
  ...each('max_backoff', {}, ['', '5s', '1h', '4s', ...wrongSpans]),
  ...each('backoff_factor', { max_backoff: '1h' }, [1.000001, 2, 100, 1, 0, -2, 100.5, '2', ...wrongKinds]),
  ...each('backoff_from', {}, ['attempt', 'exit', '', 'Exit', 'start', ...wrongKinds]),
  ...each('jitter', {}, [0, 1e-9, 0.5, 1, -0.1, 1.1, '0.5', ...wrongKinds]),
  ...each('limit_interval', { max_attempts: 5 }, ['', '1ns', '90s', ...wrongSpans]),
  ...each('cooldown', { max_attempts: 5 }, ['', '1ns', '90s', ...wrongSpans]),
  ...each('start_timeout', {}, ['', '1ns', '90s', ...wrongSpans]),
  ...each('rules', {}, ['stop', 5, ...wrongKinds]),
  [
    'a blank span is as good as absent',
    { ...always, max_backoff: '', limit_interval: ' ', cooldown: '\t', start_timeout: '' },
  ],
  ['a factor needs a span that is not blank', { ...always, max_backoff: ' ', backoff_factor: 2 }],
  [
    'what is wrong is not compared with',
    { ...always, backoff: 'x', max_backoff: '1s', max_attempts: -1, limit_interval: '5s', cooldown: '1s' },
  ],
  ['a factor beside a longest wait that is wrong', { ...always, max_backoff: 'x', backoff_factor: 2 }],
  [
    'everything wrong at once, in the order of the fields',
    {
      rules: 5,
      start_timeout: 5,
      cooldown: 5,
      limit_interval: 5,
      jitter: 5,
      backoff_from: 5,
      backoff_factor: 500,
      max_backoff: 5,
      max_attempts: '5',
      stable_after: 5,
      backoff: 5,
      policy: 5,
      other: 5,
    },
  ],
  [
    'all fields',
    {
      policy: 'on_failure',
      backoff: '2s',
      max_attempts: 5,
      stable_after: '5m',
      max_backoff: '2m',
      backoff_factor: 3,
      backoff_from: 'exit',
      jitter: 0.5,
      limit_interval: '10m',
      cooldown: '1h',
      start_timeout: '45s',
      rules: [{ causes: [...endCauses], exit_codes: [0, [1, 5], [-1, -1]], action: 'restart' }, { action: 'stop' }],
    },
  ],
  ...endCauses.map((cause): [string, unknown] => [
    `a rule for ${cause}`,
    rules({ causes: [cause], action: 'restart' }),
  ]),
  ['the same cause twice', rules({ causes: ['host', 'host'], action: 'stop' })],
  ['a rule without conditions', rules({ action: 'restart_uncounted' })],
  ['a rule without an action', rules({ causes: ['host'] })],
  ['a rule that is none', rules(null, 5, [], 'stop', { action: 'stop' })],
  ['a field of a rule that is not known', rules({ action: 'stop', cause: 'host', exitCodes: [1], delay: '5s' })],
  ['an action that is none', rules({ action: 'Restart' }, { action: null })],
  [
    'causes that are none',
    rules(
      { causes: [], action: 'stop' },
      { causes: 'host', action: 'stop' },
      { causes: ['oom', null], action: 'stop' },
    ),
  ],
  ['more causes than there are', rules({ causes: [...endCauses, 'host'], action: 'stop' })],
  ['exit codes', rules({ exit_codes: [0, 1, -1, 255, 3221225786, [2, 2], [3, 9]], action: 'stop' })],
  [
    'exit codes that are none',
    rules({ exit_codes: ['1', 1.5, null, [2, 1], [1], [1, 2, 3], [1, null], 2 ** 53], action: 'stop' }),
  ],
  [
    'no exit codes',
    rules({ exit_codes: [], action: 'stop' }, { exit_codes: 5, action: 'stop' }, { exit_codes: null, action: 'stop' }),
  ],
  ['as many rules as there may be', rules(...Array.from({ length: 20 }, () => ({ action: 'stop' })))],
  ['one rule more', rules(...Array.from({ length: 21 }, () => ({ action: 'stop' })))],
  [
    'as many exit codes as there may be',
    rules({ exit_codes: Array.from({ length: 256 }, (_, code) => code), action: 'stop' }),
  ],
  ['one exit code more', rules({ exit_codes: Array.from({ length: 257 }, (_, code) => code), action: 'stop' })],
];

const policyOf = ([name, input]: readonly [string, unknown]): Policy => {
  const read = decodeRestartPolicy(input);
  if (read._tag === 'Left') return { name, input, errors: read.left };
  const canonical = RestartPolicyCodec.encode(read.right);
  return isDeepStrictEqual(canonical, input) ? { name, input } : { name, input, canonical };
};

export const policies = (): ReadonlyArray<Policy> => [...byHand, ...combinations].map(policyOf);
