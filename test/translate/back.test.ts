/**
 * Round trips: to another system and from there again gives a policy that decides the same, or a loss says what does not.
 */
import fc from 'fast-check';
import type { RestartPolicy, RestartRule } from 'restart-policy';
import { fixedRuns, type Run, simulate } from 'restart-policy/simulate';
import {
  fromDocker,
  fromKubernetes,
  fromSystemd,
  type Loss,
  type Translated,
  type Translation,
  type TranslationBack,
  toDocker,
  toKubernetes,
  toSystemd,
} from 'restart-policy/translate';
import { describe, expect, test } from 'vitest';
import { endCauses } from '../../src/event.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { arbScaledPolicy } from '../describe/policies.js';
import { right } from '../support/either.js';
import { runs } from '../support/proof.js';

interface Peer {
  readonly to: (policy: RestartPolicy) => Translated<TranslationBack<unknown>>;
  readonly from: (given: unknown) => Translated<Translation>;
}

const peers: Readonly<Record<string, Peer>> = {
  docker: { to: toDocker, from: fromDocker },
  kubernetes: { to: toKubernetes, from: fromKubernetes },
  systemd: { to: toSystemd, from: fromSystemd },
  'systemd 252': {
    to: (policy) => toSystemd(policy, { version: 252 }),
    from: (unit) => fromSystemd(unit, { version: 252 }),
  },
};

const fields: ReadonlyArray<string> = [
  'mode',
  'rules',
  'backoff',
  'stableAfter',
  'maxAttempts',
  'maxBackoff',
  'backoffFactor',
  'backoffFrom',
  'jitter',
  'limitInterval',
  'cooldown',
  'startTimeout',
];

/** The losses of the policy, and not of what the other system does whatever it is told. */
const ofPolicy = (losses: ReadonlyArray<Loss>): ReadonlyArray<string> =>
  losses.map(({ field }) => field).filter((field) => fields.includes(field));

const arbRun: fc.Arbitrary<Run> = fc
  .record({
    runsFor: fc.constantFrom(1, 500, 5_000, 700_000),
    bootsFor: fc.constantFrom(1, 100, 100_000),
    cause: fc.constantFrom(...endCauses),
    code: fc.oneof(fc.constantFrom(0, 1, 78, 255), fc.integer({ min: 0, max: 255 })),
  })
  // An exit has a code, and no other end has one.
  .map(({ code, ...run }) => ({ ...run, exitCode: run.cause === 'exit' ? code : null }));

/** Under any rule that does not count an end, decisive or not, a simulated run begins a millisecond later. */
const ofNoEnd: RestartRule = { causes: ['panic'], exitCodes: [255], action: 'restart_uncounted' };

/**
 * What is done, and when: of the same runs under each policy. Without jitter, which depends on the number of an attempt, and so
 * on a window that decides nothing else where nothing grows and nothing is counted.
 */
const done = ({ jitter: _, ...policy }: RestartPolicy, given: ReadonlyArray<Run>): unknown => {
  const rules = [ofNoEnd, ...(policy.rules ?? [])];
  const { entries } = right(
    simulate({ policy: { ...policy, rules }, workload: fixedRuns(given), for: 3_600_000, id: 'a' }),
  );
  return entries.flatMap(({ at, action, status }) => [
    ...(action === null ? [] : [{ at, does: action._tag }]),
    ...(status.blockedReason === null ? [] : [{ at, blocked: status.blockedReason }]),
  ]);
};

const always: RestartPolicy = {
  mode: 'always',
  backoff: 10_000,
  backoffFrom: 'exit',
  maxAttempts: 0,
  stableAfter: 600_000,
};

describe('of several ways to say it, the nearest is', () => {
  test.each<[name: string, policy: RestartPolicy, given: unknown]>([
    [
      "Docker's on-failure, of always but for a clean exit",
      { ...always, rules: [{ causes: ['exit'], exitCodes: [0], action: 'stop' }] },
      { Name: 'on-failure', MaximumRetryCount: 0 },
    ],
    [
      "Docker's no, where every end is the last",
      { ...always, rules: [{ action: 'stop' }] },
      { Name: 'no', MaximumRetryCount: 0 },
    ],
  ])('%s', (_, policy, given) => {
    expect(right(toDocker(policy)).result).toEqual(given);
  });

  test.each<[name: string, policy: RestartPolicy, given: unknown]>([
    ['Always', always, { restartPolicy: 'Always', containers: [{ name: 'app' }] }],
    [
      'a rule for the codes that restart, where nothing else does',
      { ...always, rules: [{ exitCodes: [[3, 5]], action: 'restart' }, { action: 'stop' }] },
      {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'app',
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3, 4, 5] } }],
          },
        ],
      },
    ],
    [
      'a rule for the codes that do not, where everything else does',
      { ...always, rules: [{ causes: ['exit'], exitCodes: [0, 78], action: 'stop' }] },
      {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'app',
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [0, 78] } }],
          },
        ],
      },
    ],
  ])('in a Pod: %s', (_, policy, given) => {
    expect(right(toKubernetes(policy)).result).toEqual(given);
  });

  test.each<[word: string, policy: RestartPolicy, lists: object]>([
    ['always', { ...always, rules: [{ exitCodes: [78], action: 'stop' }] }, { RestartPreventExitStatus: '78' }],
    ['on-failure', { ...always, mode: 'on_failure' }, {}],
    ['on-abnormal', { ...always, rules: [{ causes: ['exit'], action: 'stop' }] }, {}],
    ['on-abort', { ...always, rules: [{ causes: ['signal'], action: 'restart' }, { action: 'stop' }] }, {}],
    [
      'on-success',
      { ...always, rules: [{ causes: ['exit'], exitCodes: [0, 3], action: 'restart' }, { action: 'stop' }] },
      { RestartForceExitStatus: '3' },
    ],
    ['on-watchdog', { ...always, rules: [{ action: 'stop' }] }, {}],
    ['no', { ...always, mode: 'never' }, {}],
  ])('of systemd: %s', (Restart, policy, lists) => {
    const { Service } = right(toSystemd(policy)).result;
    const { RestartSec: _, TimeoutStartSec: __, ...said } = Service;
    expect(said).toEqual({ Restart, ...lists });
  });
});

