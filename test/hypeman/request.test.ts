/** What create and update bodies come to: one line each, with the response's text where they are refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, RestartPolicyCodec } from '../../src/codec.js';
import { type BadRequest, neverPolicy, policyChange, policyFromCreate, responseFields } from '../../src/hypeman.js';
import { eqRestartPolicy, initialStatus, type RestartPolicy, restartPolicy } from '../../src/index.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { left, right } from '../support/either.js';

const policy = (input: Parameters<typeof restartPolicy>[0]): RestartPolicy => right(restartPolicy(input));

const always = policy({ mode: 'always' });
const tuned = policy({ mode: 'on_failure', backoff: '2s', maxAttempts: 3, stableAfter: '1m' });

/** With every field that a policy can have beyond the four. */
const policyBeyond: Partial<RestartPolicy> = {
  maxAttempts: 1,
  maxBackoff: 5_000,
  backoffFactor: 3,
  backoffFrom: 'exit',
  jitter: 1,
  limitInterval: 1,
  cooldown: 1,
  startTimeout: 1,
  rules: [{ action: 'stop' }],
};

/** The policy that is asked for, or what is wrong, one line each. */
type Asked = RestartPolicy | ReadonlyArray<string>;

const count = 'must be >= 0 and a whole number up to 9007199254740991';
const modes = 'must be one of never, always, on_failure';
const noDuration = 'must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got';
const known = 'the known ones are policy, backoff, max_attempts, stable_after';
const onlyBeyond = 'is known to this API only where its host allows fields beyond the reference';

