/**
 * G6: total and deterministic. A decision never throws, reads no clock and no randomness, leaves its arguments alone,
 * and says the same when it is asked the same.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Decision } from '../src/decide.js';
import { attemptFailed, type InstanceObservation, type RestartEvent } from '../src/event.js';
import { restartReasons } from '../src/reason.js';
import { initialStatus, latestTimestamp } from '../src/status.js';
import { arbInstanceObservation } from '../src/testing/arbitraries.js';
import { arbQuestion, type Question } from './support/arbitraries.js';
import { observe, policyOf, running, statusOf, stopped } from './support/fixtures.js';
import { runs } from './support/proof.js';
import { decide, nextWakeAt } from './support/subject.js';

const deepFreeze = <A>(value: A): A => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
};

const ask = ({ policy, status, event, now }: Question): Decision => decide(policy, status, event, now);

/** What JavaScript lets through: right in shape, wrong in every word. */
const arbWord = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'Observed', 'stopped', 'toString'));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('G6: total and deterministic', () => {
  test('a decision does not modify its arguments', () => {
    fc.assert(
      fc.property(arbQuestion, (question) => {
        const copy = structuredClone(question);
        // Frozen: to modify them throws.
        const { status } = ask(deepFreeze(question));
        if (question.event._tag === 'Observed') nextWakeAt(question.policy, status, question.event.instance);
        expect(question).toEqual(copy);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('the same question has the same answer, whatever was asked in between', () => {
    fc.assert(
      fc.property(arbQuestion, fc.array(arbQuestion, { maxLength: 5 }), (question, others) => {
        const first = structuredClone(ask(question));
        for (const other of others) ask(other);
        expect(ask(structuredClone(question))).toEqual(first);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('a decision reads no clock and no randomness', () => {
    const forbidden = () => {
      throw new Error('a decision looked at the world');
    };
    vi.spyOn(Date, 'now').mockImplementation(forbidden);
    vi.spyOn(Math, 'random').mockImplementation(forbidden);
    vi.spyOn(performance, 'now').mockImplementation(forbidden);
    const policy = policyOf();
    for (const instance of [stopped(), running(), running({ health: 'unhealthy' })]) {
      for (const status of [initialStatus, statusOf({ attempts: 1, lastAttemptAt: 900, nextAttemptAt: 910 })]) {
        expect(() => observe(policy, status, instance, 50)).not.toThrow();
        expect(() => nextWakeAt(policy, status, instance)).not.toThrow();
      }
    }
  });

  test('a decision has a status, at most one action, and a reason, for any question', () => {
    fc.assert(
      fc.property(arbQuestion, (question) => {
        const { status, actions, reason } = ask(question);
        const { recentAttempts = [], ...others } = status;
        expect(Object.keys(others).sort()).toEqual(Object.keys(initialStatus).sort());
        expect(actions.length).toBeLessThanOrEqual(question.event._tag === 'Observed' ? 1 : 0);
        expect(reason).toMatch(/^[a-z_]+$/);
        for (const time of [status.lastAttemptAt, status.nextAttemptAt, ...recentAttempts]) {
          expect(time === null || Number.isSafeInteger(time)).toBe(true);
        }
        expect(status.nextAttemptAt ?? 0).toBeLessThanOrEqual(latestTimestamp);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('at the end of the calendar no moment is stored that cannot be written', () => {
    const policy = policyOf({ backoff: 9_000_000_000_000, cooldown: 9_000_000_000_000 });
    const now = latestTimestamp - 1;
    for (const attempts of [1, 3]) {
      const status = statusOf({ attempts, lastAttemptAt: now });
      for (const { status: after } of [
        observe(policy, status, stopped(), now),
        decide(policy, status, attemptFailed(attempts), now),
      ]) {
        expect(after.nextAttemptAt).toBe(latestTimestamp);
      }
    }
  });

  test('words that nobody knows change nothing and start nothing', () => {
    fc.assert(
      fc.property(arbQuestion, arbInstanceObservation, arbWord, (question, seen, word) => {
        fc.pre(!['Observed', 'stopped'].includes(word));
        const { policy, status, now } = question;
        const event = { _tag: word } as unknown as RestartEvent;
        expect(decide(policy, status, event, now)).toMatchObject({ status, actions: [] });
        const instance: InstanceObservation = { ...seen, state: word as InstanceObservation['state'] };
        expect(observe(policy, status, instance, now).actions).toEqual([]);
        expect(nextWakeAt(policy, status, instance)).toBeNull();
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('numbers that nobody should pass, and words in the wrong place, throw nothing and have a reason', () => {
    const arbOdd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, undefined, 'x', {}));
    const oddly = <A extends object>(value: A, odd: unknown, field: number): A => {
      const key = Object.keys(value)[field % Object.keys(value).length] ?? '';
      // A list of things is such a list: that was checked where it entered. The things in it may be odd.
      const lists = { rules: [{ causes: [odd], exitCodes: [[odd, odd]], action: odd }], recentAttempts: [odd] };
      return { ...value, [key]: key in lists ? lists[key as keyof typeof lists] : odd };
    };
    fc.assert(
      fc.property(arbQuestion, arbInstanceObservation, arbOdd, fc.nat(20), (question, seen, odd, field) => {
        const { policy, status, now } = question;
        for (const instance of [seen, oddly(seen, odd, field)]) {
          const odds = observe(oddly(policy, odd, field), oddly(status, odd, field), instance, now);
          expect(restartReasons).toContain(odds.reason);
          observe(policy, status, instance, odd as number);
          nextWakeAt(oddly(policy, odd, field), oddly(status, odd, field), instance);
        }
        decide(policy, status, { _tag: 'AttemptFailed', attempt: odd as number }, now);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('total means an answer, not silence: a failed instance is started, a waiting one woken for', () => {
    const started = observe(policyOf(), initialStatus, stopped(), 50);
    expect(started.actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
    expect(nextWakeAt(policyOf(), started.status, stopped())).toBe(60);
  });
});
