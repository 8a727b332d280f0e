/**
 * Malformed policies and statuses: each gives a clear Left, and none an exception.
 */
import { describe, expect, test } from 'vitest';
import {
  type DecodeError,
  decodeRestartPolicy,
  decodeRestartStatus,
  RestartPolicyCodec,
  RestartStatusCodec,
} from '../src/codec.js';
import { quoteShort } from '../src/quote.js';
import { left } from './support/either.js';
import { tenMillion } from './support/long.js';

// ---------------------------------------------------------------------------
// what all must keep to
// ---------------------------------------------------------------------------

/** What is expected: path and words of each error, in their order. What stands there is told where it is of another kind. */
type Expected = ReadonlyArray<readonly [path: string, words: string]>;

const errorsOf = (expected: Expected): ReadonlyArray<DecodeError> =>
  expected.map(([path, words]) => ({ path, message: `${path} ${words}` }));

const expectPolicyErrors = (input: unknown, expected: Expected): void => {
  expect(left(decodeRestartPolicy(input))).toEqual(errorsOf(expected));
  expect(left(RestartPolicyCodec.decode(input)).map(({ message }) => message)).toEqual(
    errorsOf(expected).map(({ message }) => message),
  );
  expect(RestartPolicyCodec.is(input)).toBe(false);
};

const expectStatusErrors = (input: unknown, expected: Expected): void => {
  expect(left(decodeRestartStatus(input))).toEqual(errorsOf(expected));
  expect(left(RestartStatusCodec.decode(input)).map(({ message }) => message)).toEqual(
    errorsOf(expected).map(({ message }) => message),
  );
  expect(RestartStatusCodec.is(input)).toBe(false);
};

const throws = (): never => {
  throw new Error('a trap');
};

/** A proxy that throws at whatever is done with it. */
const hostile = (): object =>
  new Proxy(
    {},
    { get: throws, has: throws, ownKeys: throws, getOwnPropertyDescriptor: throws, getPrototypeOf: throws },
  );

const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

/** What is thrown throws too, when it is looked at. */
const throwsWorse = (): never => {
  throw hostile();
};

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
cyclic['policy'] = cyclic;
cyclic['attempts'] = cyclic;

const modes = 'must be one of never, always, on_failure';
const missing = `${modes}; it is missing`;
const count = 'must be >= 0 and a whole number up to 9007199254740991';
const unknownField =
  'is not a known field; the known ones are policy, backoff, max_attempts, stable_after, max_backoff, backoff_factor, ' +
  'backoff_from, jitter, limit_interval, cooldown, start_timeout, rules';
const blocks = 'must be one of manual_stop, max_attempts_exceeded, paused';
const lastReasons = 'must be one of health_check_failed, start_timeout';
const noDuration = 'must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got';
const tooLong = 'must be a valid duration: up to 2^63-1 ns, got';

/** Each with what it is called where it stands in a field. */
const noObjects: ReadonlyArray<readonly [string, unknown, string]> = [
  ['a text', 'always', 'the text "always"'],
  ['an empty text', '', 'the text ""'],
  ['JSON text of an object', '{"policy":"always"}', 'the text "{\\"policy\\":\\"always\\"}"'],
  ['a number', 5, '5'],
  ['NaN', Number.NaN, 'NaN'],
  ['true', true, 'true'],
  ['false', false, 'false'],
  ['a bigint', 5n, 'a bigint'],
  ['a symbol', Symbol('policy'), 'a symbol'],
  ['a function', () => ({ policy: 'always' }), 'a function'],
  [
    'a function that calls itself an object',
    Object.assign(() => null, { [Symbol.toStringTag]: 'Object' }),
    'a function',
  ],
  ['a class', class Policy {}, 'a function'],
  ['an empty array', [], 'an array'],
  ['an array with a policy', [{ policy: 'always' }], 'an array'],
  ['a Map', new Map([['policy', 'always']]), ''],
  ['a Set', new Set(['policy']), ''],
  ['a Date', new Date(0), ''],
  ['a regular expression', /always/, ''],
  ['a boxed text', new Object('always'), ''],
  ['a boxed number', new Object(5), ''],
  ['a typed array', new Uint8Array(8), ''],
  ['a promise', Promise.resolve({ policy: 'always' }), ''],
  ['an error', new Error('always'), ''],
];

