/**
 * The schemas and the codecs take the same values, but for what a schema has no words for: the header of
 * `src/hypeman/openapi.ts` names it, and each has a test here.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus, RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import { fieldsBeyond } from '../../src/hypeman/reference.js';
import {
  neverPolicy,
  openApiComponents,
  openApiComponentsBeyond,
  policyFromCreate,
  responseFields,
} from '../../src/hypeman.js';
import { initialStatus, parseDuration } from '../../src/index.js';
import {
  arbDurationText,
  arbReferencePolicy,
  arbRestartPolicy,
  arbRestartStatus,
} from '../../src/testing/arbitraries.js';

const { RestartPolicy, RestartStatus } = openApiComponents.schemas;
const Beyond = openApiComponentsBeyond.schemas;

/** Formats are looked at only where a test says so, as JSON Schema leaves it open. */
const validator = (schema: object, withFormats = false): ((value: unknown) => boolean) => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: withFormats });
  formats.default(ajv);
  return ajv.compile(schema);
};

const isPolicy = validator(RestartPolicy);
const isStatus = validator(RestartStatus);
const isPolicyBeyond = validator(Beyond.RestartPolicy);
const isStatusBeyond = validator(Beyond.RestartStatus);
/** As the API reads it whose clients know the reference alone. */
const takesPolicy = (value: unknown): boolean => policyFromCreate({ restart_policy: value })._tag === 'Right';
const takesPolicyBeyond = (value: unknown): boolean => decodeRestartPolicy(value)._tag === 'Right';
const takesStatus = (value: unknown): boolean => decodeRestartStatus(value)._tag === 'Right';

/** Values as JSON has them. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

// ---------------------------------------------------------------------------
// policies
// ---------------------------------------------------------------------------

/** Texts from the grammar, near it, and far from it. */
const text = fc.oneof(
  { weight: 3, arbitrary: arbDurationText },
  {
    weight: 3,
    arbitrary: fc.stringMatching(/^[ \t\u0085\ufeff]?[+-]?(?:[0-9]{0,2}\.?[0-9]{0,2}(?:ns|µs|μs|ms|s|m|h|d|)){0,3} ?$/),
  },
  fc.string(),
  fc.constantFrom('', ' ', '0', '+0s', '-0s', '.s', '5', '1h1h', '\u00a05s\u3000', '\ufeff5s', '5s\n', '5 s'),
);

const policyLike = fc
  .record(
    {
      policy: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom<unknown>('never', 'always', 'on_failure') },
        fc.constantFrom<unknown>('', 'Always', null, 1),
      ),
      backoff: fc.oneof({ weight: 6, arbitrary: text }, fc.jsonValue({ maxDepth: 1 })),
      stable_after: fc.oneof({ weight: 6, arbitrary: text }, fc.jsonValue({ maxDepth: 1 })),
      max_attempts: fc.oneof(
        { weight: 3, arbitrary: fc.maxSafeNat() },
        fc.constantFrom<unknown>(0, -1, 1.5, 1.0, 2 ** 53, 1e300, '3', null, true),
      ),
      max_attempt: fc.constant(1),
    },
    { requiredKeys: [] },
  )
  .map(sent);

/** Above zero in its digits, and nothing in nanoseconds; or more than there is room for. */
const isBeyondWords = (value: unknown): boolean => {
  if (typeof value !== 'string') return false;
  const parsed = parseDuration(value);
  return parsed._tag === 'Left' ? parsed.left._tag === 'DurationTooLong' : parsed.right === 0 && /[1-9]/.test(value);
};