/** `restart_policy` as it stands in a body, and what it asks for; a create and an update agree on these. */
const fields: ReadonlyArray<readonly [field: unknown, asked: Asked]> = [
  // -- well said --------------------------------------------------------------
  [{}, neverPolicy],
  [{ policy: 'never' }, neverPolicy],
  [{ policy: 'never', backoff: '1h', max_attempts: 7, stable_after: '2h' }, neverPolicy],
  [{ policy: 'always' }, always],
  [{ policy: 'on_failure' }, policy({ mode: 'on_failure' })],
  [{ policy: 'on_failure', backoff: '2s', max_attempts: 3, stable_after: '1m' }, tuned],
  [{ policy: 'always', backoff: '5000ms', max_attempts: 0, stable_after: '600s' }, always],
  [{ policy: 'always', backoff: '' }, always],
  [{ policy: 'always', backoff: ' \t', stable_after: '' }, always],
  [{ policy: 'always', backoff: '1m30s' }, policy({ mode: 'always', backoff: 90_000 })],
  [{ policy: 'always', backoff: '+1.5s' }, policy({ mode: 'always', backoff: 1_500 })],
  [{ policy: 'always', backoff: ' 3s ' }, policy({ mode: 'always', backoff: 3_000 })],
  [{ policy: 'always', backoff: '1ns' }, policy({ mode: 'always', backoff: 0.000_001 })],
  [{ policy: 'always', backoff: '250µs' }, policy({ mode: 'always', backoff: 0.25 })],
  [{ policy: 'always', max_attempts: -0 }, always],
  [{ policy: 'always', max_attempts: 1 }, policy({ mode: 'always', maxAttempts: 1 })],
  [
    { policy: 'always', max_attempts: Number.MAX_SAFE_INTEGER },
    policy({ mode: 'always', maxAttempts: Number.MAX_SAFE_INTEGER }),
  ],
  [{ policy: 'always', backoff: undefined, max_attempts: undefined, stable_after: undefined }, always],
  // -- not an object ----------------------------------------------------------
  ['always', ['restart_policy must be an object']],
  ['', ['restart_policy must be an object']],
  [true, ['restart_policy must be an object']],
  [0, ['restart_policy must be an object']],
  [[], ['restart_policy must be an object']],
  [[{ policy: 'always' }], ['restart_policy must be an object']],
  // -- policy -----------------------------------------------------------------
  [{ policy: '' }, [`restart_policy.policy ${modes}, got the text ""`]],
  [{ policy: 'Always' }, [`restart_policy.policy ${modes}, got the text "Always"`]],
  [{ policy: 'on-failure' }, [`restart_policy.policy ${modes}, got the text "on-failure"`]],
  [{ policy: 'unless-stopped' }, [`restart_policy.policy ${modes}, got the text "unless-stopped"`]],
  [{ policy: null }, [`restart_policy.policy ${modes}, got null`]],
  [{ policy: 1 }, [`restart_policy.policy ${modes}, got 1`]],
  [{ policy: ['always'] }, [`restart_policy.policy ${modes}, got an array`]],
  [{ backoff: '5s' }, [`restart_policy.policy ${modes}; it is missing`]],
  [{ max_attempts: 5 }, [`restart_policy.policy ${modes}; it is missing`]],
  [{ stable_after: '1h' }, [`restart_policy.policy ${modes}; it is missing`]],
  // -- backoff ----------------------------------------------------------------
  [{ policy: 'always', backoff: '0s' }, ['restart_policy.backoff must be positive, got the text "0s"']],
  [{ policy: 'always', backoff: '0' }, ['restart_policy.backoff must be positive, got the text "0"']],
  [{ policy: 'always', backoff: '-5s' }, ['restart_policy.backoff must be positive, got the text "-5s"']],
  [
    { policy: 'always', backoff: '0.0000000001s' },
    ['restart_policy.backoff must be positive, got the text "0.0000000001s"'],
  ],
  [{ policy: 'never', backoff: '0s' }, ['restart_policy.backoff must be positive, got the text "0s"']],
  [{ policy: 'always', backoff: '5' }, [`restart_policy.backoff ${noDuration} the text "5"`]],
  [{ policy: 'always', backoff: '5 s' }, [`restart_policy.backoff ${noDuration} the text "5 s"`]],
  [{ policy: 'always', backoff: '1d' }, [`restart_policy.backoff ${noDuration} the text "1d"`]],
  [{ policy: 'always', backoff: 'soon' }, [`restart_policy.backoff ${noDuration} the text "soon"`]],
  [{ policy: 'always', backoff: 5 }, [`restart_policy.backoff ${noDuration} 5`]],
  [{ policy: 'always', backoff: null }, [`restart_policy.backoff ${noDuration} null`]],
  [{ policy: 'always', backoff: { seconds: 5 } }, [`restart_policy.backoff ${noDuration} an object`]],
  // -- stable_after -----------------------------------------------------------
  [{ policy: 'always', stable_after: '0s' }, ['restart_policy.stable_after must be positive, got the text "0s"']],
  [{ policy: 'always', stable_after: '-1ns' }, ['restart_policy.stable_after must be positive, got the text "-1ns"']],
  [{ policy: 'always', stable_after: 'x' }, [`restart_policy.stable_after ${noDuration} the text "x"`]],
  [{ policy: 'always', stable_after: true }, [`restart_policy.stable_after ${noDuration} true`]],
  // -- max_attempts -----------------------------------------------------------
  [{ policy: 'always', max_attempts: -1 }, [`restart_policy.max_attempts ${count}, got -1`]],
  [{ policy: 'always', max_attempts: 1.5 }, [`restart_policy.max_attempts ${count}, got 1.5`]],
  [{ policy: 'always', max_attempts: '3' }, [`restart_policy.max_attempts ${count}, got the text "3"`]],
  [{ policy: 'always', max_attempts: null }, [`restart_policy.max_attempts ${count}, got null`]],
  [
    { policy: 'always', max_attempts: Number.POSITIVE_INFINITY },
    [`restart_policy.max_attempts ${count}, got Infinity`],
  ],
  [{ policy: 'always', max_attempts: 2 ** 53 }, [`restart_policy.max_attempts ${count}, got 9007199254740992`]],
  // -- fields that are not known ----------------------------------------------
  [
    { policy: 'always', max_attempt: 5 },
    ['restart_policy.max_attempt is not a known field; did you mean max_attempts?'],
  ],
  [
    { mode: 'always' },
    [`restart_policy.policy ${modes}; it is missing`, `restart_policy.mode is not a known field; ${known}`],
  ],
  [{ polcy: 'always' }, ['restart_policy.polcy is not a known field; did you mean policy?']],
  [
    { policy: 'always', stableAfter: '1h' },
    ['restart_policy.stableAfter is not a known field; did you mean stable_after?'],
  ],
  [{ policy: 'never', retries: 3 }, [`restart_policy.retries is not a known field; ${known}`]],
  // -- fields beyond the reference ----------------------------------------------
  [{ policy: 'always', max_backoff: '1m' }, [`restart_policy.max_backoff ${onlyBeyond}`]],
  [
    { policy: 'always', max_backoff: '1m', backoff_factor: 3 },
    [`restart_policy.max_backoff ${onlyBeyond}`, `restart_policy.backoff_factor ${onlyBeyond}`],
  ],
  [{ policy: 'always', backoff_factor: 3 }, [`restart_policy.backoff_factor ${onlyBeyond}`]],
  [{ policy: 'always', backoff_from: 'attempt' }, [`restart_policy.backoff_from ${onlyBeyond}`]],
  [{ policy: 'always', jitter: 0 }, [`restart_policy.jitter ${onlyBeyond}`]],
  [{ policy: 'always', jitter: null }, [`restart_policy.jitter ${onlyBeyond}`]],
  [{ policy: 'always', jitter: undefined }, always],
  [{ policy: 'always', limit_interval: '' }, [`restart_policy.limit_interval ${onlyBeyond}`]],
  [{ policy: 'never', cooldown: '1h' }, [`restart_policy.cooldown ${onlyBeyond}`]],
  [{ policy: 'always', start_timeout: 'soon' }, [`restart_policy.start_timeout ${onlyBeyond}`]],
  [{ policy: 'always', rules: [{ action: 'stop' }] }, [`restart_policy.rules ${onlyBeyond}`]],
  [{ policy: 'always', rules: [{ action: 'halt' }, 5] }, [`restart_policy.rules ${onlyBeyond}`]],
  [
    { rules: [{ action: 'stop' }] },
    [`restart_policy.policy ${modes}; it is missing`, `restart_policy.rules ${onlyBeyond}`],
  ],
  [{ policy: 'always', max_backof: '1m' }, [`restart_policy.max_backof is not a known field; ${known}`]],
  [{ policy: 'always', rule: [] }, [`restart_policy.rule is not a known field; ${known}`]],
  [
    { zone: 1, rules: [], policy: 'maybe', polcy: 'always', cooldown: 5, backoff: '0s' },
    [
      `restart_policy.policy ${modes}, got the text "maybe"`,
      'restart_policy.backoff must be positive, got the text "0s"',
      `restart_policy.cooldown ${onlyBeyond}`,
      `restart_policy.rules ${onlyBeyond}`,
      `restart_policy.zone is not a known field; ${known}`,
      'restart_policy.polcy is not a known field; did you mean policy?',
    ],
  ],
  // -- several at once --------------------------------------------------------
  [
    { policy: 'maybe', backoff: '0s', max_attempts: -1, stable_after: '', extra: 1 },
    [
      `restart_policy.policy ${modes}, got the text "maybe"`,
      'restart_policy.backoff must be positive, got the text "0s"',
      `restart_policy.max_attempts ${count}, got -1`,
      `restart_policy.extra is not a known field; ${known}`,
    ],
  ],
  [
    { backoff: 5, stable_after: '0s' },
    [
      `restart_policy.policy ${modes}; it is missing`,
      `restart_policy.backoff ${noDuration} 5`,
      'restart_policy.stable_after must be positive, got the text "0s"',
    ],
  ],
];

