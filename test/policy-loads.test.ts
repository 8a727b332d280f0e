/**
 * What a policy is read by is made while the module loads. Here the module is loaded within a test: where nothing can be made,
 * a test fails, and not only the loading of the others (mutation testing counts tests).
 */
import { expect, test } from 'vitest';

test('a policy with rules can be built once its module is loaded', async () => {
  const { restartPolicy } = await import('../src/policy.js');
  const rules = [{ causes: ['exit'], exitCodes: [1], action: 'stop' }] as const;
  expect(restartPolicy({ mode: 'always', rules })).toMatchObject({ _tag: 'Right', right: { mode: 'always', rules } });
});
