/**
 * How long a run has really run. hypeman keeps `started_at` over a standby and over a pause, so the time since then counts
 * what it was suspended for; a workload that crashed twelve times and then slept for ten minutes would count as stable.
 */
import type { Timestamp } from '../../status.js';
import { checkTime } from '../../time.js';
import type { HypemanInstance } from './client.js';

/** Phases in which a run is suspended and not over, as hypeman names them. */
const suspended = ['standby', 'paused'] as const;

/**
 * Of what runs, when it would have begun had it never been suspended. hypeman sums each phase over all runs of an instance, so
 * what it was suspended for in earlier ones is taken off too; but what has passed since the last suspension counts in any case.
 * Where hypeman does not tell the phases, or not of this moment: when the run began.
 */
export const beganUnsuspended = (instance: HypemanInstance, startedAt: Timestamp): Timestamp => {
  const { current_phase: phase, current_phase_since: since, phase_durations_ms: durations = {} } = instance;
  const runsSince = phase === 'running' ? checkTime(since, 'up') : null;
  if (runsSince?._tag !== 'Right') return startedAt;
  const lost = suspended.reduce((sum, name) => sum + span(durations[name]), 0);
  return Math.max(startedAt, Math.min(startedAt + Math.ceil(lost), runsSince.right));
};

/** What is no span is none: nothing is decided by a sum for bills alone. */
const span = (ms: number | undefined): number => (ms !== undefined && Number.isFinite(ms) && ms > 0 ? ms : 0);
