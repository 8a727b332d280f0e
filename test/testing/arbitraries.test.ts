import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import { decide } from '../../src/decide.js';
import { parseDuration } from '../../src/duration.js';
import { explainReason } from '../../src/reason.js';
import { initialStatus } from '../../src/status.js';
import {
  arbDurationText,
  arbInstanceObservation,
  arbMillis,
  arbReachable,
  arbReferencePolicy,
  arbRestartAction,
  arbRestartEvent,
  arbRestartMode,
  arbRestartPolicy,
  arbRestartReason,
  arbRestartRecord,
  arbRestartStatus,
  arbTimestamp,
} from '../../src/testing/arbitraries.js';
import { policyWith } from '../support/values.js';

const always = <A>(arbitrary: fc.Arbitrary<A>, holds: (value: A) => void): void =>
  fc.assert(
    // A block, so that whatever an assertion answers is not taken for a verdict.
    fc.property(arbitrary, (value) => {
      holds(value);
    }),
    { numRuns: 500 },
  );

/** What of the kinds that matter came up in many values; a fixed seed, for this is about the spread. */
const kindsOf = <A>(arbitrary: fc.Arbitrary<A>, kind: (value: A) => string): ReadonlySet<string> =>
  new Set(fc.sample(arbitrary, { numRuns: 3_000, seed: 1 }).map(kind));

describe('what the arbitraries generate is valid', () => {
  test('policies and spans', () => {
    always(arbRestartPolicy, (policy) => expect(RestartPolicyCodec.is(policy)).toBe(true));
    always(arbReferencePolicy, (policy) => {
      expect(RestartPolicyCodec.is(policy)).toBe(true);
      expect(Object.keys(policy).sort()).toEqual(['backoff', 'maxAttempts', 'mode', 'stableAfter']);
    });
    always(fc.tuple(arbMillis, arbRestartMode), ([backoff, mode]) =>
      expect(RestartPolicyCodec.is(policyWith({ mode, backoff }))).toBe(true),
    );
  });

  test('statuses and times, and what decisions lead to', () => {
    always(arbRestartStatus, (status) => expect(RestartStatusCodec.is(status)).toBe(true));
    always(arbTimestamp, (at) => expect(RestartStatusCodec.is({ ...initialStatus, lastAttemptAt: at })).toBe(true));
    always(arbReachable, ({ policy, status, now }) => {
      expect(RestartPolicyCodec.is(policy) && RestartStatusCodec.is(status)).toBe(true);
      expect(Number.isSafeInteger(now)).toBe(true);
      expect(status.lastAttemptAt === null || status.lastAttemptAt <= now).toBe(true);
    });
    always(arbRestartRecord, ({ policy, status }) =>
      expect(RestartPolicyCodec.is(policy) && RestartStatusCodec.is(status)).toBe(true),
    );
  });

  test('durations as text', () => {
    always(arbDurationText, (text) => expect(parseDuration(text)._tag).toBe('Right'));
  });

  test('observations, events, actions and reasons', () => {
    always(fc.tuple(arbReachable, arbRestartEvent), ([{ policy, status, now }, event]) => {
      // An uncounted attempt bears the number of the last counted one, which may be none; only rules lead to one.
      const least = policy.rules === undefined ? 1 : 0;
      for (const { attempt } of decide(policy, status, event, now).actions)
        expect(attempt).toBeGreaterThanOrEqual(least);
    });
    always(arbInstanceObservation, (instance) => expect(JSON.parse(JSON.stringify(instance))).toEqual(instance));
    always(arbRestartAction, ({ attempt }) => expect(Number.isSafeInteger(attempt) && attempt >= 0).toBe(true));
    always(arbRestartReason, (reason) => expect(explainReason(reason)).toMatch(/\w/));
  });
});

describe('what matters comes up', () => {
  test('every mode, with and without a limit; every block', () => {
    expect(kindsOf(arbRestartPolicy, ({ mode, maxAttempts }) => `${mode} ${maxAttempts > 0}`).size).toBe(6);
    expect(kindsOf(arbRestartStatus, ({ blockedReason, lastReason }) => `${blockedReason} ${lastReason}`).size).toBe(
      12,
    );
  });

  test('every field of a policy, each with and without the others that it does not need; policies without any', () => {
    const fields = [
      'maxBackoff',
      'backoffFactor',
      'backoffFrom',
      'jitter',
      'limitInterval',
      'cooldown',
      'startTimeout',
      'rules',
    ] as const;
    const kinds = kindsOf(arbRestartPolicy, (policy) => fields.filter((field) => field in policy).join(' '));
    expect(kinds).toContain('');
    expect(kinds).toContain(fields.join(' '));
    const needs = (a: string, b: string): boolean => a === 'backoffFactor' && b === 'maxBackoff';
    for (const field of fields) {
      for (const other of fields.filter((name) => name !== field && !needs(field, name))) {
        const sets = [...kinds].map((kind) => kind.split(' '));
        expect(
          sets.some((set) => set.includes(field) && !set.includes(other)),
          `${field} without ${other}`,
        ).toBe(true);
        expect(
          sets.some((set) => set.includes(field) && set.includes(other)),
          `${field} with ${other}`,
        ).toBe(true);
      }
    }
    const rules = kindsOf(
      arbRestartPolicy.map((policy) => policy.rules?.[0]),
      (rule) => `${rule?.action} ${rule?.causes !== undefined} ${rule?.exitCodes !== undefined}`,
    );
    expect(rules.size).toBe(1 + 3 * 4);
  });

  test('recent attempts with every block; causes and salts, and observations without', () => {
    const recent = arbRestartStatus.map((status) => `${status.blockedReason} ${status.recentAttempts !== undefined}`);
    expect(kindsOf(recent, (kind) => kind).size).toBe(8);
    expect(kindsOf(arbInstanceObservation, ({ cause, salt }) => `${cause} ${salt !== undefined}`).size).toBe(14);
    const facts = arbRestartEvent.map((event) => {
      if (event._tag === 'AttemptFailed') return `salt ${event.salt !== undefined}`;
      return event._tag === 'PolicyUpdated' ? `under way ${event.attemptUnderWay}` : 'none';
    });
    expect(kindsOf(facts, (kind) => kind).size).toBe(5);
  });

  test('every state with every health; every event; every reason', () => {
    expect(kindsOf(arbInstanceObservation, ({ state, health }) => `${state} ${health}`).size).toBe(12);
    expect(kindsOf(arbRestartEvent, ({ _tag }) => _tag).size).toBe(9);
    expect(kindsOf(arbRestartReason, (reason) => reason).size).toBe(27);
  });

  test('every reason of a decision, and every action', () => {
    const decided = fc
      .tuple(arbReachable, arbRestartEvent)
      .map(([{ policy, status, now }, event]) => decide(policy, status, event, now));
    const reasons = kindsOf(decided, ({ reason }) => reason);
    for (const reason of fc.sample(arbRestartReason, { numRuns: 500, seed: 1 })) expect(reasons).toContain(reason);
    expect(kindsOf(decided, ({ actions }) => actions[0]?._tag ?? 'none')).toEqual(
      new Set(['none', 'Start', 'Restart']),
    );
  });
});
