import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus } from '../../src/codec.js';
import {
  neverPolicy,
  openApiComponents,
  type ReferenceStatusWire,
  type RestartStatusWire,
  responseFields,
} from '../../src/hypeman.js';
import { initialStatus, type RestartStatus, restartPolicy, stoppedByPerson } from '../../src/index.js';
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

  test('shows a policy with its four fields, whatever it has beyond', () => {
    const wire = { policy: 'always', backoff: '2s', max_attempts: 3, stable_after: '10m0s' };
    const beyond = { ...policy, jitter: 0.5, cooldown: 1_000, rules: [{ action: 'stop' as const }] };
    expect(responseFields(beyond, initialStatus)).toEqual({ restart_policy: wire });
    expect(responseFields(beyond, initialStatus, { beyond: false })).toEqual({ restart_policy: wire });
    expect(responseFields(beyond, initialStatus, { beyond: true })).toEqual({
      restart_policy: { ...wire, jitter: 0.5, cooldown: '1s', rules: [{ action: 'stop' }] },
    });
  });

  test.each<[string, Partial<RestartStatus>, ReferenceStatusWire | undefined, RestartStatusWire]>([
    [
      'a pause as a manual stop: no attempt is made until a person acts',
      { attempts: 2, lastAttemptAt: 0, blockedReason: 'paused' },
      { attempts: 2, last_attempt_at: '1970-01-01T00:00:00Z', blocked_reason: 'manual_stop' },
      { attempts: 2, last_attempt_at: '1970-01-01T00:00:00Z', blocked_reason: 'paused' },
    ],
    [
      'a cooldown as a wait: an attempt will be made',
      { attempts: 3, blockedReason: 'max_attempts_exceeded', nextAttemptAt: 5_000 },
      { attempts: 3, next_attempt_at: '1970-01-01T00:00:05Z' },
      { attempts: 3, next_attempt_at: '1970-01-01T00:00:05Z', blocked_reason: 'max_attempts_exceeded' },
    ],
    [
      'the limit without a cooldown as the block that it is',
      { attempts: 3, blockedReason: 'max_attempts_exceeded' },
      { attempts: 3, blocked_reason: 'max_attempts_exceeded' },
      { attempts: 3, blocked_reason: 'max_attempts_exceeded' },
    ],
    [
      'a start that took too long as an exit, for no health check failed',
      { attempts: 1, lastReason: 'start_timeout' },
      { attempts: 1 },
      { attempts: 1, last_reason: 'start_timeout' },
    ],
    [
      'nothing where only that is left',
      { lastReason: 'start_timeout' },
      undefined,
      { attempts: 0, last_reason: 'start_timeout' },
    ],
    [
      'no recent attempts',
      { attempts: 1, recentAttempts: [0] },
      { attempts: 1 },
      { attempts: 1, recent_attempts: ['1970-01-01T00:00:00Z'] },
    ],
    [
      'a failed health check as it is',
      { attempts: 1, lastReason: 'health_check_failed' },
      { attempts: 1, last_reason: 'health_check_failed' },
      { attempts: 1, last_reason: 'health_check_failed' },
    ],
  ])('shows the clients of the reference %s', (_, part, reference, beyond) => {
    const status = { ...initialStatus, ...part };
    expect(responseFields(neverPolicy, status).restart_status).toStrictEqual(reference);
    expect(responseFields(neverPolicy, status, { beyond: true }).restart_status).toStrictEqual(beyond);
  });

  test('has what the schemas of the reference take, whatever is stored', () => {
    const { RestartPolicy, RestartStatus } = openApiComponents.schemas;
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
    const isPolicy = ajv.compile({ ...RestartPolicy, required: ['policy', 'backoff', 'stable_after'] });
    const isStatus = ajv.compile({ ...RestartStatus, required: ['attempts'], additionalProperties: false });
    fc.assert(
      fc.property(arbRestartPolicy, arbRestartStatus, (shown, status) => {
        const fields = responseFields(shown, status);
        if (fields.restart_policy !== undefined) expect(isPolicy(fields.restart_policy)).toBe(true);
        if (fields.restart_status !== undefined) expect(isStatus(fields.restart_status)).toBe(true);
      }),
    );
  });

  test('has no field that is undefined, and says no less than there is where its clients know all of it', () => {
    fc.assert(
      fc.property(arbRestartPolicy, arbRestartStatus, (shown, status) => {
        expect(responseFields(shown, status)).toStrictEqual(JSON.parse(JSON.stringify(responseFields(shown, status))));
        const fields = responseFields(shown, status, { beyond: true });
        expect(fields).toStrictEqual(JSON.parse(JSON.stringify(fields)));
        expect('restart_policy' in fields).toBe(shown.mode !== 'never');
        if (shown.mode !== 'never') expect(right(decodeRestartPolicy(fields.restart_policy))).toEqual(shown);
        expect(right(decodeRestartStatus(fields.restart_status))).toEqual(status);
        if (fields.restart_status !== undefined) expect(fields.restart_status).toHaveProperty('attempts');
      }),
    );
  });
});
