/**
 * Policies whose spans lie in milliseconds, in tenths of a second or in seconds: all that is compared comes out either way.
 */
import fc from 'fast-check';
import { type Millis, roundToNanos } from '../../src/duration.js';
import type { RestartPolicy } from '../../src/policy.js';
import { arbPolicy } from '../support/arbitraries.js';

const spans = ['backoff', 'stableAfter', 'maxBackoff', 'limitInterval', 'cooldown', 'startTimeout'] as const;

const scaled = (policy: RestartPolicy, by: number): RestartPolicy => {
  const longer = spans.flatMap((field): ReadonlyArray<readonly [string, Millis]> => {
    const span = policy[field];
    return span === undefined ? [] : [[field, roundToNanos(span * by)]];
  });
  return { ...policy, ...Object.fromEntries(longer) };
};

export const arbScaledPolicy: fc.Arbitrary<RestartPolicy> = fc
  .tuple(arbPolicy, fc.constantFrom(1, 100, 1_000))
  .map(([policy, by]) => scaled(policy, by));