/** Bodies that are none. */
const noBodies = [undefined, null, 'restart_policy', 7, [], [{ restart_policy: {} }]];

const refusal = (code: BadRequest['body']['code'], messages: ReadonlyArray<string>): BadRequest => ({
  status: 400,
  body: {
    code,
    message: messages.join('; '),
    ...(messages.length === 1 ? {} : { details: messages.map((message) => ({ code, message })) }),
  },
});

const isRefused = (asked: Asked): asked is ReadonlyArray<string> => Array.isArray(asked);

test('the table has at least sixty bodies', () => {
  expect(fields.length + noBodies.length).toBeGreaterThanOrEqual(60);
});

describe('a create', () => {
  test.each(fields)('with %j', (field, asked) => {
    const answer = policyFromCreate({ name: 'web-1', image: 'alpine', restart_policy: field });
    if (isRefused(asked)) expect(left(answer)).toEqual(refusal('invalid_restart_policy', asked));
    else expect(right(answer)).toEqual(asked);
  });

  test.each([{}, { restart_policy: undefined }, Object.create({ restart_policy: { policy: 'always' } })])(
    'without a policy of its own (%j) is a never',
    (body) => {
      expect(right(policyFromCreate(body))).toBe(neverPolicy);
    },
  );

  test('with a null is refused: somebody failed to fill it in', () => {
    expect(left(policyFromCreate({ restart_policy: null }))).toEqual(
      refusal('invalid_restart_policy', ['restart_policy must be an object']),
    );
  });

  test.each(noBodies)('that is no object (%j) is refused', (body) => {
    expect(left(policyFromCreate(body))).toEqual(refusal('invalid_request', ['the request body must be an object']));
  });
});

