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
      for (const action of decide(policy, status, event, now).actions) expect(action.attempt).toBeGreaterThan(0);
    });
    always(arbInstanceObservation, (instance) => expect(JSON.parse(JSON.stringify(instance))).toEqual(instance));
    always(arbRestartAction, ({ attempt }) => expect(Number.isSafeInteger(attempt) && attempt >= 1).toBe(true));
    always(arbRestartReason, (reason) => expect(explainReason(reason)).toMatch(/\w/));
  });
});

describe('what matters comes up', () => {
  test('every mode, with and without a limit; every block', () => {
    expect(kindsOf(arbRestartPolicy, ({ mode, maxAttempts }) => `${mode} ${maxAttempts > 0}`).size).toBe(6);
    expect(kindsOf(arbRestartStatus, ({ blockedReason, lastReason }) => `${blockedReason} ${lastReason}`).size).toBe(6);
  });

  test('every state with every health; every event; every reason', () => {
    expect(kindsOf(arbInstanceObservation, ({ state, health }) => `${state} ${health}`).size).toBe(12);
    expect(kindsOf(arbRestartEvent, ({ _tag }) => _tag).size).toBe(7);
    expect(kindsOf(arbRestartReason, (reason) => reason).size).toBe(20);
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
