/**
 * The policy's constructor: what it takes, what it refuses, and that it says everything at once.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  eqRestartPolicy,
  type RestartPolicy,
  type RestartPolicyInput,
  type RestartRule,
  restartPolicy,
} from '../src/index.js';
import { checkPolicy, isSpan } from '../src/policy.js';
import { arbMillis, arbReferencePolicy, arbRestartPolicy } from '../src/testing/arbitraries.js';
import { left, right } from './support/either.js';
import { runs } from './support/proof.js';
import { policyWith } from './support/values.js';

const messages = (input: unknown): ReadonlyArray<string> =>
  left(restartPolicy(input as RestartPolicyInput)).map(({ message }) => message);

const throws = (): never => {
  throw new Error('not now');
};

const noDuration = 'must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h';
const tooLong = 'must be a valid duration: up to 2^63-1 ns';
const count = 'must be >= 0 and a whole number up to 9007199254740991';

describe('a policy is built', () => {
  test('with 5 s, no limit and 10 min where nothing else is said', () => {
    expect(right(restartPolicy({ mode: 'always' }))).toEqual({
      mode: 'always',
      backoff: 5_000,
      maxAttempts: 0,
      stableAfter: 600_000,
    });
  });

  test('where a field is undefined as if it were left out', () => {
    const input = { mode: 'never', backoff: undefined, maxAttempts: undefined, stableAfter: undefined } as const;
    expect(right(restartPolicy(input))).toEqual(right(restartPolicy({ mode: 'never' })));
  });

  test('from milliseconds and from texts alike', () => {
    expect(right(restartPolicy({ mode: 'on_failure', backoff: 1_500, stableAfter: 60_000, maxAttempts: 3 }))).toEqual(
      right(restartPolicy({ mode: 'on_failure', backoff: '1.5s', stableAfter: '1m', maxAttempts: 3 })),
    );
  });

  test.each(['', '   ', '\t\n', '\u0085\u00a0'])('where a blank text %j takes the default', (blank) => {
    expect(right(restartPolicy({ mode: 'always', backoff: blank, stableAfter: blank }))).toMatchObject({
      backoff: 5_000,
      stableAfter: 600_000,
    });
  });

  test.each([
    [1.000_000_4, 1],
    [1.000_000_6, 1.000_001],
    [0.1 + 0.2, 0.3],
    [0.000_001, 0.000_001],
    [0.000_001_4, 0.000_001],
    [2 ** 33 + 0.000_000_9, 2 ** 33],
    [9_223_372_036_854.775, 9_223_372_036_854.775],
  ])('from %d ms, which is %d to the nanosecond', (given, rounded) => {
    const policy = right(restartPolicy({ mode: 'always', backoff: given, stableAfter: given }));
    expect(policy).toMatchObject({ backoff: rounded, stableAfter: rounded });
    expect(isSpan(policy.backoff)).toBe(true);
  });

  test('with -0 attempts being 0 attempts', () => {
    expect(right(restartPolicy({ mode: 'always', maxAttempts: -0 })).maxAttempts).toBe(0);
  });

  test('without its input being modified', () => {
    const input = Object.freeze({ mode: 'always', backoff: '1s' } as const);
    expect(right(restartPolicy(input)).backoff).toBe(1_000);
  });

  test('again from itself, for every policy there is', () => {
    fc.assert(
      fc.property(arbRestartPolicy, (policy) => {
        expect(right(restartPolicy(policy))).toEqual(policy);
      }),
    );
  });
});

/** Each field beyond the four, with those that it needs. */
const beyondFields: ReadonlyArray<Partial<RestartPolicy>> = [
  { maxBackoff: 60_000 },
  { maxBackoff: 60_000, backoffFactor: 3 },
  { backoffFrom: 'exit' },
  { jitter: 0.5 },
  { maxAttempts: 1, limitInterval: 1_000 },
  { maxAttempts: 1, cooldown: 1_000 },
  { startTimeout: 1_000 },
  { rules: [{ action: 'stop' }] },
];