describe('the schema of a policy', () => {
  test('takes what the codec takes, and nothing else but spans that are beyond its words', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: policyLike }, fc.jsonValue().map(sent)), (value) => {
        const beyond = Object.values(value ?? {}).some(isBeyondWords);
        if (takesPolicy(value)) expect(isPolicy(value)).toBe(true);
        else if (!beyond) expect(isPolicy(value)).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  test('takes every policy that is shown', () => {
    fc.assert(fc.property(arbReferencePolicy, (policy) => isPolicy(RestartPolicyCodec.encode(policy))));
    fc.assert(
      fc.property(arbRestartPolicy, (policy) => {
        const { restart_policy } = responseFields({ ...policy, mode: 'always' }, initialStatus);
        expect(isPolicy(restart_policy)).toBe(true);
      }),
    );
  });

  test.each([
    ['less than a nanosecond', '0.0000000001s'],
    ['more than 292 years', '2562048h'],
  ])('has no words for a span of %s', (_, backoff) => {
    const value = { policy: 'always', backoff };
    expect([isPolicy(value), takesPolicy(value)]).toEqual([true, false]);
  });

  test('knows the same modes and fields as the codec: one more or less is refused by both', () => {
    expect(Object.keys(RestartPolicy['properties'] as object)).toEqual([
      'policy',
      'backoff',
      'max_attempts',
      'stable_after',
    ]);
    for (const value of [{ policy: 'never', extra: 1 }, { policy: 'unless_stopped' }, { backoff: '5s' }]) {
      expect([isPolicy(value), takesPolicy(value)]).toEqual([false, false]);
    }
  });

  test.each([
    ['the reference', RestartPolicy, ['backoff', 'max_attempts', 'stable_after']],
    ['what is beyond it', Beyond.RestartPolicy, ['backoff', 'max_attempts', 'stable_after', 'backoff_from', 'jitter']],
  ])('names the defaults that the codec has, of %s', (_, schema, keys) => {
    const defaults = Object.fromEntries(
      Object.entries(schema['properties'] as Record<string, { default?: unknown }>)
        .filter(([, field]) => field.default !== undefined)
        .map(([name, field]) => [name, field.default]),
    );
    expect(decodeRestartPolicy({ policy: 'always', ...defaults })).toEqual(decodeRestartPolicy({ policy: 'always' }));
    expect(Object.keys(defaults)).toEqual(keys);
  });

  test.each([
    ['white space', `${' '.repeat(200_000)}x1`],
    ['digits', '1'.repeat(200_000)],
    ['amounts', `${'1s'.repeat(100_000)}x`],
  ])('takes no longer over 200,000 characters of %s than a text deserves', (_, backoff) => {
    // Without an assertion on time: a pattern that goes back over the text again and again would not end at all.
    expect(isPolicy({ policy: 'always', backoff })).toBe(false);
  });
});

// ---------------------------------------------------------------------------
// policies beyond the reference
// ---------------------------------------------------------------------------

const exitCodeLike = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -1, max: 3 }) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ max: 2 }), fc.integer({ min: 2 })) },
  fc.constantFrom<unknown>(2.5, 1.0, 2 ** 53, '1', null, [1], [1, 2, 3], [3, 2], [1, '2'], true),
);

const ruleLike = fc.record(
  {
    causes: fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.constantFrom('exit', 'host', 'oom'), { maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>(null, 'exit', new Array(6).fill('exit'), new Array(7).fill('exit')),
      },
    ),
    exit_codes: fc.oneof(
      { weight: 4, arbitrary: fc.array(exitCodeLike, { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(1, {}, new Array(256).fill(1), new Array(257).fill(1)) },
    ),
    action: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown>('restart', 'restart_uncounted', 'stop') },
      fc.constantFrom<unknown>('Stop', null, 1),
    ),
    extra: fc.constant(1),
  },
  { requiredKeys: [] },
);

const often = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });

const spanLike = often(fc.oneof({ weight: 3, arbitrary: fc.constantFrom('1s', '5s', '1h', '', ' ') }, text));