test('a start that is blocked for its time, and yet comes to run, is stable sooner here: a loss', () => {
  const policy = { ...always, maxAttempts: 1, limitInterval: 2_000, stableAfter: 2_000, startTimeout: 1_000 };
  expect(ofPolicy(right(toSystemd(policy)).losses)).toContain('stableAfter');
});

describe.each(Object.entries(peers))('to %s', (_, { to, from }) => {
  test('and from it again is a policy under which the same is done, where no loss names a field', () => {
    let same = 0;
    // What is translated from there can be said there.
    const arbSayable = arbScaledPolicy.map((policy) => right(from(right(to(policy)).result)).policy);
    fc.assert(
      fc.property(
        fc.oneof(arbSayable, arbScaledPolicy),
        fc.array(arbRun, { minLength: 1, maxLength: 12 }),
        (policy, given) => {
          const { result, losses } = right(to(policy));
          if (ofPolicy(losses).length > 0) return;
          same++;
          expect(done(right(from(result)).policy, given)).toEqual(done(policy, given));
        },
      ),
      { numRuns: runs(150) },
    );
    expect(same).toBeGreaterThan(50);
  });

  test('what was translated from it can be said there', () => {
    fc.assert(
      fc.property(arbScaledPolicy, (policy) => {
        const there = right(to(policy)).result;
        const again = right(from(there)).policy;
        const { result, losses } = right(to(again));
        expect(ofPolicy(losses)).toEqual([]);
        const { mode, rules, ...others } = right(from(result)).policy;
        expect(again).toMatchObject(others);
      }),
      { numRuns: runs(150) },
    );
  });

  test('every field in which the policy that comes back differs is a loss, unless it decides nothing', () => {
    fc.assert(
      fc.property(fc.oneof(arbScaledPolicy, arbRestartPolicy), (policy) => {
        const { result, losses } = right(to(policy));
        const again = right(from(result)).policy;
        const named = ofPolicy(losses);
        const differing = fields.filter((field) => textOf(policy, field) !== textOf(again, field));
        const silent = differing.filter((field) => !named.includes(field) && !decidesNothing(field, policy, again));
        expect(silent).toEqual([]);
        for (const { effect } of losses) expect(effect).toMatch(/^[A-Z\d].*\.$/s);
      }),
      { numRuns: runs(200) },
    );
  });

  test('what is no policy is refused as decide refuses it', () => {
    const wrong = { mode: 'sometimes', backoff: -1, maxAttempts: 0, stableAfter: 1 } as unknown as RestartPolicy;
    const refused = to(wrong);
    expect(refused._tag === 'Left' && refused.left.map(({ field }) => field)).toEqual(['mode', 'backoff']);
  });
});

const textOf = (policy: RestartPolicy, field: string): unknown =>
  JSON.stringify((policy as unknown as Readonly<Record<string, unknown>>)[field]);

/** Rules and the mode say one thing together, which the simulations compare; and without growth or a limit nothing is forgotten. */
const decidesNothing = (field: string, policy: RestartPolicy, again: RestartPolicy): boolean => {
  if (policy.mode === 'never' && again.mode === 'never') return true;
  if (field === 'mode' || field === 'rules') return true;
  const all = [policy, again];
  if (field === 'stableAfter') {
    return all.every(
      ({ maxAttempts, maxBackoff, limitInterval = Number.POSITIVE_INFINITY, stableAfter }) =>
        maxBackoff === undefined && (maxAttempts === 0 || stableAfter >= limitInterval),
    );
  }
  if (field === 'backoffFactor') {
    return (
      all.some(({ maxBackoff }) => maxBackoff === undefined) ||
      (policy.backoffFactor ?? 2) === (again.backoffFactor ?? 2)
    );
  }
  return false;
};