describe('beyond the four fields, a policy is built', () => {
  const full: RestartPolicy = {
    mode: 'on_failure',
    backoff: 1_000,
    maxAttempts: 5,
    stableAfter: 60_000,
    maxBackoff: 300_000,
    backoffFactor: 1.5,
    backoffFrom: 'exit',
    jitter: 0.25,
    limitInterval: 600_000,
    cooldown: 3_600_000,
    startTimeout: 30_000,
    rules: [
      { causes: ['host'], action: 'restart_uncounted' },
      { exitCodes: [78, [2, 5]], action: 'stop' },
      { causes: ['exit', 'signal', 'out_of_memory', 'panic', 'host', 'unknown'], exitCodes: [0], action: 'restart' },
    ],
  };

  test('with all its fields, from numbers and from texts alike', () => {
    expect(right(restartPolicy(full))).toStrictEqual(full);
    const texts = {
      backoff: '1s',
      stableAfter: '1m',
      maxBackoff: '5m',
      limitInterval: '10m',
      cooldown: '1h',
      startTimeout: '30s',
    };
    expect(right(restartPolicy({ ...full, ...texts }))).toStrictEqual(full);
  });

  test('with its fields in one order, however they came', () => {
    const shuffled = Object.fromEntries(Object.entries(full).reverse()) as unknown as RestartPolicyInput;
    expect(JSON.stringify(right(restartPolicy(shuffled)))).toBe(JSON.stringify(full));
  });

  test.each(beyondFields)('with %j alone', (beyond) => {
    expect(right(restartPolicy({ mode: 'always', ...beyond }))).toStrictEqual(policyWith(beyond));
  });

  test.each(['maxBackoff', 'limitInterval', 'cooldown', 'startTimeout'])(
    'without %s where its text is blank',
    (field) => {
      for (const blank of ['', ' \t\u0085']) {
        expect(right(restartPolicy({ mode: 'always', [field]: blank }))).toStrictEqual(policyWith());
      }
    },
  );

  test('without what is as good as absent', () => {
    const input = {
      mode: 'always',
      jitter: -0,
      backoffFrom: 'attempt',
      rules: undefined,
      maxBackoff: undefined,
    } as const;
    expect(right(restartPolicy(input))).toStrictEqual(policyWith());
    expect(right(restartPolicy({ mode: 'always', jitter: 0 }))).toStrictEqual(policyWith());
    const rule = { action: 'stop', causes: undefined, exitCodes: undefined } as unknown as RestartRule;
    expect(right(restartPolicy({ mode: 'always', rules: [rule] }))).toStrictEqual(
      policyWith({ rules: [{ action: 'stop' }] }),
    );
  });

  test('at the ends of what is allowed', () => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    for (const beyond of [
      { maxBackoff: 5_000 },
      { maxBackoff: 5_000, backoffFactor: 100 },
      { maxBackoff: 5_000, backoffFactor: 1 + Number.EPSILON },
      { jitter: 1 },
      { jitter: Number.MIN_VALUE },
      { maxAttempts: 1, limitInterval: 1, cooldown: 1 },
      { maxAttempts: 100, limitInterval: 0.000_001 },
      { maxAttempts: Number.MAX_SAFE_INTEGER, cooldown: 9_223_372_036_854.775 },
      { rules: Array.from({ length: 20 }, () => ({ action: 'restart' as const })) },
      { rules: [{ exitCodes: codes, action: 'stop' as const }] },
      {
        rules: [
          {
            exitCodes: [
              [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
              [3, 3],
            ],
            action: 'stop' as const,
          },
        ],
      },
    ] satisfies ReadonlyArray<Partial<RestartPolicy>>) {
      expect(right(restartPolicy({ mode: 'always', ...beyond })), JSON.stringify(beyond).slice(0, 80)).toStrictEqual(
        policyWith(beyond),
      );
    }
  });

  test('with numbers rounded to nanoseconds before they are compared', () => {
    expect(right(restartPolicy({ mode: 'always', backoff: 1.000_000_4, maxBackoff: 1 })).maxBackoff).toBe(1);
  });

  test('with -0 as an exit code being 0', () => {
    const rules = [{ exitCodes: [-0, [-0, 1], [-1, -0]], action: 'stop' }] as const;
    const built = right(restartPolicy({ mode: 'always', rules })).rules?.[0]?.exitCodes;
    expect(built).toStrictEqual([0, [0, 1], [-1, 0]]);
  });

  test('sharing nothing with what it was built from', () => {
    const exitCodes: Array<number | [number, number]> = [1, [2, 3]];
    const rules = [{ causes: ['exit' as const], exitCodes, action: 'stop' as const }];
    const built = right(restartPolicy({ mode: 'always', rules }));
    const before = JSON.stringify(built);
    rules[0]?.causes.pop();
    (exitCodes[1] as [number, number])[0] = 9;
    exitCodes.pop();
    rules.pop();
    expect(JSON.stringify(built)).toBe(before);
  });
});