/** Of many fields all must be right, so most of them are, and many are left out. */
const policyBeyondLike = fc
  .tuple(
    policyLike,
    fc.record(
      {
        max_backoff: spanLike,
        backoff_factor: often(fc.constantFrom(1, 1.5, 2, 100, 100.5)),
        backoff_from: often(fc.constantFrom('attempt', 'exit')),
        jitter: often(fc.constantFrom(0, 0.5, 1, 1.5, -0.5)),
        limit_interval: spanLike,
        cooldown: spanLike,
        start_timeout: spanLike,
        rules: often(
          fc.oneof(
            { weight: 9, arbitrary: fc.array(ruleLike, { maxLength: 2 }) },
            fc.constant(new Array(21).fill({ action: 'stop' })),
          ),
        ),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom(
      {},
      { policy: 'always', backoff: '1s' },
      { policy: 'never', backoff: '1s', max_attempts: 3, stable_after: '1s' },
    ),
    fc.subarray([...Object.keys(fieldsBeyond), 'max_attempt']),
  )
  .map(([reference, beyond, sound, left]) => {
    const value: Record<string, unknown> = { ...(reference as object), ...beyond, ...sound };
    for (const key of left) delete value[key];
    return sent(value);
  });

/** What the codec refuses for an order that a schema has no words for. */
const disorder = /must not be below|must be a whole number or a range|must be a valid duration: up to|must be positive/;

const isDisorder = (value: unknown): boolean => {
  const answer = decodeRestartPolicy(value);
  return answer._tag === 'Left' && answer.left.every(({ message }) => disorder.test(message));
};

describe('the schema of a policy beyond the reference', () => {
  test('takes what the codec takes, and nothing else but spans, ranges and orders that are beyond its words', () => {
    let taken = 0;
    fc.assert(
      fc.property(policyBeyondLike, (value) => {
        if (takesPolicyBeyond(value)) {
          taken += 1;
          expect(isPolicyBeyond(value), JSON.stringify(value)).toBe(true);
        } else if (!isDisorder(value)) expect(isPolicyBeyond(value), JSON.stringify(value)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
    // About every tenth.
    expect(taken).toBeGreaterThan(300);
  });

  test('takes every policy that is shown', () => {
    fc.assert(
      fc.property(arbRestartPolicy, (policy) => {
        expect(isPolicyBeyond(RestartPolicyCodec.encode(policy))).toBe(true);
      }),
    );
  });

  test('knows the same fields as the codec, after those of the reference', () => {
    const reference = RestartPolicy['properties'] as object;
    const properties = Beyond.RestartPolicy['properties'] as object;
    expect(properties).toMatchObject(reference);
    const full = {
      ...neverPolicy,
      maxAttempts: 1,
      maxBackoff: 5_000,
      backoffFactor: 2,
      backoffFrom: 'exit',
      jitter: 1,
      limitInterval: 1,
      cooldown: 1,
      startTimeout: 1,
      rules: [{ causes: ['exit'], exitCodes: [1], action: 'stop' }],
    } as const;
    expect(Object.keys(properties)).toEqual(Object.keys(RestartPolicyCodec.encode(full)));
    const rule = (properties as { rules: { items: { properties: object } } }).rules.items;
    expect(Object.keys(rule.properties)).toEqual(Object.keys(RestartPolicyCodec.encode(full).rules?.[0] ?? {}));
  });

  test.each<[string, object]>([
    ['a cap below the backoff', { backoff: '2s', max_backoff: '1s' }],
    ['a cooldown below the interval', { max_attempts: 1, limit_interval: '2s', cooldown: '1s' }],
    ['a range whose ends are exchanged', { rules: [{ exit_codes: [[2, 1]], action: 'stop' }] }],
  ])('has no words for %s', (_, fields) => {
    const value = { policy: 'always', ...fields };
    expect([isPolicyBeyond(value), takesPolicyBeyond(value)]).toEqual([true, false]);
  });

  test.each<[string, object]>([
    ['a factor without a cap', { backoff_factor: 2 }],
    ['a factor beside a blank cap', { backoff_factor: 2, max_backoff: '' }],
    ['an interval without a limit', { limit_interval: '1s' }],
    ['an interval with no limit', { limit_interval: '1s', max_attempts: 0 }],
    ['an interval with a large limit', { limit_interval: '1s', max_attempts: 101 }],
    ['a cooldown without a limit', { cooldown: '1s' }],
    ['a cooldown with no limit', { cooldown: '1s', max_attempts: 0 }],
  ])('refuses %s as the codec does', (_, fields) => {
    const value = { policy: 'always', ...fields };
    expect([isPolicyBeyond(value), takesPolicyBeyond(value)]).toEqual([false, false]);
  });

  test('takes blank spans beside nothing, for they are as good as absent', () => {
    const value = { policy: 'always', limit_interval: '', cooldown: ' ', max_backoff: '', start_timeout: '' };
    expect([isPolicyBeyond(value), takesPolicyBeyond(value)]).toEqual([true, true]);
  });
});

// ---------------------------------------------------------------------------
// statuses
// ---------------------------------------------------------------------------

const time = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date('0000-01-02'), max: new Date('9999-12-30') })
    .map((at) => at.toISOString()),
  fc.stringMatching(
    /^2026-[01][0-9]-[0-2][1-8]T[0-2][0-3]:[0-5][0-9]:[0-6][0-9](?:[.,][0-9]{0,10})?(?:Z|z|[+-][0-2][0-9]:[0-6][0-9])?$/,
  ),
  fc.constantFrom('', '2026-01-31', '2026-01-31t09:30:00Z', '2026-01-31T24:00:00Z', '2026-01-31 09:30:00Z'),
  fc.constantFrom('2026-01-31T09:30:00.123456789Z', '2026-01-31T09:30:00.1234567890Z'),
);

const statusLike = fc
  .record(
    {
      attempts: fc.oneof({ weight: 3, arbitrary: fc.maxSafeNat() }, fc.constantFrom<unknown>(-1, 0.5, '1', 2 ** 53)),
      last_attempt_at: fc.oneof({ weight: 5, arbitrary: time }, fc.constantFrom<unknown>(null, 5)),
      next_attempt_at: fc.oneof({ weight: 5, arbitrary: time }, fc.constantFrom<unknown>(null, true)),
      blocked_reason: fc.constantFrom<unknown>('manual_stop', 'max_attempts_exceeded', null, '', 'Manual_stop'),
      last_reason: fc.constantFrom<unknown>('health_check_failed', null, '', 'exit'),
      field_of_a_later_version: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map(sent);

const statusBeyondLike = fc
  .tuple(
    statusLike,
    fc.record(
      {
        blocked_reason: fc.constantFrom<unknown>('paused', 'manual_stop', null),
        last_reason: fc.constantFrom<unknown>('start_timeout', null),
        recent_attempts: fc.oneof(
          { weight: 4, arbitrary: fc.array(time, { maxLength: 3 }) },
          fc.constantFrom<unknown>(null, 5, [null], [5], {}, new Array(100).fill('2026-01-31T09:30:00Z')),
          fc.constant(new Array(101).fill('2026-01-31T09:30:00Z')),
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([reference, beyond]) => sent({ ...(reference as object), ...beyond }));

/** What the codec refuses of recent attempts alone, which a schema has no words for. */
const isRecentDisorder = (value: unknown): boolean => {
  const answer = decodeRestartStatus(value);
  return (
    answer._tag === 'Left' &&
    answer.left.every(({ message }) =>
      /recent_attempts must not (?:go back in time|be more than attempts)$/.test(message),
    )
  );
};

describe('the schema of a status beyond the reference', () => {
  test('takes what the codec takes, and nothing else but recent attempts in disorder', () => {
    fc.assert(
      fc.property(statusBeyondLike, (value) => {
        const expected = takesStatus(value) || isRecentDisorder(value);
        expect(isStatusBeyond(value), JSON.stringify(value)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  test('takes every status that is shown', () => {
    const withFormats = validator(Beyond.RestartStatus, true);
    fc.assert(
      fc.property(arbRestartStatus, (status) => {
        expect(isStatusBeyond(RestartStatusCodec.encode(status))).toBe(true);
        expect(withFormats(RestartStatusCodec.encode(status))).toBe(true);
      }),
    );
  });

  test.each<[string, object]>([
    ['in no order', { attempts: 2, recent_attempts: ['2026-01-31T09:30:01Z', '2026-01-31T09:30:00Z'] }],
    ['that are more than there were', { attempts: 0, recent_attempts: ['2026-01-31T09:30:00Z'] }],
  ])('has no words for recent attempts %s', (_, value) => {
    expect([isStatusBeyond(value), takesStatus(value)]).toEqual([true, false]);
  });
});

describe('the schema of a status', () => {
  test('takes what the codec takes, and nothing else', () => {
    fc.assert(
      fc.property(statusLike, (value) => isStatus(value) === takesStatus(value)),
      { numRuns: 3_000 },
    );
  });

  test('takes every status that is shown', () => {
    const withFormats = validator(RestartStatus, true);
    fc.assert(
      fc.property(arbRestartStatus, (status) => {
        const { restart_status = {} } = responseFields(neverPolicy, status);
        expect(isStatus(restart_status)).toBe(true);
        expect(withFormats(restart_status)).toBe(true);
      }),
    );
  });

  test('has only the words of the reference', () => {
    for (const value of [{ blocked_reason: 'paused' }, { last_reason: 'start_timeout' }]) {
      expect([isStatus(value), isStatusBeyond(value), takesStatus(value)]).toEqual([false, true, true]);
    }
    expect(RestartStatus['properties']).not.toHaveProperty('recent_attempts');
  });

  test.each(['2026-02-30T00:00:00Z', '2025-02-29T00:00:00Z'])('leaves it to the format that %s is no time', (at) => {
    const value = { attempts: 1, last_attempt_at: at };
    expect([isStatus(value), validator(RestartStatus, true)(value), takesStatus(value)]).toEqual([true, false, false]);
  });

  test('has no words for a time that its offset carries out of the years of four digits', () => {
    const value = { attempts: 1, last_attempt_at: '9999-12-31T23:59:59-01:00' };
    expect([isStatus(value), takesStatus(value)]).toEqual([true, false]);
  });

  test.each([[null], [{ attempts: null }]])(
    'does not take %j, which stored state may be and no response is',
    (value) => {
      expect([isStatus(value), takesStatus(value)]).toEqual([false, true]);
    },
  );
});

test('the components are frozen all the way down, and are JSON', () => {
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    expect(Object.isFrozen(part)).toBe(true);
    for (const inner of Object.values(part)) visit(inner);
  };
  for (const components of [openApiComponents, openApiComponentsBeyond]) {
    visit(components);
    expect(sent(components)).toEqual(components);
  }
});