describe('an update', () => {
  describe.each([
    ['an instance without a policy', neverPolicy],
    ['an instance with a policy', tuned],
    ['an instance with a never that is not the usual one', policy({ mode: 'never', backoff: '1h' })],
  ])('of %s', (_, stored) => {
    test.each(fields)('with %j', (field, asked) => {
      const answer = policyChange({ restart_policy: field }, stored);
      if (isRefused(asked)) return expect(left(answer)).toEqual(refusal('invalid_restart_policy', asked));
      const change = right(answer);
      if (asked.mode === 'never') return expect(change).toEqual({ _tag: stored.mode === 'never' ? 'Keep' : 'Clear' });
      if (eqRestartPolicy.equals(asked, stored)) return expect(change).toEqual({ _tag: 'Keep' });
      return expect(change).toEqual({ _tag: 'Replace', policy: asked });
    });

    test.each([{}, { restart_policy: undefined }, { ttl: '1h' }])('that does not speak of it (%j) keeps', (body) => {
      expect(right(policyChange(body, stored))).toEqual({ _tag: 'Keep' });
    });

    test('with a null clears what there is', () => {
      const expected = { _tag: stored.mode === 'never' ? 'Keep' : 'Clear' };
      expect(right(policyChange({ restart_policy: null }, stored))).toEqual(expected);
    });

    test.each(noBodies)('that is no object (%j) is refused', (body) => {
      const expected = refusal('invalid_request', ['the request body must be an object']);
      expect(left(policyChange(body, stored))).toEqual(expected);
    });
  });

  test('replaces the whole policy: what is left out has its default', () => {
    expect(right(policyChange({ restart_policy: { policy: 'on_failure' } }, tuned))).toEqual({
      _tag: 'Replace',
      policy: policy({ mode: 'on_failure' }),
    });
  });

  test('to the policy as it was shown is none, for every policy, also where more is stored than was shown', () => {
    fc.assert(
      fc.property(arbRestartPolicy, fc.boolean(), (stored, beyond) => {
        const { restart_policy = null } = responseFields(stored, initialStatus, { beyond });
        expect(right(policyChange({ restart_policy }, stored, { beyond }))).toEqual({ _tag: 'Keep' });
      }),
    );
  });

  test('to another policy replaces what is beyond the reference too, whether its client knows of it or not', () => {
    const stored = { ...tuned, jitter: 0.5 };
    const asked = { restart_policy: { policy: 'on_failure', backoff: '3s', max_attempts: 3, stable_after: '1m' } };
    for (const beyond of [false, true]) {
      expect(right(policyChange(asked, stored, { beyond }))).toEqual({
        _tag: 'Replace',
        policy: { ...tuned, backoff: 3_000 },
      });
    }
    const same = { restart_policy: RestartPolicyCodec.encode(tuned) };
    expect(right(policyChange(same, stored))).toEqual({ _tag: 'Keep' });
    expect(right(policyChange(same, stored, { beyond: true }))).toEqual({ _tag: 'Replace', policy: tuned });
  });
});