describe('a field beyond the four is refused', () => {
  const rejects = (field: string, values: ReadonlyArray<unknown>, words: string, beside: object = {}): void => {
    for (const value of values) {
      expect(messages({ mode: 'always', ...beside, [field]: value }), String(value)).toEqual([`${field} ${words}`]);
    }
  };

  test.each(['maxBackoff', 'limitInterval', 'cooldown', 'startTimeout'])('where %s is no span', (field) => {
    const beside = { maxAttempts: 1 };
    rejects(field, [0, -1, '0s', '-5s', 0.000_000_9], 'must be positive', beside);
    rejects(field, [null, true, 5n, [], {}, '5', Number.NaN], noDuration, beside);
    rejects(field, ['2562048h', 9_223_372_036_854.78], tooLong, beside);
  });

  test('where a factor is none, or a share', () => {
    const noNumbers = [Number.NaN, Number.POSITIVE_INFINITY, '2', null, true, 2n, [], {}];
    const factor = 'must be a number above 1 and up to 100';
    rejects('backoffFactor', [...noNumbers, 1, 0, -2, 100.000_001], factor, { maxBackoff: '1h' });
    rejects('jitter', [...noNumbers, -0.1, 1.000_001, -Number.MIN_VALUE], 'must be a number from 0 to 1');
  });

  test('where a wait begins nowhere', () => {
    rejects('backoffFrom', ['', 'Exit', 'start', null, 1, ['exit']], 'must be one of attempt, exit');
  });

  test('where there are no rules, or too many', () => {
    const many = Array.from({ length: 21 }, () => ({ action: 'stop' }));
    rejects('rules', [null, {}, 'stop', 1, [], many, { length: 1 }], 'must be an array of 1 to 20 rules');
  });

  test('in each rule by its own path, with the fields that are not known after the others', () => {
    expect(
      left(
        restartPolicy({
          mode: 'always',
          rules: [
            { action: 'stop', exitCode: 5 },
            { causes: [], exitCodes: [], action: 'Stop' },
            { causes: ['exit', 'oom'], exitCodes: [1, 2.5, [5, 2], [1, 2, 3], [1], '3', [1, '2']] },
            null,
            [],
            'stop',
            { zone: 1, causes: 'exit', exitCodes: 5, action: null },
          ],
        } as unknown as RestartPolicyInput),
      ).map(({ field, message }) => {
        expect(message.startsWith(`${field} `)).toBe(true);
        return message;
      }),
    ).toEqual([
      'rules[0].exitCode is not a known field; the known ones are causes, exitCodes, action',
      'rules[1].causes must be an array of 1 to 6 causes',
      'rules[1].exitCodes must be an array of 1 to 256 exit codes',
      'rules[1].action must be one of restart, restart_uncounted, stop',
      'rules[2].causes[1] must be one of exit, signal, out_of_memory, panic, host, unknown',
      ...[1, 2, 3, 4, 5, 6].map((at) => `rules[2].exitCodes[${at}] must be a whole number or a range [low, high]`),
      'rules[2].action must be one of restart, restart_uncounted, stop',
      'rules[3] must be an object',
      'rules[4] must be an object',
      'rules[5] must be an object',
      'rules[6].causes must be an array of 1 to 6 causes',
      'rules[6].exitCodes must be an array of 1 to 256 exit codes',
      'rules[6].action must be one of restart, restart_uncounted, stop',
      'rules[6].zone is not a known field; the known ones are causes, exitCodes, action',
    ]);
  });

  test.each([
    ['infinite', Number.POSITIVE_INFINITY],
    ['NaN', Number.NaN],
    ['beyond what a double counts', 2 ** 53],
    ['beyond it, below', -(2 ** 53)],
    ['a range to infinity', [0, Number.POSITIVE_INFINITY]],
    ['a range with a hole', new Array(2)],
  ])('for an exit code that is %s', (_, code) => {
    expect(messages({ mode: 'always', rules: [{ exitCodes: [code], action: 'stop' }] })).toEqual([
      'rules[0].exitCodes[0] must be a whole number or a range [low, high]',
    ]);
  });

  test('for more causes, codes or rules than there may be in one message, however many there are', () => {
    const endless = new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 32 - 1 : 'exit') });
    expect(messages({ mode: 'always', rules: endless })).toEqual(['rules must be an array of 1 to 20 rules']);
    expect(messages({ mode: 'always', rules: [{ causes: endless, exitCodes: endless, action: 'stop' }] })).toEqual([
      'rules[0].causes must be an array of 1 to 6 causes',
      'rules[0].exitCodes must be an array of 1 to 256 exit codes',
    ]);
    const seven = { causes: new Array(7).fill('exit'), exitCodes: new Array(257).fill(1), action: 'stop' };
    expect(messages({ mode: 'always', rules: [seven] })).toHaveLength(2);
  });

  test('without running what an array brings along', () => {
    const causes = Object.assign(['exit' as const], { map: throws, [Symbol.iterator]: throws });
    const { rules } = right(restartPolicy({ mode: 'always', rules: [{ causes, action: 'stop' }] }));
    expect(rules).toEqual([{ causes: ['exit'], action: 'stop' }]);
  });

  test.each<[string, unknown]>([
    ['a rule', [new Proxy({}, { get: throws })]],
    ['the rules', new Proxy([{ action: 'stop' }], { get: throws })],
    ['a cause', [{ causes: new Proxy(['exit'], { get: throws }), action: 'stop' }]],
  ])('when looking at %s throws', (_, rules) => {
    expect(messages({ mode: 'always', backoff: 0, rules })).toEqual([
      'policy must be an object whose fields can be read',
    ]);
  });
});

