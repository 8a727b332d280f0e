/**
 * Policies, statuses and observations in small numbers, so that a test names only what matters to it. Everything is
 * frozen: a decision that modified its arguments would throw.
 */
import { expect } from 'vitest';
import type { Decision } from '../../src/decide.js';
import { type InstanceObservation, observed } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { RestartReason } from '../../src/reason.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import { decide } from './subject.js';
import { observationWith, policyWith } from './values.js';

/** Restarts after any exit, 3 attempts at least 10 apart; a run of 100 is stable. */
export const policyOf = (part: Partial<RestartPolicy> = {}): RestartPolicy =>
  policyWith({ backoff: 10, maxAttempts: 3, stableAfter: 100, ...part });

/** A window with nothing in it but what is named. */
export const statusOf = (part: Partial<RestartStatus> = {}): RestartStatus =>
  Object.freeze({ ...initialStatus, ...part });

/** A run that began at 0, without health checks. */
export const running = (part: Partial<InstanceObservation> = {}): InstanceObservation =>
  observationWith({ state: 'running', startedAt: 0, ...part });

/** A run from 0 to 5 that failed. */
export const stopped = (part: Partial<InstanceObservation> = {}): InstanceObservation =>
  observationWith({ startedAt: 0, stoppedAt: 5, exitCode: 1, ...part });

/** An instance that never ran: created, forked, or restored from a snapshot. */
export const neverRan = (part: Partial<InstanceObservation> = {}): InstanceObservation =>
  stopped({ startedAt: null, stoppedAt: null, exitCode: null, ...part });

/** Decides an observation. */
export const observe = (
  policy: RestartPolicy,
  status: RestartStatus,
  instance: InstanceObservation,
  now: Timestamp,
): Decision => decide(policy, status, observed(instance), now);

/** The decision says why it does nothing, and the status is the very object that was passed in. */
export const expectUnchanged = (decision: Decision, status: RestartStatus, reason: RestartReason): void => {
  expect(decision).toEqual({ status, actions: [], reason });
  expect(decision.status).toBe(status);
};

/** The decision changes what is named, keeps the rest, and does nothing. */
export const expectChanged = (
  decision: Decision,
  status: RestartStatus,
  part: Partial<RestartStatus>,
  reason: RestartReason,
): void => {
  expect(decision).toEqual({ status: { ...status, ...part }, actions: [], reason });
  expect(decision.status).not.toEqual(status);
};

/** The decision says why it does nothing, whatever it does to the status. */
export const expectQuiet = (decision: Decision, reason: RestartReason): void => {
  expect(decision.actions).toEqual([]);
  expect(decision.reason).toBe(reason);
};
