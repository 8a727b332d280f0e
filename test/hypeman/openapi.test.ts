/**
 * The schemas and the codecs take the same values, but for what a schema has no words for: the header of
 * `src/hypeman/openapi.ts` names it, and each has a test here.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus, RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import { openApiComponents } from '../../src/hypeman.js';
import { parseDuration } from '../../src/index.js';
import { arbDurationText, arbRestartPolicy, arbRestartStatus } from '../../src/testing/arbitraries.js';

const { RestartPolicy, RestartStatus } = openApiComponents.schemas;

/** Formats are looked at only where a test says so, as JSON Schema leaves it open. */
const validator = (schema: object, withFormats = false): ((value: unknown) => boolean) => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: withFormats });
  formats.default(ajv);
  return ajv.compile(schema);
};

const isPolicy = validator(RestartPolicy);
const isStatus = validator(RestartStatus);
const takesPolicy = (value: unknown): boolean => decodeRestartPolicy(value)._tag === 'Right';
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
    fc.assert(fc.property(arbRestartPolicy, (policy) => isPolicy(RestartPolicyCodec.encode(policy))));
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

  test('names the defaults that the codec has', () => {
    const defaults = Object.fromEntries(
      Object.entries(RestartPolicy['properties'] as Record<string, { default?: unknown }>)
        .filter(([, field]) => field.default !== undefined)
        .map(([name, field]) => [name, field.default]),
    );
    expect(decodeRestartPolicy({ policy: 'always', ...defaults })).toEqual(decodeRestartPolicy({ policy: 'always' }));
    expect(Object.keys(defaults)).toEqual(['backoff', 'max_attempts', 'stable_after']);
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
        expect(isStatus(RestartStatusCodec.encode(status))).toBe(true);
        expect(withFormats(RestartStatusCodec.encode(status))).toBe(true);
      }),
    );
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
  visit(openApiComponents);
  expect(sent(openApiComponents)).toEqual(openApiComponents);
});
