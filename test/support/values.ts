/**
 * What is decided on, where a test speaks of some fields only: all the others are as the reference has them.
 */
import type { InstanceObservation } from '../../src/event.js';
import { policyDefaults, type RestartPolicy } from '../../src/policy.js';

/** Restarts after any exit, where nothing else is said. */
export const policyWith = (part: Partial<RestartPolicy> = {}): RestartPolicy =>
  Object.freeze({ ...policyDefaults, mode: 'always', ...part });

/** An instance that never ran, where nothing else is said. */
export const observationWith = (part: Partial<InstanceObservation> = {}): InstanceObservation =>
  Object.freeze({ state: 'stopped', startedAt: null, stoppedAt: null, exitCode: null, health: 'unknown', ...part });
