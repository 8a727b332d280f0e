/**
 * The decision and the second implementation in this folder, step by step on the same questions: same status, action and
 * reason, the same object where nothing changed, and the same wake-up. A seed that a failure prints is drawn again with
 * PROPERTY_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { type RestartReason, restartReasons } from '../../src/reason.js';
import { saltOf } from '../../src/salt.js';
import type { RestartStatus, Timestamp } from '../../src/status.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../../src/waits.js';
import { arbPolicy, arbQuestion, arbSalt } from '../support/arbitraries.js';
import { arbLife, play } from '../support/lives.js';
import { noteFigures, runs } from '../support/proof.js';
import * as subject from '../support/subject.js';
import { policyWith } from '../support/values.js';
import { decide } from './decide.js';
import { nextWakeAt } from './next-wake.js';
import { initialStatus, reasons } from './types.js';
import * as oracle from './wait.js';

const expectAgreement = (policy: RestartPolicy, status: RestartStatus, event: RestartEvent, now: Timestamp): void => {
  const question = JSON.stringify({ policy, status, event, now });
  const ours = subject.decide(policy, status, event, now);
  const other = decide(policy, status, event, now);
  expect({ ...ours, isUnchanged: ours.status === status }, question).toEqual({
    ...other,
    isUnchanged: other.status === status,
  });
  if (event._tag !== 'Observed' || ours.actions.length > 0) return;
  expect(subject.nextWakeAt(policy, ours.status, event.instance), question).toBe(
    nextWakeAt(policy, other.status, event.instance),
  );
};

/** Most spans are short; and some are as long as a double can tell. */
const arbWaits: fc.Arbitrary<RestartPolicy> = fc
  .tuple(arbPolicy, fc.option(fc.double({ min: 1e-6, max: 9e12, noNaN: true }), { nil: undefined }))
  .map(([policy, backoff]) => {
    if (backoff === undefined) return policy;
    const growth = policy.maxBackoff === undefined ? {} : { maxBackoff: backoff * 1.7 + 1_000 };
    return { ...policy, backoff, ...growth };
  });

/** With a row in the table of `npm run prove`. */
const assertOften = (counted: string, usual: number, property: fc.IRawProperty<unknown>): void => {
  const numRuns = runs(usual);
  fc.assert(property, { numRuns });
  noteFigures({ guarantee: 'G1-G6', method: 'a second implementation', counts: { [counted]: numRuns } });
};

describe('two implementations of the decision agree', () => {
  test('on the words: every reason, and what an instance begins with', () => {
    expect([...reasons].sort()).toEqual([...restartReasons].sort());
    expect(initialStatus).toEqual(subject.decide(policyWith(), initialStatus, { _tag: 'Reset' }, 0).status);
  });

  test('on any question, also of a status that no decision leads to', () => {
    assertOften(
      'questions',
      5_000,
      fc.property(arbQuestion, ({ policy, status, event, now }) => {
        expectAgreement(policy, status, event, now);
      }),
    );
  });

  test('in any life', () => {
    assertOften(
      'lives',
      200,
      fc.property(arbLife, (life) => {
        for (const { policy, status, event, now } of play(life)) expectAgreement(policy, status, event, now);
      }),
    );
  });

  test('on every wait, to the millisecond', () => {
    const arbAttempts = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.maxSafeNat());
    assertOften(
      'waits',
      3_000,
      fc.property(arbWaits, arbAttempts, arbSalt, (policy, attempts, salt) => {
        expect(waitAfterAttempt(policy, attempts, salt)).toBe(oracle.wait(policy, attempts, salt));
        expect(waitAfterExit(policy, attempts, salt)).toBe(oracle.exitWait(policy, attempts, salt));
        expect(longestWait(policy, attempts)).toBe(oracle.longestWait(policy, attempts));
      }),
    );
  });

  test('on the salt of any id, half a surrogate pair included', () => {
    const arbUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    assertOften(
      'salts',
      2_000,
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: arbUnit })), (id) => {
        expect(saltOf(id)).toBe(oracle.saltOf(id));
      }),
    );
  });
});

/** Otherwise the agreement would say little. */
test('the lives in which they agree give every reason, and both actions', () => {
  const met = new Map<RestartReason | 'Start' | 'Restart', number>();
  for (const life of fc.sample(arbLife, { numRuns: 300, seed: 4 })) {
    for (const { decision } of play(life)) {
      for (const what of [decision.reason, ...decision.actions.map(({ _tag }) => _tag)]) {
        met.set(what, (met.get(what) ?? 0) + 1);
      }
    }
  }
  const seldom = [...restartReasons, 'Start' as const, 'Restart' as const].filter((what) => (met.get(what) ?? 0) < 10);
  expect(seldom).toEqual([]);
});