describe('a field that does not go together with the others is refused', () => {
  test.each<[string, object, ReadonlyArray<string>]>([
    ['a cap below the backoff', { backoff: '10s', maxBackoff: '9s' }, ['maxBackoff must not be below backoff']],
    ['a cap below the default backoff', { maxBackoff: 4_999 }, ['maxBackoff must not be below backoff']],
    ['a factor without a cap', { backoffFactor: 2 }, ['backoffFactor needs maxBackoff']],
    ['a factor with a blank cap', { backoffFactor: 2, maxBackoff: ' ' }, ['backoffFactor needs maxBackoff']],
    ['an interval without a limit', { limitInterval: '1m' }, ['limitInterval needs maxAttempts from 1 to 100']],
    [
      'an interval with no limit',
      { limitInterval: '1m', maxAttempts: 0 },
      ['limitInterval needs maxAttempts from 1 to 100'],
    ],
    [
      'an interval with a large limit',
      { limitInterval: '1m', maxAttempts: 101 },
      ['limitInterval needs maxAttempts from 1 to 100'],
    ],
    ['a cooldown without a limit', { cooldown: '1m' }, ['cooldown needs maxAttempts above 0']],
    ['a cooldown with no limit', { cooldown: '1m', maxAttempts: -0 }, ['cooldown needs maxAttempts above 0']],
    [
      'a cooldown below the interval',
      { maxAttempts: 3, limitInterval: '1m', cooldown: '59s' },
      ['cooldown must not be below limitInterval'],
    ],
    [
      'an interval and a cooldown below it, without a limit: one error each',
      { limitInterval: '1m', cooldown: '59s' },
      ['limitInterval needs maxAttempts from 1 to 100', 'cooldown needs maxAttempts above 0'],
    ],
  ])('%s', (_, input, expected) => {
    expect(messages({ mode: 'always', ...input })).toEqual(expected);
  });

  test.each<[string, object, ReadonlyArray<string>]>([
    ['a cap beside a wrong backoff', { backoff: 0, maxBackoff: 1 }, ['backoff must be positive']],
    ['a factor beside a wrong cap', { backoffFactor: 2, maxBackoff: 0 }, ['maxBackoff must be positive']],
    [
      'a factor beside a cap that is too low',
      { backoffFactor: 2, maxBackoff: 1 },
      ['maxBackoff must not be below backoff'],
    ],
    ['an interval beside a wrong limit', { maxAttempts: -1, limitInterval: 1 }, [`maxAttempts ${count}`]],
    ['a cooldown beside a wrong limit', { maxAttempts: 1.5, cooldown: 1 }, [`maxAttempts ${count}`]],
    [
      'a cooldown beside a wrong interval',
      { maxAttempts: 1, limitInterval: 0, cooldown: 1 },
      ['limitInterval must be positive'],
    ],
    [
      'a cooldown beside an interval that has no business there',
      { maxAttempts: 101, limitInterval: 2, cooldown: 1 },
      ['limitInterval needs maxAttempts from 1 to 100'],
    ],
  ])('but not where what it is compared with is wrong itself: %s', (_, input, expected) => {
    expect(messages({ mode: 'always', ...input })).toEqual(expected);
  });

  test('also beside never, and all at once, one for each field, in the order of the fields', () => {
    expect(
      messages({
        zone: 1,
        rules: 'stop',
        startTimeout: 0,
        cooldown: '1s',
        limitInterval: '1s',
        jitter: 2,
        backoffFrom: 'boot',
        backoffFactor: 1,
        maxBackoff: '1s',
        maxAttempts: 0,
        stableAfter: 'x',
        backoff: '2s',
        mode: 'never',
      }),
    ).toEqual([
      `stableAfter ${noDuration}`,
      'maxBackoff must not be below backoff',
      'backoffFactor must be a number above 1 and up to 100',
      'backoffFrom must be one of attempt, exit',
      'jitter must be a number from 0 to 1',
      'limitInterval needs maxAttempts from 1 to 100',
      'cooldown needs maxAttempts above 0',
      'startTimeout must be positive',
      'rules must be an array of 1 to 20 rules',
      expect.stringMatching(/^zone is not a known field; /),
    ]);
  });

  test('exactly where the law of the fields says so, whatever the numbers', () => {
    const maybe = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
      fc.option(arbitrary, { nil: undefined });
    const span = fc.oneof(fc.integer({ min: 1, max: 5 }), arbMillis);
    fc.assert(
      fc.property(
        arbReferencePolicy,
        maybe(span),
        maybe(fc.double({ min: 1.1, max: 100, noNaN: true })),
        fc.constantFrom(0, 1, 2, 99, 100, 101),
        maybe(span),
        maybe(span),
        (reference, maxBackoff, backoffFactor, maxAttempts, limitInterval, cooldown) => {
          const input = { ...reference, maxBackoff, backoffFactor, maxAttempts, limitInterval, cooldown };
          const isCapLow = maxBackoff !== undefined && maxBackoff < input.backoff;
          const isIntervalLost = limitInterval !== undefined && (maxAttempts === 0 || maxAttempts === 101);
          const wrong = [
            ...(isCapLow ? ['maxBackoff'] : []),
            ...(backoffFactor !== undefined && maxBackoff === undefined ? ['backoffFactor'] : []),
            ...(isIntervalLost ? ['limitInterval'] : []),
            ...(cooldown !== undefined &&
            (maxAttempts === 0 || (!isIntervalLost && limitInterval !== undefined && cooldown < limitInterval))
              ? ['cooldown']
              : []),
          ];
          const built = restartPolicy(input);
          expect(built._tag === 'Left' ? built.left.map(({ field }) => field) : []).toEqual(wrong);
        },
      ),
      { numRuns: runs(500) },
    );
  });
});

