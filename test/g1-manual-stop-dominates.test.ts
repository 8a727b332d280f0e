/**
 * G1: manual stop dominates. From any status, after a manual stop (or a request to delete) nothing that is not a start
 * by a person or a reset leads to an action, and the status keeps saying that a person stopped it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deleteRequested,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  supervisionPaused,
  supervisionResumed,
} from '../src/event.js';
import { initialStatus, type RestartStatus } from '../src/status.js';
import { arbLook, arbQuestion } from './support/arbitraries.js';
import { neverRan, observe, policyOf, stopped } from './support/fixtures.js';
import { manualStopDominates } from './support/guarantees.js';
import { arbLife, firstBreach } from './support/lives.js';
import { runs } from './support/proof.js';
import { decide, nextWakeAt } from './support/subject.js';

const arbStop = fc.constantFrom(manuallyStopped, deleteRequested);
const arbOther = arbQuestion.filter(({ event: { _tag } }) => _tag !== 'ManualStart' && _tag !== 'Reset');

describe('G1: manual stop dominates', () => {
  test('from any status, whatever happens and under whatever policy, a stopped instance stays stopped', () => {
    fc.assert(
      fc.property(arbQuestion, arbStop, fc.array(arbOther, { minLength: 1, maxLength: 30 }), (first, stop, others) => {
        let status: RestartStatus = first.status;
        for (const { policy, event, now } of [{ ...first, event: stop }, ...others]) {
          const decision = decide(policy, status, event, now);
          expect(decision.actions).toEqual([]);
          expect(decision.status.blockedReason).toBe('manual_stop');
          status = decision.status;
        }
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('in any life, nothing is done between a stop and the next start by a person', () => {
    fc.assert(
      fc.property(arbLife, (life) => {
        expect(firstBreach(life, manualStopDominates)).toBeNull();
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('nobody is woken for a stopped instance', () => {
    fc.assert(
      fc.property(arbLook, arbStop, ({ policy, status, instance }, stop) => {
        expect(nextWakeAt(policy, decide(policy, status, stop, 0).status, instance)).toBeNull();
      }),
    );
  });

  test('a reset leaves behind an instance that never ran, and it does not start by itself', () => {
    fc.assert(
      fc.property(arbLook, ({ policy, status: before, instance, now }) => {
        const { status } = decide(policy, before, instanceReset, now);
        const restored = { ...instance, state: 'stopped', startedAt: null } as const;
        expect(observe(policy, status, restored, now).actions).toEqual([]);
        expect(nextWakeAt(policy, status, restored)).toBeNull();
      }),
    );
  });

  test('neither a pause nor a resume loosens a stop, nor does a new policy', () => {
    const policy = policyOf();
    const held = decide(policy, initialStatus, manuallyStopped, 60).status;
    for (const event of [supervisionPaused, supervisionResumed, policyUpdated]) {
      expect(decide(policy, held, event, 70).status).toBe(held);
    }
    const paused = decide(policy, initialStatus, supervisionPaused, 60).status;
    const stopped = decide(policy, paused, manuallyStopped, 70).status;
    expect(decide(policy, stopped, supervisionResumed, 80).status.blockedReason).toBe('manual_stop');
  });

  test.each([
    ['a start by a person', manuallyStarted],
    ['a reset', instanceReset],
  ])('until %s: then it is kept alive again', (_, event) => {
    const policy = policyOf();
    expect(observe(policy, initialStatus, stopped(), 50).actions).toHaveLength(1);
    const held = decide(policy, initialStatus, manuallyStopped, 60).status;
    expect(observe(policy, held, stopped(), 1_000).actions).toEqual([]);
    const { status } = decide(policy, held, event, 1_000);
    expect(observe(policy, status, neverRan(), 1_001).actions).toEqual([]);
    expect(decide(policy, status, observed(stopped({ startedAt: 1_001 })), 1_002).actions).toEqual([
      { _tag: 'Start', attempt: 1 },
    ]);
  });
});
