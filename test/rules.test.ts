/** Which rule of a policy answers the end of a run. */
import { describe, expect, test } from 'vitest';
import { endCauses } from '../src/event.js';
import { ruleFor } from '../src/rules.js';
import { policyOf, stopped } from './support/fixtures.js';

describe('the rule that answers the end of a run', () => {
  test('is none where there are no rules', () => {
    expect(ruleFor(policyOf(), stopped())).toBeUndefined();
  });

  test('is any that names neither causes nor exit codes', () => {
    const policy = policyOf({ rules: [{ action: 'stop' }] });
    for (const exitCode of [0, 1, null]) expect(ruleFor(policy, stopped({ exitCode }))).toBe('stop');
  });

  test('is the first that matches', () => {
    const policy = policyOf({
      rules: [
        { exitCodes: [2], action: 'stop' },
        { exitCodes: [[1, 3]], action: 'restart' },
        { action: 'restart_uncounted' },
      ],
    });
    expect(ruleFor(policy, stopped({ exitCode: 2 }))).toBe('stop');
    expect(ruleFor(policy, stopped({ exitCode: 3 }))).toBe('restart');
    expect(ruleFor(policy, stopped({ exitCode: 4 }))).toBe('restart_uncounted');
  });

  test('is none with a range around 0 for an exit code that is not known', () => {
    const policy = policyOf({ rules: [{ exitCodes: [[-1, 1]], action: 'stop' }] });
    expect(ruleFor(policy, stopped({ exitCode: null }))).toBeUndefined();
  });

  test('has both ends of a range, and no exit code that is not known', () => {
    const policy = policyOf({ rules: [{ exitCodes: [78, [2, 5], [-3, -1]], action: 'stop' }] });
    const codes = [-4, -3, -1, 0, 1, 2, 5, 6, 77, 78, 79, null];
    const stops = codes.filter((exitCode) => ruleFor(policy, stopped({ exitCode })) === 'stop');
    expect(stops).toEqual([-3, -1, 2, 5, 78]);
  });

  test('must match in its cause and in its exit code, where it names both', () => {
    const policy = policyOf({ rules: [{ causes: ['host', 'signal'], exitCodes: [9], action: 'restart_uncounted' }] });
    expect(ruleFor(policy, stopped({ cause: 'host', exitCode: 9 }))).toBe('restart_uncounted');
    expect(ruleFor(policy, stopped({ cause: 'signal', exitCode: 9 }))).toBe('restart_uncounted');
    expect(ruleFor(policy, stopped({ cause: 'host', exitCode: 1 }))).toBeUndefined();
    expect(ruleFor(policy, stopped({ cause: 'host', exitCode: null }))).toBeUndefined();
    expect(ruleFor(policy, stopped({ exitCode: 9 }))).toBeUndefined();
  });

  test.each(endCauses)('knows a run that ended by the cause %s', (cause) => {
    const policy = policyOf({ rules: [{ causes: [cause], action: 'stop' }] });
    const found = endCauses.filter((other) => ruleFor(policy, stopped({ cause: other })) === 'stop');
    expect(found).toEqual([cause]);
  });

  test('takes a run for an exit where nobody said why it ended and its code is known, else for unknown', () => {
    const policy = policyOf({
      rules: [
        { causes: ['exit'], action: 'stop' },
        { causes: ['unknown'], action: 'restart_uncounted' },
      ],
    });
    expect(ruleFor(policy, stopped({ exitCode: 0 }))).toBe('stop');
    expect(ruleFor(policy, stopped({ exitCode: null }))).toBe('restart_uncounted');
    expect(ruleFor(policy, stopped({ exitCode: 137, cause: 'out_of_memory' }))).toBeUndefined();
  });
});