describe('a policy is refused', () => {
  test('with everything that is wrong at once, in the order of the wire format', () => {
    const input = { maxAttempts: -1, stableAfter: '1d', backoff: 0, mode: 'sometimes' } as unknown;
    expect(left(restartPolicy(input as RestartPolicyInput))).toEqual([
      { field: 'mode', message: 'mode must be one of never, always, on_failure' },
      { field: 'backoff', message: 'backoff must be positive' },
      {
        field: 'stableAfter',
        message: `stableAfter ${noDuration}`,
      },
      { field: 'maxAttempts', message: `maxAttempts ${count}` },
    ]);
  });

  test.each<[unknown, string]>([
    [Number.NaN, noDuration],
    [Number.POSITIVE_INFINITY, noDuration],
    [Number.NEGATIVE_INFINITY, 'must be positive'],
    [0, 'must be positive'],
    [-0, 'must be positive'],
    [-1, 'must be positive'],
    [0.000_000_999, 'must be positive'],
    [Number.MIN_VALUE, 'must be positive'],
    [9_223_372_036_854.78, tooLong],
    [Number.MAX_VALUE, noDuration],
    ['0', 'must be positive'],
    ['0.5ns', 'must be positive'],
    ['-1m', 'must be positive'],
    ['-2562048h', 'must be positive'],
    ['2562048h', tooLong],
    ['5', noDuration],
    [null, noDuration],
    [true, noDuration],
    [5n, noDuration],
    [Symbol('5s'), noDuration],
    [() => '5s', noDuration],
    [['5s'], noDuration],
    [{ ms: 5 }, noDuration],
    [new Object('5s'), noDuration],
  ])('for a span of %s', (span, words) => {
    expect(messages({ mode: 'always', backoff: span })).toEqual([`backoff ${words}`]);
    expect(messages({ mode: 'always', stableAfter: span })).toEqual([`stableAfter ${words}`]);
  });

  test('for a revoked proxy as a span, which throws at every touch', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(messages({ mode: 'always', backoff: proxy })).toEqual([`backoff ${noDuration}`]);
  });

  test.each([[Number.NaN], [Number('1e400')], [-1], [2.5], [2 ** 53], ['3'], [null], [true], [3n], [[3]], [{}]])(
    'for a limit of %s',
    (limit) => {
      expect(messages({ mode: 'always', maxAttempts: limit })).toEqual([`maxAttempts ${count}`]);
    },
  );

  test.each([[undefined], [null], [''], ['Always'], ['always '], ['unless-stopped'], [1], [['always']], ['toString']])(
    'for a mode of %j',
    (mode) => {
      expect(messages({ mode })).toEqual(['mode must be one of never, always, on_failure']);
    },
  );

  test.each([
    [undefined],
    [null],
    [5],
    ['always'],
    [[]],
    [[{ mode: 'always' }]],
    [Symbol('policy')],
    [() => policyWith()],
  ])('when JavaScript passes %s', (input) => {
    expect(left(restartPolicy(input as unknown as RestartPolicyInput))).toEqual([
      { field: 'policy', message: 'policy must be an object' },
    ]);
  });

  test('when looking at it throws', () => {
    const input = {
      get mode() {
        throw new Error('not now');
      },
    } as unknown as RestartPolicyInput;
    const message = 'policy must be an object whose fields can be read';
    expect(left(restartPolicy(input))).toEqual([{ field: 'policy', message }]);
  });
});

