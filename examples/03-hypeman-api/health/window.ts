/** What the probes of one run add up to. Pure: results go in, a verdict comes out. */
import type { Timestamp } from 'restart-policy';
import type { HealthCheck } from './check.js';

export type ProbeResult = { readonly _tag: 'Passed' } | { readonly _tag: 'Failed'; readonly error: string };

export interface HealthWindow {
  /** Of the run. */
  readonly startedAt: Timestamp;
  /** `starting` until there is a verdict. */
  readonly verdict: 'starting' | 'healthy' | 'unhealthy';
  readonly consecutiveSuccesses: number;
  /** Those of the start period are not among them. */
  readonly consecutiveFailures: number;
  readonly lastCheckedAt: Timestamp | null;
  readonly lastSuccessAt: Timestamp | null;
  readonly lastFailureAt: Timestamp | null;
  /** What the last probe said, if it failed. */
  readonly lastError: string | null;
}

/** A new run has no verdict: what was said of the one before does not count. */
export const openWindow = (startedAt: Timestamp): HealthWindow => ({
  startedAt,
  verdict: 'starting',
  consecutiveSuccesses: 0,
  consecutiveFailures: 0,
  lastCheckedAt: null,
  lastSuccessAt: null,
  lastFailureAt: null,
  lastError: null,
});

/** Errors come from workloads, which may say much. */
const longestError = 512;

/** A failure in the start period is shown and not counted; a success counts at any time. */
export const addResult = (
  { startPeriod, failureThreshold, successThreshold }: HealthCheck,
  window: HealthWindow,
  now: Timestamp,
  result: ProbeResult,
): HealthWindow => {
  if (result._tag === 'Passed') {
    const consecutiveSuccesses = window.consecutiveSuccesses + 1;
    return {
      ...window,
      verdict: consecutiveSuccesses >= successThreshold ? 'healthy' : window.verdict,
      consecutiveSuccesses,
      consecutiveFailures: 0,
      lastCheckedAt: now,
      lastSuccessAt: now,
      lastError: null,
    };
  }
  const counts = now - window.startedAt >= startPeriod;
  const consecutiveFailures = window.consecutiveFailures + (counts ? 1 : 0);
  return {
    ...window,
    verdict: consecutiveFailures >= failureThreshold ? 'unhealthy' : window.verdict,
    consecutiveSuccesses: 0,
    consecutiveFailures,
    lastCheckedAt: now,
    lastFailureAt: now,
    lastError: result.error.slice(0, longestError),
  };
};
