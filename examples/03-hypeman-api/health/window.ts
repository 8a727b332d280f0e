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
  /** What the last probes said, the oldest first: those of the start period are not among them. */
  readonly recent: ReadonlyArray<ProbeResult['_tag']>;
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
  recent: [],
});

/** Errors come from workloads, which may say much. */
const longestError = 512;

/**
 * How many probes are looked at for one that comes and goes: so many that as many failures in a row would have made it unhealthy
 * several times.
 */
const recentOf = ({ failureThreshold }: HealthCheck): number => 4 * failureThreshold;

/** Half of the last probes failed: one that passes now and then interrupts every row of failures, and it is ill all the same. */
const isFlapping = (check: HealthCheck, { recent }: HealthWindow): boolean =>
  recent.length === recentOf(check) && 2 * recent.filter((tag) => tag === 'Failed').length >= recent.length;

/**
 * A failure in the start period is shown and not counted; a success counts at any time. What flaps is unhealthy, and stays so
 * until fewer than half of its last probes failed, however many succeed in a row at the end.
 */
export const addResult = (
  check: HealthCheck,
  window: HealthWindow,
  now: Timestamp,
  result: ProbeResult,
): HealthWindow => {
  const { startPeriod, failureThreshold, successThreshold } = check;
  const counts = now - window.startedAt >= startPeriod;
  const recent = counts ? [...window.recent, result._tag].slice(-recentOf(check)) : window.recent;
  const flaps = isFlapping(check, { ...window, recent });
  if (result._tag === 'Passed') {
    const consecutiveSuccesses = window.consecutiveSuccesses + 1;
    const settled = consecutiveSuccesses >= successThreshold ? 'healthy' : window.verdict;
    return {
      ...window,
      verdict: flaps ? 'unhealthy' : settled,
      consecutiveSuccesses,
      consecutiveFailures: 0,
      lastCheckedAt: now,
      lastSuccessAt: now,
      lastError: null,
      recent,
    };
  }
  const consecutiveFailures = window.consecutiveFailures + (counts ? 1 : 0);
  return {
    ...window,
    verdict: flaps || consecutiveFailures >= failureThreshold ? 'unhealthy' : window.verdict,
    recent,
    consecutiveSuccesses: 0,
    consecutiveFailures,
    lastCheckedAt: now,
    lastFailureAt: now,
    lastError: result.error.slice(0, longestError),
  };
};
