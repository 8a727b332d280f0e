import { left, right } from 'fp-ts/lib/Either.js';
import { attemptFailed, initialStatus, observed, type RestartReason, restartReasons } from 'restart-policy';
import {
  type ActionError,
  type DecisionRecord,
  failed,
  hostFault,
  invalidRecord,
  refused,
  storeFailed,
  superseded,
} from 'restart-policy/controller';
import { describe, expect, test } from 'vitest';
import { type Attempts, createAttempts } from '../../src/metrics/attempts.js';
import { attributesOf, outcomeOf } from '../../src/metrics/outcome.js';
import { observationWith, policyWith } from '../support/values.js';

const decision = (reason: RestartReason, fields: Partial<DecisionRecord> = {}): DecisionRecord => ({
  id: 'web-1',
  event: observed(observationWith({ startedAt: 0, stoppedAt: 1, exitCode: 1 })),
  policy: policyWith(),
  before: initialStatus,
  after: initialStatus,
  actions: [],
  reason,
  revision: 7,
  now: 0,
  ...fields,
});

const counted = (run: (attempts: Attempts) => void): ReadonlyArray<string> => {
  const seen: Array<string> = [];
  run(createAttempts((cause, outcome) => seen.push(`${cause} ${outcome}`)));
  return seen;
};

const unreadable = invalidRecord('web-1', ['odd'], { revision: 1, policy: null, status: null });

describe('an attempt', () => {
  test.each<[string, ActionError]>([
    ['superseded', superseded],
    ['refused', refused('no')],
    ['failed', failed('no')],
    ['failed', storeFailed('no')],
    ['failed', unreadable],
  ])('that was %s is counted as that once, be it at the stop or at the start', (outcome, error) => {
    expect(outcomeOf(left(error))).toBe(outcome);
    const went = outcomeOf(left(error));
    const atTheStop = counted(({ decided, acted }) => {
      decided(decision('restart_after_unhealthy'));
      acted('stop', 'web-1', 7, went);
      acted('start', 'web-1', 7, went);
    });
    expect(atTheStop).toEqual([`unhealthy ${outcome}`]);
    const atTheStart = counted(({ decided, acted }) => {
      decided(decision('restart_after_unhealthy'));
      acted('stop', 'web-1', 7, 'started');
      acted('start', 'web-1', 7, went);
    });
    expect(atTheStart).toEqual([`unhealthy ${outcome}`]);
  });

  test('has the cause that it is made for, whatever reason of an attempt there is', () => {
    const seen = counted(({ decided, acted }) => {
      for (const reason of restartReasons.filter((each) => each.startsWith('restart_after_'))) {
        decided(decision(reason));
        acted('start', 'web-1', 7, 'started');
      }
    });
    expect([...seen].sort()).toEqual(['exit started', 'start_timeout started', 'unhealthy started']);
  });

  test("is none where a person started the instance, and none of another instance's", () => {
    const seen = counted(({ decided, acted }) => {
      acted('start', 'web-1', 6, 'started');
      decided(decision('restart_after_exit'));
      acted('start', 'web-1', 8, 'started');
      acted('start', 'web-2', 7, 'started');
    });
    expect(seen).toEqual([]);
  });

  test('whose call outlasted its deadline has failed, and a late answer or one to an earlier attempt changes nothing', () => {
    const seen = counted(({ decided, acted }) => {
      decided(decision('restart_after_exit'));
      decided(decision('stale', { event: attemptFailed(1) }));
      decided(decision('attempt_failed', { event: attemptFailed(2), revision: 8 }));
      acted('start', 'web-1', 7, 'started');
    });
    expect(seen).toEqual(['exit failed']);
  });
});

test('what a start failed on is named as the error that it is, the lacking host before the hypervisor', () => {
  const outcome = 'restart_policy.outcome';
  expect(attributesOf(right(undefined))).toEqual({ [outcome]: 'started' });
  expect(attributesOf(left(superseded))).toEqual({ [outcome]: 'superseded' });
  expect(attributesOf(left(refused('no')))).toEqual({ [outcome]: 'refused', 'error.type': 'Refused' });
  expect(attributesOf(left(storeFailed('no')))).toEqual({ [outcome]: 'failed', 'error.type': 'StoreFailed' });
  const full = refused('no', hostFault('disk_space', 'no room'));
  expect(attributesOf(left(full))).toEqual({ [outcome]: 'refused', 'error.type': 'HostFault' });
});