const unreadable: ReadonlyArray<readonly [string, unknown]> = [
  ['a proxy that throws at everything', hostile()],
  ['a revoked proxy of an object', revoked({})],
  ['a revoked proxy of an array', revoked([])],
  ['a tag that throws', Object.defineProperty({}, Symbol.toStringTag, { get: throws })],
  ['a getter that throws', Object.defineProperty({}, 'backoff', { enumerable: true, get: throws })],
  ['a getter that throws what throws', Object.defineProperty({}, 'backoff', { enumerable: true, get: throwsWorse })],
];

// ---------------------------------------------------------------------------
// policies
// ---------------------------------------------------------------------------

describe('a policy that is no object is one error', () => {
  test.each([['undefined', undefined, ''], ['null', null, ''], ...noObjects] as const)('%s', (_, input) => {
    expectPolicyErrors(input, [['restart_policy', 'must be an object']]);
  });

  test.each(unreadable)('%s', (_, input) => {
    expectPolicyErrors(input, [['restart_policy', 'must be an object whose fields can be read']]);
  });
});

describe('a policy with one wrong field is one error', () => {
  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['an empty text', '', 'the text ""'],
    ['another case', 'Always', 'the text "Always"'],
    ['a space', 'always ', 'the text "always "'],
    ['a dash', 'on-failure', 'the text "on-failure"'],
    ["Docker's word", 'unless_stopped', 'the text "unless_stopped"'],
    ['a property of every object', 'constructor', 'the text "constructor"'],
    ['a number', 1, '1'],
    ['true', true, 'true'],
    ['an array', ['always'], 'an array'],
    ['an object', { policy: 'always' }, 'an object'],
    ['a cyclic object', cyclic, 'an object'],
    [
      'a text of ten million characters',
      'always'.repeat(tenMillion / 6),
      `the text "${'always'.repeat(11).slice(0, 64)}…"`,
    ],
    ['a symbol', Symbol('always'), 'a symbol'],
    ['a hostile proxy', hostile(), 'an object'],
  ])('policy: %s', (_, policy, got) => {
    expectPolicyErrors({ policy }, [['restart_policy.policy', `${modes}, got ${got}`]]);
  });

  test.each<[string, unknown, string]>([
    ['null', null, `${noDuration} null`],
    ['a number', 5, `${noDuration} 5`],
    ['NaN', Number.NaN, `${noDuration} NaN`],
    ['true', true, `${noDuration} true`],
    ['a bigint', 5n, `${noDuration} a bigint`],
    ['a symbol', Symbol('5s'), `${noDuration} a symbol`],
    ['a function', () => '5s', `${noDuration} a function`],
    ['an array', ['5s'], `${noDuration} an array`],
    ['an object', { seconds: 5 }, `${noDuration} an object`],
    ['a cyclic object', cyclic, `${noDuration} an object`],
    ['a boxed text', new Object('5s'), `${noDuration} an object`],
    ['a hostile proxy', hostile(), `${noDuration} an object`],
    ['a revoked proxy', revoked([]), `${noDuration} an object`],
    ['zero', '0', 'must be positive, got the text "0"'],
    ['zero seconds', '0s', 'must be positive, got the text "0s"'],
    ['less than a nanosecond', '0.5ns', 'must be positive, got the text "0.5ns"'],
    ['negative', '-5s', 'must be positive, got the text "-5s"'],
    ['no unit', '5', `${noDuration} the text "5"`],
    ['days', '1d', `${noDuration} the text "1d"`],
    ['an exponent', '1e400s', `${noDuration} the text "1e400s"`],
    ['no number', 's', `${noDuration} the text "s"`],
    ['a byte order mark', '\ufeff5s', `${noDuration} the text "\ufeff5s"`],
    ['NaN in words', 'NaN', `${noDuration} the text "NaN"`],
    ['centuries', '2562048h', `${tooLong} the text "2562048h"`],
    ['ten million digits', `${'9'.repeat(tenMillion)}s`, `${tooLong} the text "${'9'.repeat(64)}…"`],
    ['ten million letters', 'x'.repeat(tenMillion), `${noDuration} the text "${'x'.repeat(64)}…"`],
  ])('each of the spans: %s', (_, span, words) => {
    expectPolicyErrors({ policy: 'never', backoff: span }, [['restart_policy.backoff', words]]);
    for (const key of ['stable_after', 'max_backoff', 'limit_interval', 'cooldown', 'start_timeout']) {
      expectPolicyErrors({ policy: 'always', max_attempts: 3, [key]: span }, [[`restart_policy.${key}`, words]]);
    }
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['NaN', Number.NaN, 'NaN'],
    ['infinite, as JSON reads 1e400', JSON.parse('1e400'), 'Infinity'],
    ['negative', -1, '-1'],
    ['too much', 101, '101'],
    ['a numeric text', '1', 'the text "1"'],
    ['true', true, 'true'],
    ['a bigint', 1n, 'a bigint'],
    ['a symbol', Symbol('1'), 'a symbol'],
    ['an array', [1], 'an array'],
    ['a boxed number', new Object(1), 'an object'],
    ['a cyclic object', cyclic, 'an object'],
    ['a hostile proxy', hostile(), 'an object'],
    ['ten million digits', '1'.repeat(tenMillion), `the text "${'1'.repeat(64)}…"`],
  ])('backoff_factor and jitter: %s', (_, number, got) => {
    expectPolicyErrors({ policy: 'always', max_backoff: '1h', backoff_factor: number }, [
      ['restart_policy.backoff_factor', `must be a number above 1 and up to 100, got ${got}`],
    ]);
    expectPolicyErrors({ policy: 'always', jitter: number }, [
      ['restart_policy.jitter', `must be a number from 0 to 1, got ${got}`],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['an empty text', '', 'the text ""'],
    ['another case', 'Exit', 'the text "Exit"'],
    ['a property of every object', 'constructor', 'the text "constructor"'],
    ['true', true, 'true'],
    ['an array', ['exit'], 'an array'],
    ['a hostile proxy', hostile(), 'an object'],
  ])('backoff_from: %s', (_, origin, got) => {
    expectPolicyErrors({ policy: 'always', backoff_from: origin }, [
      ['restart_policy.backoff_from', `must be one of attempt, exit, got ${got}`],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['null', null, ', got null'],
    ['an empty array', [], ''],
    ['an object', { 0: { action: 'stop' }, length: 1 }, ', got an object'],
    ['a text', 'stop', ', got the text "stop"'],
    ['twenty-one rules', Array.from({ length: 21 }, () => ({ action: 'stop' })), ''],
    ['ten million rules', Array.from({ length: tenMillion }), ''],
    ['four billion rules that are not there', Object.assign([], { length: 2 ** 32 - 1 }), ''],
    ['a set', new Set([{ action: 'stop' }]), ', got an object'],
    ['a cyclic object', cyclic, ', got an object'],
    ['a hostile proxy', hostile(), ', got an object'],
  ])('rules: %s', (_, rules, got) => {
    expectPolicyErrors({ policy: 'always', rules }, [
      ['restart_policy.rules', `must be an array of 1 to 20 rules${got}`],
    ]);
  });

  test('rules: of as many as there may be, only what is wrong is told', () => {
    const rules = Array.from({ length: 20 }, (_, at) => ({ exit_codes: [at], action: at === 19 ? 'go' : 'stop' }));
    expectPolicyErrors({ policy: 'always', rules }, [
      ['restart_policy.rules[19].action', 'must be one of restart, restart_uncounted, stop, got the text "go"'],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['negative', -1, '-1'],
    ['a fraction', 2.5, '2.5'],
    ['NaN', Number.NaN, 'NaN'],
    ['infinite, as JSON reads 1e400', JSON.parse('1e400'), 'Infinity'],
    ['negative and infinite', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['above what a double counts', 2 ** 53, '9007199254740992'],
    ['a numeric text', '3', 'the text "3"'],
    ['an empty text', '', 'the text ""'],
    ['true', true, 'true'],
    ['a bigint', 3n, 'a bigint'],
    ['a symbol', Symbol('3'), 'a symbol'],
    ['an array', [3], 'an array'],
    ['an object', {}, 'an object'],
    ['a boxed number', new Object(3), 'an object'],
    ['a cyclic object', cyclic, 'an object'],
    ['a hostile proxy', hostile(), 'an object'],
    ['ten million digits', '3'.repeat(tenMillion), `the text "${'3'.repeat(64)}…"`],
  ])('max_attempts: %s', (_, limit, got) => {
    expectPolicyErrors({ policy: 'always', max_attempts: limit }, [
      ['restart_policy.max_attempts', `${count}, got ${got}`],
    ]);
  });
});

describe('a wrong rule is an error of its own place', () => {
  const actions = 'must be one of restart, restart_uncounted, stop';
  const unknownInRule = 'is not a known field; the known ones are causes, exit_codes, action';
  const codes = 'must be a whole number or a range [low, high]';

  const expectRuleErrors = (rule: unknown, expected: Expected): void =>
    expectPolicyErrors(
      { policy: 'always', rules: [{ action: 'stop' }, { action: 'restart' }, rule] },
      expected.map(([path, words]) => [`restart_policy.rules[2]${path}`, words]),
    );

  test.each([...noObjects, ['null', null, 'null'] as const])('that is no object: %s', (_, rule, got) => {
    expectRuleErrors(rule, [['', `must be an object${got === '' ? '' : `, got ${got}`}`]]);
  });

  test('that is missing', () => {
    expectRuleErrors(undefined, [['', 'must be an object; it is missing']]);
  });

  test('whose fields are wrong', () => {
    expectRuleErrors({}, [['.action', `${actions}; it is missing`]]);
    expectRuleErrors({ action: null }, [['.action', `${actions}, got null`]]);
    expectRuleErrors({ action: 'Stop', causes: [], exit_codes: {} }, [
      ['.causes', 'must be an array of 1 to 6 causes'],
      ['.exit_codes', 'must be an array of 1 to 256 exit codes, got an object'],
      ['.action', `${actions}, got the text "Stop"`],
    ]);
    expectRuleErrors(
      { action: 'stop', causes: ['exit', 'oom', null], exit_codes: [1, 2.5, '3', [2, 5], [5, 2], [1], [], null] },
      [
        ['.causes[1]', 'must be one of exit, signal, out_of_memory, panic, host, unknown, got the text "oom"'],
        ['.causes[2]', 'must be one of exit, signal, out_of_memory, panic, host, unknown, got null'],
        ['.exit_codes[1]', `${codes}, got 2.5`],
        ['.exit_codes[2]', `${codes}, got the text "3"`],
        ['.exit_codes[4]', `${codes}, got [5,2]`],
        ['.exit_codes[5]', `${codes}, got an array`],
        ['.exit_codes[6]', `${codes}, got an array`],
        ['.exit_codes[7]', `${codes}, got null`],
      ],
    );
  });

  test('with a field that it does not have, after those that it has, and before the next rule', () => {
    expectPolicyErrors(
      {
        zone: 1,
        policy: 'always',
        rules: [
          { exitCodes: [1], action: 'halt', 'exit.codes[0]': 1 },
          { action: 'stop', mode: 'x', '': 1 },
        ],
      },
      [
        ['restart_policy.rules[0].action', `${actions}, got the text "halt"`],
        ['restart_policy.rules[0].exitCodes', 'is not a known field; did you mean exit_codes?'],
        ['restart_policy.rules[0].exit.codes[0]', unknownInRule],
        ['restart_policy.rules[1].mode', unknownInRule],
        ['restart_policy.rules[1].""', unknownInRule],
        ['restart_policy.zone', unknownField],
      ],
    );
  });

  test('with a key of ten million characters, or with twenty thousand of them', () => {
    expectRuleErrors({ action: 'stop', ['x'.repeat(tenMillion)]: 1 }, [[`.${'x'.repeat(64)}…`, unknownInRule]]);
    const keys = Array.from({ length: 20_000 }, (_, n) => [`unknown_${n}`, n]);
    const errors = left(
      decodeRestartPolicy({ policy: 'always', rules: [{ action: 'stop', ...Object.fromEntries(keys) }] }),
    );
    expect(errors).toHaveLength(20_000);
    expect(errors.at(-1)?.path).toBe('restart_policy.rules[0].unknown_19999');
  });

  test.each(unreadable)('that cannot be read: %s', (_, rule) => {
    for (const rules of [[rule], [{ action: 'stop', causes: [rule] }]]) {
      const answer = decodeRestartPolicy({ policy: 'always', rules });
      expect(left(answer)[0].path).toMatch(/^restart_policy(?:$|\.rules)/);
    }
  });

  test('with a list that cannot be read is one error of the whole policy, also beside a misspelt one', () => {
    const rules = [{ action: 'stop', causes: new Proxy(['exit'], { get: throws }) }];
    for (const key of ['policy', 'Policy']) {
      expectPolicyErrors({ [key]: 'always', rules }, [
        ['restart_policy', 'must be an object whose fields can be read'],
      ]);
    }
  });

  test('with what its fields inherit', () => {
    expectRuleErrors(Object.create({ action: 'stop' }), [['.action', `${actions}; it is missing`]]);
  });
});

describe('fields that do not go together are errors, in the words of the wire', () => {
  test.each<[string, object, Expected]>([
    [
      'a cap below the backoff',
      { backoff: '10s', max_backoff: '9.999s' },
      [['restart_policy.max_backoff', 'must not be below backoff']],
    ],
    [
      'a cap below the default backoff',
      { max_backoff: '4s' },
      [['restart_policy.max_backoff', 'must not be below backoff']],
    ],
    ['a factor without a cap', { backoff_factor: 2 }, [['restart_policy.backoff_factor', 'needs max_backoff']]],
    [
      'a factor beside a blank cap',
      { backoff_factor: 2, max_backoff: '' },
      [['restart_policy.backoff_factor', 'needs max_backoff']],
    ],
    [
      'an interval without a limit',
      { limit_interval: '1m' },
      [['restart_policy.limit_interval', 'needs max_attempts from 1 to 100']],
    ],
    [
      'an interval beside a large limit',
      { limit_interval: '1m', max_attempts: 101 },
      [['restart_policy.limit_interval', 'needs max_attempts from 1 to 100']],
    ],
    ['a cooldown without a limit', { cooldown: '1m' }, [['restart_policy.cooldown', 'needs max_attempts above 0']]],
    [
      'a cooldown below the interval',
      { max_attempts: 1, limit_interval: '1m', cooldown: '59s' },
      [['restart_policy.cooldown', 'must not be below limit_interval']],
    ],
  ])('%s', (_, fields, expected) => {
    for (const policy of ['never', 'always']) expectPolicyErrors({ policy, ...fields }, expected);
  });

  test('but not beside one that is wrong itself', () => {
    expectPolicyErrors({ policy: 'always', backoff: '0s', max_backoff: '1ns' }, [
      ['restart_policy.backoff', 'must be positive, got the text "0s"'],
    ]);
    expectPolicyErrors({ policy: 'always', backoff_factor: 2, max_backoff: 5 }, [
      ['restart_policy.max_backoff', `${noDuration} 5`],
    ]);
    expectPolicyErrors({ policy: 'always', max_attempts: '3', limit_interval: '1s', cooldown: '1s' }, [
      ['restart_policy.max_attempts', `${count}, got the text "3"`],
    ]);
    expectPolicyErrors({ policy: 'always', max_attempts: 3, limit_interval: '0s', cooldown: '1s' }, [
      ['restart_policy.limit_interval', 'must be positive, got the text "0s"'],
    ]);
  });
});

describe('a key that is not known is an error', () => {
  test.each([
    ['max_attempt', 'max_attempts'],
    ['maxAttempts', 'max_attempts'],
    ['back_off', 'backoff'],
    ['stableAfter', 'stable_after'],
    ['Backoff', 'backoff'],
    ['maxBackoff', 'max_backoff'],
    ['backoffFrom', 'backoff_from'],
    ['limitInterval', 'limit_interval'],
    ['startTimeout', 'start_timeout'],
    ['cool_down', 'cooldown'],
    ['rule', 'rules'],
  ])('%s, which names the nearest', (key, meant) => {
    expectPolicyErrors({ policy: 'always', [key]: 3 }, [
      [`restart_policy.${key}`, `is not a known field; did you mean ${meant}?`],
    ]);
  });

  test.each(['mode', 'restart', 'x', 'constructor', 'toString', 'hasOwnProperty', '0'])(
    '%s, which is near none',
    (key) => {
      expectPolicyErrors({ policy: 'always', [key]: null }, [[`restart_policy.${key}`, unknownField]]);
    },
  );

  test('of JSON text, even if it is the name of the prototype', () => {
    expectPolicyErrors(JSON.parse('{"policy":"always","__proto__":{"backoff":"1s"}}'), [
      ['restart_policy.__proto__', unknownField],
    ]);
  });

  test('that is empty, or full of signs', () => {
    expectPolicyErrors({ policy: 'always', '': 1, 'a\n"b"\u001b[31m': 1 }, [
      ['restart_policy.""', unknownField],
      ['restart_policy.a\\n\\"b\\"\\u001b[31m', unknownField],
    ]);
  });

  test('of ten million characters, in a line', () => {
    expectPolicyErrors({ policy: 'always', [`policy${'x'.repeat(tenMillion)}`]: 1 }, [
      [`restart_policy.policy${'x'.repeat(58)}…`, unknownField],
    ]);
  });

  test('each for itself, in the order they stand, after the fields', () => {
    expectPolicyErrors({ zone: 1, polici: 'always', max_attempts: -1, a: 1, backoff: 5, back: '1s' }, [
      ['restart_policy.backoff', 'must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got 5'],
      ['restart_policy.max_attempts', `${count}, got -1`],
      ['restart_policy.zone', unknownField],
      ['restart_policy.polici', 'is not a known field; did you mean policy?'],
      ['restart_policy.a', unknownField],
      ['restart_policy.back', 'is not a known field; did you mean backoff?'],
    ]);
  });

  test('twenty thousand times', () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => [`unknown_${n}`, n]);
    const errors = left(decodeRestartPolicy({ policy: 'always', ...Object.fromEntries(keys) }));
    expect(errors).toHaveLength(20_000);
    expect(errors.at(-1)?.path).toBe('restart_policy.unknown_19999');
  });
});

describe('a policy that sets anything must say which', () => {
  test.each<[string, unknown, Expected]>([
    ['a limit', { max_attempts: 5 }, [['restart_policy.policy', missing]]],
    ['a blank span', { backoff: '' }, [['restart_policy.policy', missing]]],
    ['a policy that is undefined', { policy: undefined, backoff: '1s' }, [['restart_policy.policy', missing]]],
    [
      'a policy that is inherited',
      Object.assign(Object.create({ policy: 'always' }), { backoff: '1s' }),
      [['restart_policy.policy', missing]],
    ],
    [
      'a wrong limit',
      { max_attempts: -1 },
      [
        ['restart_policy.policy', missing],
        ['restart_policy.max_attempts', `${count}, got -1`],
      ],
    ],
    [
      'an unknown key',
      { mode: 'always' },
      [
        ['restart_policy.policy', missing],
        ['restart_policy.mode', unknownField],
      ],
    ],
    [
      'a misspelt limit',
      { max_attempt: 5 },
      [
        ['restart_policy.policy', missing],
        ['restart_policy.max_attempt', 'is not a known field; did you mean max_attempts?'],
      ],
    ],
  ])('%s', (_, input, expected) => {
    expectPolicyErrors(input, expected);
  });

  test('unless it was misspelt, which is said already', () => {
    expectPolicyErrors({ Policy: 'always', max_attempts: 5 }, [
      ['restart_policy.Policy', 'is not a known field; did you mean policy?'],
    ]);
  });

  test('and a misspelt one does not hide a wrong one', () => {
    expectPolicyErrors({ policy: null, Policy: 'always' }, [
      ['restart_policy.policy', `${modes}, got null`],
      ['restart_policy.Policy', 'is not a known field; did you mean policy?'],
    ]);
  });
});

test('all that is wrong with a policy is said at once, in the order of its fields', () => {
  const input = {
    region: {},
    rules: [{ action: 'stop', exit_codes: [[2, 1]] }],
    start_timeout: 30,
    cooldown: '-1s',
    limit_interval: '1d',
    jitter: '0.5',
    backoff_from: 'boot',
    backoff_factor: 1,
    max_backoff: '0',
    max_attempts: 1.5,
    stable_after: '1w',
    backoff: '0s',
    policy: 'sometimes',
  };
  expectPolicyErrors(input, [
    ['restart_policy.policy', `${modes}, got the text "sometimes"`],
    ['restart_policy.backoff', 'must be positive, got the text "0s"'],
    [
      'restart_policy.stable_after',
      'must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got the text "1w"',
    ],
    ['restart_policy.max_attempts', `${count}, got 1.5`],
    ['restart_policy.max_backoff', 'must be positive, got the text "0"'],
    ['restart_policy.backoff_factor', 'must be a number above 1 and up to 100, got 1'],
    ['restart_policy.backoff_from', 'must be one of attempt, exit, got the text "boot"'],
    ['restart_policy.jitter', 'must be a number from 0 to 1, got the text "0.5"'],
    ['restart_policy.limit_interval', `${noDuration} the text "1d"`],
    ['restart_policy.cooldown', 'must be positive, got the text "-1s"'],
    ['restart_policy.start_timeout', `${noDuration} 30`],
    ['restart_policy.rules[0].exit_codes[0]', 'must be a whole number or a range [low, high], got [2,1]'],
    ['restart_policy.region', unknownField],
  ]);
});

test('junk that is nested a hundred thousand deep is one error', () => {
  let junk: unknown = 'always';
  for (let depth = 0; depth < 100_000; depth++) junk = { policy: junk };
  expectPolicyErrors(junk, [['restart_policy.policy', `${modes}, got an object`]]);
});

// ---------------------------------------------------------------------------
// statuses
// ---------------------------------------------------------------------------

describe('a status that is no object is one error', () => {
  test.each(noObjects)('%s', (_, input) => {
    expectStatusErrors(input, [['restart_status', 'must be an object']]);
  });

  test.each(unreadable.filter(([name]) => !name.includes('getter')))('%s', (_, input) => {
    expectStatusErrors(input, [['restart_status', 'must be an object whose fields can be read']]);
  });

  test('a getter that throws for one of its fields', () => {
    const input = Object.defineProperty({ attempts: 1 }, 'blocked_reason', { enumerable: true, get: throwsWorse });
    expectStatusErrors(input, [['restart_status', 'must be an object whose fields can be read']]);
  });
});

describe('a status with one wrong field is one error, never a default', () => {
  test.each<[string, unknown, string]>([
    ['negative', -1, '-1'],
    ['a fraction', 2.5, '2.5'],
    ['NaN', Number.NaN, 'NaN'],
    ['infinite, as JSON reads 1e400', JSON.parse('1e400'), 'Infinity'],
    ['above what a double counts', 2 ** 53, '9007199254740992'],
    ['a numeric text', '2', 'the text "2"'],
    ['an empty text', '', 'the text ""'],
    ['false', false, 'false'],
    ['a bigint', 2n, 'a bigint'],
    ['an array', [2], 'an array'],
    ['a cyclic object', cyclic, 'an object'],
  ])('attempts: %s', (_, attempts, got) => {
    expectStatusErrors({ attempts }, [['restart_status.attempts', `${count}, got ${got}`]]);
  });

  const quoted = (text: string): string => `the text ${JSON.stringify(text)}`;

  test.each<[string, unknown, string]>([
    ['a number', 1_767_653_834_511, '1767653834511'],
    ['NaN', Number.NaN, 'NaN'],
    ['false', false, 'false'],
    ['an array', [], 'an array'],
    ['a date', new Date(0), 'an object'],
    ['a bigint', 0n, 'a bigint'],
    ['a revoked proxy', revoked({}), 'an object'],
    ['ten million digits', '2'.repeat(tenMillion), `the text "${'2'.repeat(64)}…"`],
    [
      'ten million digits of a fraction',
      `2026-01-05T22:57:14.${'0'.repeat(tenMillion)}Z`,
      `the text "2026-01-05T22:57:14.${'0'.repeat(44)}…"`,
    ],
    ...[
      '',
      ' ',
      'yesterday',
      '1767653834511',
      '2026-01-05',
      '2026-01-05T22:57Z',
      '2026-01-05T22:57:14', // no zone
      '2026-01-05 22:57:14Z',
      '2026-01-05t22:57:14Z',
      '2026-01-05T22:57:14z',
      ' 2026-01-05T22:57:14Z',
      '2026-01-05T22:57:14Z\n',
      '2026-01-05T22:57:14.Z',
      '2026-01-05T22:57:14,5Z',
      '2026-01-05T22:57:14.0123456789Z', // ten digits
      '2026-01-05T22:57:60Z', // a leap second
      '2026-01-05T22:60:14Z',
      '2026-01-05T24:00:00Z',
      '2026-01-05T2:57:14Z',
      '2026-1-05T22:57:14Z',
      '2026-00-05T22:57:14Z',
      '2026-13-05T22:57:14Z',
      '2026-01-00T22:57:14Z',
      '2026-01-32T22:57:14Z',
      '2026-02-29T22:57:14Z',
      '1900-02-29T22:57:14Z',
      '2026-04-31T22:57:14Z',
      '2026-01-05T22:57:14+24:00',
      '2026-01-05T22:57:14+23:60',
      '2026-01-05T22:57:14+0100',
      '2026-01-05T22:57:14+01',
      '2026-01-05T22:57:14+1:00',
      '2026-01-05T22:57:14Z+01:00',
      '2026-01-05T22:57:14\u221201:00', // a typographic minus
      '26-01-05T22:57:14Z',
      '+002026-01-05T22:57:14Z',
      '-0001-12-31T23:59:59Z',
      '10000-01-01T00:00:00Z',
      '+010000-01-01T00:00:00Z',
      '0000-01-01T00:00:00+00:01', // in UTC the year before
      '9999-12-31T23:59:59-00:01', // in UTC the year after
      '٢٠٢٦-01-05T22:57:14Z',
    ].map((text): [string, string, string] => [JSON.stringify(text), text, quoted(text)]),
  ])('last_attempt_at and next_attempt_at: %s', (_, time, got) => {
    const words = `must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got ${got}`;
    expectStatusErrors({ last_attempt_at: time }, [['restart_status.last_attempt_at', words]]);
    expectStatusErrors({ attempts: 1, next_attempt_at: time }, [['restart_status.next_attempt_at', words]]);
  });

  test.each<[string, unknown, string]>([
    ['an empty text', '', 'the text ""'],
    ['another case', 'Manual_Stop', 'the text "Manual_Stop"'],
    ['a reason of a decision', 'policy_never', 'the text "policy_never"'],
    ['false', false, 'false'],
    ['zero', 0, '0'],
    ['an array', ['manual_stop'], 'an array'],
    ['a boxed text', new Object('manual_stop'), 'an object'],
    [
      'a text of ten million characters',
      'manual_stop'.repeat(tenMillion / 10),
      `the text "${'manual_stop'.repeat(6).slice(0, 64)}…"`,
    ],
  ])('blocked_reason: %s', (_, reason, got) => {
    expectStatusErrors({ blocked_reason: reason }, [['restart_status.blocked_reason', `${blocks}, got ${got}`]]);
  });

  test.each<[string, unknown, string]>([
    ['an empty text', '', 'the text ""'],
    ['another word', 'exit', 'the text "exit"'],
    ['a block', 'manual_stop', 'the text "manual_stop"'],
    ['true', true, 'true'],
    ['an object', {}, 'an object'],
  ])('last_reason: %s', (_, reason, got) => {
    expectStatusErrors({ last_reason: reason }, [['restart_status.last_reason', `${lastReasons}, got ${got}`]]);
  });

  test.each<[string, unknown, string]>([
    ['a text', '2026-01-05T22:57:14Z', ', got the text "2026-01-05T22:57:14Z"'],
    ['a number', 5, ', got 5'],
    ['false', false, ', got false'],
    ['an object', { 0: '2026-01-05T22:57:14Z', length: 1 }, ', got an object'],
    ['a set', new Set(['2026-01-05T22:57:14Z']), ', got an object'],
    ['a hundred and one', Array.from({ length: 101 }, () => '2026-01-05T22:57:14Z'), ''],
    ['ten million', Array.from({ length: tenMillion }), ''],
    ['a hostile proxy', hostile(), ', got an object'],
  ])('recent_attempts: %s', (_, recent, got) => {
    expectStatusErrors({ attempts: 200, recent_attempts: recent }, [
      ['restart_status.recent_attempts', `must be an array of 1 to 100 times${got}`],
    ]);
  });

  test('recent_attempts: a list that cannot be read is an error of the whole status', () => {
    for (const recent of [new Proxy([], { get: throws }), revoked([])]) {
      expectStatusErrors({ attempts: 1, recent_attempts: recent }, [
        ['restart_status', 'must be an object whose fields can be read'],
      ]);
    }
  });

  test('recent_attempts: each time in its place', () => {
    const time = 'must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got';
    expectStatusErrors({ attempts: 9, recent_attempts: ['2026-01-05T22:57:14Z', null, 5, 'x'] }, [
      ['restart_status.recent_attempts[1]', `${time} null`],
      ['restart_status.recent_attempts[2]', `${time} 5`],
      ['restart_status.recent_attempts[3]', `${time} the text "x"`],
    ]);
  });

  test('recent_attempts: not in their order, and more than there were attempts', () => {
    const [earlier, later] = ['2026-01-05T22:57:14Z', '2026-01-05T22:57:14.001Z'];
    expectStatusErrors({ attempts: 2, recent_attempts: [later, earlier] }, [
      ['restart_status.recent_attempts', 'must not go back in time'],
    ]);
    for (const attempts of [1, 0, null, undefined]) {
      expectStatusErrors({ attempts, recent_attempts: [earlier, later] }, [
        ['restart_status.recent_attempts', 'must not be more than attempts'],
      ]);
    }
    expectStatusErrors({ attempts: -1, recent_attempts: [earlier, later] }, [
      ['restart_status.attempts', `${count}, got -1`],
    ]);
  });
});

test('all that is wrong with a status is said at once, in the order of its fields', () => {
  const time = 'must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got';
  const input = {
    recent_attempts: 0,
    last_reason: 1,
    blocked_reason: 2,
    next_attempt_at: 3,
    last_attempt_at: 4,
    attempts: -5,
    other: 6,
  };
  expectStatusErrors(input, [
    ['restart_status.attempts', `${count}, got -5`],
    ['restart_status.last_attempt_at', `${time} 4`],
    ['restart_status.next_attempt_at', `${time} 3`],
    ['restart_status.blocked_reason', `${blocks}, got 2`],
    ['restart_status.last_reason', `${lastReasons}, got 1`],
    ['restart_status.recent_attempts', 'must be an array of 1 to 100 times, got 0'],
  ]);
});

test('a quoted text is at most a line, whatever is in it', () => {
  expect(quoteShort('5s')).toBe('"5s"');
  expect(quoteShort('a"\n')).toBe('"a\\"\\n"');
  expect(quoteShort('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
  expect(quoteShort('x'.repeat(65))).toBe(`"${'x'.repeat(64)}…"`);
  expect(quoteShort('\u0000'.repeat(tenMillion)).length).toBeLessThan(500);
});