describe('a field that a policy does not have', () => {
  const known =
    'is not a known field; the known ones are mode, backoff, maxAttempts, stableAfter, maxBackoff, backoffFactor, ' +
    'backoffFrom, jitter, limitInterval, cooldown, startTimeout, rules';

  test('is refused with those that there are', () => {
    expect(left(restartPolicy({ mode: 'always', maxAttempt: 5 } as RestartPolicyInput))).toEqual([
      { field: 'maxAttempt', message: `maxAttempt ${known}` },
    ]);
    expect(messages({ mode: 'always', max_attempts: 5 })).toEqual([`max_attempts ${known}`]);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])('is refused by the name of %s too', (name) => {
    const input = JSON.parse(`{"mode":"always","${name}":5}`);
    expect(messages(input)).toEqual([`${name} ${known}`]);
  });

  test('comes after what is wrong with the others, in the order in which it stands', () => {
    expect(messages({ region: 'a', 5: 'b', backoff: 0, maxAttempts: -1 })).toEqual([
      'mode must be one of never, always, on_failure',
      'backoff must be positive',
      `maxAttempts ${count}`,
      `5 ${known}`,
      `region ${known}`,
    ]);
  });

  test('is absent where it is undefined', () => {
    const input = { mode: 'always', region: undefined } as RestartPolicyInput;
    expect(right(restartPolicy(input))).toEqual(right(restartPolicy({ mode: 'always' })));
  });

  test('is named in a few words, however long its name is', () => {
    const [error] = left(restartPolicy({ mode: 'always', ['x'.repeat(10_000)]: 1 } as RestartPolicyInput));
    expect(error.field).toBe(`${'x'.repeat(64)}…`);
    expect(error.message).toBe(`${error.field} ${known}`);
  });
});

