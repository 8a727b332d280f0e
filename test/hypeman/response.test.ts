import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus } from '../../src/codec.js';
import { neverPolicy, responseFields } from '../../src/hypeman.js';
import { initialStatus, restartPolicy, stoppedByPerson } from '../../src/index.js';
import { arbRestartPolicy, arbRestartStatus } from '../../src/testing/arbitraries.js';
import { right } from '../support/either.js';

const policy = right(restartPolicy({ mode: 'always', backoff: '2s', maxAttempts: 3 }));

describe('a response', () => {
  test('says nothing of an instance without a policy and without a status', () => {
    expect(responseFields(neverPolicy, initialStatus)).toEqual({});
  });

  test('shows a policy with every field but an unlimited max_attempts', () => {
    const wire = { policy: 'always', backoff: '2s', max_attempts: 3, stable_after: '10m0s' };
    expect(responseFields(policy, initialStatus)).toEqual({ restart_policy: wire });
    const unlimited = { policy: 'always', backoff: '2s', stable_after: '10m0s' };
    expect(responseFields({ ...policy, maxAttempts: 0 }, initialStatus)).toEqual({ restart_policy: unlimited });
  });

  test('shows a status with its attempts, also when there are none', () => {
    expect(responseFields(neverPolicy, stoppedByPerson)).toEqual({
      restart_status: { attempts: 0, blocked_reason: 'manual_stop' },
    });
    const waiting = { ...initialStatus, attempts: 2, lastAttemptAt: 1_000, nextAttemptAt: 3_000 };
    expect(responseFields(policy, waiting).restart_status).toEqual({
      attempts: 2,
      last_attempt_at: '1970-01-01T00:00:01Z',
      next_attempt_at: '1970-01-01T00:00:03Z',
    });
  });

  test('has no field that is undefined, and says no less than there is', () => {
    fc.assert(
      fc.property(arbRestartPolicy, arbRestartStatus, (shown, status) => {
        const fields = responseFields(shown, status);
        expect(fields).toStrictEqual(JSON.parse(JSON.stringify(fields)));
        expect('restart_policy' in fields).toBe(shown.mode !== 'never');
        if (shown.mode !== 'never') expect(right(decodeRestartPolicy(fields.restart_policy))).toEqual(shown);
        expect(right(decodeRestartStatus(fields.restart_status))).toEqual(status);
        if (fields.restart_status !== undefined) expect(fields.restart_status).toHaveProperty('attempts');
      }),
    );
  });
});
