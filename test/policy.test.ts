/**
 * The policy's constructor: what it takes, what it refuses, and that it says everything at once.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eqRestartPolicy, type RestartPolicy, type RestartPolicyInput, restartPolicy } from '../src/index.js';
import { checkDurationText, checkMaxAttempts, checkMode, checkPolicy, isCount, isMode, isSpan } from '../src/policy.js';
import { arbRestartPolicy } from '../src/testing/arbitraries.js';
import { left, right } from './support/either.js';

const messages = (input: unknown): ReadonlyArray<string> =>
  left(restartPolicy(input as RestartPolicyInput)).map(({ message }) => message);

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

  test.each<[unknown, string]>([
    [undefined, 'policy must be an object, but it is missing'],
    [null, 'policy must be an object, not null'],
    [5, 'policy must be an object, not 5'],
    ['always', 'policy must be an object, not the text "always"'],
    [[], 'policy must be an object, not an array'],
    [Symbol('policy'), 'policy must be an object, not a symbol'],
  ])('when JavaScript passes %s', (input, message) => {
    expect(left(restartPolicy(input as RestartPolicyInput))).toEqual([{ field: 'policy', message }]);
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
  const known = 'is not a known field; the known ones are mode, backoff, stableAfter, maxAttempts';

  test('is refused with the one that was meant, or with those that there are', () => {
    expect(left(restartPolicy({ mode: 'always', maxAttempt: 5 } as RestartPolicyInput))).toEqual([
      { field: 'maxAttempt', message: 'maxAttempt is not a known field; did you mean maxAttempts?' },
    ]);
    expect(messages({ mode: 'always', region: 'a' })).toEqual([`region ${known}`]);
    expect(messages({ mode: 'always', max_attempts: 5 })).toEqual([
      'max_attempts is not a known field; did you mean maxAttempts?',
    ]);
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

test('the checks of single fields answer with what follows the name', () => {
  expect(right(checkMode('on_failure'))).toBe('on_failure');
  expect(left(checkMode('x'))).toBe('must be one of never, always, on_failure');
  expect(right(checkDurationText(undefined, 7))).toBe(7);
  expect(right(checkDurationText(' ', 7))).toBe(7);
  expect(right(checkDurationText('1s', 7))).toBe(1_000);
  expect(right(checkMaxAttempts(undefined))).toBe(0);
  expect(right(checkMaxAttempts(Number.MAX_SAFE_INTEGER))).toBe(9_007_199_254_740_991);
});

test('the guards of single fields hold what a policy may hold, and nothing else', () => {
  expect(['never', 'always', 'on_failure'].every(isMode)).toBe(true);
  expect(['', 'Never', 'toString', null, undefined, 0].some(isMode)).toBe(false);
  expect([0.000_001, 1, 1.5, 9_223_372_036_854.775].every(isSpan)).toBe(true);
  expect(
    [0, -1, Number.NaN, Number('1e400'), 0.000_000_9, 1.000_000_5, 0.1 + 0.2, '1', null, undefined].some(isSpan),
  ).toBe(false);
  expect([0, 1, Number.MAX_SAFE_INTEGER].every(isCount)).toBe(true);
  expect([-1, 2.5, Number.NaN, Number('1e400'), 2 ** 53, '1', 1n, null, undefined].some(isCount)).toBe(false);
});

test('two policies are equal exactly if each of their fields is, whatever a host keeps beside them', () => {
  const policy = right(restartPolicy({ mode: 'always' }));
  const equals = (other: RestartPolicy & { readonly note?: string }): boolean => eqRestartPolicy.equals(policy, other);
  expect(equals({ ...policy, note: 'ours' })).toBe(true);
  expect(equals({ ...policy, mode: 'never' })).toBe(false);
  expect(equals({ ...policy, backoff: 1 })).toBe(false);
  expect(equals({ ...policy, maxAttempts: 1 })).toBe(false);
  expect(equals({ ...policy, stableAfter: 1 })).toBe(false);
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
      { policy: 'always', backoff: '5s', stable_after: '10m' },
      'policy is in its wire form: decode it with decodeRestartPolicy first',
    ],
  ])('and is none: %j', (given, message) => {
    expect(left(checkPolicy(given))).toEqual([{ field: 'policy', message }]);
  });

  test('is refused with all that is wrong at once, as what restartPolicy takes is', () => {
    expect(left(checkPolicy({ mode: 'Always', backoff: '5s', stableAfter: 0, maxAttempts: 2.5 }))).toEqual([
      { field: 'mode', message: 'mode must be one of never, always, on_failure, not the text "Always"' },
      { field: 'backoff', message: 'backoff must be a positive number of milliseconds, not the text "5s"' },
      { field: 'stableAfter', message: 'stableAfter must be a positive number of milliseconds, not 0' },
      { field: 'maxAttempts', message: 'maxAttempts must be a whole number from 0, not 2.5' },
    ]);
    expect(left(checkPolicy({ mode: 'always', backoff: 1, maxAttempts: 0 }))).toEqual([
      { field: 'stableAfter', message: 'stableAfter must be a positive number of milliseconds, but it is missing' },
    ]);
  });

  test('is refused without throwing where it throws at every touch', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(left(checkPolicy(proxy))).toEqual([
      { field: 'policy', message: 'policy must be an object whose fields can be read' },
    ]);
  });
});
