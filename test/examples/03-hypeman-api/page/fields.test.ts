/** The form of a policy: what its fields say is the policy that they were filled from. */
import { test as propertyTest } from '@fast-check/vitest';
import type { RestartPolicy } from 'restart-policy';
import { decodeRestartPolicy, RestartPolicyCodec } from 'restart-policy/codec';
import { arbRestartPolicy } from 'restart-policy/testing/arbitraries';
import { describe, expect, test } from 'vitest';
import { fields, policyOf, problemOf, valuesOf } from '../../../../examples/03-hypeman-api/page/fields.js';
import { left, right } from '../../../support/either.js';

const wireOf = (policy: RestartPolicy) =>
  RestartPolicyCodec.encode(policy) as unknown as Readonly<Record<string, unknown>>;

describe('the form of a policy', () => {
  propertyTest.prop([arbRestartPolicy])('says the policy that it shows, whatever that is', (policy) => {
    const { policy: said, problems } = policyOf(valuesOf(wireOf(policy)));
    expect(problems).toEqual([]);
    expect(wireOf(right(decodeRestartPolicy(said)))).toEqual(wireOf(policy));
  });

  propertyTest.prop([arbRestartPolicy])('has a field for everything that a policy can say', (policy) => {
    const names = fields.map(({ name }) => name);
    expect(Object.keys(wireOf(policy)).filter((name) => !names.includes(name))).toEqual([]);
  });

  test('says what is wrong at the field that it is of', () => {
    const { policy, problems } = policyOf({ policy: 'always', backoff: 'soon', max_attempts: 'many', rules: '[' });
    expect(problems).toEqual([{ field: 'rules', message: 'rules must be JSON' }]);
    const wrong = left(decodeRestartPolicy(policy)).map(problemOf);
    expect(wrong.map(({ field }) => field)).toEqual(['backoff', 'max_attempts']);
    expect(wrong[0]?.message).toMatch(/^backoff must be a valid duration/);
    expect(
      problemOf({ path: 'restart_policy.rules[0].action', message: 'restart_policy.rules[0].action must be x' }),
    ).toEqual({
      field: 'rules',
      message: 'rules[0].action must be x',
    });
    expect(problemOf({ path: 'restart_policy', message: 'restart_policy must be an object' }).field).toBeNull();
  });
});
