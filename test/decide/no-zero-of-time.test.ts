/**
 * A decision knows spans, and no zero of time: everything that holds today holds before 1970, where the numbers are
 * negative, and a moment that is not known is not the moment 0.
 */
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy } from '../../src/codec.js';
import type { InstanceObservation, RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import { right } from '../support/either.js';
import { decide, nextWakeAt } from '../support/subject.js';
import { eventOf, traces } from '../support/traces.js';
import { policyWith } from '../support/values.js';

/** Moves every time of the traces to before 1970. */
const span = -4_000_000_000_000;

const moved = (at: Timestamp | null): Timestamp | null => (at === null ? null : at + span);

const movedStatus = (status: RestartStatus): RestartStatus => ({
  ...status,
  lastAttemptAt: moved(status.lastAttemptAt),
  nextAttemptAt: moved(status.nextAttemptAt),
});

const movedEvent = (event: RestartEvent): RestartEvent => {
  if (event._tag !== 'Observed') return event;
  const { startedAt, stoppedAt } = event.instance;
  return { ...event, instance: { ...event.instance, startedAt: moved(startedAt), stoppedAt: moved(stoppedAt) } };
};

describe('before 1970', () => {
  test.each(traces)('the instance of trace %# is treated as it is today', ({ policy: first, steps }) => {
    let policy: RestartPolicy = right(decodeRestartPolicy(first));
    let status: RestartStatus = initialStatus;
    for (const step of steps) {
      if (step.policy !== undefined) policy = right(decodeRestartPolicy(step.policy));
      const now = Date.parse(step.now);
      const event = eventOf(step.event);
      const earlier = movedEvent(event);
      const decision = decide(policy, status, event, now);
      expect(decide(policy, movedStatus(status), earlier, now + span)).toEqual({
        ...decision,
        status: movedStatus(decision.status),
      });
      if (event._tag === 'Observed' && earlier._tag === 'Observed') {
        const wakeAt = nextWakeAt(policy, decision.status, event.instance);
        expect(nextWakeAt(policy, movedStatus(decision.status), earlier.instance)).toBe(moved(wakeAt));
      }
      status = decision.status;
    }
  });

  test.each([
    ['the end of a long run is not known', { startedAt: -5_000, stoppedAt: null }, { lastAttemptAt: null }, 2],
    ['a run began after an attempt', { startedAt: -100, stoppedAt: -99 }, { lastAttemptAt: -200 }, 2],
    ['a beginning is not known', { startedAt: null, stoppedAt: 5_000 }, { lastAttemptAt: -200 }, 2],
    ['a run was stable, and no attempt was made', { startedAt: -5_000, stoppedAt: -10 }, { lastAttemptAt: null }, 1],
  ])('%s: the next attempt has its number', (_, ended, last, attempt) => {
    const policy = policyWith({ backoff: 10, stableAfter: 1_000 });
    const status = { ...initialStatus, attempts: 1, ...last };
    const instance: InstanceObservation = { state: 'stopped', exitCode: 1, health: 'unknown', ...ended };
    expect(decide(policy, status, { _tag: 'Observed', instance }, -1).actions).toEqual([{ _tag: 'Start', attempt }]);
  });

  test.each([
    ['was never started', { startedAt: null }, { lastAttemptAt: -500 }, 'restart_after_unhealthy'],
    ['was started, and no attempt is known', { startedAt: -500 }, { lastAttemptAt: null }, 'clean_exit'],
  ] as const)('an instance that %s is ours to bring back, or not', (_, begun, last, reason) => {
    const policy = policyWith({ mode: 'on_failure', backoff: 10, stableAfter: 1_000 });
    const status = { ...initialStatus, attempts: 1, lastReason: 'health_check_failed', ...last } as const;
    const instance = { state: 'stopped', exitCode: 0, health: 'unknown', stoppedAt: null, ...begun } as const;
    expect(decide(policy, status, { _tag: 'Observed', instance }, -1).reason).toBe(reason);
  });

  test('a run of which no attempt is known is stable as long after its beginning as any', () => {
    const policy = policyWith({ backoff: 10, stableAfter: 1_000 });
    const status = { ...initialStatus, attempts: 1 };
    const instance: InstanceObservation = {
      state: 'running',
      startedAt: -5_000,
      stoppedAt: null,
      exitCode: null,
      health: 'healthy',
    };
    expect(decide(policy, status, { _tag: 'Observed', instance }, -4_000).reason).toBe('stable');
    expect(nextWakeAt(policy, status, instance)).toBe(-4_000);
  });
});