test('a span is what a policy may hold, and nothing else', () => {
  expect([0.000_001, 1, 1.5, 9_223_372_036_854.775].every(isSpan)).toBe(true);
  expect(
    [0, -1, Number.NaN, Number('1e400'), 0.000_000_9, 1.000_000_5, 0.1 + 0.2, '1', null, undefined].some(isSpan),
  ).toBe(false);
});

test('two policies are equal exactly if each of their fields is, whatever a host keeps beside them', () => {
  const policy = right(restartPolicy({ mode: 'always' }));
  const equals = (other: RestartPolicy & { readonly note?: string }): boolean => eqRestartPolicy.equals(policy, other);
  expect(equals({ ...policy, note: 'ours' })).toBe(true);
  expect(equals({ ...policy, mode: 'never' })).toBe(false);
  expect(equals({ ...policy, backoff: 1 })).toBe(false);
  expect(equals({ ...policy, maxAttempts: 1 })).toBe(false);
  expect(equals({ ...policy, stableAfter: 1 })).toBe(false);
  for (const beyond of beyondFields) expect(equals({ ...policy, ...beyond }), JSON.stringify(beyond)).toBe(false);
  const stop = (code: number): RestartPolicy => ({ ...policy, rules: [{ exitCodes: [code], action: 'stop' }] });
  expect(eqRestartPolicy.equals(stop(1), stop(1))).toBe(true);
  expect(eqRestartPolicy.equals(stop(1), stop(2))).toBe(false);
});

