/**
 * G4: no lost wake-up. After an observation without action: if the same at a later moment would change something,
 * nextWakeAt is not null and not later than that moment, and the same before it changes nothing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observed, supervisionResumed } from '../src/event.js';
import type { RestartPolicy } from '../src/policy.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../src/status.js';
import { arbLook } from './support/arbitraries.js';
import { observe, policyOf, running, statusOf, stopped } from './support/fixtures.js';
import { live, losesNoWakeUp, noHistory, wakesExactly } from './support/guarantees.js';
import { arbLife, firstBreach, momentsAfter } from './support/lives.js';
import { runs } from './support/proof.js';
import { decide, nextWakeAt } from './support/subject.js';

const arbSpans = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 30 }),
    fc.maxSafeNat().map((n) => n % 10_000_000_000),
  ),
  {
    maxLength: 8,
  },
);

/** A host that observes only when it is woken; the moments of the attempts that come of it. */
const attemptsOfSleepyHost = (
  policy: RestartPolicy,
  born: Timestamp,
  observations: number,
): ReadonlyArray<Timestamp> => {
  const attempts: Array<Timestamp> = [];
  let status: RestartStatus = initialStatus;
  let now = born;
  for (let count = 0; count < observations; count += 1) {
    const instance = stopped({ startedAt: now, stoppedAt: now });
    const decision = observe(policy, status, instance, now);
    status = decision.status;
    if (decision.actions.length > 0) {
      attempts.push(now);
      continue;
    }
    const wakeAt = nextWakeAt(policy, status, instance);
    if (wakeAt === null) break;
    now = wakeAt;
  }
  return attempts;
};

describe('G4: no lost wake-up', () => {
  test('in any life, a host that observes again when it is woken misses nothing, and is never woken for nothing', () => {
    fc.assert(
      fc.property(arbLife, arbSpans, (life, spans) => {
        expect(firstBreach(life, (edge) => losesNoWakeUp(edge, momentsAfter(edge, spans)))).toBeNull();
        expect(firstBreach(life, (edge) => wakesExactly(edge, momentsAfter(edge, spans)))).toBeNull();
      }),
      { numRuns: runs(500) },
    );
  });

  test('from any status as well, also one that no decision leads to', () => {
    fc.assert(
      fc.property(arbLook, arbSpans, ({ policy, status, instance, now }, spans) => {
        const edge = live(policy, status, noHistory, observed(instance), now);
        const moments = momentsAfter(edge, spans);
        expect(losesNoWakeUp(edge, moments)).toBe(true);
        expect(wakesExactly(edge, moments)).toBe(true);
      }),
      { numRuns: runs(3_000) },
    );
  });

  test('an instance that keeps failing gets all its attempts from a host that observes only when it is woken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1_000_000 }), (maxAttempts, backoff) => {
        const policy = policyOf({ maxAttempts, backoff, stableAfter: 9_000_000_000 });
        const attempts = attemptsOfSleepyHost(policy, 7, 3 * maxAttempts + 3);
        expect(attempts).toEqual(Array.from({ length: maxAttempts }, (_, i) => 7 + i * backoff));
      }),
    );
  });

  test('an unhealthy instance that waits is restarted at the wake-up', () => {
    const policy = policyOf();
    const unhealthy = running({ startedAt: 20, health: 'unhealthy' });
    const { status, actions } = observe(policy, statusOf({ attempts: 1, lastAttemptAt: 20 }), unhealthy, 22);
    expect(actions).toEqual([]);
    const wakeAt = nextWakeAt(policy, status, unhealthy);
    expect(wakeAt).toBe(30);
    expect(observe(policy, status, unhealthy, 29).status).toBe(status);
    expect(observe(policy, status, unhealthy, 30).actions).toEqual([{ _tag: 'Restart', attempt: 2 }]);
  });

  test('a run is found stable at the wake-up, also when its window is blocked', () => {
    const policy = policyOf();
    const blocked = statusOf({ attempts: 3, lastAttemptAt: 20, blockedReason: 'max_attempts_exceeded' });
    const instance = running({ startedAt: 21 });
    expect(nextWakeAt(policy, blocked, instance)).toBe(121);
    expect(observe(policy, blocked, instance, 120).status).toBe(blocked);
    expect(observe(policy, blocked, instance, 121).status).toEqual(initialStatus);
  });

  test('a limit that was reached, and that a resume unblocked, is found again when the start times out', () => {
    const policy = policyOf({ startTimeout: 30 });
    const paused = statusOf({
      attempts: 3,
      lastAttemptAt: 20,
      blockedReason: 'paused',
      lastReason: 'start_timeout',
    });
    const resumed = decide(policy, paused, supervisionResumed, 95).status;
    const instance = running({ state: 'initializing', startedAt: 62 });
    // The clock was set back since the resume: what is due at 95 lies ahead, and the start times out before.
    const { status } = observe(policy, resumed, instance, 90);
    expect(status).toMatchObject({ nextAttemptAt: 95, blockedReason: null });
    expect(nextWakeAt(policy, status, instance)).toBe(92);
    expect(observe(policy, status, instance, 91).status).toBe(status);
    expect(observe(policy, status, instance, 92).reason).toBe('max_attempts_exceeded');
  });

  test('what is initializing is given up at the wake-up, and waits for the backoff with one wake-up more', () => {
    const policy = policyOf({ startTimeout: 5 });
    const once = statusOf({ attempts: 1, lastAttemptAt: 20 });
    const instance = running({ state: 'initializing', startedAt: 20 });
    expect(observe(policy, once, instance, 21).status).toBe(once);
    expect(nextWakeAt(policy, once, instance)).toBe(25);
    const { status, reason } = observe(policy, once, instance, 25);
    expect(reason).toBe('waiting_for_backoff');
    expect(nextWakeAt(policy, status, instance)).toBe(30);
    expect(observe(policy, status, instance, 30).actions).toEqual([{ _tag: 'Restart', attempt: 2 }]);
  });

  test('an instance that cools down is started at the wake-up', () => {
    const policy = policyOf({ cooldown: 40 });
    const { status } = observe(policy, statusOf({ attempts: 3, lastAttemptAt: 20 }), stopped(), 25);
    expect(nextWakeAt(policy, status, stopped())).toBe(65);
    expect(observe(policy, status, stopped(), 64).status).toBe(status);
    expect(observe(policy, status, stopped(), 65).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  });
});