describe('where the host says that its clients know what is beyond the reference', () => {
  const beyond = { beyond: true };
  const full = {
    policy: 'always',
    max_attempts: 3,
    max_backoff: '1h',
    backoff_factor: 3,
    backoff_from: 'exit',
    jitter: 0.5,
    limit_interval: '10m',
    cooldown: '1h',
    start_timeout: '1m',
    rules: [{ causes: ['host'], exit_codes: [[1, 2]], action: 'restart_uncounted' }],
  };

  test('a create and an update ask for it', () => {
    const asked = right(decodeRestartPolicy(full));
    expect(asked).toMatchObject({ maxBackoff: 3_600_000, rules: [{ exitCodes: [[1, 2]] }] });
    expect(right(policyFromCreate({ restart_policy: full }, beyond))).toEqual(asked);
    expect(right(policyChange({ restart_policy: full }, always, beyond))).toEqual({ _tag: 'Replace', policy: asked });
    expect(right(policyChange({ restart_policy: full }, asked, beyond))).toEqual({ _tag: 'Keep' });
  });

  test('mode never is the usual one all the same', () => {
    expect(right(policyFromCreate({ restart_policy: { ...full, policy: 'never' } }, beyond))).toBe(neverPolicy);
  });

  test('what is wrong is said as the codec says it', () => {
    const wrong = { policy: 'always', max_backoff: '1s', limit_interval: '1m', rules: [{ action: 'halt' }], rule: 1 };
    const messages = left(decodeRestartPolicy(wrong)).map(({ message }) => message);
    expect(messages).toEqual([
      'restart_policy.max_backoff must not be below backoff',
      'restart_policy.limit_interval needs max_attempts from 1 to 100',
      'restart_policy.rules[0].action must be one of restart, restart_uncounted, stop, got the text "halt"',
      'restart_policy.rule is not a known field; did you mean rules?',
    ]);
    const refused = refusal('invalid_restart_policy', messages);
    expect(left(policyFromCreate({ restart_policy: wrong }, beyond))).toEqual(refused);
    expect(left(policyChange({ restart_policy: wrong }, always, beyond))).toEqual(refused);
  });

  test('what is not beyond is read as ever', () => {
    for (const [field, asked] of fields) {
      const isBeyond =
        isRefused(asked) && asked.some((message) => message.includes(onlyBeyond) || message.includes(known));
      if (isBeyond) continue;
      expect(policyFromCreate({ restart_policy: field }, beyond)).toEqual(policyFromCreate({ restart_policy: field }));
    }
  });
});

test('without that, nothing beyond the reference comes through, whatever is in it', () => {
  const keys = Object.keys(RestartPolicyCodec.encode({ ...always, ...policyBeyond }));
  expect(keys).toHaveLength(12);
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.constantFrom('always', '5s', 1, 0.5), fc.anything())),
      (field) => {
        const answer = policyFromCreate({ restart_policy: field });
        if (answer._tag === 'Right') expect(Object.keys(answer.right)).toHaveLength(4);
        else {
          const beyond = keys.slice(4).filter((key) => field[key] !== undefined);
          for (const key of beyond) expect(answer.left.body.message).toContain(`restart_policy.${key} ${onlyBeyond}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});

describe('whatever comes', () => {
  test('a body whose fields cannot be read is refused', () => {
    const hostile = {
      get restart_policy(): never {
        throw new Error('not for you');
      },
    };
    const expected = refusal('invalid_request', ['the request body must be an object whose fields can be read']);
    const unreadable = { restart_policy: new Proxy({}, { ownKeys: () => hostile.restart_policy }) };
    expect(left(policyFromCreate(unreadable)).body.message).toBe(
      'restart_policy must be an object whose fields can be read',
    );
    expect(left(policyFromCreate(hostile))).toEqual(expected);
    expect(left(policyChange(hostile, tuned))).toEqual(expected);
  });

  test('nothing throws, and every refusal is a 400 that says what is wrong', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), fc.boolean(), (value, inside) => {
        const body = inside ? { restart_policy: value } : value;
        for (const answer of [policyFromCreate(body), policyChange(body, tuned)]) {
          if (answer._tag === 'Right') continue;
          expect(answer.left.status).toBe(400);
          expect(answer.left.body.message).not.toBe('');
        }
      }),
    );
  });
});
