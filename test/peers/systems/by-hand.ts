/** Policies that somebody wrote who knows a system: for those whose words are no list of fields that could be translated. */
import { restartPolicyOrThrow } from 'restart-policy/promises';
import type { RestartPolicyInput } from '../../../src/policy.js';
import type { Translated } from '../system.js';

export const writtenByHand = (input: RestartPolicyInput): Translated => ({
  policy: restartPolicyOrThrow(input),
  losses: [],
  gains: [],
});
