/**
 * Edges of the tables that a slip of one sign or one forgotten word would move.
 */
import { describe, expect, test } from 'vitest';
import { manuallyStarted } from '../../src/event.js';
import { initialStatus } from '../../src/status.js';
import { observe, policyOf, running, statusOf, stopped } from '../support/fixtures.js';
import { decide } from '../support/subject.js';

describe('at the edges of the tables', () => {
  test('[start] a window of which only the recent attempts are left is ended too', () => {
    const before = statusOf({ recentAttempts: [40] });
    expect(decide(policyOf(), before, manuallyStarted, 50).status).toBe(initialStatus);
  });

  test('[moot] an instance that cools down and runs again goes on cooling down', () => {
    const cooling = statusOf({
      attempts: 3,
      lastAttemptAt: 20,
      nextAttemptAt: 90,
      blockedReason: 'max_attempts_exceeded',
    });
    const decision = observe(policyOf({ cooldown: 100 }), cooling, running({ startedAt: 21 }), 50);
    expect(decision).toMatchObject({ reason: 'running' });
    expect(decision.status).toBe(cooling);
  });

  test('[stable_end] after a policy update, a stable run ends the window that waits for a workload we stopped', () => {
    const updated = statusOf({ lastAttemptAt: 10, nextAttemptAt: 600, lastReason: 'health_check_failed' });
    const decision = observe(policyOf({ backoff: 500 }), updated, stopped({ startedAt: 11, stoppedAt: 111 }), 120);
    expect(decision).toMatchObject({ reason: 'waiting_for_backoff', status: { nextAttemptAt: 510, lastReason: null } });
  });

  test('[attempt] an uncounted attempt before any counted one leaves no list of recent attempts behind', () => {
    const policy = policyOf({ limitInterval: 100, rules: [{ action: 'restart_uncounted' }] });
    const { status, actions } = observe(policy, initialStatus, stopped(), 50);
    expect(actions).toEqual([{ _tag: 'Start', attempt: 0 }]);
    expect(Object.keys(status)).not.toContain('recentAttempts');
  });

  test('[rule_restart] an end of which nobody knows when its run began is counted, before 1970 too', () => {
    const policy = policyOf({ rules: [{ action: 'restart_uncounted' }] });
    const before = statusOf({ attempts: 1, lastAttemptAt: -200 });
    expect(observe(policy, before, stopped({ startedAt: null }), 50).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  });

  test('[backoff] a wait that begins at the exit is still one after the last attempt where there was no exit', () => {
    const policy = policyOf({ backoffFrom: 'exit' });
    const before = statusOf({ attempts: 1, lastAttemptAt: 45, lastReason: 'health_check_failed' });
    const decision = observe(policy, before, running({ health: 'unhealthy' }), 50);
    expect(decision).toMatchObject({ reason: 'waiting_for_backoff', status: { nextAttemptAt: 55 } });
  });
});
