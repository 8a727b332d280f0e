/**
 * G1p: while an instance is paused no event but a resume, a start by a person or a reset leads to an action, and the status
 * keeps saying that a person paused it; a manual stop is stronger than a pause.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attemptFailed,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  supervisionPaused,
  supervisionResumed,
} from '../src/event.js';
import { initialStatus, type RestartStatus } from '../src/status.js';
import { arbLook, arbQuestion } from './support/arbitraries.js';
import { expectUnchanged, observe, policyOf, running, statusOf, stopped } from './support/fixtures.js';
import { pauseHolds } from './support/guarantees.js';
import { arbLife, firstBreach } from './support/lives.js';
import { runs } from './support/proof.js';
import { decide, nextWakeAt } from './support/subject.js';

const endsPause = new Set(['Resume', 'ManualStart', 'Reset', 'ManualStop', 'DeleteRequested']);
const arbOther = arbQuestion.filter(({ event }) => !endsPause.has(event._tag));

describe('G1p: while paused nothing is done', () => {
  test('from any status, whatever happens and under whatever policy, a paused instance is left as it is', () => {
    fc.assert(
      fc.property(arbQuestion, fc.array(arbOther, { minLength: 1, maxLength: 30 }), (first, others) => {
        fc.pre(first.status.blockedReason !== 'manual_stop');
        let status: RestartStatus = first.status;
        for (const { policy, event, now } of [{ ...first, event: supervisionPaused }, ...others]) {
          const decision = decide(policy, status, event, now);
          expect(decision.actions).toEqual([]);
          expect(decision.status.blockedReason).toBe('paused');
          status = decision.status;
        }
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('in any life, nothing is done between a pause and the next resume, start by a person or reset', () => {
    fc.assert(
      fc.property(arbLife, (life) => {
        expect(firstBreach(life, pauseHolds)).toBeNull();
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('nobody is woken for a paused instance', () => {
    fc.assert(
      fc.property(arbLook, ({ policy, status, instance, now }) => {
        expect(nextWakeAt(policy, decide(policy, status, supervisionPaused, now).status, instance)).toBeNull();
      }),
    );
  });

  test('a stop is stronger: it stands over a pause, and a pause does not stand over it', () => {
    const paused = decide(policyOf(), statusOf({ attempts: 2, lastAttemptAt: 20 }), supervisionPaused, 50).status;
    const held = decide(policyOf(), paused, manuallyStopped, 60).status;
    expect(held.blockedReason).toBe('manual_stop');
    expectUnchanged(decide(policyOf(), held, supervisionPaused, 70), held, 'manual_stop');
    expectUnchanged(decide(policyOf(), held, supervisionResumed, 70), held, 'not_paused');
  });

  test('neither a new policy nor an attempt that failed lifts it', () => {
    const paused = decide(policyOf(), statusOf({ attempts: 2, lastAttemptAt: 20 }), supervisionPaused, 50).status;
    expectUnchanged(decide(policyOf(), paused, attemptFailed(2), 60), paused, 'paused');
    const { status } = decide(policyOf({ mode: 'on_failure' }), paused, policyUpdated, 60);
    expect(status.blockedReason).toBe('paused');
    expectUnchanged(observe(policyOf(), status, stopped(), 1_000), status, 'paused');
  });

  test('after a resume an instance that failed meanwhile is started, as if it had failed then', () => {
    const policy = policyOf();
    const paused = decide(policy, initialStatus, supervisionPaused, 40).status;
    for (const instance of [stopped(), running({ health: 'unhealthy' })]) {
      expect(observe(policy, paused, instance, 50).actions).toEqual([]);
      const { status } = decide(policy, paused, supervisionResumed, 60);
      expect(observe(policy, status, instance, 61).actions).toHaveLength(1);
    }
  });

  test('a resume forgets no limit: what had used up its attempts is blocked again', () => {
    const blocked = statusOf({ attempts: 3, lastAttemptAt: 20, blockedReason: 'max_attempts_exceeded' });
    const paused = decide(policyOf(), blocked, supervisionPaused, 50).status;
    const resumed = decide(policyOf(), paused, supervisionResumed, 60).status;
    expect(resumed).toEqual({ ...blocked, blockedReason: null });
    expect(observe(policyOf(), resumed, stopped(), 61)).toMatchObject({ status: blocked, actions: [] });
  });

  test('a resume forgets nothing that was stopped: it comes back, also over a new policy', () => {
    const policy = policyOf({ mode: 'on_failure' });
    const restarting = statusOf({ attempts: 1, lastAttemptAt: 20, lastReason: 'health_check_failed' });
    const byUs = stopped({ startedAt: 0, stoppedAt: 22, exitCode: 0 });
    const paused = decide(policy, restarting, supervisionPaused, 25).status;
    const updated = decide(policy, paused, policyUpdated, 26).status;
    for (const status of [paused, updated]) {
      const resumed = decide(policy, status, supervisionResumed, 60).status;
      expect(observe(policy, resumed, byUs, 60).actions).toHaveLength(1);
    }
  });

  test.each([
    ['a start by a person', manuallyStarted],
    ['a reset', instanceReset],
    ['a resume', supervisionResumed],
  ])('%s ends it', (_, event) => {
    const paused = decide(policyOf(), statusOf({ attempts: 1, lastAttemptAt: 20 }), supervisionPaused, 50).status;
    const { status } = decide(policyOf(), paused, event, 60);
    expect(status.blockedReason).toBeNull();
    expect(observe(policyOf(), status, stopped({ startedAt: 61 }), 70).actions).toHaveLength(1);
  });
});