describe('what is handed in as a policy', () => {
  const policy = right(restartPolicy({ mode: 'always' }));

  test('passes as it is, whatever the host keeps beside it', () => {
    const annotated = { ...policy, note: 'ours', policy: 'gold', _tag: 'Plan' };
    expect(right(checkPolicy(annotated))).toBe(annotated);
    fc.assert(fc.property(arbRestartPolicy, (one) => right(checkPolicy(one)) === one));
  });

  test.each<[unknown, string]>([
    [undefined, 'policy is missing'],
    [null, 'policy must be a policy, not null'],
    ['always', 'policy must be a policy, not the text "always"'],
    [[policy], 'policy must be a policy, not an array'],
    [() => policy, 'policy must be a policy, not a function'],
    [restartPolicy({ mode: 'always' }), 'policy is an Either: unwrap the Right of restartPolicy first'],
    [
      restartPolicy({ backoff: 0 } as unknown as RestartPolicyInput),
      'policy is a Left: restartPolicy refused it: mode must be one of never, always, on_failure',
    ],
    ...[undefined, null, 'no', [], [null], [{ field: 5, message: 'no' }], [{ field: 'mode' }]].map(
      (other): [unknown, string] => [
        { _tag: 'Left', left: other },
        'policy is an Either: unwrap the Right of restartPolicy first',
      ],
    ),
    [
      { _tag: 'Right', left: [{ field: 'mode', message: 'mode is wrong' }] },
      'policy is an Either: unwrap the Right of restartPolicy first',
    ],
    [
      { policy: 'always', backoff: '5s', stable_after: '10m' },
      'policy is in its wire form: decode it with decodeRestartPolicy first',
    ],
  ])('and is none: %j', (given, message) => {
    expect(left(checkPolicy(given))).toEqual([{ field: 'policy', message }]);
  });

  test('is refused with all that is wrong at once, as what restartPolicy takes is', () => {
    expect(left(checkPolicy({ mode: 'Always', backoff: '5s', stableAfter: 0, maxAttempts: 2.5 }))).toEqual([
      { field: 'mode', message: 'mode must be one of never, always, on_failure, not the text "Always"' },
      {
        field: 'backoff',
        message: 'backoff must be a positive number of milliseconds, not the text "5s": restartPolicy reads durations',
      },
      { field: 'stableAfter', message: 'stableAfter must be a positive number of milliseconds, not 0' },
      { field: 'maxAttempts', message: 'maxAttempts must be a whole number from 0, not 2.5' },
    ]);
    expect(left(checkPolicy({ mode: 'always', backoff: 1, maxAttempts: 0 }))).toEqual([
      { field: 'stableAfter', message: 'stableAfter must be a positive number of milliseconds, but it is missing' },
    ]);
    expect(
      left(
        checkPolicy({ mode: null, backoff: null, stableAfter: null, maxAttempts: -1, jitter: null, rules: null }),
      ).map(({ message }) => message),
    ).toEqual([
      'mode must be one of never, always, on_failure, not null',
      'backoff must be a positive number of milliseconds, not null',
      'stableAfter must be a positive number of milliseconds, not null',
      'maxAttempts must be a whole number from 0, not -1',
      'jitter must be a number above 0 and up to 1, or left out, not null',
      'rules must be an array of 1 to 20 rules, not null',
    ]);
  });

  test('is refused for the fields beyond the four too, where they are not as a policy has them', () => {
    expect(
      left(
        checkPolicy({
          ...policy,
          maxBackoff: '1m',
          backoffFactor: 1,
          backoffFrom: 'attempt',
          jitter: 0,
          limitInterval: null,
          cooldown: 0.000_000_5,
          startTimeout: '',
          rules: [{ exitCodes: ['1'], action: 'halt' }, 5, { causes: 'exit', action: 'stop' }],
        }),
      ).map(({ message }) => message),
    ).toEqual([
      'maxBackoff must be a positive number of milliseconds, not the text "1m": restartPolicy reads durations',
      'backoffFactor must be a number above 1 and up to 100, not 1',
      'backoffFrom must be exit, or left out, not the text "attempt"',
      'jitter must be a number above 0 and up to 1, or left out, not 0',
      'limitInterval must be a positive number of milliseconds, not null',
      'cooldown must be a positive number of milliseconds, not 5e-7',
      'startTimeout must be a positive number of milliseconds, not the text "": restartPolicy reads durations',
      'rules[0].exitCodes[0] must be a whole number or a range [low, high], not the text "1"',
      'rules[0].action must be one of restart, restart_uncounted, stop, not the text "halt"',
      'rules[1] must be an object, not 5',
      'rules[2].causes must be an array of 1 to 6 causes, not the text "exit"',
    ]);
    expect(left(checkPolicy({ ...policy, jitter: 2, backoffFrom: 'boot' })).map(({ message }) => message)).toEqual([
      'backoffFrom must be one of attempt, exit, not the text "boot"',
      'jitter must be a number from 0 to 1, not 2',
    ]);
  });

  test('is refused where its fields do not go together', () => {
    const apart = { maxBackoff: 1, limitInterval: 5, cooldown: 4 };
    expect(left(checkPolicy({ ...policy, ...apart })).map(({ message }) => message)).toEqual([
      'maxBackoff must not be below backoff',
      'limitInterval needs maxAttempts from 1 to 100',
      'cooldown needs maxAttempts above 0',
    ]);
    expect(left(checkPolicy({ ...policy, backoffFactor: 2 })).map(({ message }) => message)).toEqual([
      'backoffFactor needs maxBackoff',
    ]);
  });

  test('is refused for a field that a rule does not have, since a misspelt condition would match every end', () => {
    expect(left(checkPolicy({ ...policy, rules: [{ exitCode: [1], action: 'stop' }] }))).toEqual([
      {
        field: 'rules[0].exitCode',
        message: 'rules[0].exitCode is not a known field; the known ones are causes, exitCodes, action',
      },
    ]);
  });

  test('passes exactly where restartPolicy takes it and gives back an equal one', () => {
    const arbNearly = fc
      .tuple(
        arbRestartPolicy,
        fc.dictionary(
          fc.constantFrom(...Object.keys(policy), ...beyondFields.flatMap((fields) => Object.keys(fields))),
          fc.constantFrom<unknown>(
            0,
            -0,
            1,
            1.5,
            2,
            101,
            0.5,
            1e-7,
            '1s',
            '',
            null,
            undefined,
            'exit',
            'attempt',
            'always',
            [],
            [{}],
            [{ action: 'stop' }],
          ),
          { maxKeys: 3 },
        ),
      )
      .map(([valid, junk]) => ({ ...valid, ...junk }));
    fc.assert(
      fc.property(arbNearly, (value) => {
        const built = restartPolicy(value as unknown as RestartPolicyInput);
        const expected = built._tag === 'Right' && eqRestartPolicy.equals(built.right, value as RestartPolicy);
        expect(checkPolicy(value)._tag === 'Right').toBe(expected);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('is refused without throwing where it throws at every touch', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(left(checkPolicy(proxy))).toEqual([
      { field: 'policy', message: 'policy must be an object whose fields can be read' },
    ]);
  });
});
