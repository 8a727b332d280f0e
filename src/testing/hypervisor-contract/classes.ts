/**
 * Cases of one class of exclusion.
 */
import type { Exclusion } from '../../ports/hypervisor.js';
import type { Rule } from './under-test.js';

/** Makes cases that are not applicable to a hypervisor of another class. */
export const ofClass =
  (rule: Rule, exclusion: Exclusion): Rule =>
  (name, body) =>
    rule(name, async (under, expect) =>
      under.hypervisor.capabilities.exclusion === exclusion ? body(under, expect) : 'not_applicable',
    );
