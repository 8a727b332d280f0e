/**
 * The floor: the least code that answers the four paths as `decide` does, written by hand for them alone. It knows no
 * health, no clock that goes back, no stable run that nobody saw, and no person's command but the stop.
 */
import {
  type Decision,
  initialStatus,
  type RestartAction,
  type RestartEvent,
  type RestartPolicy,
  type RestartStatus,
  type Timestamp,
} from 'restart-policy';

const noActions: ReadonlyArray<RestartAction> = Object.freeze([]);

export const decideByHand = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
): Decision => {
  if (event._tag !== 'Observed') return { status, actions: noActions, reason: 'not_actionable' };
  if (status.blockedReason === 'manual_stop') return { status, actions: noActions, reason: 'manual_stop' };
  if (policy.mode === 'never') return { status, actions: noActions, reason: 'policy_never' };
  const { state, startedAt, exitCode } = event.instance;
  switch (state) {
    case 'running':
      if (status.attempts > 0 && startedAt !== null && now >= startedAt + policy.stableAfter) {
        return { status: initialStatus, actions: noActions, reason: 'stable' };
      }
      return { status, actions: noActions, reason: 'running' };
    case 'stopped': {
      if (policy.mode === 'on_failure' && exitCode === 0) return { status, actions: noActions, reason: 'clean_exit' };
      if (policy.maxAttempts > 0 && status.attempts >= policy.maxAttempts) {
        return {
          status: { ...status, blockedReason: 'max_attempts_exceeded' },
          actions: noActions,
          reason: 'max_attempts_exceeded',
        };
      }
      if (status.nextAttemptAt !== null && now < status.nextAttemptAt) {
        return { status, actions: noActions, reason: 'waiting_for_backoff' };
      }
      const attempt = status.attempts + 1;
      return {
        status: { attempts: attempt, lastAttemptAt: now, nextAttemptAt: null, blockedReason: null, lastReason: null },
        actions: [{ _tag: 'Start', attempt }],
        reason: 'restart_after_exit',
      };
    }
    default:
      return { status, actions: noActions, reason: 'not_actionable' };
  }
};
