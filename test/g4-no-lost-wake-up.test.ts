/**
 * G4: no lost wake-up. After an observation without action: if the same at a later moment would change something,
 * nextWakeAt is not null and not later than that moment, and the same before it changes nothing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observed } from '../src/event.js';
import type { RestartPolicy } from '../src/policy.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../src/status.js';
import {
  arbInstanceObservation,
  arbRestartPolicy,
  arbRestartStatus,
  arbTimestamp,
} from '../src/testing/arbitraries.js';
import { observe, policyOf, running, statusOf, stopped } from './support/fixtures.js';
import { live, losesNoWakeUp, noHistory, wakesExactly } from './support/guarantees.js';
import { arbLife, firstBreach, momentsAfter } from './support/lives.js';
import { runs } from './support/proof.js';
import { nextWakeAt } from './support/subject.js';

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
      fc.property(
        arbRestartPolicy,
        arbRestartStatus,
        arbInstanceObservation,
        arbTimestamp,
        arbSpans,
        (policy, status, instance, now, spans) => {
          const edge = live(policy, status, noHistory, observed(instance), now);
          const moments = momentsAfter(edge, spans);
          expect(losesNoWakeUp(edge, moments)).toBe(true);
          expect(wakesExactly(edge, moments)).toBe(true);
        },
      ),
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
});
